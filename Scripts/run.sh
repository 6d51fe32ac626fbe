#!/usr/bin/env bash
# make run: enhances the sample clip, or VIDEO, and leaves a picture that shows the difference.
set -euo pipefail

mwgan=${MWGAN:-.build/release/mwgan}
mkdir -p out

arguments=(-y -o out/ --compare out/compare.png --report out/report.json)
if [ -n "${VIDEO:-}" ]; then
    # After "--" a name may begin with a dash.
    "$mwgan" enhance "${arguments[@]}" -- "$VIDEO"
else
    "$mwgan" enhance "${arguments[@]}" --reference samples/canal.reference.mkv samples/canal.mp4
fi
printf 'Picture: out/compare.png\nReport:  out/report.json\n'
