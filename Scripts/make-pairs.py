#!/usr/bin/env python3
"""Makes pairs of pristine and compressed clips for training, choosing and measuring models.
What is made, and why, stands in Documentation/training-data.md."""

import argparse
import concurrent.futures
import os
import shutil
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

VALIDATE = (
    "davis_tennis,davis_blackswan,kitti_motorway,openh264_road,matanyone_street-interview,sam2_dog"
)
SELECT = "davis_lady-running,sam3_dancers,ntia_aspen,pexels_face"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data",
        required=True,
        help="folder with videos and photographs, or with video/, stills/, hoi/",
    )
    parser.add_argument(
        "--out", required=True, help="folder for references/, degraded/ and pairs.jsonl"
    )
    parser.add_argument(
        "--set",
        choices=("train", "select", "validate", "web", "literature"),
        default="train",
        help="web and literature are the validation clips as people and as papers compress them",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--limit-frames", type=int, default=32, help="length of training clips (default 32)"
    )
    parser.add_argument(
        "--max-height",
        type=int,
        default=480,
        help="reduce higher sources to this height (default 480)",
    )
    parser.add_argument(
        "--per-video",
        type=int,
        default=5,
        help="dealt recipes per video window, besides the four fixed ones",
    )
    parser.add_argument(
        "--per-rendered", type=int, default=4, help="dealt recipes per rendered clip"
    )
    parser.add_argument("--graphics", type=int, default=56, help="number of drawn clips")
    parser.add_argument("--moving", type=int, default=60, help="number of photographs in motion")
    parser.add_argument(
        "--reduction",
        type=float,
        default=1.5,
        help="how many times smaller a JPEG is shown than it is stored (default 1.5; below that, those "
        "coded hard are no exception)",
    )
    parser.add_argument(
        "--validate", default=VALIDATE, help="comma-separated clips only ever measured with"
    )
    parser.add_argument(
        "--select", default=SELECT, help="comma-separated clips for choosing checkpoints"
    )
    parser.add_argument(
        "--first", type=int, default=0, help="stop after this many pairs of the plan"
    )
    return parser.parse_args()


def main():
    options = arguments()
    try:
        from clips import encoders, plans
        from clips.maker import Maker
    except ImportError as problem:
        print(f"make-pairs: {problem}: apt install python3-numpy python3-pil", file=sys.stderr)
        return 69
    if not shutil.which("ffmpeg") or not shutil.which("ffprobe"):
        print("make-pairs: ffmpeg is missing: apt install ffmpeg", file=sys.stderr)
        return 69
    if not os.path.isdir(options.data):
        print(f"make-pairs: {options.data}: no such folder", file=sys.stderr)
        return 66
    try:
        plan = plans.training_plan if options.set == "train" else plans.measuring_plan
        pairs = plan(options)[: options.first or None]
        maker = Maker(options)
    except ValueError as problem:
        print(f"make-pairs: {problem}", file=sys.stderr)
        return 64
    except (FileNotFoundError, encoders.Failed) as problem:
        print(f"make-pairs: {problem}", file=sys.stderr)
        return 69
    if not pairs:
        print(
            f"make-pairs: {options.data}: no clips for --set {options.set}: "
            "put videos or photographs there, or name clips with --select and --validate",
            file=sys.stderr,
        )
        return 66
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = {pool.submit(maker.pair, *item): item for item in pairs}
        try:
            for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
                clip, recipe = jobs[job]
                try:
                    line = job.result()
                except (encoders.Failed, RuntimeError, OSError) as problem:
                    failed += 1
                    print(
                        f"make-pairs: {clip['name']} {recipe['codec']}: {problem}",
                        file=sys.stderr,
                        flush=True,
                    )
                    continue
                if line:
                    figures = f"{line['bits_per_pixel']:.3f} bits/pixel {line['psnr_y']:.2f} dB"
                    print(f"{number}/{len(pairs)} {line['id']} {figures}", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            print(
                "make-pairs: stopped; the same command goes on where this one ended",
                file=sys.stderr,
            )
            return 130
    print(f"{len(pairs) - failed} of {len(pairs)} pairs are in {maker.manifest}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
