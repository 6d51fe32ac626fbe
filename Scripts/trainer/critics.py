"""The discriminators of Sources/Enhancement/Model/Discriminator.swift."""

import torch
from torch.nn import functional as F

from .packets import LUMA, OUTPUTS, column, inverse, packets


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


class Critics(torch.nn.Module):
    """Of luma, of its packets beside chroma, and of packets of those packets."""

    def __init__(self, width, device):
        super().__init__()
        self.scales = torch.nn.ModuleList([Critic(n, width) for n in (1, OUTPUTS, 4 * OUTPUTS)])
        self.ratios = column([d / LUMA[0][1] for _, d in LUMA], device)

    def forward(self, x):
        luma = 2 * inverse(x[:, :4] * self.ratios)
        return [critic(y) for critic, y in zip(self.scales, (luma, x, packets(x)))]
