#!/usr/bin/env python3
"""Renders the sample clip: a canal, a tram, a boat, trees, a balloon; camera moving, film grain.

    samples/render.py                 writes canal.reference.mkv and canal.mp4 beside this file
    samples/render.py --frame 40 x.png

Needs ffmpeg and, from Debian: python3-numpy python3-pil fonts-dejavu. Takes some minutes. All of
it is computed from random numbers with a fixed seed; nothing is taken from any recording.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
import wave

import numpy as np
from PIL import Image

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from scene import textures
from scene.noise import fractal
from scene.raycast import Ball, Floor, Texture, Wall, trace

WIDTH, HEIGHT, RATE, FRAMES = 640, 360, 25, 80
SAMPLES = 2  # rays per pixel and axis
FOCAL = 0.92  # distance of the picture plane in half widths
SUN = np.asarray([-0.55, 0.62, -0.56], np.float32)
WATER = -1.05
STREET_NEAR, STREET_FAR = 8.2, 14.2


class Scene:
    """Textures once; surfaces for every moment."""

    def __init__(self):
        rng = np.random.default_rng(1872)
        self.facade = Texture(*textures.facade(rng))
        self.paving = Texture(*textures.paving(rng))
        self.quay = Texture(*textures.quay(rng))
        self.trees = [Texture(*textures.tree(rng)) for _ in range(3)]
        self.tram = Texture(*textures.tram(rng))
        self.boat = Texture(*textures.boat(rng))
        self.bicycle = Texture(*textures.bicycle())
        self.lamp = Texture(*textures.lamp())
        self.walkers = [
            [Texture(*textures.walker(2 * np.pi * step / 24, coat, trousers)) for step in range(24)]
            for coat, trousers in (((128, 40, 36), (40, 44, 60)), ((62, 84, 70), (74, 62, 50)), ((170, 150, 110), (36, 36, 40)))
        ]
        self.balloon = Texture(*textures.balloon(rng))
        self.clouds = fractal((512, 2048), 180, rng, 7, 0.55, wrap=True)
        self.dapple = fractal((1024, 1024), 26, rng, 4, 0.6)
        self.tree_places = [(-7.6, 0), (-2.3, 1), (3.6, 2), (9.0, 0), (14.2, 1)]

    def tram_x(self, t):
        return -9.5 + 3.3 * t

    def light_on_street(self, t):
        """Shade of the trees, broken by spots of sun, and of the tram, soft at the edge."""
        tram = self.tram_x(t)

        def light(point):
            x, z = point[:, 0], point[:, 2]
            value = np.ones(len(x), np.float32)
            for place, _ in self.tree_places:
                off = ((x - place - 3.2) / 2.6) ** 2 + ((z - 10.8) / 1.7) ** 2
                shade = np.clip(1.5 - off, 0, 1)
                u = ((x + 0.02 * np.sin(2.1 * t)) * 60).astype(int) % 1024
                v = (z * 60).astype(int) % 1024
                spots = np.clip((self.dapple[v, u] - 0.47) * 9, 0, 1)
                value *= 1 - 0.62 * shade * (1 - 0.75 * spots)
            inside = np.clip(np.minimum(x - tram + 0.6, tram + 11.4 - x) / 0.7, 0, 1)
            inside *= np.clip(np.minimum(z - 10.2, 13.2 - z) / 0.5, 0, 1)
            return value * (1 - 0.66 * inside)

        return light

    def light_on_wall(self, t):
        """The same trees on the houses, larger and softer."""

        def light(point):
            x, y = point[:, 0], point[:, 1]
            u = ((x + 0.03 * np.sin(1.7 * t)) * 34).astype(int) % 1024
            v = (y * 34).astype(int) % 1024
            spots = np.clip((self.dapple[v, u] - 0.42) * 5, 0, 1)
            shade = np.zeros(len(x), np.float32)
            for place, _ in self.tree_places:
                shade = np.maximum(shade, np.clip(1.3 - ((x - place - 4.2) / 2.4) ** 2 - ((y - 2.4) / 2.6) ** 2, 0, 1))
            return 1 - 0.5 * shade * (1 - 0.8 * spots)

        return light

    def surfaces(self, t):
        """Front to back; what stands on a floor comes before it."""
        bob = 0.03 * np.sin(2.3 * t)
        near = [Wall(self.boat, 4.6 - 0.95 * t, WATER - 0.22 + bob, 6.3, tilt=0.022 * np.sin(1.9 * t + 0.5))]
        for x in (-5.6, 0.7, 6.4, 12.0):
            near.append(Wall(self.lamp, x, 0, 8.5))
        for x in (-4.3, -3.2, 1.7, 2.5, 5.2, 7.4):
            near.append(Wall(self.bicycle, x, 0, 8.7))
        for index, (start, speed) in enumerate(((-3.6, 1.25), (3.4, 1.1), (5.9, 1.35))):
            at = start + speed * t
            step = self.walkers[index][int(at / 1.5 * 24) % 24]
            near.append(Wall(step, at, -0.02, 8.85))
        for index, (x, kind) in enumerate(self.tree_places):
            near.append(Wall(self.trees[kind], x - 2.8, -0.05, 9.0 + 0.01 * index, sway=self.sway(t, index)))
        tram = Wall(self.tram, self.tram_x(t), 0, 11.3)
        facade = Wall(self.facade, -17.5, 0, STREET_FAR, light=self.light_on_wall(t))
        street = Floor(self.paving, -17.5, 0, STREET_NEAR, STREET_FAR, light=self.light_on_street(t))
        quay = Wall(self.quay, -17.5, WATER - 0.15, STREET_NEAR - 0.01)
        balloon = Ball(self.balloon, (-7.0 + 0.5 * t, 19.6 + 0.35 * t, 44), 3.0, 0.55 * t, SUN)
        return near + [quay, tram, street, facade, balloon]

    @staticmethod
    def sway(t, index):
        def move(u, v):
            lift = np.clip(v / 6.8, 0, 1) ** 1.5
            slow = 0.05 * np.sin(1.3 * t + index * 1.7)
            fast = 0.016 * np.sin(5.1 * t + 3.1 * u + 2.3 * v + index)
            return lift * (slow + fast), lift * 0.012 * np.sin(4.3 * t + 2.7 * u - 1.9 * v)

        return move

    def sky(self, t):
        def light(direction):
            up = np.clip(direction[:, 1], -0.05, 1)
            around = np.arctan2(direction[:, 0], direction[:, 2])
            deep = np.asarray([0.16, 0.33, 0.66], np.float32)
            pale = np.asarray([0.62, 0.72, 0.82], np.float32)
            share = np.clip(up * 2.2, 0, 1)[:, None] ** 0.7
            colour = pale * (1 - share) + deep * share
            u = ((around / np.pi + 0.5) * 2048 + 6 * t).astype(int) % 2048
            v = np.clip(500 - up * 620, 0, 511).astype(int)
            cloud = np.clip((self.clouds[v, u] - 0.5) * 5, 0, 1)[:, None]
            return colour * (1 - cloud) + cloud * np.asarray([0.95, 0.94, 0.92], np.float32)

        return light

    def ripple(self, x, z, t):
        """Slope of the water: crossing waves of several lengths, and the boat's wake."""
        slope_x = np.zeros_like(x)
        slope_z = np.zeros_like(x)
        for length, height, angle, speed, phase in (
            (1.9, 0.011, 0.4, 1.0, 0.0), (1.1, 0.0075, -0.7, 1.3, 1.0), (0.66, 0.0045, 1.2, 1.7, 2.0),
            (0.41, 0.0026, -0.2, 2.2, 3.0), (0.27, 0.0012, 0.8, 2.9, 4.0),
        ):
            k = 2 * np.pi / length
            kx, kz = k * np.cos(angle), k * np.sin(angle)
            bend = 0.9 * np.sin(0.53 * x * k / 3 + phase) + 0.9 * np.sin(0.47 * z * k / 3 - phase)
            wave_slope = height * k * np.cos(kx * x + kz * z + speed * np.sqrt(k) * t + phase + bend)
            slope_x += wave_slope * np.cos(angle)
            slope_z += wave_slope * np.sin(angle)
        behind = x - (9.4 - 0.95 * t)
        wake = np.exp(-np.abs(z - 6.1) * 2.0) * np.clip(behind + 4.6, 0, 1) * np.exp(-np.abs(behind) / 6)
        slope_x += 0.10 * wake * np.sin(9 * behind + 4 * z + 5 * t)
        return slope_x, slope_z


