#!/usr/bin/env python3
"""Makes clips in which scenes come back, and compresses them, for 'mwgan evaluate --memory auto|off'.

    Scripts/make-returning.py --data FOLDER --out pairs
    mwgan evaluate pairs --set validate --balance 0 --memory off
    mwgan evaluate pairs --set validate --balance 0 --memory auto

FOLDER has video/ and stills/. Kinds: replay (A B A, the same pictures again), later (A B A, the scene
some frames on), still (one scene in groups of 12 pictures), slides (photographs, one of them again) and
none (A B C D); with --film two films in which ten scenes come back in another order. Clips with
which weights of recalled pictures were fitted are not among them."""

import argparse
import json
import os
import random
import subprocess

TESTED = (
    "aot_market,aot_stall,cut3r_hall,cvvdp_ferris-wheel,davis_bike-packing,davis_breakdance,"
    "davis_car-roundabout,davis_cows,davis_drift-chicane,davis_goat"
).split(",")
ENCODINGS = {
    "x264 crf 27": ["-c:v", "libx264", "-crf", "27"],
    "x264 crf 33": ["-c:v", "libx264", "-crf", "33"],
    "x264 abr 200": ["-c:v", "libx264", "-b:v", "200k"],
    "x265 crf 32": ["-c:v", "libx265", "-crf", "32", "-x265-params", "log-level=none"],
}
# What weights are fitted with besides.
MORE = {
    "mpeg4 q 8": ["-c:v", "mpeg4", "-q:v", "8", "-bf", "2"],
    "vp9 crf 44": ["-c:v", "libvpx-vp9", "-crf", "44", "-b:v", "0", "-deadline", "good", "-cpu-used", "4"],
}
PART, FILMED = 12, 26


def run(*words):
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def size(path):
    words = "ffprobe -v error -select_streams v -show_entries stream=width,height -of csv=p=0"
    width, height = run(*words.split(), path).strip().strip(",").split(",")[:2]
    return int(width) // 2 * 2, int(height) // 2 * 2


def join(parts, width, height, path):
    """Parts are (file, first frame, frames); a photograph stands still."""
    inputs, graph = [], ""
    for index, (name, first, count) in enumerate(parts):
        still = name.endswith((".jpg", ".png"))
        inputs += (["-loop", "1", "-framerate", "24"] if still else []) + ["-i", name]
        graph += (
            f"[{index}:v]trim=start_frame={first}:end_frame={first + count},setpts=PTS-STARTPTS,"
            f"scale={width}:{height}:flags=lanczos,setsar=1,format=yuv420p[p{index}];"
        )
    graph += "".join(f"[p{index}]" for index in range(len(parts)))
    graph += f"concat=n={len(parts)}:v=1,settb=1/24,setpts=N,fps=24"
    run(
        *["ffmpeg", "-y", "-v", "error", *inputs, "-filter_complex", graph],
        *["-c:v", "ffv1", "-pix_fmt", "yuv420p", path],
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="folder with video/ and stills/")
    parser.add_argument("--out", required=True, help="folder for clips and pairs.jsonl")
    parser.add_argument(
        "--fit", action="store_true", help="the clips with which weights are fitted, and more encoders, instead"
    )
    parser.add_argument(
        "--film", action="store_true",
        help="films of all scenes instead: one after the other, then again in another order",
    )
    parser.add_argument("--clips", type=int, default=99, help="clips of each kind at most")
    options = parser.parse_args()
    folder = os.path.join(options.data, "video")
    names = [n for n in sorted(os.listdir(folder)) if n.startswith(tuple(TESTED)) != options.fit]
    clips = [os.path.join(folder, name) for name in names][: options.clips]
    photos = []
    for root, _, files in sorted(os.walk(os.path.join(options.data, "stills"))):
        photos += [os.path.join(root, name) for name in sorted(files) if name.endswith(".jpg")]
    # Three for each tested scene; weights are fitted with those that follow.
    photos = photos[3 * len(TESTED) :] if options.fit else photos[: 3 * len(TESTED)]
    scenes = []
    for index, clip in enumerate(clips):
        other = [clips[(index + step) % len(clips)] for step in (3, 5, 7)]
        scenes += [
            ("replay", clip, [(clip, 0, PART), (other[0], 0, PART), (clip, 0, PART)]),
            ("later", clip, [(clip, 0, PART), (other[0], 0, PART), (clip, 20, PART)]),
            ("still", clip, [(clip, 0, 3 * PART)]),
            ("none", clip, [(name, 0, PART) for name in [clip] + other]),
        ]
        if len(photos) >= 3 * (index + 1):
            one, two, three = photos[3 * index : 3 * index + 3]
            order = [one, two, one, three]
            scenes.append(("slides", clip, [(name, 0, PART) for name in order]))
    if options.film:
        # Scenes are long enough to begin with a key frame each.
        order = random.Random(1).sample(clips, len(clips))
        scenes = [
            (kind, clips[0], [(n, 0, FILMED) for n in clips] + [(n, first, FILMED) for n in order])
            for kind, first in (("replay", 0), ("later", 8))
        ]
    for sub in ("references", "degraded"):
        os.makedirs(os.path.join(options.out, sub), exist_ok=True)
    encodings = {**ENCODINGS, **(MORE if options.fit else {})}
    lines = []
    for index, (kind, clip, parts) in enumerate(scenes):
        name = "film" if options.film else os.path.splitext(os.path.basename(clip))[0]
        width, height = (416, 240) if options.film else size(clip)
        reference = f"references/{kind}-{name}.mkv"
        join(parts, width, height, os.path.join(options.out, reference))
        for number, (title, words) in enumerate(encodings.items()):
            # Half of them for each clip, others for the next.
            if not options.film and (number + index // 5) % 2:
                continue
            group = ["-g", str(PART)] if kind == "still" else []
            codec, control, rate = title.split()
            degraded = f"degraded/{kind}-{name}-{title.replace(' ', '-')}.mkv"
            run(
                *["ffmpeg", "-y", "-v", "error", "-i", os.path.join(options.out, reference)],
                *words, *group, os.path.join(options.out, degraded),
            )
            lines.append(
                {
                    "id": os.path.basename(degraded)[:-4], "set": "validate",
                    "reference": reference, "degraded": degraded, "codec": f"{kind}, {codec}",
                    "kind": control, "rate": int(rate), "clip": name, "source": f"{kind}-{name}",
                    "width": width, "height": height, "content": "video", "chroma": "420",
                }
            )
    with open(os.path.join(options.out, "pairs.jsonl"), "w") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    print(f"{len(lines)} pairs in {options.out}")


if __name__ == "__main__":
    main()
