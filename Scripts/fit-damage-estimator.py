#!/usr/bin/env python3
"""Fits the coefficients of Sources/Quality/DamageCoefficients.swift and reports their error.

    Scripts/encode-damage-clips.sh CLIPS WORK
    clang -O3 -fPIC -shared -ISources/CKernels/include Sources/CKernels/*.c -lgomp -lm -o WORK/kernels.so
    Scripts/fit-damage-estimator.py WORK WORK/kernels.so > Sources/Quality/DamageCoefficients.swift

Needs NumPy and ffmpeg. Errors go to the terminal (stderr).
"""
import ctypes as C
import glob
import os
import re
import subprocess
import sys

import numpy as np

HELD_OUT = ("davis_lady-running", "sam3_dancers", "ntia_aspen", "pexels_face")
PERIODS = [8, 32 / 3, 12, 15, 16, 18, 64 / 3, 24]
LOW, HIGH = 1.0, np.log2(96)


class Samples(C.Structure):
    _fields_ = [("base", C.c_void_p), ("bytes_per_row", C.c_ssize_t), ("width", C.c_int),
                ("height", C.c_int), ("bytes_per_sample", C.c_int)]


def strongest_grid(steps):
    """Blockiness.strongestGrid, in NumPy."""
    best, n = (8, 1.0), len(steps)
    if n < 48:
        return best
    s, excess, i = steps.astype(np.float64), np.ones(n), np.arange(4, n - 3)
    around = (s[i - 2] + s[i - 1] + s[i + 1] + s[i + 2]) / 4
    excess[i] = np.minimum((s[i] + .05) / (around + .05), 8)
    for period in PERIODS:
        if n < 6 * period:
            continue
        for offset in range(int(period)):
            at = (np.arange(offset, n - 3.5, period) + .5).astype(int)
            strength = excess[at[at >= 4]].mean()
            if strength > best[1] * (1 if best[1] == 1 else 1.1):
                best = (period, strength)
    return best


