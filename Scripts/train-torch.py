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
import contextlib
import glob
import json
import math
import os
import sys
import time

import numpy
import onnx
import torch
from onnx import numpy_helper
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

# PacketNormalisation.standard and NetworkChannels.
LUMA = [(220.0, 110.0), (0.0, 16.0), (0.0, 16.0), (0.0, 8.0)]
INPUT = LUMA + [(128.0, 16.0), (128.0, 16.0)]
OUTPUT = [4.0, 4.0, 4.0, 3.0, 1.5, 1.5]
OUTPUTS = 6
MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


# MARK: Networks


class Exported(torch.nn.Module):
    """A module built from an ONNX graph by walking its nodes; parameters keep their names."""

    def __init__(self, path):
        super().__init__()
        model = onnx.load(path)
        self.metadata = {p.key: p.value for p in model.metadata_props}
        self.nodes = [
            (n.op_type, [i for i in n.input if i], n.output[0],
             {a.name: onnx.helper.get_attribute_value(a) for a in n.attribute})
            for n in model.graph.node]
        self.input, self.output = model.graph.input[0].name, model.graph.output[0].name
        self.inputs = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
        self.names = []
        for tensor in model.graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(tensor).copy())
            if not value.is_floating_point():
                sys.exit(f"{path}: constant {tensor.name} is not of a chain that can be trained")
            self.names.append(tensor.name)
            self.register_parameter(tensor.name.replace(".", "__"), torch.nn.Parameter(value))

    def forward(self, x):
        values = {name: getattr(self, name.replace(".", "__")) for name in self.names}
        values[self.input] = x
        for kind, inputs, output, a in self.nodes:
            values[output] = self.apply_node(kind, [values[i] for i in inputs], a)
        return values[self.output]

    @staticmethod
    def apply_node(kind, x, a):
        if kind in ("Conv", "ConvTranspose"):
            pads = a.get("pads", [0, 0, 0, 0])
            if pads[:2] != pads[2:] or any(a.get("output_padding", [0])):
                sys.exit(f"{kind} with uneven padding cannot be trained here")
            bias = x[2] if len(x) > 2 else None
            stride, padding = tuple(a.get("strides", [1, 1])), tuple(pads[:2])
            if kind == "Conv":
                return F.conv2d(x[0], x[1], bias, stride, padding)
            return F.conv_transpose2d(x[0], x[1], bias, stride, padding)
        if kind == "Relu":
            return torch.relu(x[0])
        if kind == "Identity":
            return x[0]
        if kind == "Add":
            return x[0] + x[1]
        sys.exit(f"ONNX operation {kind} is not of a chain that can be trained here")

    def tensors(self, values):
        return {n: v.detach().float().cpu().contiguous() for n, v in zip(self.names, values)}


