#!/usr/bin/env python3
"""Runs exported ONNX models in ONNX Runtime and compares them with what Percept computed.

    check-onnx.py FOLDER [--tolerance 1e-5]

For each NAME.onnx there is a NAME.safetensors with tensors "input.X" and "output.Y". Prints the
largest error of each model, max|a-b| / max|b|, and exits with 1 where one is over the tolerance.
Needs: pip install onnx onnxruntime safetensors numpy
"""

import argparse
import pathlib
import sys

import numpy
import onnx
import onnxruntime
from safetensors.numpy import load_file


def error(found, expected):
    """The largest deviation relative to the largest expected value."""
    if found.shape != expected.shape:
        return float("inf")
    if expected.size == 0:
        return 0.0
    difference = numpy.abs(found.astype(numpy.float64) - expected.astype(numpy.float64)).max()
    if not difference > 0:
        return 0.0 if difference == 0 else float("inf")
    return difference / max(numpy.abs(expected).max(), numpy.finfo(numpy.float32).tiny)


def check(path):
    """The largest error over the outputs of the model at `path`."""
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    values = load_file(path.with_suffix(".safetensors"))
    used = {value.name for value in session.get_inputs()}
    inputs = {
        name.removeprefix("input."): value
        for name, value in values.items()
        if name.startswith("input.") and name.removeprefix("input.") in used
    }
    names = [value.name for value in session.get_outputs()]
    results = session.run(names, inputs)
    return max(error(result, values["output." + name]) for name, result in zip(names, results))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--tolerance", type=float, default=1e-5)
    options = parser.parse_args()
    onnxruntime.set_default_logger_severity(3)
    failures = 0
    paths = sorted(options.folder.glob("*.onnx"))
    for path in paths:
        try:
            found = check(path)
            message = f"{found:.2e}"
            failed = not found <= options.tolerance
        except Exception as problem:  # one model must not hide the others
            message = str(problem).splitlines()[0]
            failed = True
        failures += failed
        print(f"{'FAIL' if failed else 'ok  '} {path.stem}: {message}")
    print(f"{len(paths) - failures} of {len(paths)} models within {options.tolerance:g}")
    return 1 if failures or not paths else 0


if __name__ == "__main__":
    sys.exit(main())
