#!/bin/sh
# Is more found in compressed video after it was enhanced? Compresses clips, enhances them, finds things and
# interactions in all versions, and says how far these agree with what is found in the pristine clips.
#
#   Scripts/enhance-then-detect.sh WORK DETECTOR.safetensors CLIP...
#
# Programs and models are taken from .build/release and models/, or from PERCEPT_PROGRAMS and PERCEPT_MODELS. What is
# in WORK is kept and used again.
set -eu
[ $# -ge 3 ] || { sed -n '2,8p' "$0" | cut -c3- >&2; exit 64; }
root=$(cd "$(dirname "$0")/.." && pwd)
programs=${PERCEPT_PROGRAMS:-$root/.build/release}
PERCEPT_MODELS=${PERCEPT_MODELS:-$root/models}
export PERCEPT_MODELS
work=$1 detector=$2
shift 2
every=${EVERY:-2}

# encode CONDITION CLIP FILE
encode() {
    case $1 in
        qp*) set -- "$@" -preset medium -qp "${1#qp}" ;;
        # The bits per pixel of 500 kb/s at 640x360 and 30 frames a second.
        500k)
            rate=$(ffprobe -v error -select_streams v:0 -of csv=p=0 \
                -show_entries stream=width,height,r_frame_rate "$2" |
                awk -F'[,/]' '{ printf "%d", 500000 * $1 * $2 * $3 / $4 / (640 * 360 * 30) }')
            set -- "$@" -preset veryfast -b:v "$rate" -maxrate "$rate" -bufsize "$((2 * rate))"
            ;;
    esac
    clip=$2 file=$3
    shift 3
    ffmpeg -v error -y -i "$clip" -an -c:v libx264 "$@" -pix_fmt yuv420p -threads 1 "$file.part.mkv"
    mv "$file.part.mkv" "$file"
}

# look VERSION FILE...: what is found in a version of all clips, as VERSION.jsonl
look() {
    found=$work/found/$1.jsonl
    shift
    [ -e "$found" ] || "$programs/hoi" detect "$@" --every "$every" --boxes --detector "$detector" \
        --progress none -q -y -o "$found"
}

mkdir -p "$work/found"
look pristine "$@"
for condition in qp37 qp42 500k; do
    mkdir -p "$work/$condition"
    for clip; do
        name=$(basename "$clip")
        file=$work/$condition/${name%.*}.mkv
        [ -e "$file" ] || encode "$condition" "$clip" "$file"
        for balance in 1 auto 0; do
            mkdir -p "$work/$condition-$balance"
            target=$work/$condition-$balance/${name%.*}.mkv
            [ -e "$target" ] || "$programs/mwgan" enhance "$file" -o "$target" --balance "$balance" \
                --encoder ffv1 --progress none -q > /dev/null
        done
    done
    for version in "" -1 -auto -0; do
        folder=$work/$condition$version
        files=$(for clip; do name=$(basename "$clip"); echo "$folder/${name%.*}.mkv"; done)
        # shellcheck disable=SC2086
        look "$condition$version" $files
        case $version in
            "") echo "== $condition" ;;
            *) echo "== $condition, enhanced, --balance ${version#-}" ;;
        esac
        "$programs/hoi" evaluate "$work/found/$condition$version.jsonl" "$work/found/pristine.jsonl" \
            --agreement ${version:+--beside "$work/found/$condition.jsonl"}
    done
done
