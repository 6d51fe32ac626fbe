"""The backbone of Sources/Networks/Backbones/CSPDarknet.swift, for distances of deep features."""

import torch
from safetensors.torch import load_file
from torch.nn import functional as F

MEAN, DEVIATION = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]


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