def features(kernels, luma):
    """What DamageEstimator sees, one row for each 32x32 block."""
    height, width = luma.shape
    samples = Samples(luma.ctypes.data, width, width, height, 1)
    blocks = ((height + 31) // 32) * ((width + 31) // 32)
    block = np.zeros((blocks, 9), np.float32)
    columns, rows = np.zeros(width, np.float32), np.zeros(height, np.float32)
    pointer = lambda array: array.ctypes.data_as(C.c_void_p)
    kernels.percept_damage_features(C.byref(samples), 8, pointer(block), 1)
    kernels.percept_step_profiles(C.byref(samples), 24, pointer(columns), pointer(rows))
    (pc, sc), (pr, sr) = strongest_grid(columns), strongest_grid(rows)
    x = block.astype(np.float64)
    for k in (0, 1, 3, 4, 6, 7):
        x[:, k] = np.log2(x[:, k] + .25)
    ordered = np.sort(x, 0)
    picture = np.concatenate([
        x.mean(0), ordered[(blocks - 1) // 10], ordered[(blocks - 1) * 9 // 10],
        [np.log2(sc), np.log2(sr), np.log2(max(pc, pr) / 8)]])
    return np.hstack([x, np.repeat(picture[None], blocks, 0)])


def frames(path, width, height):
    raw = subprocess.check_output(["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", path,
                                   "-frames:v", "9", "-f", "rawvideo", "-"])
    all_planes = np.frombuffer(raw, np.uint8).reshape(-1, width * height * 3 // 2)
    return all_planes[:, :width * height].reshape(-1, height, width)


def collect(folder, kernels):
    x, y, clip_of, tag_of, frame_of = [], [], [], [], []
    for path in sorted(glob.glob(os.path.join(folder, "*.mkv"))):
        clip, tag, step = os.path.basename(path)[:-4].split("@")
        width, height = map(int, re.search(r"_(\d+)x(\d+)$", clip).groups())
        if tag.startswith("larger"):
            larger = width * 3 // 2
            width, height = larger, round(height * larger / width / 2) * 2
        for index, luma in enumerate(frames(path, width, height)):
            if index not in (2, 8):
                continue
            block = features(kernels, np.ascontiguousarray(luma))
            x.append(block)
            y.append(np.full(len(block), np.clip(np.log2(float(step)), LOW, HIGH)))
            clip_of += [clip] * len(block)
            tag_of += [tag] * len(block)
            frame_of += [len(x)] * len(block)
    return np.vstack(x), np.concatenate(y), np.array(clip_of), np.array(tag_of), np.array(frame_of)


def ridge(x, y, amount):
    """Coefficients in the features' own units, and the constant."""
    mean, deviation = x.mean(0), x.std(0) + 1e-6
    z = (x - mean) / deviation
    w = np.linalg.solve(z.T @ z + amount * len(z) * np.eye(z.shape[1]), z.T @ (y - y.mean()))
    return w / deviation, y.mean() - (w / deviation) @ mean


def predict(x, model):
    return np.clip(x @ model[0] + model[1], LOW, HIGH)


def main():
    folder, library = sys.argv[1:3]
    x, y, clip, tag, frame = collect(folder, C.CDLL(os.path.abspath(library)))
    held = np.array([c.startswith(HELD_OUT) for c in clip])
    # The amount of regularisation that serves clips left out of the fit, one after the other.
    best = None
    for amount in (1e-3, 1e-2, 3e-2, .1, .3, 1.0):
        errors = []
        for left_out in np.unique(clip[~held]):
            rest = ~held & (clip != left_out)
            model = ridge(x[rest], y[rest], amount)
            errors.append(np.abs(predict(x[clip == left_out], model) - y[clip == left_out]).mean())
        print(f"ridge {amount:g}: |log2 error| of clips left out {np.mean(errors):.3f}", file=sys.stderr)
        if best is None or np.mean(errors) < best[0]:
            best = (np.mean(errors), amount)
    model = ridge(x[~held], y[~held], best[1])
    p = predict(x, model)
    for name, mask in (("fitted", ~held), ("held out", held)):
        ids = np.unique(frame[mask])
        fp = np.array([p[frame == i].mean() for i in ids])
        fy = np.array([y[frame == i][0] for i in ids])
        print(f"{name}: blocks r {np.corrcoef(p[mask], y[mask])[0, 1]:.3f}, mean |log2 error| "
              f"{np.abs(p[mask] - y[mask]).mean():.3f}; frames r {np.corrcoef(fp, fy)[0, 1]:.3f}, "
              f"{np.abs(fp - fy).mean():.3f}", file=sys.stderr)
    for kind in np.unique(tag):
        mask = held & (tag == kind)
        error = p[mask] - y[mask]
        print(f"  held out {kind}: {np.abs(error).mean():.2f}, bias {error.mean():+.2f}", file=sys.stderr)
    for name in np.unique(clip[held]):
        mask = clip == name
        slope = np.corrcoef(p[mask], y[mask])[0, 1]
        print(f"  {name}: r {slope:.2f}, bias {(p[mask] - y[mask]).mean():+.2f}", file=sys.stderr)

    weights, constant = model
    def row(name, values):
        lines = ",\n        ".join(", ".join(f"{v:.5g}" for v in values[i:i + 3])
                                   for i in range(0, len(values), 3))
        return f"    static let {name}: [Float] = [\n        {lines},\n    ]"
    print("// Fitted by Scripts/fit-damage-estimator.py; not written by hand.\n")
    print("extension DamageEstimator {")
    print(f"    static let constant: Float = {constant:.5g}")
    for name, start, end in (("blockWeights", 0, 9), ("meanWeights", 9, 18), ("lowWeights", 18, 27),
                             ("highWeights", 27, 36), ("gridWeights", 36, 39)):
        print(row(name, weights[start:end]))
    print("}")


if __name__ == "__main__":
    main()