class Critic(torch.nn.Module):
    """PatchDiscriminator of Sources/Enhancement: spectral and instance norm, dilated context."""

    def __init__(self, inputs, width):
        super().__init__()
        def conv(i, o, kernel=3, stride=1, dilation=1):
            return torch.nn.Conv2d(i, o, kernel, stride, dilation * (kernel // 2), dilation)
        self.entry = conv(inputs, width, stride=2)
        self.shrink = torch.nn.ModuleList(
            [conv(width, 2 * width, stride=2), conv(2 * width, 4 * width, stride=2)])
        self.context = torch.nn.ModuleList(
            [conv(4 * width, 2 * width, kernel=1)]
            + [conv(4 * width, 2 * width, dilation=d) for d in (2, 4, 6)])
        self.fuse = conv(8 * width, 2 * width, kernel=1)
        self.exit = conv(2 * width, 1)
        self.spectral = [self.entry, *self.shrink, *self.context, self.exit]
        for layer in self.spectral:
            layer.register_buffer("u", F.normalize(torch.randn(layer.out_channels), dim=0))

    def look(self):
        """One step of power iteration for each layer: its weights over their largest singular value."""
        self.weights = {}
        for layer in self.spectral:
            w = layer.weight.flatten(1)
            with torch.no_grad():
                v = F.normalize(w.t() @ layer.u, dim=0)
                u = F.normalize(w @ v, dim=0)
                layer.u.copy_(u)
            self.weights[layer] = layer.weight / (u @ w @ v)

    def convolve(self, layer, x):
        weights = self.weights.get(layer, layer.weight)
        return F.conv2d(x, weights, layer.bias, layer.stride, layer.padding, layer.dilation)

    def forward(self, x):
        def activated(x):
            return F.leaky_relu(F.instance_norm(x.float(), eps=1e-5), 0.2)
        y, features = self.convolve(self.entry, x), []
        for layer in self.shrink:
            features.append(activated(y))
            y = self.convolve(layer, features[-1])
        y = self.convolve(self.fuse, torch.cat([self.convolve(c, y) for c in self.context], 1))
        features.append(activated(y))
        return self.convolve(self.exit, features[-1]).float(), features


def packets(x):
    a, b = x[:, :, 0::2, 0::2], x[:, :, 1::2, 0::2]
    c, d = x[:, :, 0::2, 1::2], x[:, :, 1::2, 1::2]
    return torch.cat([a + b + c + d, c + d - a - b, b + d - a - c, a + d - b - c], 1) / 2


def pixels(y):
    """[N, 4, h, w] packets of one channel to [N, 1, 2 h, 2 w]."""
    ll, hl, lh, hh = y.chunk(4, 1)
    square = [ll - hl - lh + hh, ll + hl - lh - hh, ll - hl + lh - hh, ll + hl + lh + hh]
    return F.pixel_shuffle(torch.cat(square, 1) / 2, 2)


class Critics(torch.nn.Module):
    """Of luma, of its packets beside chroma, and of packets of those packets."""

    def __init__(self, width, device):
        super().__init__()
        self.scales = torch.nn.ModuleList([Critic(n, width) for n in (1, OUTPUTS, 4 * OUTPUTS)])
        self.ratios = column([d / LUMA[0][1] for _, d in LUMA], device)

    def forward(self, x):
        luma = 2 * pixels(x[:, :4] * self.ratios)
        return [critic(y) for critic, y in zip(self.scales, (luma, x, packets(x)))]


class Backbone:
    """CSPDarknet of YOLOX-Nano, batch norm folded in: features at a half to an eighth."""

    def __init__(self, path, device):
        prefix = "backbone.backbone."
        self.w = {k[len(prefix):]: v.to(device) for k, v in load_file(path).items()
                  if k.startswith(prefix)}

    def conv(self, x, path, stride=1, groups=1):
        w = self.w[path + ".conv.weight"]
        return F.silu(F.conv2d(
            x, w, self.w[path + ".conv.bias"], stride, w.shape[2] // 2, groups=groups))

    def depthwise(self, x, path, stride=1):
        x = self.conv(x, path + ".dconv", stride, x.shape[1])
        return self.conv(x, path + ".pconv")

    def block(self, x, path, count):
        y = self.conv(x, path + ".conv1")
        for i in range(count):
            y = y + self.depthwise(self.conv(y, f"{path}.m.{i}.conv1"), f"{path}.m.{i}.conv2")
        return self.conv(torch.cat([y, self.conv(x, path + ".conv2")], 1), path + ".conv3")

    def __call__(self, x):
        x = torch.cat([x[:, :, j::2, i::2] for i in (0, 1) for j in (0, 1)], 1)
        first = self.conv(x, "stem.conv")
        y = self.block(self.depthwise(first, "dark2.0", 2), "dark2.1", 1)
        y = self.block(self.depthwise(y, "dark3.0", 2), "dark3.1", 3)
        return [first, y]


# MARK: Data


class Tiles:
    """Packed tiles in the device's memory."""

    def __init__(self, folders, device, often=(), pairs=None):
        content = {}
        if pairs:
            with open(pairs) as lines:
                content = {line["id"]: line.get("content") for line in map(json.loads, lines)}
        often = dict(wish.split("=") for wish in often)
        paths = sorted(p for f in folders for p in glob.glob(os.path.join(f, "*.tiles")))
        if not paths:
            sys.exit(f"{folders[0]}: no packed pairs; 'mwgan train' packs them")
        tiles, weights, shares = [], [], []
        for path in paths:
            name = os.path.basename(path)[: -len(".tiles")]
            count = int(often.get(content.get(name), 1))
            if count == 0:
                continue
            with safe_open(path, "pt") as file:
                tiles.append(file.get_tensor("tiles").to(device))
                weights.append(file.get_tensor("weights"))
            shares += [float(count)] * len(weights[-1])
        self.pairs, self.device = len(tiles), device
        self.tiles, self.weights = torch.cat(tiles), torch.cat(weights).to(device)
        self.inputs = self.tiles.shape[1] - OUTPUTS
        shares = torch.tensor(shares, dtype=torch.float64)
        self.ends = (shares.cumsum(0) / shares.sum()).float().to(device)


class Sampler:
    """Draws patches and mirrors them as TileSampler does.

    A network of three frames reads the first channels of tiles that were packed for five."""

    def __init__(self, tiles, inputs):
        if tiles.inputs < inputs:
            sys.exit("the pairs were packed for fewer frames than the network sees")
        self.tiles, self.inputs = tiles, inputs
        # A mirrored picture's differences change their signs, a transposed one's change places.
        bands = [1, -1, 1, -1], [1, 1, -1, -1]
        self.signs = [torch.ones(inputs + OUTPUTS) for _ in bands]
        lumas = [0, 6, 10] + ([16, 20] if inputs == 32 else []) + [inputs]
        for sign, band in zip(self.signs, bands):
            for first in lumas:
                sign[first:first + 4] = torch.tensor(band, dtype=torch.float32)
        self.signs = [s.view(1, -1, 1, 1).to(tiles.device) for s in self.signs]
        order = torch.cat([torch.arange(inputs), torch.arange(OUTPUTS) + tiles.inputs])
        turned = order.clone()
        swaps = [(6, 10, 4)] + ([(16, 20, 4), (24, 25, 1), (26, 27, 1)] if inputs == 32 else [])
        for a, b, n in swaps:
            turned[a:a + n], turned[b:b + n] = torch.arange(b, b + n), torch.arange(a, a + n)
        self.channels = []
        for base in (order, turned):
            transposed = base.clone()
            for first in lumas:
                transposed[first + 1], transposed[first + 2] = base[first + 2], base[first + 1]
            self.channels += [base.to(tiles.device), transposed.to(tiles.device)]
        self.channels = torch.stack(self.channels)

    def draw(self, count, patch):
        """Inputs [n, C, p, p], residuals [n, 6, p, p] and weights [n, 1, 1, 1]."""
        tiles, device, side = self.tiles, self.tiles.device, self.tiles.tiles.shape[2]
        random = torch.rand(7, count, device=device)
        tile = torch.searchsorted(tiles.ends, random[0]).clamp_(max=len(tiles.ends) - 1)
        x, y = ((random[i] * (side - patch + 1)).long().clamp_(max=side - patch) for i in (1, 2))
        flips = [random[i] < 0.5 for i in (3, 4, 5, 6)]
        steps = torch.arange(patch, device=device)
        across, down = (
            torch.where(flip[:, None], patch - 1 - steps, steps) for flip in flips[:2])
        # Transposed first, then mirrored.
        turned = flips[3].view(-1, 1, 1)
        rows = y.view(-1, 1, 1) + torch.where(turned, across[:, None, :], down[:, :, None])
        columns = x.view(-1, 1, 1) + torch.where(turned, down[:, :, None], across[:, None, :])
        channels = self.channels[2 * flips[2].long() + flips[3].long()]
        patches = tiles.tiles[
            tile[:, None, None, None], channels[:, :, None, None], rows[:, None], columns[:, None]
        ].float()
        for flip, sign in zip(flips[:2], self.signs):
            patches = torch.where(flip.view(-1, 1, 1, 1), patches * sign, patches)
        weights = tiles.weights[tile].view(-1, 1, 1, 1)
        return patches[:, :self.inputs], patches[:, self.inputs:], weights

    def whole(self, size):
        """All tiles as they are, some at a time: inputs and residuals."""
        for part in self.tiles.tiles.split(size):
            part = part[:, self.channels[0]].float()
            yield part[:, :self.inputs], part[:, self.inputs:]


# MARK: Losses


def column(values, device):
    return torch.tensor(values, dtype=torch.float32, device=device).view(1, -1, 1, 1)


class FidelityLoss:
    """FidelityStep's: the squared error of packets, each patch by the reciprocal of its frame's."""

    def __init__(self, o, device):
        self.precision = o.precision
        self.scale = column(
            [d * math.sqrt(1 if c < 4 else o.chroma_weight) for c, d in enumerate(OUTPUT)], device)

    def __call__(self, model, batch):
        x, target, weights = batch
        with torch.autocast(x.device.type, torch.bfloat16, self.precision == "bf16", False):
            y = model(x.contiguous(memory_format=torch.channels_last))
        error = (y.float() - target) * self.scale
        return (error * error * weights).mean()


def similarity(x, y):
    """Mean SSIM of luma in code values under a Gaussian window of 11."""
    g = torch.exp(-(torch.arange(11, device=x.device) - 5.0) ** 2 / (2 * 1.5 ** 2))
    g = (g / g.sum()).view(1, 1, 11, 1).repeat(5, 1, 1, 1)
    m = torch.cat([x, y, x * x, y * y, x * y], 1)
    m = F.conv2d(F.conv2d(m, g, groups=5), g.transpose(2, 3), groups=5)
    a, b, aa, bb, ab = m.unbind(1)
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    luminance = (2 * a * b + c1) / (a * a + b * b + c1)
    return (luminance * (2 * (ab - a * b) + c2) / (aa - a * a + bb - b * b + c2)).mean()


def distance(a, b):
    def unit(x):
        x = x.float()
        return x * ((x * x).sum(1, keepdim=True) + 1e-8).rsqrt()
    return sum(((unit(p) - unit(q)) ** 2).sum(1).mean() for p, q in zip(a, b)) / len(a)


class PerceptualLoss:
    """PerceptualStep's graph: the generator's loss and its parts, and the critics' loss."""

    def __init__(self, critics, backbone, weights, precision, device):
        self.critics, self.backbone = critics, backbone
        self.weights, self.precision = weights, precision
        # Chroma stays as it is, in pristine patches too.
        self.scale = column(
            [o / i[1] if c < 4 else 0.0 for c, (o, i) in enumerate(zip(OUTPUT, INPUT))], device)
        self.deviations = column([d for _, d in INPUT], device)
        self.means = column([m for m, _ in INPUT], device)
        rows = [[1.164384, 0, 1.792741], [1.164384, -0.213249, -0.532909], [1.164384, 2.112402, 0]]
        self.matrix = torch.tensor(
            [[v / (255 * d) for v in row] for row, d in zip(rows, DEVIATION)],
            device=device).view(3, 3, 1, 1)
        self.bias = torch.tensor(
            [((-16 * r[0] - 128 * (r[1] + r[2])) / 255 - m) / d
             for r, m, d in zip(rows, MEAN, DEVIATION)], device=device)

    def __call__(self, model, batch):
        x, target, _ = batch
        with torch.autocast(x.device.type, torch.bfloat16, self.precision == "bf16", False):
            residual = model(x.contiguous(memory_format=torch.channels_last))
        centre = x[:, :OUTPUTS]
        restored, pristine = centre + residual.float() * self.scale, centre + target * self.scale
        codes = [p * self.deviations + self.means for p in (restored, pristine)]
        luma = [pixels(c[:, :4]) for c in codes]
        parts = {
            "pixels": torch.sqrt(((luma[0] - luma[1]) / 255) ** 2 + 1e-6).mean(),
            "details": (restored[:, 1:4] - pristine[:, 1:4]).abs().mean(),
            "structure": 1 - similarity(*luma)}
        if self.backbone:
            pictures = [
                F.conv2d(torch.cat([y, F.interpolate(
                    c[:, 4:6], scale_factor=2, mode="bilinear", align_corners=False)], 1),
                         self.matrix, self.bias)
                for y, c in zip(luma, codes)]
            with torch.autocast(x.device.type, torch.bfloat16, self.precision == "bf16", False):
                seen = [self.backbone(p) for p in pictures]
            parts["deepFeatures"] = distance(*seen)
        for critic in self.critics.scales:
            critic.look()
        with torch.autocast(x.device.type, torch.bfloat16, self.precision == "bf16", False):
            fake, real = self.critics(restored), self.critics(pristine)
        count = len(fake)
        parts["adversarial"] = sum(((s - 1) ** 2).mean() for s, _ in fake) / count
        pairs = [(a, b) for (_, f), (_, r) in zip(fake, real) for a, b in zip(f, r)]
        parts["discriminatorFeatures"] = sum((a - b).abs().mean() for a, b in pairs) / len(pairs)
        critics = 0.5 * sum((s ** 2).mean() for s, _ in fake) / count
        critics = critics + 0.5 * sum(((s - 1) ** 2).mean() for s, _ in real) / count
        loss = sum(self.weights[name] * part for name, part in parts.items())
        return loss, critics, parts


# MARK: Training


class Flat:
    """Parameters as one vector, of which each is a view: a step is a handful of operations."""

    def __init__(self, parameters):
        self.parameters = list(parameters)
        self.vector = torch.cat([p.data.reshape(-1) for p in self.parameters])
        self.show(self.vector)

    def show(self, vector):
        """Lets the parameters be views of a vector."""
        for p, part in zip(self.parameters, self.split(vector)):
            p.data = part

    def split(self, vector):
        parts = vector.split([p.numel() for p in self.parameters])
        return [part.view(p.shape) for part, p in zip(parts, self.parameters)]

    def gradient(self, loss, **rest):
        gradients = torch.autograd.grad(loss, self.parameters, **rest)
        return torch.cat([g.reshape(-1) for g in gradients])


class Adam:
    """Adam as Sources/Learning has it, with a rate that lives on the device."""

    def __init__(self, vector, beta1, beta2, clip=None):
        self.vector, self.betas, self.clip = vector, (beta1, beta2), clip
        self.first, self.second = torch.zeros_like(vector), torch.zeros_like(vector)
        self.steps = torch.zeros((), device=vector.device)
        self.state = [self.first, self.second, self.steps]

    @torch.no_grad()
    def step(self, gradient, rate):
        if self.clip:
            gradient = gradient * (self.clip / (gradient.norm() + 1e-12)).clamp(max=1)
        b1, b2 = self.betas
        self.steps += 1
        c1 = 1 - torch.exp(self.steps * math.log(b1))
        c2 = 1 - torch.exp(self.steps * math.log(b2))
        self.first.lerp_(gradient, 1 - b1)
        self.second.mul_(b2).addcmul_(gradient, gradient, value=1 - b2)
        self.vector.sub_(rate / c1 * self.first / ((self.second / c2).sqrt() + 1e-8))


class Average:
    """Weights averaged as MovingAverage does: faster early on."""

    def __init__(self, vector, decay):
        self.source, self.decay = vector, decay
        self.vector, self.steps = vector.clone(), torch.zeros((), device=vector.device)
        self.state = [self.vector, self.steps]

    @torch.no_grad()
    def update(self):
        kept = torch.clamp((1 + self.steps) / (10 + self.steps), max=self.decay)
        self.steps += 1
        self.vector.add_((1 - kept) * (self.source - self.vector))


def schedule(part, steps, warm, peak):
    """A linear rise over `warm` steps, then half a cosine to a hundredth; `part` runs from 0 to 1."""
    rise = min(1.0, part * steps / warm) if warm else 1.0
    fall = max(0.0, (part * steps - warm) / max(1, steps - warm))
    return rise * (peak / 100 + (peak - peak / 100) * (1 + math.cos(math.pi * fall)) / 2)


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


class Training:
    """A network on its way: one step at a time, on a stream of its own."""

    CRITICS_ALONE, WARM_UP = 300, 200

    def __init__(self, o, model, tiles, held=None):
        self.o, self.model, self.device = o, model.to(tiles.device), tiles.device
        self.is_perceptual = o.phase == "perceptual"
        self.batch = o.batch or (4 if self.is_perceptual else 16)
        self.patch = (o.crop or (160 if self.is_perceptual else 64)) // 2
        self.peak = o.learning_rate or (2e-4 if self.is_perceptual else 1e-3)
        self.sampler = Sampler(tiles, model.inputs)
        self.held = Sampler(held, model.inputs) if held else None
        self.flat = Flat(model.parameters())
        self.average = Average(self.flat.vector, o.average)
        self.rate = torch.zeros((), device=self.device)
        self.generator_learns = torch.ones((), device=self.device)
        self.state = [self.flat.vector, *self.average.state]
        if self.is_perceptual:
            self.prepare_critics()
        else:
            self.learner = Adam(self.flat.vector, 0.9, 0.999, clip=1)
            self.losses = FidelityLoss(o, self.device)
        self.state += self.learner.state
        self.done, self.part, self.shown, self.recorded = 0, 0.0, {}, None
        self.stream = torch.cuda.Stream() if self.device.type == "cuda" else None

    def prepare_critics(self):
        parts = {"pixels": 1.0, "details": 0.02, "structure": 0.05, "deepFeatures": 0.2,
                 "discriminatorFeatures": 0.02, "adversarial": 0.005}
        for wish in self.o.loss:
            name, _, weight = wish.partition("=")
            if name not in parts:
                sys.exit(f"--loss {wish}: the parts are {', '.join(parts)}")
            parts[name] = float(weight)
        if not self.o.features:
            print("no --features: discriminator features alone stand for what people see")
        backbone = Backbone(self.o.features, self.device) if self.o.features else None
        critics = Critics(32, self.device).to(self.device)
        for _ in range(20):
            for critic in critics.scales:
                critic.look()
        self.judges = Flat(critics.parameters())
        self.learner = Adam(self.flat.vector, 0.9, 0.99)
        self.judge = Adam(self.judges.vector, 0.9, 0.99)
        self.losses = PerceptualLoss(critics, backbone, parts, self.o.precision, self.device)
        self.state += [self.judges.vector, *self.judge.state, *critics.buffers()]
        self.generator_learns.fill_(0)

    def compute(self):
        """One step; gives what is worth showing."""
        found = self.losses(self.model, self.sampler.draw(self.batch, self.patch))
        shown = {}
        if self.is_perceptual:
            loss, verdict, parts = found
            ours = self.flat.gradient(loss, retain_graph=True)
            self.judge.step(self.judges.gradient(verdict), self.rate)
            # While the critics learn alone the generator stands still.
            self.learner.step(ours, self.rate * self.generator_learns)
            shown = {"discriminator": verdict, **parts}
        else:
            loss = found
            self.learner.step(self.flat.gradient(loss), self.rate)
        self.average.update()
        return {"loss": loss.detach(), **{n: v.detach() for n, v in shown.items()}}

    def record(self):
        """Records a step as one CUDA graph, which leaves weights as they are."""
        if not self.stream:
            return
        first = [t.clone() for t in self.state]
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            for _ in range(3):
                self.compute()
        torch.cuda.synchronize()
        self.recorded = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.recorded, stream=self.stream):
            self.shown = self.compute()
        for tensor, value in zip(self.state, first):
            tensor.data.copy_(value)
        torch.cuda.synchronize()

    def step(self, part, steps):
        """One step at `part`, 0 to 1, of about `steps`."""
        self.part = part
        rate = schedule(part, steps, self.WARM_UP, self.peak)
        with torch.cuda.stream(self.stream) if self.stream else contextlib.nullcontext():
            self.rate.fill_(rate)
            if self.is_perceptual and self.done == self.CRITICS_ALONE:
                self.generator_learns.fill_(1)
            if self.recorded:
                self.recorded.replay()
            else:
                self.shown = self.compute()
        self.done += 1

    @torch.no_grad()
    def gain(self):
        """Mean gain in decibels of held-out tiles, each by its own error, with averaged weights."""
        self.flat.show(self.average.vector)
        scale = column(OUTPUT[:4], self.device)
        before, after = [], []
        for x, target in self.held.whole(64):
            target, y = target[:, :4], self.model(x)[:, :4]
            before.append(((target * scale) ** 2).mean((1, 2, 3)))
            after.append((((target - y) * scale) ** 2).mean((1, 2, 3)))
        self.flat.show(self.flat.vector)
        return (10 * torch.log10((torch.cat(before) + 0.05) / (torch.cat(after) + 0.05))).mean().item()

    def report(self, seconds):
        """One line; stops the program where the loss is no number any more."""
        if self.stream:
            torch.cuda.synchronize()
        shown = {n: v.item() for n, v in self.shown.items()}
        if not all(map(math.isfinite, shown.values())):
            sys.exit(f"{self.o.output}: the loss is no number any more; try a lower --learning-rate")
        text = ", ".join(f"{n} {v:.4f}" for n, v in shown.items())
        held = f"; held out {self.gain():+.4f} dB" if self.held else ""
        print(f"{self.o.output}: step {self.done}, {self.done / max(seconds, 1e-9):.0f} steps/s; "
              f"{text}{held}", flush=True)

    def write(self):
        """Writes the averaged weights, all or nothing."""
        if self.stream:
            torch.cuda.synchronize()
        tiles, o = self.sampler.tiles, self.o
        metadata = dict(self.model.metadata)
        metadata.update({
            "percept.steps": str(self.done), "percept.tiles": str(len(tiles.tiles)),
            "percept.pairs": str(tiles.pairs), "percept.phase": o.phase})
        if o.name:
            metadata["percept.name"] = o.name
        save_file(
            self.model.tensors(self.flat.split(self.average.vector)), o.output + ".part", metadata)
        os.replace(o.output + ".part", o.output)


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
