#!/usr/bin/env python3
"""Fits the weights of recalled pictures, and prints them as they stand in RecallWeights.swift.

    Scripts/make-returning.py --data FOLDER --out fit --fit
    Scripts/make-returning.py --data FOLDER --out test
    mwgan evaluate fit --set validate --balance 0 --recall-samples fit-samples
    mwgan evaluate test --set validate --balance 0 --recall-samples test-samples
    Scripts/fit-recall.py fit-samples test-samples

A weight w of a block changes its squared error by 2w e·d + w² d²; each frame counts by the reciprocal of its
error, as decibels do. The weight is 0.8 times the logistic function of a polynomial of second degree over nine
features, held within three deviations. Needs numpy."""

import argparse
import collections
import glob
import json
import os

import numpy

FEATURES, MOST = 9, 0.8


def load(path):
    """Features and e², e·d, d² of each block, frame by frame."""
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header, data = json.loads(file.read(length)), file.read()

    def tensor(name):
        entry = header[name]
        start, end = entry["data_offsets"]
        return numpy.frombuffer(data[start:end], "<f4").reshape(entry["shape"]).astype(float)

    samples = tensor("samples")
    ends = numpy.cumsum(tensor("frames")[:, 1]).astype(int)
    return [samples[end - int(count):end] for end, count in zip(ends, tensor("frames")[:, 1])]


def polynomial(x):
    count = x.shape[1]
    products = [x[:, i] * x[:, j] for i in range(count) for j in range(i, count)]
    return numpy.column_stack([numpy.ones(len(x)), x] + products)


def logistic(x):
    return 1 / (1 + numpy.exp(-numpy.clip(x, -30, 30)))


class Weights:
    def __init__(self, features):
        self.means, self.deviations = features.mean(0), features.std(0)
        self.coefficients = numpy.zeros(1 + FEATURES + FEATURES * (FEATURES + 1) // 2)

    def terms(self, features):
        return polynomial(numpy.clip((features - self.means) / self.deviations, -3, 3))

    def __call__(self, features):
        return MOST * logistic(self.terms(features) @ self.coefficients)

    def fit(self, features, products, squares, random, steps=8000, batch=8192):
        """Adam on 2w e·d + w² d²."""
        terms = self.terms(features)
        scale = squares.mean()
        products, squares = products / scale, squares / scale
        first, second = numpy.zeros_like(self.coefficients), numpy.zeros_like(self.coefficients)
        for step in range(1, steps + 1):
            chosen = random.integers(0, len(terms), batch)
            x = terms[chosen]
            weight = MOST * logistic(x @ self.coefficients)
            slope = (products[chosen] + weight * squares[chosen]) * weight * (1 - weight / MOST)
            gradient = x.T @ slope / batch + 1e-4 * self.coefficients
            first = 0.9 * first + 0.1 * gradient
            second = 0.99 * second + 0.01 * gradient**2
            rate = 0.01 * (1 - step / steps) + 1e-5
            self.coefficients -= (
                rate * first / (1 - 0.9**step) / (numpy.sqrt(second / (1 - 0.99**step)) + 1e-8)
            )


def gain(frame, weight):
    """In decibels."""
    squares, products, differences = frame[:, FEATURES:].T
    after = squares + 2 * weight * products + weight**2 * differences
    return 10 * numpy.log10(squares.mean() / after.mean())


def report(folder, weights):
    kinds = collections.defaultdict(list)
    for path in sorted(glob.glob(folder + "/*.safetensors")):
        for frame in load(path):
            kinds[os.path.basename(path).split("-")[0]].append(
                gain(frame, weights(frame[:, :FEATURES])))
    for kind, gains in sorted(kinds.items()):
        print(
            f"{folder} {kind}: {len(gains)} frames, {numpy.mean(gains):+.3f} dB, "
            f"one in a hundred below {numpy.quantile(gains, 0.01):+.3f} dB, least {min(gains):+.3f}"
        )


def lines(name, numbers):
    print(f"    private static let {name}: [Float] = [")
    text = ", ".join(f"{number:.4f}" for number in numbers).split(" ")
    row = "       "
    for word in text:
        if len(row) + len(word) > 98:
            print(row)
            row = "       "
        row += " " + word
    print(row + ",\n    ]")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("fit", help="folder of samples that weights are fitted to")
    parser.add_argument("test", nargs="*", help="folders of samples of other clips")
    parser.add_argument("--share", type=float, default=0.05, help="share of blocks (default 0.05)")
    options = parser.parse_args()
    random = numpy.random.default_rng(1)
    features, products, squares = [], [], []
    for path in sorted(glob.glob(options.fit + "/*.safetensors")):
        for frame in load(path):
            chosen = frame[random.random(len(frame)) < options.share]
            features.append(chosen[:, :FEATURES])
            error = frame[:, FEATURES].mean()
            products.append(chosen[:, FEATURES + 1] / error)
            squares.append(chosen[:, FEATURES + 2] / error)
    features = numpy.concatenate(features)
    weights = Weights(features)
    weights.fit(features, numpy.concatenate(products), numpy.concatenate(squares), random)
    for folder in [options.fit] + options.test:
        report(folder, weights)
    lines("means", weights.means)
    lines("deviations", weights.deviations)
    lines("coefficients", weights.coefficients)


if __name__ == "__main__":
    main()
