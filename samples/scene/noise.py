"""Random fields that look like nature: value noise summed over octaves."""

import numpy as np


def value_noise(shape, cell, rng, wrap=False):
    """Smooth noise in 0..1 whose features are about `cell` pixels large."""
    height, width = shape
    rows, columns = int(height / cell) + 3, int(width / cell) + 3
    lattice = rng.random((rows, columns)).astype(np.float32)
    if wrap:
        columns = max(2, round(width / cell))
        lattice = lattice[:, :columns]
    y = np.arange(height, dtype=np.float32) / cell
    x = np.arange(width, dtype=np.float32) * (columns / width if wrap else 1 / cell)
    y0, x0 = y.astype(int), x.astype(int)
    fy, fx = y - y0, x - x0
    fy = (fy * fy * (3 - 2 * fy))[:, None]
    fx = (fx * fx * (3 - 2 * fx))[None, :]
    x1 = (x0 + 1) % lattice.shape[1]
    x0 = x0 % lattice.shape[1]
    top = lattice[y0][:, x0] * (1 - fx) + lattice[y0][:, x1] * fx
    bottom = lattice[y0 + 1][:, x0] * (1 - fx) + lattice[y0 + 1][:, x1] * fx
    return top * (1 - fy) + bottom * fy


def fractal(shape, cell, rng, octaves=5, gain=0.5, wrap=False):
    """Noise of `octaves` sizes, each half as large and `gain` times as strong; mean about 0.5."""
    total = np.zeros(shape, np.float32)
    weight, norm = 1.0, 0.0
    for _ in range(octaves):
        total += weight * value_noise(shape, max(cell, 1.0), rng, wrap)
        norm += weight
        weight *= gain
        cell /= 2
    return total / norm


def blur(image, radius):
    """Three box blurs, which are nearly a Gaussian; works on any number of channels."""
    for axis in (0, 1):
        for _ in range(3):
            size = 2 * radius + 1
            pad = [(0, 0)] * image.ndim
            pad[axis] = (radius + 1, radius)
            total = np.cumsum(np.pad(image, pad, mode="edge"), axis=axis, dtype=np.float64)
            upper = np.take(total, range(size, total.shape[axis]), axis)
            lower = np.take(total, range(total.shape[axis] - size), axis)
            image = ((upper - lower) / size).astype(np.float32)
    return image
