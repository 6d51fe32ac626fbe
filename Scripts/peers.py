#!/usr/bin/env python3
"""Percept beside PyTorch, ONNX Runtime and OpenVINO: same graphs, same threads, same precision.

Outputs are compared first; then runs alternate, round by round, so that all meet the same load.
Every peer's precision is set explicitly. Each figure is the best run; ratios are printed last.
"""
import argparse
import json
import os
import subprocess
import tempfile
import time

THREADS = 2
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(THREADS)

import numpy
import onnx
import onnxruntime
import openvino
import torch
from onnx import numpy_helper

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

    def compute(self, index, precision, x, shape):
        with tempfile.TemporaryDirectory() as folder:
            source, target = os.path.join(folder, "x"), os.path.join(folder, "y")
            x.tofile(source)
            self.ask("compute", index, precision, source, target)
            return numpy.fromfile(target, numpy.float32).reshape(shape)

    def time(self, index, precision, seconds):
        return float(self.ask("time", index, precision, seconds))


class Twin(torch.nn.Module):
    """A PyTorch module built from an ONNX graph by walking its nodes."""

    def __init__(self, model):
        super().__init__()
        self.nodes = list(model.graph.node)
        self.input = model.graph.input[0].name
        self.output = "y"
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
    end, result = time.perf_counter() + seconds, float("inf")
    while True:
        start = time.perf_counter()
        run()
        now = time.perf_counter()
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
    request.set_input_tensor(openvino.Tensor(x))
    request.infer()
    return request.infer, lambda: numpy.array(request.get_output_tensor().data)


def onnxruntime_runner(path, x):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = THREADS, 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: x}
    return lambda: session.run(None, feed), lambda: session.run(None, feed)[0]


def peers(path, x, precision, compiles):
    model = onnx.load(path)
    yield f"OpenVINO {precision}", *openvino_runner(path, x, precision)
    if precision == "f32":
        yield "ONNX Runtime f32", *onnxruntime_runner(path, x)
    yield f"PyTorch eager {precision}", *torch_runner(model, x, precision, False, False)
    yield f"PyTorch channels-last {precision}", *torch_runner(model, x, precision, True, False)
    if compiles:
        yield f"PyTorch compiled {precision}", *torch_runner(model, x, precision, True, True)


def deviation(a, b):
    return float(numpy.abs(a - b).max() / numpy.abs(b).max())


def measure(ours, entry, folder, options):
    """Prints the best time of each program on one inference graph."""
    path = os.path.join(folder, entry["file"])
    x = numpy.random.default_rng(1).standard_normal(entry["input"], dtype=numpy.float32)
    exact = onnxruntime_runner(path, x)[1]()
    for precision in ("f32", "bf16"):
        limit = 1e-4 if precision == "f32" else 5e-2
        error = deviation(ours.compute(entry["index"], precision, x, exact.shape), exact)
        if error > limit:
            raise SystemExit(f"{entry['name']} {precision}: Percept deviates by {error:.2g}")
        runners = {}
        for name, run, result in peers(path, x, precision, options.compile):
            error = deviation(result(), exact)
            if error > limit:
                raise SystemExit(f"{entry['name']}: {name} deviates by {error:.2g}")
            runners[name] = run
        times = {"Percept": float("inf")} | {name: float("inf") for name in runners}
        for _ in range(options.rounds):
            times["Percept"] = min(
                times["Percept"], ours.time(entry["index"], precision, options.seconds))
            for name, run in runners.items():
                times[name] = min(times[name], best(options.seconds, run))
        show(entry, precision, times)


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


def measure_planes(ours, folder, model, options, width=640, height=360):
    """Prints the best time of each program from planes to planes."""
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
        times = {"Percept": float("inf"), f"OpenVINO {precision} + NumPy": float("inf")}
        for _ in range(options.rounds):
            times["Percept"] = min(times["Percept"], float(ours.ask(
                "planes-time", model, width, height, precision, options.seconds)))
            key = f"OpenVINO {precision} + NumPy"
            times[key] = min(times[key], best(options.seconds, lambda: peer([frame] * 3)))
        show({"name": f"live, planes to planes, {width}x{height}",
              "operations": 2 * 7552 * width * height}, precision, times)


def measure_training(ours, entry, folder, options):
    """The same for a training step: forward, squared error, gradients of all parameters."""
    model = onnx.load(os.path.join(folder, entry["file"]))
    times = {"Percept f32": float("inf"), "Percept bf16": float("inf")}
    runners = {}
    x = torch.rand(entry["input"])
    for name, kind, layout in (
            ("PyTorch f32", torch.float32, torch.contiguous_format),
            ("PyTorch channels-last f32", torch.float32, torch.channels_last),
            ("PyTorch channels-last bf16", torch.bfloat16, torch.channels_last)):
        module = Twin(model).to(memory_format=layout)
        source = x.to(memory_format=layout)
        target = torch.rand_like(source)

        def run(module=module, source=source, target=target, kind=kind):
            module.zero_grad(set_to_none=True)
            with torch.autocast("cpu", torch.bfloat16, enabled=kind == torch.bfloat16):
                y = module(source)
            torch.nn.functional.mse_loss(y.float(), target).backward()

        run()
        runners[name] = run
        times[name] = float("inf")
    for _ in range(options.rounds):
        for precision in ("f32", "bf16"):
            key = f"Percept {precision}"
            times[key] = min(times[key], ours.time(entry["index"], precision, options.seconds))
        for name, run in runners.items():
            times[name] = min(times[name], best(options.seconds, run))
    times["Percept"] = min(times["Percept f32"], times["Percept bf16"])
    show(entry, "best of f32 and bf16", times)


def show(entry, precision, times):
    print(f"\n{entry['name']}, {precision}")
    for name, seconds in sorted(times.items(), key=lambda item: item[1]):
        print(f"  {name:32} {seconds * 1e3:9.3f} ms  {entry['operations'] / seconds * 1e-9:6.0f} "
              f"GFLOP/s  Percept is {seconds / times['Percept']:.2f}x as fast", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("graphs")
    parser.add_argument("--model", help="weights to measure from planes to planes")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5, help="a program's share of a round")
    parser.add_argument("--compile", action="store_true", help="torch.compile too (minutes)")
    parser.add_argument("--only", type=int, action="append", help="an index of graphs.json")
    options = parser.parse_args()
    print(f"PyTorch {torch.__version__}, ONNX Runtime {onnxruntime.__version__}, "
          f"OpenVINO {openvino.__version__}, {THREADS} threads")
    ours = Percept(options.program)
    with open(os.path.join(options.graphs, "graphs.json")) as file:
        entries = json.load(file)
    for entry in entries:
        if options.only and entry["index"] not in options.only:
            continue
        (measure_training if entry["training"] else measure)(ours, entry, options.graphs, options)
    if options.model:
        measure_planes(ours, options.graphs, os.path.abspath(options.model), options)


if __name__ == "__main__":
    main()
