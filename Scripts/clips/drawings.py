"""Drawn pictures: cartoons, line art and fine patterns in motion."""

import math

import numpy
from PIL import Image

from .canvas import Canvas, colour, mix, pick_font, sentence


def _blob(rng, points=7):
    """A closed smooth outline around the origin, as a function of angle."""
    waves = [(k, rng.uniform(-0.25, 0.25) / k, rng.uniform(0, 6.28)) for k in range(1, points)]
    return lambda a: 1 + sum(size * math.cos(k * a + phase) for k, size, phase in waves)


def cartoons(rng, width, height, frames):
    """Flat colours and dark outlines: hills at three speeds, figures that walk and blink."""
    line = rng.uniform(0.8, 3.0)
    ink = (0, 0, 0) if rng.random() < 0.7 else colour(rng, False)
    sky, sky2 = colour(rng, True), colour(rng)
    hills = [
        (
            colour(rng),
            [(rng.uniform(0.5, 3), rng.uniform(0.02, 0.09), rng.uniform(0, 6)) for _ in range(4)],
            0.45 + 0.16 * k,
            rng.uniform(0.3, 1.2) * (k + 1),
        )
        for k in range(3)
    ]
    figures = [
        dict(
            x=rng.uniform(0.1, 0.9) * width,
            y=rng.uniform(0.5, 0.8) * height,
            r=rng.uniform(0.07, 0.17) * height,
            vx=rng.uniform(-3, 3),
            hop=rng.uniform(0, 0.12) * height,
            pace=rng.uniform(0.15, 0.5),
            body=colour(rng),
            head=mix(colour(rng), (255, 220, 180), 0.6),
            shape=_blob(rng),
            blink=rng.randint(0, 31),
        )
        for _ in range(rng.randint(2, 4))
    ]
    clouds = [
        (
            rng.uniform(0, width),
            rng.uniform(0.05, 0.3) * height,
            rng.uniform(8, 22),
            rng.uniform(-1, 1),
        )
        for _ in range(4)
    ]
    camera, spin = rng.uniform(-3, 3), rng.uniform(-0.06, 0.06)
    rays = rng.random() < 0.5
    on_twos = rng.random() < 0.4  # drawn animation often holds each drawing for two frames
    for index in range(frames):
        t = index - index % 2 if on_twos else index
        canvas = Canvas(width, height, 3, sky)
        canvas.gradient(sky2, sky)
        sun = (width * 0.8 - camera * t * 0.05, height * 0.2)
        if rays:
            for k in range(12):
                a = k * math.pi / 6 + spin * t
                canvas.line(
                    [
                        (sun[0] + 26 * math.cos(a), sun[1] + 26 * math.sin(a)),
                        (sun[0] + 42 * math.cos(a), sun[1] + 42 * math.sin(a)),
                    ],
                    (255, 190, 30),
                    line,
                )
        canvas.ellipse(*sun, 22, 22, fill=(255, 220, 60), outline=ink, width=line)
        for x, y, r, v in clouds:
            at = (x + v * t) % (width + 80) - 40
            for dx, s in ((-1.1, 0.7), (0, 1), (1.1, 0.75)):
                canvas.ellipse(at + dx * r, y, r * s, r * s * 0.7, fill=(255, 255, 255))
        for fill, waves, base, speed in hills:
            top = [
                (
                    x,
                    height
                    * (
                        base
                        + sum(
                            a * math.sin(f * (x + camera * speed * t) / 90 + p) for f, a, p in waves
                        )
                    ),
                )
                for x in range(-8, width + 12, 4)
            ]
            canvas.polygon(top + [(width + 12, height + 9), (-8, height + 9)], fill)
            canvas.line(top, ink, line)
        for f in figures:
            swing = math.sin(f["pace"] * t * 2)
            x, y, r = (
                (f["x"] + f["vx"] * t) % (width + 4 * f["r"]) - 2 * f["r"],
                f["y"] - f["hop"] * abs(swing),
                f["r"],
            )
            for side in (-1, 1):
                canvas.line(
                    [
                        (x + side * r * 0.4, y + r),
                        (x + side * r * (0.4 + 0.4 * swing), y + 1.9 * r),
                    ],
                    ink,
                    line * 1.6,
                )
                canvas.line(
                    [(x + side * r * 0.9, y), (x + side * r * 1.6, y - r * 0.5 * swing * side)],
                    ink,
                    line * 1.6,
                )
            outline = [
                (x + r * f["shape"](a) * math.cos(a), y + r * f["shape"](a) * math.sin(a))
                for a in (k * math.tau / 40 for k in range(40))
            ]
            canvas.polygon(outline, f["body"], ink, line)
            hx, hy, hr = x, y - r * 1.5, r * 0.75
            canvas.ellipse(hx, hy, hr, hr, fill=f["head"], outline=ink, width=line)
            shut = (t + f["blink"]) % 32 < 3
            for side in (-1, 1):
                canvas.ellipse(
                    hx + side * hr * 0.35,
                    hy - hr * 0.1,
                    hr * 0.2,
                    hr * (0.03 if shut else 0.26),
                    fill=(255, 255, 255),
                    outline=ink,
                    width=line * 0.6,
                )
                canvas.ellipse(
                    hx + side * hr * 0.35 + swing,
                    hy - hr * 0.05,
                    hr * 0.08,
                    hr * (0.02 if shut else 0.1),
                    fill=ink,
                )
            canvas.line(
                [
                    (hx - hr * 0.35, hy + hr * 0.4),
                    (hx, hy + hr * (0.5 + 0.12 * swing)),
                    (hx + hr * 0.35, hy + hr * 0.4),
                ],
                ink,
                line * 0.8,
            )
        yield canvas.finished()


