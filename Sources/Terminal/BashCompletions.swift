// Completions for bash, from the same table as help.

extension Program {
    /// A script that `source` reads: completes commands, options, words and files.
    public func bashCompletions() -> String {
        let function = "_" + name.map { $0.isLetter || $0.isNumber ? String($0) : "_" }.joined()
        var lines = [
            "# Completions of \(name) for bash.",
            "\(function)() {",
            "    local word=\"${COMP_WORDS[COMP_CWORD]}\" previous=\"${COMP_WORDS[COMP_CWORD-1]}\"",
            "    local command=\"${COMP_WORDS[1]}\" options='' words='' kind=''",
            "    COMPREPLY=()",
            "    # bash breaks --name=value into three words.",
            "    if [ \"$previous\" = '=' ]; then",
            "        previous=\"${COMP_WORDS[COMP_CWORD-2]}\"",
            "    elif [ \"$word\" = '=' ]; then",
            "        word=''",
            "    fi",
            "    if [ \"$COMP_CWORD\" -eq 1 ]; then",
            "        mapfile -t COMPREPLY < <(compgen -W "
                + "'\(commands.map(\.name).joined(separator: " ")) --help --version' -- \"$word\")",
            "        return",
            "    fi",
            "    case \"$command\" in",
        ]
        for command in commands { lines += bashCase(command) }
        lines += [
            "    *) return ;;",
            "    esac",
            "    if [ -z \"$kind\" ] && [[ \"$word\" == -* ]]; then",
            "        words=\"$options\"",
            "    fi",
            "    if [ -n \"$words\" ]; then",
            "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")",
            "    fi",
            "    if [ \"$kind\" = file ] || { [ -z \"$kind\" ] && [[ \"$word\" != -* ]]; }; then",
            "        compopt -o filenames 2>/dev/null",
            "        local -a files",
            "        mapfile -t files < <(compgen -f -- \"$word\")",
            "        COMPREPLY+=(\"${files[@]}\")",
            "    elif [ \"$kind\" = folder ]; then",
            "        compopt -o filenames 2>/dev/null",
            "        mapfile -t COMPREPLY < <(compgen -d -- \"$word\")",
            "    fi",
            "}",
            "complete -F \(function) \(name)",
        ]
        return lines.joined(separator: "\n")
    }

    private func bashCase(_ command: Command) -> [String] {
        let spellings = command.options.flatMap(\.spellings)
        var lines = [
            "    \(command.name))",
            "        options='\(spellings.joined(separator: " "))'",
        ]
        if let operand = command.operands.first, case .words(let words) = operand.completion {
            lines.append("        words='\(words.joined(separator: " "))' kind=words")
        } else if command.operands.first.map({ $0.completion == .nothing }) ?? true {
            lines.append("        [[ \"$word\" == -* ]] || kind=none")
        }
        let valued = command.options.filter { !$0.isFlag }
        if !valued.isEmpty {
            lines.append("        case \"$previous\" in")
            for row in valued {
                let pattern = row.spellings.joined(separator: "|")
                let (words, kind) = row.completion.bash
                lines.append("        \(pattern)) words='\(words)' kind=\(kind) ;;")
            }
            lines.append("        esac")
        }
        return lines + ["        ;;"]
    }
}

extension Completion {
    fileprivate var bash: (words: String, kind: String) {
        switch self {
        case .nothing: return ("", "none")
        case .words(let words): return (words.joined(separator: " "), "words")
        case .file: return ("", "file")
        case .folder: return ("", "folder")
        case .wordsOrFile(let words): return (words.joined(separator: " "), "file")
        }
    }
}
