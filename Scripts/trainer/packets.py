"""Haar packets as Sources/Graphs/Operations/HaarPackets.swift has them, and what they are scaled by."""

import torch
from torch.nn import functional as F

# PacketNormalisation.standard and NetworkChannels.
LUMA = [(220.0, 110.0), (0.0, 16.0), (0.0, 16.0), (0.0, 8.0)]
INPUT = LUMA + [(128.0, 16.0), (128.0, 16.0)]
OUTPUT = [4.0, 4.0, 4.0, 3.0, 1.5, 1.5]
OUTPUTS = 6


def packets(x):
    """Four subbands of every channel at half size, subband-major: LL, HL, LH, HH."""
    a, b = x[:, :, 0::2, 0::2], x[:, :, 1::2, 0::2]
    c, d = x[:, :, 0::2, 1::2], x[:, :, 1::2, 1::2]
    return torch.cat([a + b + c + d, c + d - a - b, b + d - a - c, a + d - b - c], 1) / 2


def inverse(y):
    """Pictures of twice the size from four subbands."""
    ll, hl, lh, hh = y.chunk(4, 1)
    square = [ll - hl - lh + hh, ll + hl - lh - hh, ll - hl + lh - hh, ll + hl + lh + hh]
    return F.pixel_shuffle(torch.stack(square, 2).flatten(1, 2) / 2, 2)


def column(values, device):
    """Numbers for each channel."""
    return torch.tensor(values, dtype=torch.float32, device=device).view(1, -1, 1, 1)
