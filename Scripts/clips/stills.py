"""Photographs set in motion: pan, zoom, rotation and perspective at sub-pixel precision."""

import math

import numpy
from PIL import Image, ImageDraw, ImageFilter


def _path(rng, amplitude, frames):
    """A smooth curve of size `amplitude`: a drift, a slow wave and perhaps hand shake."""
    drift, wave, phase = rng.uniform(-1, 1), rng.uniform(0, 0.5), rng.uniform(0, math.tau)
    rate, shake = rng.uniform(0.5, 1.5), rng.uniform(0, 0.05) if rng.random() < 0.5 else 0.0
    tremor = [(rng.uniform(4, 12), rng.uniform(0, math.tau)) for _ in range(3)]

    def at(time):
        s = time / max(1, frames - 1)
        value = drift * (s - 0.5) + wave * math.sin(math.tau * rate * s + phase)
        value += shake * sum(math.sin(math.tau * f * s + p) for f, p in tremor)
        return amplitude * value

    return at


class Camera:
    """A moving view of a photograph whose frame never leaves it."""

    def __init__(self, rng, photo, size, reduction, frames, calm=False):
        self.photo, self.size, self.reduction = photo, size, reduction
        self.frames = frames
        width, height = photo.size
        room_x, room_y = width - size[0] * reduction, height - size[1] * reduction
        lively = 0.3 if calm else 1.0
        self.x = _path(rng, lively * max(8, room_x) * rng.uniform(0.3, 1.0), frames)
        self.y = _path(rng, lively * max(8, room_y) * rng.uniform(0.2, 0.8), frames)
        zooming = rng.random() < 0.5
        self.zoom = _path(rng, lively * (0.25 if zooming else 0.02), frames)
        self.turn = _path(rng, lively * (0.2 if rng.random() < 0.5 else 0.01), frames)
        lean = 0.3 if rng.random() < 0.4 else 0.02
        self.lean_x, self.lean_y = (
            _path(rng, lively * lean / size[0], frames),
            _path(rng, lively * lean / size[1], frames),
        )
        self.strength = 1.0
        while not self._inside() and self.strength > 0.01:
            self.strength *= 0.85

    def matrix(self, time):
        """The 3x3 map from centred output pixels to photograph pixels."""
        k = self.strength
        scale = self.reduction * (1 + k * self.zoom(time))
        a = k * self.turn(time)
        c, s = scale * math.cos(a), scale * math.sin(a)
        cx, cy = self.photo.size[0] / 2 + k * self.x(time), self.photo.size[1] / 2 + k * self.y(
            time
        )
        p, q = k * self.lean_x(time), k * self.lean_y(time)
        return numpy.array(
            [[c + cx * p, -s + cx * q, cx], [s + cy * p, c + cy * q, cy], [p, q, 1.0]]
        )

    def _inside(self):
        w, h = self.size[0] / 2, self.size[1] / 2
        corners = numpy.array([[-w, w, w, -w], [-h, -h, h, h], [1, 1, 1, 1]])
        for time in range(-1, self.frames + 1):
            x, y, z = self.matrix(time) @ corners
            x, y = x / z, y / z
            if (
                x.min() < 2
                or y.min() < 2
                or x.max() > self.photo.size[0] - 2
                or y.max() > self.photo.size[1] - 2
            ):
                return False
        return True

    def view(self, time, factor=2):
        """The view at a time, `factor` times larger than its size (reduced later by Lanczos)."""
        w, h = self.size
        centre = numpy.array([[1 / factor, 0, -w / 2], [0, 1 / factor, -h / 2], [0, 0, 1]])
        m = self.matrix(time) @ centre
        m = m / m[2, 2]
        return self.photo.transform(
            (w * factor, h * factor),
            Image.Transform.PERSPECTIVE,
            tuple(m.ravel()[:8]),
            Image.Resampling.BICUBIC,
        )


class Cutout:
    """A piece of another photograph, cut along a smooth outline, that crosses the view."""

    def __init__(self, rng, photo, size, frames):
        self.size, self.photo = size, photo
        radius = 0.5 * min(photo.size) - 2
        waves = [(k, rng.uniform(-0.3, 0.3) / k, rng.uniform(0, math.tau)) for k in range(2, 7)]
        reach = max(
            1 + sum(s * math.cos(k * a + p) for k, s, p in waves)
            for a in numpy.linspace(0, math.tau, 90)
        )
        points = []
        for a in numpy.linspace(0, math.tau, 90):
            r = radius / reach * (1 + sum(s * math.cos(k * a + p) for k, s, p in waves))
            points.append(
                (photo.size[0] / 2 + r * math.cos(a), photo.size[1] / 2 + r * math.sin(a))
            )
        mask = Image.new("L", (photo.size[0] * 2, photo.size[1] * 2))
        ImageDraw.Draw(mask).polygon([(2 * x, 2 * y) for x, y in points], 255)
        self.mask = mask.resize(photo.size, Image.Resampling.BOX)
        # Height of the cut-out as a part of the view, and its way across it.
        self.scale = 2 * radius / (size[1] * rng.uniform(0.35, 0.7))
        self.scale = max(self.scale, 1.6)
        self.x, self.y = _path(rng, size[0] * rng.uniform(0.3, 1.0), frames), _path(
            rng, size[1] * rng.uniform(0.1, 0.5), frames
        )
        self.turn, self.grow = _path(rng, 0.5, frames), _path(rng, 0.2, frames)
        self.shift = rng.uniform(-0.2, 0.2) * size[0]

    def over(self, picture, time, factor=2):
        w, h = self.size
        scale = self.scale * (1 + self.grow(time)) / factor
        a = self.turn(time)
        c, s = scale * math.cos(a), scale * math.sin(a)
        ox, oy = (w / 2 + self.shift + self.x(time)) * factor, (h / 2 + self.y(time)) * factor
        coefficients = (
            c,
            -s,
            self.photo.size[0] / 2 - c * ox + s * oy,
            s,
            c,
            self.photo.size[1] / 2 - s * ox - c * oy,
        )
        piece = self.photo.transform(
            picture.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BICUBIC
        )
        mask = self.mask.transform(
            picture.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
        )
        return Image.composite(piece, picture, mask)


def moving_still(rng, photo, size, reduction, frames, cutouts=(), calm=False):
    """Yields the frames of a camera's move over a photograph, with motion blur where it is fast."""
    camera = Camera(rng, photo, size, reduction, frames, calm)
    layers = [Cutout(rng, piece, size, frames) for piece in cutouts]
    shutter = rng.uniform(0.3, 0.6) if rng.random() < 0.4 else 0.0
    fade = rng.uniform(-0.35, 0.25) if rng.random() < 0.15 else 0.0
    for t in range(frames):
        exposures = 4 if shutter else 1
        total = None
        for k in range(exposures):
            time = t + shutter * (k / exposures)
            picture = camera.view(time)
            for layer in layers:
                picture = layer.over(picture, time)
            samples = numpy.asarray(picture, numpy.float32)
            total = samples if total is None else total + samples
        mean = total / exposures * (1 + fade * t / frames)
        picture = Image.fromarray(numpy.clip(mean + 0.5, 0, 255).astype(numpy.uint8))
        yield picture.resize(size, Image.Resampling.LANCZOS)


def reduced(photo, limit):
    """A photograph reduced until its long side is at most `limit`, which hides its artefacts."""
    part = limit / max(photo.size)
    if part >= 1:
        return photo
    return photo.resize(
        (round(photo.size[0] * part), round(photo.size[1] * part)), Image.Resampling.LANCZOS
    )
