#!/usr/bin/env python3
"""Renders training clips that no camera gives: text, screens, charts, cartoons, and photographs in
motion. Lossless FFV1 files; see Documentation/training-data.md."""

import argparse
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", required=True, help="folder with photographs, or with stills/ and hoi/"
    )
    parser.add_argument("--out", required=True, help="folder for the clips")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--graphics", type=int, default=56, help="number of drawn clips")
    parser.add_argument("--moving", type=int, default=60, help="number of photographs in motion")
    parser.add_argument("--only", default="", help="render only clips whose name holds this")
    parser.add_argument("--list", action="store_true", help="print the clips and stop")
    options = parser.parse_args()
    try:
        from clips import catalogue
    except ImportError as problem:
        print(f"render-clips: {problem}: apt install python3-numpy python3-pil", file=sys.stderr)
        return 69
    if not os.path.isdir(options.data):
        print(f"render-clips: {options.data}: no such folder", file=sys.stderr)
        return 66
    os.makedirs(options.out, exist_ok=True)
    for clip in catalogue.catalogue(
        options.data, options.seed, options.frames, options.graphics, options.moving
    ):
        path = os.path.join(options.out, clip.name + ".mkv")
        if options.only not in clip.name or (os.path.exists(path) and not options.list):
            continue
        if not options.list:
            partial = os.path.join(options.out, f".{os.getpid()}-{clip.name}.mkv")
            try:
                catalogue.render(clip, partial)
                os.replace(partial, path)
            finally:
                if os.path.exists(partial):
                    os.remove(partial)
        print(f"{clip.name} {clip.rate} frames/s 4:{clip.chroma[1]}:{clip.chroma[2]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
