"""The losses of Sources/Enhancement/Training/FidelityStep.swift and PerceptualStep.swift."""

import math

import torch
from torch.nn import functional as F

from .backbone import DEVIATION, MEAN
from .packets import INPUT, OUTPUT, OUTPUTS, column, inverse


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


def harm(restored, compressed, pristine, deviations):
    """How much larger the squared error of blocks of 32x32 samples became, in parts of it."""
    def error(packets):
        difference = ((packets - pristine) * deviations)[:, :4]
        return F.avg_pool2d(difference * difference, 16).sum(1)
    return F.relu((error(restored) + 1) / (error(compressed) + 1) - 1).mean()


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
        luma = [inverse(c[:, :4]) for c in codes]
        parts = {
            "pixels": torch.sqrt(((luma[0] - luma[1]) / 255) ** 2 + 1e-6).mean(),
            "details": (restored[:, 1:4] - pristine[:, 1:4]).abs().mean(),
            "structure": 1 - similarity(*luma),
            "harm": harm(restored, centre, pristine, self.deviations)}
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
