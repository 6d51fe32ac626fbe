# Completions of kitchen for bash.
_kitchen() {
    local word="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"
    local command="${COMP_WORDS[1]}" options='' words='' kind=''
    COMPREPLY=()
    # bash breaks --name=value into three words.
    if [ "$previous" = '=' ]; then
        previous="${COMP_WORDS[COMP_CWORD-2]}"
    elif [ "$word" = '=' ]; then
        word=''
    fi
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W 'brew wash help completions man --help --version' -- "$word")
        return
    fi
    case "$command" in
    brew)
        options='-c --cups --strength --speed -b --beans --coffee --cellar --temperature -x --extra --tools --note --hot --cold -v --verbose -q --quiet --config --print-config --wait --water -h --help'
        case "$previous" in
        -c|--cups) words='' kind=none ;;
        --strength) words='' kind=none ;;
        --speed) words='slow medium fast' kind=words ;;
        -b|--beans|--coffee) words='' kind=file ;;
        --cellar) words='' kind=folder ;;
        --temperature) words='' kind=none ;;
        -x|--extra) words='' kind=none ;;
        --tools) words='filter kettle grinder' kind=words ;;
        --note) words='' kind=none ;;
        --config) words='' kind=file ;;
        --wait) words='' kind=none ;;
        --water) words='' kind=none ;;
        esac
        ;;
    wash)
        options='-h --help'
        [[ "$word" == -* ]] || kind=none
        ;;
    help)
        options='-h --help'
        words='brew wash' kind=words
        ;;
    completions)
        options='-h --help'
        words='bash zsh fish' kind=words
        ;;
    man)
        options='-h --help'
        [[ "$word" == -* ]] || kind=none
        ;;
    *) return ;;
    esac
    if [ -z "$kind" ] && [[ "$word" == -* ]]; then
        words="$options"
    fi
    if [ -n "$words" ]; then
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    fi
    if [ "$kind" = file ] || { [ -z "$kind" ] && [[ "$word" != -* ]]; }; then
        compopt -o filenames 2>/dev/null
        local -a files
        mapfile -t files < <(compgen -f -- "$word")
        COMPREPLY+=("${files[@]}")
    elif [ "$kind" = folder ]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
    fi
}
complete -F _kitchen kitchen
