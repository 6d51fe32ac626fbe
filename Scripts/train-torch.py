#!/usr/bin/env python3
"""Trains an exported generator on a graphics card, by the recipe of `mwgan train`.

    mwgan train pairs --steps 1 -o start.safetensors        # packs the pairs, draws first weights
    mwgan export start.safetensors -o start.onnx
    Scripts/train-torch.py start.onnx pairs/packed -o live.safetensors --steps 60000 --batch 32

    mwgan export live.safetensors -o live.onnx
    Scripts/train-torch.py live.onnx pairs/packed-80 -o seen.safetensors --phase perceptual \\
        --features yolox_nano_coco_folded.safetensors --steps 20000

The network is what the ONNX file says, node by node; data, losses, symmetries, schedule and averaged
weights are those of `mwgan train` (Documentation/mw-gan.md). Tiles lie in the card's memory, and a
step is one CUDA graph. Runs on processors too, slowly. Needs torch, numpy, onnx and safetensors."""

import argparse
import os
import sys
import time

import torch

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from trainer.exported import Exported  # noqa: E402
from trainer.tiles import Tiles  # noqa: E402
from trainer.training import Training  # noqa: E402


def options(words=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("model", help="what mwgan export wrote: the network and its first weights")
    parser.add_argument("tiles", nargs="+", help="folders of packed pairs")
    parser.add_argument("-o", "--output", required=True, metavar="FILE.safetensors")
    parser.add_argument("--phase", choices=("fidelity", "perceptual"), default="fidelity")
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--seconds", type=float, help="stop after so long, the schedule fitted to it")
    parser.add_argument("--batch", type=int, help="crops a step; 16, perceptual 4")
    parser.add_argument("--crop", type=int, help="side of a crop in pixels; 64, perceptual 160")
    parser.add_argument("--learning-rate", type=float, help="0.001, perceptual 0.0002")
    parser.add_argument("--chroma-weight", type=float, default=0.0)
    parser.add_argument("--average", type=float, default=0.999, help="decay of averaged weights")
    parser.add_argument("--features", help="weights of YOLOX-Nano for the distance of deep features")
    parser.add_argument("--loss", action="append", default=[], metavar="PART=WEIGHT")
    parser.add_argument("--pairs", help="pairs.jsonl, for --often")
    parser.add_argument("--often", action="append", default=[], metavar="CONTENT=N")
    parser.add_argument("--hold-out", help="folder of packed pairs to measure the gain on")
    parser.add_argument("--precision", choices=("bf16", "f32"), default="bf16")
    parser.add_argument("--name", help="what the model is called; as in the ONNX file")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args(words)


def main():
    o = options()
    torch.manual_seed(o.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    tiles = Tiles(o.tiles, device, o.often, o.pairs)
    held = Tiles([o.hold_out], device) if o.hold_out else None
    training = Training(o, Exported(o.model), tiles, held)
    print(f"{o.output}: {tiles.pairs} pairs, {len(tiles.tiles)} tiles, "
          f"{training.flat.vector.numel()} parameters, {device}", flush=True)
    training.record()
    start = last = time.monotonic()
    while training.part < 1:
        now, done = time.monotonic(), training.done
        if o.seconds:
            # The schedule follows the clock; the pace so far says how many steps that makes.
            part = min(1.0, (now - start) / o.seconds)
            training.step(part, max(done + 1, int(done / max(part, 1e-9))))
        else:
            training.step(min(1.0, (done + 1) / o.steps), o.steps)
        if now - last > 10:
            last = now
            training.report(now - start)
            training.write()
    training.report(time.monotonic() - start)
    training.write()


if __name__ == "__main__":
    main()
