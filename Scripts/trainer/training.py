"""A network on its way."""

import contextlib
import math
import os
import sys

import torch
from safetensors.torch import save_file

from .backbone import Backbone
from .critics import Critics
from .learning import Adam, Average, Flat, schedule
from .losses import FidelityLoss, PerceptualLoss
from .packets import OUTPUT, column
from .tiles import Sampler


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
        parts = {"pixels": 1.0, "details": 0.02, "structure": 0.05, "harm": 0.1, "deepFeatures": 0.2,
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
