"""A training step by predictive coding as one writes it with PyTorch's automatic gradients.

Value nodes are the layers before their activations, the last layer's is clamped; the energy is half
the sum of squared errors, differentiated for activities alone while inferring, for weights at the end.
"""
import numpy
import torch

STEPS, RATE, LEARNING_RATE, BATCH = 20, 0.1, 1e-4, 128


class Layers(torch.nn.Module):
    """784-512-512-10 with ReLU between."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList(
            torch.nn.Linear(a, b) for a, b in ((784, 512), (512, 512), (512, 10)))

    def predict(self, layer, value):
        return self.layers[layer](value if layer == 0 else torch.relu(value))


class Convolutions(torch.nn.Module):
    """Two convolutions that halve the sides and two layers, with ReLU between."""

    def __init__(self, first, second, third, side):
        super().__init__()
        self.layers = torch.nn.ModuleList([
            torch.nn.Conv2d(1, first, side, 2, side // 2),
            torch.nn.Conv2d(first, second, side, 2, side // 2),
            torch.nn.Linear(second * 49, third), torch.nn.Linear(third, 10)])

    def predict(self, layer, value):
        if layer == 0:
            return self.layers[0](value.view(-1, 1, 28, 28))
        value = torch.relu(value)
        return self.layers[layer](value.flatten(1) if layer == 2 else value)


# In the order of the benchmark program's own list.
NETWORKS = [
    ("MLP 784-512-512-10", Layers),
    ("CNN of 4 layers", lambda: Convolutions(8, 16, 64, 5)),
    ("wide CNN of 4 layers", lambda: Convolutions(32, 64, 128, 3)),
]


def energy(network, x, target, *values):
    """Half the sum of squared errors between activities and what is predicted of them."""
    below = (x,) + values
    return sum(0.5 * ((above - network.predict(layer, below[layer])) ** 2).sum()
               for layer, above in enumerate(values + (target,)))


class Step:
    """A training step of one network; `compiled` compiles a step of inference."""

    def __init__(self, network, x, target, compiled):
        self.network, self.x, self.target = network, x, target
        self.optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
        self.infer = torch.compile(self.moved_at_once) if compiled else self.moved

    def forward(self):
        values = [self.x]
        with torch.no_grad():
            for layer in range(len(self.network.layers) - 1):
                values.append(self.network.predict(layer, values[-1]))
        return values[1:]

    def moved(self, values):
        """Activities after a step of inference."""
        for value in values:
            value.requires_grad_(True)
        found = torch.autograd.grad(
            energy(self.network, self.x, self.target, *values), values)
        with torch.no_grad():
            for value, gradient in zip(values, found):
                value -= RATE * gradient
        return values

    def moved_at_once(self, values):
        """The same as one function of activities, which can be compiled whole."""
        numbers = tuple(range(len(values)))
        found = torch.func.grad(
            lambda *values: energy(self.network, self.x, self.target, *values), numbers)(*values)
        return [value - RATE * gradient for value, gradient in zip(values, found)]

    def gradients(self):
        values = self.forward()
        for _ in range(STEPS):
            values = self.infer(values)
        self.optimiser.zero_grad(set_to_none=True)
        energy(self.network, self.x, self.target, *(v.detach() for v in values)).backward()

    def __call__(self):
        self.gradients()
        self.optimiser.step()

    def flat_parameters(self):
        """All parameters in order of their names, one after the other."""
        return flat(parameter.detach() for parameter in self.ordered())

    def flat_gradients(self):
        """Their gradients after inference, in the same order."""
        self.gradients()
        return flat(parameter.grad for parameter in self.ordered())

    def ordered(self):
        return [parameter for _, parameter in sorted(self.network.named_parameters())]


def flat(tensors):
    return numpy.concatenate([tensor.numpy().ravel() for tensor in tensors])


def operations(network):
    """Floating-point operations of a step as it is written here: each product forward, and back to all activities but the
    first, in every step of inference; once more forward, and back to weights and activities."""
    counts = []

    def count(layer, inputs, output):
        weights = layer.weight.numel()
        positions = output.numel() // layer.weight.shape[0]
        counts.append(2 * weights * positions)

    hooks = [layer.register_forward_hook(count) for layer in network.layers]
    value = torch.zeros(BATCH, 784)
    for layer in range(len(network.layers)):
        value = network.predict(layer, value)
    for hook in hooks:
        hook.remove()
    inference = 2 * sum(counts) - counts[0]
    return STEPS * inference + 4 * sum(counts) - counts[0]
