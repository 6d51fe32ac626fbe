"""How clips are damaged: recipes (encoder, rate, preset, container) and the mix they are dealt
from. A recipe is plain data, so that its digest can name the file it makes."""

import hashlib
import json

PRESETS = ("veryfast", "faster", "fast", "medium", "medium", "slow")
AT_444 = ("x264", "x265", "vp9", "jpeg", "mjpeg")  # encoders that keep 4:4:4
STANDARD_RATES = (24, 25, 30, 50, 60)  # frame rates that MPEG-2 knows


def _bits(rng):
    """Bits per pixel between 0.02 and 0.15, even on a logarithmic scale."""
    return round(0.02 * 7.5 ** rng.random(), 4)


def _x26x(rng, codec, kind, rate=None):
    recipe = {
        "codec": codec,
        "kind": kind,
        "preset": rng.choice(PRESETS),
        "aq": rng.choice((1, 1, 1, 2, 3)),
        "gop": rng.choice((250, 250, 250, 48, 24, 12)),
        "container": rng.choice(("mkv", "mkv", "mp4")),
    }
    if kind == "crf":
        recipe["rate"] = rate if rate is not None else rng.randint(24, 38)
    elif kind == "qp":
        recipe.update(
            rate=rate if rate is not None else rng.choice((22, 27, 32, 37, 37, 42)),
            preset="medium",
            aq=0,
            gop=250,
        )
    else:
        recipe.update(rate=_bits(rng), buffered=kind == "abr" and rng.random() < 0.5)
    if codec == "x264" and kind != "qp" and rng.random() < 0.2:
        recipe["tune"] = rng.choice(("film", "animation", "grain", "zerolatency", "stillimage"))
    return recipe


def _vp9(rng):
    kind = rng.choice(("crf", "2pass", "2pass"))
    return {
        "codec": "vp9",
        "kind": kind,
        "rate": rng.randint(28, 55) if kind == "crf" else _bits(rng),
        "preset": rng.choice((1, 2, 4)),
        "container": rng.choice(("webm", "mkv")),
    }


def _mpeg4(rng):
    # Low qualities are as frequent as high ones: qscale runs from 3 to 31.
    frames, codec = rng.choice((0, 0, 2)), rng.choice(("mpeg4", "xvid"))
    return {
        "codec": codec,
        "kind": "qscale",
        "rate": rng.randint(3, 31),
        "preset": "",
        # FFmpeg's Xvid wrapper loses the last frames when it reorders: B-frames come from mpeg4.
        "bframes": frames if codec == "mpeg4" else 0,
        "trellis": rng.randint(0, 1),
        "gop": rng.choice((12, 60, 250)),
        "container": rng.choice(("mkv", "mp4")) if frames else rng.choice(("avi", "avi", "mkv")),
    }


def _mpeg2(rng):
    return {
        "codec": "mpeg2",
        "kind": "qscale",
        "rate": rng.randint(3, 31),
        "preset": "",
        "bframes": rng.choice((0, 2, 2)),
        "gop": rng.choice((12, 15)),
        "container": rng.choice(("mkv", "ts", "mpg")),
    }


def _jpeg(rng):
    if rng.random() < 0.3:
        return {
            "codec": "mjpeg",
            "kind": "qscale",
            "rate": rng.randint(3, 24),
            "preset": "",
            "container": rng.choice(("avi", "mkv")),
        }
    return {
        "codec": "jpeg",
        "kind": "jpeg",
        "rate": rng.randint(20, 90),
        "preset": "",
        "container": rng.choice(("avi", "mkv")),
    }


def _second(rng, recoded):
    """A second generation: encoded, perhaps enlarged, encoded again."""
    first = rng.choice(
        (
            lambda: _x26x(rng, "x264", "crf"),
            lambda: _x26x(rng, "x264", "abr"),
            lambda: _mpeg4(rng),
            lambda: _x26x(rng, "x265", "crf"),
            lambda: _mpeg2(rng),
            lambda: _vp9(rng),
        )
    )()
    last = rng.choice(
        (
            lambda: _x26x(rng, "x264", "crf", rng.randint(20, 34)),
            lambda: _x26x(rng, "x264", "2pass"),
            lambda: _x26x(rng, "x265", "crf", rng.randint(22, 34)),
            lambda: _vp9(rng),
        )
    )()
    recipe = dict(last, first=first)
    if not recoded:
        recipe["enlarge"] = rng.choice((1.3, 1.5, 1.5, 1.8, 2.0))
        recipe["filter"] = rng.choice(("bilinear", "bicubic", "bicubic", "lanczos"))
    return recipe


