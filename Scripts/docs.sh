#!/usr/bin/env bash
# make docs: everything that the tables of options say, as files: manual page (mdoc and text) and help.
set -euo pipefail

mkdir -p out/docs
for program in mwgan hoi pipeline percept-lab; do
    binary=.build/release/$program
    "$binary" man >"out/docs/$program.1"
    if command -v mandoc >/dev/null 2>&1; then
        mandoc -Thtml -O style=mandoc.css "out/docs/$program.1" >"out/docs/$program.html"
    elif command -v man >/dev/null 2>&1; then
        MANWIDTH=100 man -l "out/docs/$program.1" | col -b >"out/docs/$program.txt"
    fi
    # The overview lists commands between its heading and the next empty line.
    "$binary" help | sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' |
        grep -vxE 'help|completions|man' | while read -r command; do
        COLUMNS=100 "$binary" help "$command" >"out/docs/$program-$command.txt"
    done
done
ls out/docs
