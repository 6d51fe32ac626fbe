#!/usr/bin/env python3
"""Percept beside PyTorch, ONNX Runtime and OpenVINO: same graphs, same threads, same precision.

Outputs are compared first; then runs alternate, round by round, so that all meet the same load.
Every peer's precision is set explicitly. Times are those of the best run; a ratio is the median
over rounds of a peer's best run in the round to ours. What is to be reached is printed last.
"""
import argparse
import json
import os
import statistics
import subprocess
import tempfile
import time

from peers_clock import CLOCK, THREADS

import numpy
import onnx
import onnxruntime
import openvino
import torch
from onnx import numpy_helper

import peers_learning

torch.set_num_threads(THREADS)


class Percept:
    """Our benchmark program, spoken to over a pipe."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().strip() == "ready"

    def ask(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if not answer or answer.startswith("error"):
            raise RuntimeError(f"bench: {answer or 'no answer'}")
        return answer

    def compute(self, *words, inputs, count):
        """Hands arrays over through files and reads `count` floats back."""
        with tempfile.TemporaryDirectory() as folder:
            paths = [os.path.join(folder, str(index)) for index in range(len(inputs) + 1)]
            for path, value in zip(paths, inputs):
                value.tofile(path)
            self.ask(*words, *paths)
            result = numpy.fromfile(paths[-1], numpy.float32)
        if result.size != count:
            raise SystemExit(f"{words}: {result.size} values instead of {count}")
        return result

    def time(self, *words):
        return float(self.ask(*words))


class Results:
    """Ratios measured so far, beside what is to be reached."""
    TARGETS = [
        ("dense stack, bf16", "OpenVINO", 1.25), ("dense stack, bf16", "PyTorch", 1.5),
        ("dense stack, f32", "OpenVINO", 1.15),
        ("dense stack, f32", "64-channel convolution peak", 0.93),
        ("live, network alone, bf16", "OpenVINO", 1.0),
        ("live, planes to planes, bf16", "OpenVINO", 1.25),
        ("detector", "ONNX Runtime", 1.2), ("detector", "OpenVINO", 1.0),
        ("training step", "PyTorch", 1.3),
        *((f"predictive coding, {name}", f"PyTorch {kind}", least)
          for name, _ in peers_learning.NETWORKS
          for kind, least in (("eager", 2.0), ("compiled", 1.3))),
    ]

    def __init__(self):
        self.ratios = {}

    def alternate(self, title, operations, runners, rounds):
        """Runs every program once a round, "Percept" among them, and prints a line for each.

        A runner returns the seconds of its best run in the round.
        """
        times = {name: [] for name in runners}
        for _ in range(rounds):
            for name, run in runners.items():
                times[name].append(run())
        self.show(title, operations, times)

    def show(self, title, operations, times):
        print(f"\n{title}")
        for name, values in sorted(times.items(), key=lambda item: min(item[1])):
            ratio = statistics.median(a / b for a, b in zip(values, times["Percept"]))
            self.ratios[title, name] = ratio
            best_run = min(values)
            print(f"  {name:34} {best_run * 1e3:9.3f} ms  {operations / best_run * 1e-9:6.0f} "
                  f"GFLOP/s  Percept is {ratio:.2f}x as fast", flush=True)

    def summary(self):
        """What is to be reached, against the fastest peer of each kind."""
        print("\nto reach")
        for subject, peer, least in self.TARGETS:
            found = [ratio for (title, name), ratio in self.ratios.items()
                     if title.startswith(subject) and name.startswith(peer)]
            if found:
                ratio = min(found)
                print(f"  {'reached' if ratio >= least else 'SHORT  '} {ratio:.2f} of {least:.2f}: "
                      f"{subject}, against {peer}")


class Twin(torch.nn.Module):
    """A PyTorch module built from an ONNX graph by walking its nodes."""

    def __init__(self, model):
        super().__init__()
        self.nodes = list(model.graph.node)
        self.input = model.graph.input[0].name
        self.output = model.graph.output[0].name
        self.constants = {}
        for tensor in model.graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(tensor).copy())
            if value.is_floating_point() and value.dim() > 0:
                key = tensor.name.replace(".", "__")
                self.register_parameter(key, torch.nn.Parameter(value))
                self.constants[tensor.name] = key
            else:
                self.register_buffer(tensor.name.replace(".", "__"), value)
                self.constants[tensor.name] = tensor.name.replace(".", "__")

    def forward(self, x):
        values = {self.input: x}

        def value(name):
            return values[name] if name in values else getattr(self, self.constants[name])

        for node in self.nodes:
            inputs = [value(name) for name in node.input if name]
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            values[node.output[0]] = self.apply(node.op_type, inputs, attributes)
        return values[self.output]

    @staticmethod
    def apply(kind, x, a):
        if kind == "Conv":
            pads = a.get("pads", [0, 0, 0, 0])
            if pads[:2] != pads[2:]:
                raise NotImplementedError("convolution with uneven padding")
            return torch.nn.functional.conv2d(
                x[0], x[1], x[2] if len(x) > 2 else None, tuple(a.get("strides", [1, 1])),
                tuple(pads[:2]), tuple(a.get("dilations", [1, 1])), a.get("group", 1))
        if kind == "Relu":
            return torch.relu(x[0])
        if kind == "LeakyRelu":
            return torch.nn.functional.leaky_relu(x[0], a.get("alpha", 0.01))
        if kind == "Add":
            return x[0] + x[1]
        if kind == "Sub":
            return x[0] - x[1]
        if kind == "Mul":
            return x[0] * x[1]
        if kind == "Concat":
            return torch.cat(x, a["axis"])
        if kind == "Identity":
            return x[0]
        raise NotImplementedError(f"ONNX operation {kind}")


def best(seconds, run):
    """The shortest run within a time."""
    end, result = CLOCK() + seconds, float("inf")
    while True:
        start = CLOCK()
        run()
        now = CLOCK()
        result = min(result, now - start)
        if now > end:
            return result


def torch_runner(twin, x, precision, channels_last, compiled):
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    module = Twin(twin).to(kind).eval()
    x = torch.from_numpy(x).to(kind)
    if channels_last:
        module, x = module.to(memory_format=torch.channels_last), x.to(
            memory_format=torch.channels_last)
    call = torch.compile(module) if compiled else module

    def run():
        with torch.inference_mode():
            return call(x)

    return run, lambda: run().float().contiguous().numpy()


def openvino_runner(path, x, precision):
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(path), "CPU", {
        "INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": THREADS,
        "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"})
    request = compiled.create_infer_request()
    request.set_input_tensor(openvino.Tensor(x, shared_memory=True))
    request.infer()
    return request.infer, lambda: numpy.array(request.get_output_tensor().data)


def onnxruntime_runner(path, x):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x}
    return lambda: session.run(None, feed), lambda: session.run(None, feed)[0]


def peers(path, x, precision, compiles, with_torch):
    model = onnx.load(path)
    yield f"OpenVINO {precision}", *openvino_runner(path, x, precision)
    if precision == "f32":
        yield "ONNX Runtime f32", *onnxruntime_runner(path, x)
    if not with_torch:
        return
    yield f"PyTorch eager {precision}", *torch_runner(model, x, precision, False, False)
    yield f"PyTorch channels-last {precision}", *torch_runner(model, x, precision, True, False)
    if compiles:
        runner = torch_runner(model, x, precision, True, True)
        try:
            runner[0]()
        except Exception as error:  # no compiler, or one that it does not know
            print(f"PyTorch compiled {precision} left out: {str(error).splitlines()[0]}")
        else:
            yield f"PyTorch compiled {precision}", *runner


def deviation(a, b):
    return float(numpy.abs(a - b).max() / numpy.abs(b).max())


def measure(results, ours, title, path, shape, operations, words, options, others=None,
            with_torch=True):
    """One inference graph: outputs compared, then times.

    `words` asks Percept for (compute, time); `others` gives seconds of further rows by precision.
    Not every graph is one that our module for PyTorch can be made of.
    """
    x = numpy.random.default_rng(1).standard_normal(shape, dtype=numpy.float32)
    exact = onnxruntime_runner(path, x)[1]()
    for precision in ("f32", "bf16"):
        limit = 1e-4 if precision == "f32" else 5e-2
        compute, time_words = words(precision)
        found = ours.compute(*compute, inputs=[x], count=exact.size).reshape(exact.shape)
        errors = {"Percept": deviation(found, exact)}
        runners = {"Percept": lambda: ours.time(*time_words, options.seconds)}
        for name, run, result in peers(path, x, precision, options.compile, with_torch):
            errors[name] = deviation(result(), exact)
            runners[name] = lambda run=run: best(options.seconds, run)
        for name, run in (others or {}).items():
            runners[name] = lambda run=run: run(precision)
        check(f"{title}, {precision}", errors, limit)
        results.alternate(f"{title}, {precision}", operations, runners, options.rounds)


def check(title, errors, limit):
    """Ends the run where a program computes something else."""
    print(f"\n{title}: deviations " + ", ".join(f"{n} {e:.1e}" for n, e in errors.items()))
    for name, error in errors.items():
        if not error <= limit:
            raise SystemExit(f"{title}: {name} deviates by {error:.2g}, more than {limit}")


class Planes:
    """`live` from 8-bit planes to 8-bit planes with OpenVINO and NumPy.

    Neighbours stand in unwarped: that work, which Percept's time includes, is left out here.
    """
    MEANS = numpy.array([220, 0, 0, 0], numpy.float32).reshape(4, 1, 1)
    DEVIATIONS = numpy.array([110, 16, 16, 8], numpy.float32).reshape(4, 1, 1)
    OUTPUTS = numpy.array([4, 4, 4, 3, 1.5, 1.5], numpy.float32).reshape(6, 1, 1)

    def __init__(self, path, width, height, precision, maps):
        self.size = (width, height)
        self.input = numpy.zeros((1, 16, height // 2, width // 2), numpy.float32)
        self.infer, self.output = openvino_runner(path, self.input, precision)
        self.maps = maps

    @staticmethod
    def packets(luma):
        a, b = luma[0::2, 0::2].astype(numpy.float32), luma[0::2, 1::2].astype(numpy.float32)
        c, d = luma[1::2, 0::2].astype(numpy.float32), luma[1::2, 1::2].astype(numpy.float32)
        top, bottom, left, right = a + b, c + d, a - b, c - d
        return numpy.stack(
            [top + bottom, -left - right, bottom - top, left - right]) * numpy.float32(0.5)

    @staticmethod
    def expand(grid, height, width):
        """A map on cells of 8x8 positions, bilinear between their centres."""
        def axis(count, cells):
            at = (numpy.arange(count, dtype=numpy.float32) + 0.5) / 8 - 0.5
            low = numpy.floor(at).astype(int)
            return (numpy.clip(low, 0, cells - 1), numpy.clip(low + 1, 0, cells - 1),
                    (at - low).astype(numpy.float32))
        y0, y1, wy = axis(height, grid.shape[0])
        x0, x1, wx = axis(width, grid.shape[1])
        rows = grid[y0] + (grid[y1] - grid[y0]) * wy[:, None]
        return rows[:, x0] + (rows[:, x1] - rows[:, x0]) * wx

    def __call__(self, frames):
        """The middle one of three frames (y, u, v), enhanced."""
        before, (y, u, v), after = frames
        x = self.input[0]
        for channel, luma in ((0, y), (6, before[0]), (10, after[0])):
            x[channel:channel + 4] = (self.packets(luma) - self.MEANS) / self.DEVIATIONS
        x[4] = (u - numpy.float32(128)) / 16
        x[5] = (v - numpy.float32(128)) / 16
        for index in (0, 1):
            x[14 + index] = self.expand(self.maps[index], *x.shape[1:])
        self.infer()
        r = self.output()[0] * self.OUTPUTS
        ll, hl, lh, hh = r[:4] * numpy.float32(0.5)
        luma = numpy.empty(y.shape, numpy.float32)
        luma[0::2, 0::2] = ll - hl - lh + hh
        luma[0::2, 1::2] = ll + hl - lh - hh
        luma[1::2, 0::2] = ll - hl + lh - hh
        luma[1::2, 1::2] = ll + hl + lh + hh

        def added(plane, residual):
            return numpy.clip(numpy.rint(plane + residual), 0, 255).astype(numpy.uint8)

        return added(y, luma), added(u, r[4]), added(v, r[5])


def measure_planes(results, ours, folder, model, options, width=640, height=360):
    """From planes to planes: outputs compared, then times."""
    random = numpy.random.default_rng(2)
    shapes = ((height, width), (height // 2, width // 2), (height // 2, width // 2))
    smooth = random.integers(60, 190, (height // 8 + 1, width // 8 + 1))
    frame = [numpy.kron(smooth, numpy.ones((8, 8)))[:h, :w].astype(numpy.uint8)
             for h, w in shapes]
    for precision in ("f32", "bf16"):
        path = os.path.join(folder, "live.onnx")
        ours.ask("planes-export", model, width, height, precision, path)
        with tempfile.TemporaryDirectory() as place:
            names = [os.path.join(place, name) for name in ("x", "y", "maps")]
            with open(names[0], "wb") as file:
                for plane in frame:
                    file.write(plane.tobytes())
            ours.ask("planes-compute", model, width, height, precision, *names)
            result = numpy.fromfile(names[1], numpy.uint8)[:height * width]
            maps = numpy.fromfile(names[2], numpy.float32).reshape(
                2, (height + 15) // 16, (width + 15) // 16)
        peer = Planes(path, width, height, precision, maps)
        luma = peer([frame] * 3)[0]
        change = numpy.abs(luma.astype(int) - frame[0]).max()
        error = numpy.abs(luma.ravel().astype(int) - result).max()
        if error > (1 if precision == "f32" else 2) or change == 0:
            raise SystemExit(f"planes {precision}: results differ by {error} of {change} levels")
        print(f"\nplanes, {precision}: at most {error} levels apart where {change} were changed")
        runners = {
            "Percept": lambda: ours.time(
                "planes-time", model, width, height, precision, options.seconds),
            f"OpenVINO {precision} + NumPy": lambda: best(
                options.seconds, lambda: peer([frame] * 3)),
        }
        results.alternate(
            f"live, planes to planes, {precision}, {width}x{height}",
            2 * 7552 * width * height, runners, options.rounds)


def torch_step(model, x, target, kind, layout):
    """A training step of PyTorch: a function that makes one, and one for loss and gradients."""
    module = Twin(model).to(memory_format=layout)
    source = torch.from_numpy(x).to(memory_format=layout)
    goal = torch.from_numpy(target).to(memory_format=layout)

    def run():
        module.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=kind == torch.bfloat16):
            y = module(source)
        loss = torch.nn.functional.mse_loss(y.float(), goal)
        loss.backward()
        return loss

    def result():
        loss = run()
        named = sorted((path, getattr(module, key).grad) for path, key in module.constants.items()
                       if getattr(module, key).requires_grad)
        return [loss.detach().numpy().reshape(1)] + [g.contiguous().numpy() for _, g in named]

    return run, result


def worst(found, exact):
    """The largest deviation of loss or any gradient, relative in the Euclidean norm."""
    return max(float(numpy.linalg.norm((a - b).ravel()) / numpy.linalg.norm(b.ravel()))
               for a, b in zip(found, exact))


def measure_training(results, ours, entry, folder, options):
    """A training step: forward, squared error, gradients of all parameters."""
    model = onnx.load(os.path.join(folder, entry["file"]))
    random = numpy.random.default_rng(3)
    x = random.random(entry["input"], dtype=numpy.float32)
    target = random.random(entry["input"], dtype=numpy.float32)
    exact = torch_step(model, x, target, torch.float32, torch.contiguous_format)[1]()
    sizes = numpy.cumsum([value.size for value in exact])
    errors, runners = {"f32": {}, "bf16": {}}, {}
    for precision in ("f32", "bf16"):
        found = ours.compute(
            "training-compute", entry["index"], precision, inputs=[x, target], count=sizes[-1])
        parts = [part.reshape(value.shape)
                 for part, value in zip(numpy.split(found, sizes[:-1]), exact)]
        errors[precision]["Percept"] = worst(parts, exact)
        runners[f"Percept {precision}"] = lambda precision=precision: ours.time(
            "time", entry["index"], precision, options.seconds)
    for name, precision, kind, layout in (
            ("PyTorch", "f32", torch.float32, torch.contiguous_format),
            ("PyTorch channels-last", "f32", torch.float32, torch.channels_last),
            ("PyTorch channels-last", "bf16", torch.bfloat16, torch.channels_last)):
        run, result = torch_step(model, x, target, kind, layout)
        errors[precision][name] = worst(result(), exact)
        runners[f"{name} {precision}"] = lambda run=run: best(options.seconds, run)
    for precision, limit in (("f32", 1e-4), ("bf16", 5e-2)):
        check(f"training step, loss and gradients, {precision}", errors[precision], limit)
    times = {name: [] for name in runners}
    for _ in range(options.rounds):
        for name, run in runners.items():
            times[name].append(run())
    # The faster of our two precisions, against each of theirs.
    times["Percept"] = min(times["Percept f32"], times["Percept bf16"], key=min)
    results.show(f"training step, {entry['name']}", entry["operations"], times)


def measure_learning(results, ours, options):
    """A training step by predictive coding: gradients compared, then times of whole steps."""
    for index, (name, network) in enumerate(peers_learning.NETWORKS):
        title = f"predictive coding, {name}"
        torch.manual_seed(4)
        start = network().state_dict()
        x, target = torch.rand(peers_learning.BATCH, 784), torch.rand(peers_learning.BATCH, 10)

        def step(compiled, network=network, start=start, x=x, target=target):
            twin = network()
            twin.load_state_dict(start)
            return peers_learning.Step(twin, x, target, compiled)

        steps = {"PyTorch eager": step(False)}
        exact = steps["PyTorch eager"].flat_gradients()
        if options.compile:
            try:
                compiled = step(True)
                compiled.flat_gradients()
            except Exception as error:  # no compiler, or one that it does not know
                print(f"PyTorch compiled left out: {str(error).splitlines()[0]}")
            else:
                steps["PyTorch compiled"] = compiled
        found = ours.compute(
            "learning-compute", index,
            inputs=[x.numpy(), target.numpy(), step(False).flat_parameters()], count=exact.size)
        errors = {"Percept": worst([found], [exact])}
        for kind, other in steps.items():
            errors[kind] = worst([other.flat_gradients()], [exact])
        check(f"{title}, gradients", errors, 1e-4)
        runners = {"Percept": lambda index=index: ours.time(
            "learning-time", index, options.seconds)}
        for kind, other in steps.items():
            runners[kind] = lambda other=other: best(options.seconds, other)
        results.alternate(title, peers_learning.operations(network()), runners, options.rounds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("graphs")
    parser.add_argument("--model", help="weights to measure, alone and from planes to planes")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5, help="a program's share of a round")
    parser.add_argument("--no-compile", dest="compile", action="store_false",
                        help="without torch.compile, which takes a minute and wants g++")
    parser.add_argument("--cpu-time", action="store_true",
                        help="one thread's processor time, for busy machines; not for planes")
    parser.add_argument("--all", action="store_true", help="plain convolutions and chains too")
    parser.add_argument("--only", help="what begins so: dense, detector, live, planes, predictive, training")
    options = parser.parse_args()
    print(f"PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}, "
          f"OpenVINO {openvino.__version__}, {THREADS} threads")
    ours, results = Percept(options.program), Results()
    with open(os.path.join(options.graphs, "graphs.json")) as file:
        entries = json.load(file)
    convolution = next(e for e in entries if e["name"] == "3x3 convolution, 64 channels")

    def wanted(name):
        return not options.only or name.startswith(options.only)

    for entry in entries:
        is_dense = "dense" in entry["name"]
        if entry["training"]:
            if wanted("training"):
                measure_training(results, ours, entry, options.graphs, options)
        elif entry["name"].startswith("detector"):
            if wanted("detector"):
                index = entry["index"]
                measure(results, ours, entry["name"],
                        os.path.join(options.graphs, entry["file"]), entry["input"],
                        entry["operations"],
                        lambda p, i=index: (("compute", i, p), ("time", i, p)), options,
                        with_torch=False)
        elif is_dense and wanted("dense") or options.all and not is_dense:
            def peak(precision, entry=entry):
                # As long as this network would take at the convolution's pace.
                seconds = ours.time("time", convolution["index"], precision, options.seconds)
                return seconds * entry["operations"] / convolution["operations"]

            index = entry["index"]
            measure(results, ours, "dense stack" if is_dense else entry["name"],
                    os.path.join(options.graphs, entry["file"]), entry["input"],
                    entry["operations"],
                    lambda p, i=index: (("compute", i, p), ("time", i, p)), options,
                    {"64-channel convolution peak": peak} if is_dense else None)
    if wanted("predictive coding"):
        measure_learning(results, ours, options)
    if options.model:
        model = os.path.abspath(options.model)
        if wanted("live"):
            width, height = 1280, 720
            path = os.path.join(options.graphs, "live-network.onnx")
            ours.ask("planes-export", model, width, height, "f32", path)
            place = (model, width, height)
            measure(results, ours, "live, network alone", path, (1, 16, height // 2, width // 2),
                    2 * 7552 * width * height,
                    lambda p: (("network-compute", *place, p), ("network-time", *place, p)),
                    options, {"Percept between row-major borders": lambda p: ours.time(
                        "network-time-row-major", *place, p, options.seconds)})
        if wanted("planes"):
            measure_planes(results, ours, options.graphs, model, options)
    results.summary()


if __name__ == "__main__":
    main()
