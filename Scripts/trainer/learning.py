"""Adam, averaged weights and the schedule as Sources/Learning has them, on one vector of weights."""

import math

import torch


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
