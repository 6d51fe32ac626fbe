"""The list of clips that are rendered: what each shows, its size, chroma and pace."""

import os
import subprocess
from dataclasses import dataclass, field

from PIL import Image

from . import charts, drawings, screens, stills
from .canvas import seeded

GRAPHICS = {
    "text": screens.scrolling_text,
    "terminal": screens.terminal,
    "slides": screens.slides,
    "windows": screens.windows,
    "chart": charts.charts,
    "cartoon": drawings.cartoons,
    "line-art": drawings.line_art,
    "pattern": drawings.patterns,
}

# Sizes that are not multiples of 16 are there on purpose: borders of coding blocks.
SIZES = ((416, 240), (480, 272), (426, 240), (384, 288), (480, 270), (352, 288), (640, 360))
RATES = (24, 25, 25, 30, 30, 50, 60)


@dataclass(frozen=True)
class RenderedClip:
    name: str
    scene: str
    width: int
    height: int
    frames: int
    rate: int
    chroma: str  # "420" or "444"
    seed: int
    photos: tuple = field(default=())
    reduction: float = 1.5  # how many times smaller a JPEG is shown than it is stored


def coded_hard(path):
    """Whether a photograph shows its own coding: a JPEG whose mean luma step is above 12."""
    tables = getattr(Image.open(path), "quantization", None)
    return bool(tables) and sum(tables[0]) / 64 > 12


def photographs(data):
    """Returns (large, small): photographs that fill a view, and those only used reduced."""
    large, small = [], []
    folders = [os.path.join(data, "stills"), os.path.join(data, "hoi", "images", "coco")]
    for folder in [f for f in folders if os.path.isdir(f)] or [data]:
        for root, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                if name.lower().endswith((".png", ".jpg", ".jpeg", ".webp", ".tif")):
                    path = os.path.join(root, name)
                    (small if coded_hard(path) else large).append(path)
    return large, small


def catalogue(data, seed, frames=32, graphics=56, moving=60, reduction=1.5):
    """Returns the rendered clips of a data folder: the same list for the same arguments."""
    rng, clips = seeded("catalogue", seed), []
    kinds = list(GRAPHICS)
    for k in range(graphics):
        width, height = rng.choice(SIZES)
        clips.append(
            RenderedClip(
                f"{kinds[k % len(kinds)]}-{k:02d}",
                kinds[k % len(kinds)],
                width,
                height,
                frames,
                rng.choice(RATES),
                "444" if rng.random() < 0.35 else "420",
                seed,
            )
        )
    large, small = photographs(data)
    rng.shuffle(large)
    rng.shuffle(small)
    # PNG files were reduced when they were made: they give the largest views, so all are used.
    large.sort(key=lambda p: not p.endswith(".png"))
    for k in range(min(moving, len(large) + len(small))):
        scene = ("still", "still", "still", "layers", "layers", "caption")[k % 6]
        if k < len(large):
            main = large[k]
        else:
            main = small[-1 - k % len(small)]
        pieces = (
            [rng.choice(small or large) for _ in range(rng.randint(1, 2))]
            if scene == "layers"
            else []
        )
        clips.append(
            RenderedClip(
                f"{scene}-{k:02d}-{os.path.splitext(os.path.basename(main))[0]}",
                scene,
                0,
                0,
                frames,
                rng.choice((24, 25, 30)),
                "420" if rng.random() < 0.85 else "444",
                seed,
                (main, *pieces),
                reduction,
            )
        )
    return clips


def pictures(clip):
    """Yields the clip's frames as RGB images."""
    rng = seeded("clip", clip.seed, clip.name)
    if clip.scene in GRAPHICS:
        yield from GRAPHICS[clip.scene](rng, clip.width, clip.height, clip.frames)
        return
    photo = Image.open(clip.photos[0]).convert("RGB")
    # A JPEG is reduced 1.5 times (2 times when coded hard), which takes its artefacts below sight; who
    # asks for less has photographs of which nothing would be left.
    reduction = min(1.25, clip.reduction) if clip.photos[0].endswith(".png") else clip.reduction
    if coded_hard(clip.photos[0]) and clip.reduction >= 1.5:
        reduction = 2.0
    longest = 416 if photo.size[0] >= photo.size[1] else 240
    part = min(0.86 / reduction, longest / photo.size[0])
    size = tuple(max(96, int(side * part) // 16 * 16) for side in photo.size)
    pieces = [stills.reduced(Image.open(path).convert("RGB"), 480) for path in clip.photos[1:]]
    moving = stills.moving_still(
        rng, photo, size, reduction, clip.frames, pieces, clip.scene == "caption"
    )
    yield from screens.captioned(rng, moving) if clip.scene == "caption" else moving


def render(clip, path):
    """Writes a clip losslessly (FFV1, BT.709, limited range) to `path`."""
    encoder = None
    for picture in pictures(clip):
        if encoder is None:
            encoder = subprocess.Popen(
                [
                    "ffmpeg",
                    "-v",
                    "error",
                    "-y",
                    "-f",
                    "rawvideo",
                    "-pix_fmt",
                    "rgb24",
                    "-s",
                    "%dx%d" % picture.size,
                    "-r",
                    str(clip.rate),
                    "-i",
                    "-",
                    "-vf",
                    "scale=out_color_matrix=bt709:out_range=tv:"
                    "flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp,"
                    f"format=yuv{clip.chroma}p",
                    "-c:v",
                    "ffv1",
                    "-level",
                    "3",
                    "-g",
                    "1",
                    "-slices",
                    "4",
                    "-threads",
                    "1",
                    "-color_range",
                    "tv",
                    "-colorspace",
                    "bt709",
                    "-color_primaries",
                    "bt709",
                    "-color_trc",
                    "bt709",
                    "-fflags",
                    "+bitexact",
                    "-flags:v",
                    "+bitexact",
                    path,
                ],
                stdin=subprocess.PIPE,
            )
        encoder.stdin.write(picture.tobytes())
    encoder.stdin.close()
    if encoder.wait() != 0:
        raise RuntimeError(f"{clip.name}: ffmpeg could not write {path}")
