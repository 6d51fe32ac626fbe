#!/usr/bin/env bash
# make docs: everything that the tables of options say, as files: manual page (mdoc and text) and help.
set -euo pipefail

mwgan=.build/release/mwgan
mkdir -p out/docs
"$mwgan" man >out/docs/mwgan.1
if command -v mandoc >/dev/null 2>&1; then
    mandoc -Thtml -O style=mandoc.css out/docs/mwgan.1 >out/docs/mwgan.html
elif command -v man >/dev/null 2>&1; then
    MANWIDTH=100 man -l out/docs/mwgan.1 | col -b >out/docs/mwgan.txt
fi
for command in enhance compare probe models degrade train evaluate export doctor; do
    COLUMNS=100 "$mwgan" help "$command" >"out/docs/mwgan-$command.txt"
done
ls out/docs
