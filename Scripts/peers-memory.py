#!/usr/bin/env python3
"""Percept beside FAISS: exact search for the nearest of 100,000 keys of 512 numbers, in f32.

Both find the same keys first; then searches alternate, round by round, so that both meet the same load. A ratio is the
median over rounds of FAISS's time to ours. With --cpu-time both get one thread and times are the processor's: on a busy
machine that says more than the clock.
"""
import argparse
import os
import statistics
import subprocess
import tempfile

from peers_clock import CLOCK, THREADS

import faiss
import numpy

faiss.omp_set_num_threads(THREADS)

MEASURES = {
    "dot": faiss.METRIC_INNER_PRODUCT,
    "euclidean": faiss.METRIC_L2,
    "manhattan": faiss.METRIC_L1,
}
# Queries at once, and how many keys are asked for.
CASES = [(1, 1), (16, 10), (64, 10), (256, 10)]


class Percept:
    """Our benchmark program, spoken to over a pipe."""

    def __init__(self, program, folder):
        self.folder = folder
        self.process = subprocess.Popen(
            [program, "memory-serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == "ready"

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer or answer.startswith("error"):
            raise RuntimeError(f"bench: {answer or 'no answer'}")
        return answer

    def file(self, name, values):
        path = os.path.join(self.folder, name)
        values.tofile(path)
        return path


def agreement(keys, queries, measure, ours, theirs):
    """The largest relative difference between the measures of what both found, each computed exactly."""
    def values(found):
        rows = keys[found].astype(numpy.float64)
        asked = queries[:, None, :].astype(numpy.float64)
        if measure == "dot":
            return (rows * asked).sum(-1)
        if measure == "euclidean":
            return ((rows - asked) ** 2).sum(-1)
        return numpy.abs(rows - asked).sum(-1)
    a, b = values(ours), values(theirs)
    return float((numpy.abs(a - b) / numpy.abs(b)).max())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", help="the benchmark program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--cpu-time", action="store_true")
    arguments = parser.parse_args()
    random = numpy.random.default_rng(1)
    keys = random.random((arguments.keys, arguments.width), dtype=numpy.float32)
    short = []
    print(f"FAISS {faiss.__version__}, {faiss.get_compile_options().strip()}; {THREADS} threads, "
          f"{arguments.keys} keys of {arguments.width}, f32")
    with tempfile.TemporaryDirectory() as folder:
        percept = Percept(arguments.bench, folder)
        percept.ask("keys", percept.file("keys", keys), *keys.shape)
        for measure, metric in MEASURES.items():
            index = faiss.IndexFlat(arguments.width, metric)
            index.add(keys)
            for rows, count in CASES:
                queries = random.random((rows, arguments.width), dtype=numpy.float32)
                asked = percept.file("queries", queries)
                # Warm, and compared.
                found = os.path.join(folder, "found")
                percept.ask("search", measure, asked, rows, count, found)
                ours = numpy.fromfile(found, numpy.int64).reshape(rows, count)
                _, theirs = index.search(queries, count)
                difference = agreement(keys, queries, measure, ours, theirs)
                if difference > 1e-5:
                    raise SystemExit(f"{measure}: the nearest differ by {difference}")
                times = {"Percept": [], "FAISS": []}
                for _ in range(arguments.rounds):
                    times["Percept"].append(float(percept.ask("time", measure, asked, rows, count)))
                    start = CLOCK()
                    index.search(queries, count)
                    times["FAISS"].append(CLOCK() - start)
                ratio = statistics.median(
                    a / b for a, b in zip(times["FAISS"], times["Percept"]))
                print(f"  {measure:10} {rows:4} queries, {count:2} nearest: "
                      f"Percept {min(times['Percept']) * 1e3:8.2f} ms, "
                      f"FAISS {min(times['FAISS']) * 1e3:8.2f} ms, "
                      f"Percept is {ratio:.2f}x as fast", flush=True)
                if ratio < 1:
                    short.append((measure, rows, ratio))
    print("reached: as fast as FAISS, everywhere" if not short else f"SHORT: {short}")


if __name__ == "__main__":
    main()
