#!/usr/bin/env bash
# make install: programs, models, manual pages and completions under $DESTDIR$PREFIX.
#
#   PREFIX   default /usr/local; "~/" and relative paths are understood
#   DESTDIR  default empty; put before PREFIX, for packages
#   BIN      folder of the built programs, default .build/release
set -euo pipefail

prefix=${PREFIX:-/usr/local}
bin=${BIN:-.build/release}
programs=(mwgan hoi pipeline percept-lab)

# A tilde reaches us unexpanded from shells that expand it only in assignments.
# shellcheck disable=SC2088
case $prefix in
'~') prefix=$HOME ;;
'~/'*) prefix=$HOME/${prefix#\~/} ;;
/*) ;;
*) prefix=$PWD/$prefix ;;
esac
root=${DESTDIR:-}$prefix

install -d "$root/bin" "$root/share/percept/models" "$root/share/man/man1" \
    "$root/share/bash-completion/completions" "$root/share/zsh/site-functions" \
    "$root/share/fish/vendor_completions.d" "$root/share/doc/percept"
for program in "${programs[@]}"; do
    install -m 755 "$bin/$program" "$root/bin/$program"
    "$bin/$program" man >"$root/share/man/man1/$program.1"
    "$bin/$program" completions bash >"$root/share/bash-completion/completions/$program"
    "$bin/$program" completions zsh >"$root/share/zsh/site-functions/_$program"
    "$bin/$program" completions fish >"$root/share/fish/vendor_completions.d/$program.fish"
done
for file in models/*.safetensors models/*.md models/LICENSE; do
    [ -e "$file" ] && install -m 644 "$file" "$root/share/percept/models/"
done
install -m 644 LICENSE README.md CHANGELOG.md "$root/share/doc/percept/"

echo "Installed ${programs[*]} in $root/bin"
case :$PATH: in
*":$prefix/bin:"*) ;;
*) [ -n "${DESTDIR:-}" ] || echo "Add it to your PATH: export PATH=\"$prefix/bin:\$PATH\"" ;;
esac
