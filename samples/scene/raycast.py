"""Rays against textured planes, with mipmaps, so that nothing flickers in the distance."""

import numpy as np


class Texture:
    """A linear-light RGBA picture of `metres` (width, height), sampled trilinearly."""

    def __init__(self, pixels, metres):
        self.metres = metres
        self.density = pixels.shape[1] / metres[0]
        premultiplied = pixels.astype(np.float32).copy()
        premultiplied[..., :3] *= premultiplied[..., 3:]
        self.levels = [premultiplied]
        while min(self.levels[-1].shape[:2]) >= 8:
            last = self.levels[-1]
            last = last[: last.shape[0] // 2 * 2, : last.shape[1] // 2 * 2]
            self.levels.append(
                (last[::2, ::2] + last[1::2, ::2] + last[::2, 1::2] + last[1::2, 1::2]) / 4
            )

    def sample(self, u, v, footprint):
        """Premultiplied RGBA at `u` metres from the left and `v` from the bottom.

        `footprint` is how many metres of the texture one ray stands for.
        """
        level = np.clip(np.log2(np.maximum(footprint * self.density, 1e-6)), 0, len(self.levels) - 1)
        low = level.astype(int)
        part = (level - low)[:, None]
        result = np.empty((len(u), 4), np.float32)
        for index in np.unique(low):
            chosen = low == index
            a = self._bilinear(index, u[chosen], v[chosen])
            b = self._bilinear(min(index + 1, len(self.levels) - 1), u[chosen], v[chosen])
            result[chosen] = a * (1 - part[chosen]) + b * part[chosen]
        return result

    def _bilinear(self, index, u, v):
        image = self.levels[index]
        height, width = image.shape[:2]
        x = u / self.metres[0] * width - 0.5
        y = (1 - v / self.metres[1]) * height - 0.5
        x0, y0 = np.floor(x).astype(int), np.floor(y).astype(int)
        fx, fy = (x - x0)[:, None].astype(np.float32), (y - y0)[:, None].astype(np.float32)
        xa, xb = np.clip(x0, 0, width - 1), np.clip(x0 + 1, 0, width - 1)
        ya, yb = np.clip(y0, 0, height - 1), np.clip(y0 + 1, 0, height - 1)
        top = image[ya, xa] * (1 - fx) + image[ya, xb] * fx
        bottom = image[yb, xa] * (1 - fx) + image[yb, xb] * fx
        return top * (1 - fy) + bottom * fy


class Wall:
    """An upright plane at depth `z`, its texture's lower left corner at (`x`, `y`)."""

    def __init__(self, texture, x, y, z, tilt=0.0, sway=None, light=None):
        self.texture, self.x, self.y, self.z = texture, x, y, z
        self.tilt, self.sway, self.light = tilt, sway, light

    def hit(self, origin, direction):
        """Rays that may meet the surface, and after how many metres they do."""
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = (self.z - origin[:, 2]) / direction[:, 2]
            u = origin[:, 0] + distance * direction[:, 0] - self.x
            v = origin[:, 1] + distance * direction[:, 1] - self.y
        width, height = self.texture.metres
        margin = 0.3 if self.tilt or self.sway is not None else 0.0
        rays = np.nonzero((distance > 0.05) & (u > -margin) & (u < width + margin)
                          & (v > -margin) & (v < height + margin))[0]
        return rays, distance[rays]

    def shade(self, point, footprint):
        width, height = self.texture.metres
        u, v = point[:, 0] - self.x, point[:, 1] - self.y
        if self.tilt:
            cu, cv = width / 2, height / 3
            c, s = np.cos(self.tilt), np.sin(self.tilt)
            u, v = cu + c * (u - cu) + s * (v - cv), cv - s * (u - cu) + c * (v - cv)
        if self.sway is not None:
            du, dv = self.sway(u, v)
            u, v = u + du, v + dv
        inside = (u > 0) & (u < width) & (v > 0) & (v < height)
        colour = np.zeros((len(u), 4), np.float32)
        if inside.any():
            colour[inside] = self.texture.sample(u[inside], v[inside], footprint[inside])
            if self.light is not None:
                colour[inside, :3] *= self.light(point[inside])[:, None]
        return colour


class Floor:
    """A level plane at height `y` between depths `near` and `far`."""

    def __init__(self, texture, x, y, near, far, light=None):
        self.texture, self.x, self.y, self.near, self.far = texture, x, y, near, far
        self.light = light

    def hit(self, origin, direction):
        """Rays that may meet the surface, and after how many metres they do."""
        with np.errstate(divide="ignore", invalid="ignore"):
            distance = (self.y - origin[:, 1]) / direction[:, 1]
            z = origin[:, 2] + distance * direction[:, 2]
        rays = np.nonzero((distance > 0.05) & (z > self.near) & (z < self.far))[0]
        return rays, distance[rays]

    def shade(self, point, footprint):
        width, height = self.texture.metres
        u, v = point[:, 0] - self.x, point[:, 2] - self.near
        inside = (point[:, 2] > self.near) & (point[:, 2] < self.far) & (u > 0) & (u < width)
        colour = np.zeros((len(u), 4), np.float32)
        if inside.any():
            colour[inside] = self.texture.sample(u[inside], v[inside] % height, footprint[inside])
            if self.light is not None:
                colour[inside, :3] *= self.light(point[inside])[:, None]
        return colour


class Ball:
    """A textured sphere that turns about its upright axis, lit by the sun."""

    def __init__(self, texture, centre, radius, turn, sun):
        self.texture, self.centre, self.radius = texture, np.asarray(centre, np.float32), radius
        self.turn, self.sun = turn, sun

    def hit(self, origin, direction):
        """Rays that may meet the surface, and after how many metres they do."""
        to = self.centre - origin
        along = (to * direction).sum(1)
        inside = self.radius**2 - (to * to).sum(1) + along * along
        rays = np.nonzero((inside > 0) & (along > 0))[0]
        return rays, along[rays] - np.sqrt(inside[rays])

    def shade(self, point, footprint):
        normal = (point - self.centre) / self.radius
        around = (np.arctan2(normal[:, 0], -normal[:, 2]) + self.turn) / (2 * np.pi) % 1
        up = np.arcsin(np.clip(normal[:, 1], -1, 1)) / np.pi + 0.5
        width, height = self.texture.metres
        colour = self.texture.sample(around * width, up * height, footprint)
        lit = 0.35 + 0.9 * np.maximum(0, normal @ self.sun)
        colour[:, :3] *= lit[:, None]
        return colour


def trace(origin, direction, surfaces, sky, spread):
    """Light that comes from `direction` to `origin`, both [rays, 3]; the surfaces front to back.

    `spread` is the angle of one ray: how wide it is after a metre.
    """
    light = np.zeros((len(origin), 3), np.float32)
    left = np.ones(len(origin), np.float32)
    for surface in surfaces:
        rays, distance = surface.hit(origin, direction)
        open_ = left[rays] > 0.003
        rays, distance = rays[open_], distance[open_]
        if len(rays) == 0:
            continue
        point = origin[rays] + distance[:, None] * direction[rays]
        colour = surface.shade(point, distance * spread)
        light[rays] += left[rays, None] * colour[:, :3]
        left[rays] *= 1 - colour[:, 3]
    return light + left[:, None] * sky(direction)