# Parts of every hundred recipes that people meet; constant quantisers come on top.
PEOPLE = (
    (21, lambda rng: _x26x(rng, "x264", "crf")),
    (7, lambda rng: _x26x(rng, "x264", "abr")),
    (7, lambda rng: _x26x(rng, "x264", "2pass")),
    (15, lambda rng: _x26x(rng, "x265", "crf")),
    (5, lambda rng: _x26x(rng, "x265", "abr")),
    (4, lambda rng: _x26x(rng, "x265", "2pass")),
    (10, _vp9),
    (10, _mpeg4),
    (5, _mpeg2),
    (6, _jpeg),
    (5, lambda rng: _second(rng, True)),
    (5, lambda rng: _second(rng, False)),
)


def deck(rng, count, constant):
    """Returns `count` recipes in random order, `constant` of them at a constant quantiser."""
    cards = [_x26x(rng, ("x264", "x265")[k % 2], "qp") for k in range(constant)]
    makers = [make for parts, make in PEOPLE for _ in range(parts)]
    while len(cards) < count:
        rng.shuffle(makers)
        cards += [make(rng) for make in makers[: count - len(cards)]]
    rng.shuffle(cards)
    return cards


def fixed(rng, codec, kind, rate):
    """A recipe whose rate is given: x264 or x265 at a CRF or a constant quantiser."""
    return _x26x(rng, codec, kind, rate)


def plain(codec, kind, rate):
    """A measuring recipe: preset medium, defaults everywhere."""
    return {"codec": codec, "kind": kind, "rate": rate, "preset": "medium", "container": "mkv"}


# What people meet most; rates in bits per pixel are those of the usual size that is named.
_STREAMED = {  # 500 kb/s at 640x360 and 30 frames a second
    "codec": "x264",
    "kind": "abr",
    "rate": 0.0723,
    "preset": "veryfast",
    "container": "mp4",
}
WEB = (
    plain("x264", "crf", 32),
    _STREAMED,
    plain("x265", "crf", 33),
    {  # 350 kb/s at 640x360 and 30
        "codec": "vp9",
        "kind": "2pass",
        "rate": 0.0506,
        "preset": 1,
        "container": "webm",
    },
    {  # 550 kb/s at 640x360 and 25
        "codec": "xvid",
        "kind": "2pass",
        "rate": 0.0955,
        "preset": "",
        "bframes": 0,
        "trellis": 1,
        "gop": 250,
        "container": "avi",
    },
    {  # 2.5 Mb/s at 720x576 and 25
        "codec": "mpeg2",
        "kind": "abr",
        "rate": 0.2411,
        "preset": "",
        "bframes": 2,
        "gop": 15,
        "container": "mpg",
    },
    {"codec": "jpeg", "kind": "jpeg", "rate": 35, "preset": "", "container": "avi"},
    dict(plain("x264", "crf", 22), first=_STREAMED, enlarge=1.5, filter="bicubic"),
)
# What papers measure: constant quantisers.
LITERATURE = tuple(plain(codec, "qp", qp) for codec in ("x264", "x265") for qp in (27, 32, 37, 42))


def fits(recipe, chroma, width):
    """Whether a recipe can be used on a clip: its chroma is kept, its width stays below 1000."""
    codecs = [recipe["codec"]] + ([recipe["first"]["codec"]] if "first" in recipe else [])
    if chroma == "444" and not all(c in AT_444 for c in codecs):
        return False
    return width * recipe.get("enlarge", 1) <= 1000


def kind(recipe):
    """The manifest's word for a recipe: crf, abr, 2pass, qp, qscale, jpeg or second."""
    return "second" if "first" in recipe else recipe["kind"]


def digest(*parts):
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:8]