def camera(t):
    """Position and turn of a hand-held camera that walks to the right and looks a little left."""
    shake = 0.003 * np.sin(5.3 * t) + 0.002 * np.sin(8.9 * t + 1)
    nod = 0.0025 * np.sin(4.7 * t + 2) + 0.0015 * np.sin(10.3 * t)
    position = np.asarray([-1.1 + 0.62 * t, 1.75 + 0.012 * np.sin(6.1 * t), -0.4 + 0.12 * t], np.float32)
    yaw = -0.035 + 0.014 * t + shake
    pitch = 0.045 + 0.012 * t + nod
    roll = 0.004 * np.sin(2.1 * t)
    return position, yaw, pitch, roll


def render(scene, t):
    """Linear light of one moment, [HEIGHT, WIDTH, 3]."""
    wide, high = WIDTH * SAMPLES, HEIGHT * SAMPLES
    y, x = np.mgrid[0:high, 0:wide].astype(np.float32)
    u = ((x + 0.5) / wide * 2 - 1).ravel()
    v = ((1 - (y + 0.5) / high * 2) * HEIGHT / WIDTH).ravel()
    position, yaw, pitch, roll = camera(t)
    c, s = np.cos(roll), np.sin(roll)
    u, v = c * u - s * v, s * u + c * v
    rays = np.stack([u, v, np.full_like(u, FOCAL)], 1)
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    c, s = np.cos(pitch), np.sin(pitch)
    rays = np.stack([rays[:, 0], c * rays[:, 1] + s * rays[:, 2], -s * rays[:, 1] + c * rays[:, 2]], 1)
    c, s = np.cos(yaw), np.sin(yaw)
    rays = np.stack([c * rays[:, 0] + s * rays[:, 2], rays[:, 1], -s * rays[:, 0] + c * rays[:, 2]], 1)
    origin = np.broadcast_to(position, rays.shape).astype(np.float32)
    spread = 1.0 / (WIDTH * SAMPLES / 2 * FOCAL)
    surfaces, sky = scene.surfaces(t), scene.sky(t)

    # Water: what the mirrored ray sees, more of it the flatter one looks, over a murky green.
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = (WATER - position[1]) / rays[:, 1]
    point_z = position[2] + reach * rays[:, 2]
    wet = (reach > 0) & (point_z < STREET_NEAR - 0.01)
    image = np.empty((len(rays), 3), np.float32)
    image[~wet] = trace(origin[~wet], rays[~wet], surfaces, sky, spread)
    index = np.nonzero(wet)[0]
    point = origin[index] + reach[index, None] * rays[index]
    slope_x, slope_z = scene.ripple(point[:, 0], point[:, 2], t)
    fade = np.clip(1.4 - reach[index] * spread * 60, 0.35, 1)
    normal = np.stack([-slope_x * fade, np.ones_like(slope_x), -slope_z * fade], 1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    into = rays[index]
    facing = np.clip(-(into * normal).sum(1), 0, 1)
    mirrored = into + 2 * facing[:, None] * normal
    mirrored[:, 1] = np.maximum(mirrored[:, 1], 0.015)
    # Ripples too small to be drawn blur what is mirrored.
    seen = trace(point, mirrored, surfaces, sky, spread * 9)
    share = (0.10 + 0.90 * (1 - facing) ** 3.2)[:, None]
    murk = np.asarray([0.035, 0.058, 0.042], np.float32) * (1 + 1.5 * slope_x[:, None])
    water = seen * share + murk * (1 - share)
    # The boat floats in front of what is mirrored behind it.
    boat = surfaces[0]
    near, distance = boat.hit(origin[index], into)
    closer = distance < reach[index][near]
    near, distance = near[closer], distance[closer]
    colour = boat.shade(origin[index][near] + distance[:, None] * into[near], distance * spread)
    water[near] = colour[:, :3] + (1 - colour[:, 3:]) * water[near]
    image[index] = water
    image = image.reshape(HEIGHT, SAMPLES, WIDTH, SAMPLES, 3)
    return image.mean((1, 3))


def develop(light, rng):
    """Linear light to sRGB bytes as film would: soft highlights, a little glow, vignette, grain."""
    small = Image.fromarray((np.clip(light / 2, 0, 1) * 255).astype(np.uint8))
    glow = np.asarray(small.resize((80, 45), Image.BOX).resize((WIDTH, HEIGHT), Image.BICUBIC), np.float32) / 127.5
    light = light * 0.95 + glow * 0.05
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    off = ((x / WIDTH - 0.5) ** 2 + (y / HEIGHT - 0.5) ** 2)[..., None]
    light = light * (1 - 0.45 * off) * 1.75
    light = light * (1 + light / 5.5) / (1 + light)
    light = np.clip(light * 1.15 - 0.004, 0, 1)
    value = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    # The toe and shoulder of film.
    value = value * 0.45 + 0.55 * value * value * (3 - 2 * value)
    grain = rng.normal(0, 1, (HEIGHT + 2, WIDTH + 2)).astype(np.float32)
    grain = grain[1:-1, 1:-1] * 0.6 + 0.2 * (grain[:-2, 1:-1] + grain[2:, 1:-1] + grain[1:-1, :-2] + grain[1:-1, 2:])
    luma = value.mean(2)
    value = value * 255 + (grain * (0.7 + 1.6 * luma * (1 - luma) * 2))[..., None] * 1.15
    return np.clip(value + rng.random(value.shape, np.float32) - 0.5, 0, 255).round().astype(np.uint8)


def sound(path):
    """Water, and the bells of a tower: harmonics that die away."""
    rate, length = 48000, FRAMES / RATE
    rng = np.random.default_rng(7)
    t = np.arange(int(rate * length)) / rate
    hiss = np.cumsum(rng.normal(0, 1, (2, len(t))), 1)
    hiss -= np.stack([np.convolve(row, np.ones(480) / 480, "same") for row in hiss])
    tone = 0.05 * hiss / np.abs(hiss).max() * (1 + 0.4 * np.sin(2 * np.pi * 0.7 * t))
    for start, pitch, side in ((0.2, 523.25, 0.4), (1.0, 392.0, 0.6), (1.8, 440.0, 0.5), (2.6, 349.23, 0.45)):
        since = np.maximum(t - start, 0)
        for partial, level in ((0.5, 0.3), (1, 1), (1.19, 0.5), (1.5, 0.3), (2, 0.4), (2.74, 0.2), (4.1, 0.1)):
            ring = 0.07 * level * np.sin(2 * np.pi * pitch * partial * since) * np.exp(-since * (1.5 + partial))
            tone += np.where(t >= start, ring, 0) * np.asarray([[1 - side], [side]])
    with wave.open(path, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(tone, -1, 1).T * 32767).astype("<i2").tobytes())


