#!/bin/sh
# Makes the clips that fit-damage-estimator.py learns from: known quantisers, one or two generations.
# Usage: encode-damage-clips.sh CLIPS-FOLDER WORK-FOLDER. Names say the true luma step in 8-bit units.
set -eu
clips=$1
out=$2
mkdir -p "$out"

encode() { # clip, tag, true step, encoder options...
    clip=$1; tag=$2; step=$3; shift 3
    name="$out/$(basename "$clip" .mkv)@$tag@$step.mkv"
    [ -e "$name" ] && return 0
    ffmpeg -v error -nostdin -y -i "$clip" -frames:v 14 -an "$@" -pix_fmt yuv420p "$name.part.mkv"
    mv "$name.part.mkv" "$name"
}

step() { awk -v qp="$1" 'BEGIN { printf "%.3f", 2 ^ ((qp - 4) / 6) }'; }

x264() { echo "-c:v libx264 -preset $1 -qp $2 -x264-params ipratio=1:pbratio=1"; }
x265() { echo "-c:v libx265 -preset fast -x265-params qp=$1:ipratio=1:pbratio=1:log-level=error"; }

for clip in "$clips"/*.mkv; do
    # The validation clips are read for the final report only.
    case $clip in
        *davis_tennis*|*davis_blackswan*|*kitti_motorway*|*openh264_road*|*street-interview*|*sam2_dog*) continue ;;
    esac
    encode "$clip" raw 0.5 -c:v ffv1
    for qp in 12 20 26 32 38 44; do
        encode "$clip" x264 "$(step $qp)" $(x264 veryfast $qp)
    done
    for qp in 18 27 34 41; do
        encode "$clip" x265 "$(step $qp)" $(x265 $qp)
    done
    for q in 2 5 10 20 31; do
        encode "$clip" mpeg4 $((2 * q)) -c:v mpeg4 -q:v $q
    done
    for q in 3 8 16; do
        encode "$clip" mpeg2 $((2 * q)) -c:v mpeg2video -q:v $q
        encode "$clip" mjpeg $((2 * q)) -c:v mjpeg -q:v $q -color_range pc
    done
done

# Second generation: a hard first encoding under a light second one, the latter at other sizes too.
for first in "$out"/*@x264@25.398.mkv "$out"/*@x264@50.797.mkv "$out"/*@mpeg4@20.mkv; do
    clip=$(basename "$first"); clip=${clip%%@*}
    was=${first##*@}; was=${was%.mkv}; how=${first%@*}; how=${how##*@}
    again="$out/$clip@again-$how@$was.mkv"
    [ -e "$again" ] || ffmpeg -v error -nostdin -y -i "$first" $(x264 veryfast 20) -pix_fmt yuv420p "$again"
    larger="$out/$clip@larger-$how@$was.mkv"
    [ -e "$larger" ] || ffmpeg -v error -nostdin -y -i "$first" -vf "scale=iw*3/2:-2:flags=bicubic" \
        $(x264 veryfast 20) -pix_fmt yuv420p "$larger"
done