def line_art(rng, width, height, frames):
    """Thin strokes on plain paper: a turning wire frame, hatching, curves, a map with labels."""
    paper, ink = (
        ((255, 255, 255), (0, 0, 0))
        if rng.random() < 0.7
        else (colour(rng, False), colour(rng, True))
    )
    weight, font, size = rng.uniform(0.5, 2.0), pick_font(rng), rng.choice((8, 10, 12))
    kind = rng.choice(("wire", "curves", "map", "wire"))
    accents = [mix(colour(rng), ink, 0.3) for _ in range(5)]
    bumps = [(rng.uniform(1, 4), rng.uniform(1, 4), rng.uniform(0, 6)) for _ in range(3)]
    turn, tilt = rng.uniform(-0.08, 0.08), rng.uniform(0.4, 1.0)
    strokes = [
        (
            rng.uniform(0.2, 0.5),
            rng.randint(2, 7),
            rng.randint(2, 7),
            rng.uniform(0, 6),
            rng.uniform(-0.15, 0.15),
        )
        for _ in range(4)
    ]
    shores = [
        (_blob(rng, 12), rng.uniform(0, width), rng.uniform(0, height), rng.uniform(30, 110))
        for _ in range(6)
    ]
    pan, labels = (rng.uniform(-2.5, 2.5), rng.uniform(-1.5, 1.5)), [
        sentence(rng, 1).strip(".?") for _ in range(14)
    ]
    for t in range(frames):
        canvas = Canvas(width, height, 3, paper)
        if kind == "wire":

            def project(u, v):
                z = 0.25 * sum(math.sin(a * u + b * v + p) for a, b, p in bumps) / 2
                c, s = math.cos(turn * t + 0.6), math.sin(turn * t + 0.6)
                x, y = u * c - v * s, u * s + v * c
                depth = 3 + y * math.cos(tilt)
                return (
                    width / 2 + x / depth * width * 1.1,
                    height * 0.55 + (y * math.sin(tilt) - z * 1.5) / depth * height * 1.3,
                )

            grid = [k / 9 for k in range(-9, 10)]
            for k, u in enumerate(grid):
                canvas.line(
                    [project(u, v) for v in grid], accents[0] if k % 6 == 0 else ink, weight
                )
                canvas.line([project(v, u) for v in grid], ink, weight)
        elif kind == "curves":
            for k, (r, a, b, phase, speed) in enumerate(strokes):
                canvas.line(
                    [
                        (
                            width / 2 + width * r * math.sin(a * s + phase + speed * t),
                            height / 2 + height * r * math.sin(b * s),
                        )
                        for s in (q * math.tau / 240 for q in range(241))
                    ],
                    accents[k] if k else ink,
                    weight,
                )
            for k in range(0, width, 6):  # hatching in a moving corner
                canvas.line(
                    [(k, height), (k + 40 + 10 * math.sin(t * 0.2), height - 40)], ink, weight * 0.5
                )
        else:
            for k, (shape, x, y, r) in enumerate(shores):
                for ring in (1.0, 0.8, 0.6, 0.4):
                    outline = [
                        (
                            x + pan[0] * t + ring * r * shape(a) * math.cos(a),
                            y + pan[1] * t + ring * r * shape(a) * math.sin(a),
                        )
                        for a in (q * math.tau / 60 for q in range(60))
                    ]
                    canvas.polygon(
                        outline,
                        None,
                        accents[k % 5] if ring < 1 else ink,
                        weight * (1 if ring < 1 else 1.6),
                    )
            for k, label in enumerate(labels):
                canvas.text(
                    (k * 97 % width) + pan[0] * t,
                    (k * 61 % height) + pan[1] * t,
                    label,
                    font,
                    size,
                    ink,
                )
        yield canvas.finished()


