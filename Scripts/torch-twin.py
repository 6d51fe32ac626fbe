#!/usr/bin/env python3
"""Writes a small MW-GAN generator of random weights as PyTorch does, with an input and its output.

    Scripts/torch-twin.py Tests/EnhancementTests/Fixtures/reference-8.pth

The network is the published one (arXiv:2008.00499) written anew here in PyTorch, with 8 channels instead of 64;
tests read the file and compare what Percept computes. Needs torch.
"""

import collections
import os
import sys

import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from trainer.packets import inverse, packets  # noqa: E402


def warp(picture, flow):
    n, _, h, w = picture.shape
    ys, xs = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    x, y = xs + flow[:, 0], ys + flow[:, 1]
    grid = torch.stack([2 * x / (w - 1) - 1, 2 * y / (h - 1) - 1], -1)
    return F.grid_sample(picture, grid, padding_mode="zeros", align_corners=True)


def conv(inputs, outputs, kernel=3, stride=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2)


class Five(nn.Module):
    def __init__(self, inputs, outputs, width):
        super().__init__()
        for i in range(1, 6):
            layer = conv(inputs if i == 1 else width, outputs if i == 5 else width)
            setattr(self, f"conv{i}", layer)

    def forward(self, x):
        for i in range(1, 6):
            x = F.leaky_relu(getattr(self, f"conv{i}")(x), 0.2)
        return x


class Motion(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.warp_level_1 = Five(9, 6, width)
        self.warp_level_2 = Five(51, 24, width)
        self.warp_level_3 = Five(96, 96, width)
        self.conv_1, self.conv_2 = conv(6, 2, 1), conv(6, 2, 1)
        self.conv_3_1, self.conv_3_2 = conv(24, 24, 1), conv(6, 2, 1)
        self.conv_3_3, self.conv_last = conv(3, 3, 3, 2), conv(3, 3, 1)

    def forward(self, centre, neighbour):
        both = torch.cat([centre, neighbour], 1)
        half = packets(both)
        coarse = torch.tanh(self.conv_3_1(inverse(self.warp_level_3(packets(half)))))
        warped = warp(neighbour, self.conv_3_2(inverse(coarse)))
        small = F.leaky_relu(self.conv_3_3(warped), 0.1)
        middle = self.warp_level_2(torch.cat([half, coarse, small], 1))
        warped = warp(neighbour, torch.tanh(self.conv_2(inverse(middle))))
        fine = self.warp_level_1(torch.cat([both, warped], 1))
        return self.conv_last(warp(neighbour, torch.tanh(self.conv_1(fine))))


class Dense(nn.Module):
    def __init__(self, width, growth):
        super().__init__()
        for i in range(1, 6):
            outputs = width if i == 5 else growth
            setattr(self, f"conv{i}", conv(width + (i - 1) * growth, outputs))

    def forward(self, x):
        seen = [x]
        for i in range(1, 5):
            seen.append(F.leaky_relu(getattr(self, f"conv{i}")(torch.cat(seen, 1)), 0.2))
        return x + 0.2 * self.conv5(torch.cat(seen, 1))


class Mix(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.Conv = conv(inputs, outputs, 1)

    def forward(self, x):
        return F.leaky_relu(self.Conv(x), 0.1)


class Block(nn.Module):
    def __init__(self, width, growth):
        super().__init__()
        self.RDB1, self.RDB2, self.RDB3 = (Dense(width, growth) for _ in range(3))
        self.dwt, self.iwt = Mix(4 * width, width), Mix(width // 4, width)

    def forward(self, x):
        y = self.RDB3(self.RDB2(self.RDB1(self.dwt(packets(x)))))
        return x + 0.2 * self.iwt(inverse(y))


class Path(nn.Module):
    """A convolution under the name that the published code has for it; its activation does nothing."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.body = nn.Sequential(conv(inputs, outputs))

    def forward(self, x):
        return self.body(x)


class Generator(nn.Module):
    def __init__(self, width, growth, blocks):
        super().__init__()
        for i in range(1, 4):
            setattr(self, f"cov_path_{i}", nn.Sequential(Path(12, width), Path(width, width)))
        self.motion_align = Motion(width)
        self.ResidualBlock = nn.Sequential(*(Block(width, growth) for _ in range(blocks)))
        self.conv_first_, self.conv_second = conv(3 * width, width), conv(width, width)
        self.trunk_conv, self.conv_aft = conv(width, width), conv(width // 4, 3)
        self.conv_last_ = conv(3, 3)

    def forward(self, frames):
        before, centre, after = frames.chunk(3, 1)
        aligned = [self.motion_align(centre, before), centre, self.motion_align(centre, after)]
        paths = [self.cov_path_1, self.cov_path_2, self.cov_path_3]
        x = torch.cat([path(packets(frame)) for path, frame in zip(paths, aligned)], 1)
        x = F.leaky_relu(self.conv_first_(x), 0.2)
        x = F.leaky_relu(self.conv_second(x), 0.2)
        x = self.trunk_conv(self.ResidualBlock(x))
        return self.conv_last_(self.conv_aft(inverse(x)) + centre), aligned[0], aligned[2]


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    torch.manual_seed(5)
    network = Generator(8, 4, 2).eval()
    frames = torch.rand(1, 9, 16, 24)
    with torch.no_grad():
        restored, before, after = network(frames)
    torch.save(
        {
            # As training frameworks save: averaged weights as parameters, and what they noted.
            "params_ema": collections.OrderedDict(
                (name, nn.Parameter(value)) for name, value in network.state_dict().items()
            ),
            "iteration": 3, "rate": 1e-4, "size": frames.shape, "done": True, "note": None,
            "check": {"frames": frames, "restored": restored, "previous": before, "next": after},
        },
        sys.argv[1],
    )


if __name__ == "__main__":
    main()