def encode(folder, frames):
    """Both clips from the same frames: nearly lossless, and as compressed as the web does it."""
    raw = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}",
           "-r", str(RATE), "-i", "-"]
    colour = ["-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=lanczos+accurate_rnd+full_chroma_int,format=yuv420p",
              "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"]
    exact = ["-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-threads", "1"]
    reference = os.path.join(folder, "canal.reference.mkv")
    subprocess.run(raw + colour + ["-c:v", "libx264", "-preset", "veryslow", "-crf", "14"] + exact + [reference],
                   input=frames, check=True)
    with tempfile.TemporaryDirectory() as scratch:
        tones = os.path.join(scratch, "sound.wav")
        sound(tones)
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", reference, "-i", tones, "-map", "0:v", "-map", "1:a",
                        "-c:v", "libx264", "-preset", "medium", "-crf", "34", "-c:a", "aac", "-b:a", "96k",
                        "-metadata", "title=Canal", "-movflags", "+faststart"] + exact
                       + [os.path.join(folder, "canal.mp4")], check=True)


def share(scene):
    """Hands the textures to a process of the pool."""
    global shared
    shared = scene


def frame_bytes(number):
    """One frame as bytes; its grain depends on its number only."""
    return develop(render(shared, number / RATE), np.random.default_rng(number)).tobytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frame", nargs=2, metavar=("N", "FILE"), help="render one frame to a picture")
    arguments = parser.parse_args()
    scene = Scene()
    if arguments.frame:
        number = int(arguments.frame[0])
        picture = develop(render(scene, number / RATE), np.random.default_rng(number))
        Image.fromarray(picture).save(arguments.frame[1])
        return
    frames = []
    context = multiprocessing.get_context("fork")
    with context.Pool(initializer=share, initargs=(scene,)) as pool:
        for frame in pool.imap(frame_bytes, range(FRAMES)):
            frames.append(frame)
            print(f"\rframe {len(frames)}/{FRAMES}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    encode(os.path.dirname(os.path.abspath(__file__)), b"".join(frames))


if __name__ == "__main__":
    main()
