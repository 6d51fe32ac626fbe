"""Packed pairs, drawn and mirrored as Sources/Enhancement/Training/TileSampler.swift does."""

import glob
import json
import os
import sys

import torch
from safetensors import safe_open

from .packets import OUTPUTS


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