def patterns(rng, width, height, frames):
    """Fine gratings, checks, textures and gradients that slide or turn, with a number on top."""
    yy, xx = numpy.mgrid[0:height, 0:width].astype(numpy.float64)
    kind = rng.choice(("grating", "zone", "check", "gradient", "cloth"))
    period, angle = rng.uniform(3.5, 16), rng.uniform(0, math.pi)
    speed, turn = rng.uniform(0.2, 2.5), rng.uniform(-0.02, 0.02)
    low, high = colour(rng, False), colour(rng, True) if rng.random() < 0.5 else colour(rng)
    low, high = numpy.array(low, float), numpy.array(high, float)
    font, size = pick_font(rng), rng.choice((16, 24, 40))
    noise = numpy.random.default_rng(rng.randrange(1 << 30)).normal(0, 1, (height, width))
    for t in range(frames):
        a = angle + turn * t
        u = (xx - width / 2) * math.cos(a) + (yy - height / 2) * math.sin(a) + speed * t
        v = (yy - height / 2) * math.cos(a) - (xx - width / 2) * math.sin(a)
        if kind == "grating":
            wave = 0.5 + 0.5 * numpy.sin(u * math.tau / period)
        elif kind == "zone":
            wave = 0.5 + 0.5 * numpy.sin(
                ((xx - width / 2) ** 2 + (yy - height / 2) ** 2)
                * math.pi
                / (2.2 * max(width, height))
                - 0.3 * speed * t
            )
        elif kind == "check":  # soft edges: a hard check would alias
            wave = 0.5 + 0.5 * numpy.tanh(3 * numpy.sin(u * math.pi / period)) * numpy.tanh(
                3 * numpy.sin(v * math.pi / period)
            )
        elif kind == "gradient":
            wave = 0.5 + 0.5 * numpy.sin(u * math.tau / (period * 40)) * numpy.cos(
                v * math.tau / (period * 60)
            )
        else:
            wave = (
                0.5
                + 0.25 * numpy.sin(u * math.tau / period)
                + 0.25 * numpy.sin(v * math.tau / period)
                + 0.05 * noise
            )
        picture = low + (high - low) * numpy.clip(wave, 0, 1)[..., None]
        # Half a level of fixed noise hides the steps that rounding puts into gradients.
        picture = Image.fromarray(
            numpy.clip(picture + 0.5 + 0.3 * noise[..., None], 0, 255).astype(numpy.uint8)
        )
        canvas = Canvas(width, height, 1)
        canvas.image.paste(picture)
        canvas.text(
            width * 0.05,
            height * 0.05,
            f"{t:04d}",
            font,
            size,
            (255, 255, 255),
            stroke=1,
            stroke_fill=(0, 0, 0),
        )
        yield canvas.finished()
