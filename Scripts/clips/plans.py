"""Which clips there are, and which recipes each of them gets in which order."""

import os

from . import catalogue, encoders, recipes
from .canvas import seeded

VIDEO = (".mkv", ".mp4", ".mov", ".avi", ".webm", ".y4m", ".m4v", ".mpg", ".ts")
# What videos get besides the dealt recipes, and what held-out clips are measured with.
ALWAYS = (("x264", "crf", 32), ("x265", "crf", 33), ("x264", "qp", 37), ("x265", "qp", 37))
MEASURED = (
    ("x264", "qp", 37),
    ("x265", "qp", 37),
    ("x264", "qp", 22),
    ("x265", "qp", 22),
    ("x264", "crf", 32),
    ("x265", "crf", 33),
)


def videos(data):
    folder = os.path.join(data, "video")
    found = []
    for root, _, names in sorted(os.walk(folder if os.path.isdir(folder) else data)):
        found += [
            os.path.join(root, name) for name in sorted(names) if name.lower().endswith(VIDEO)
        ]
    return found


def held_out(path, names):
    stem = os.path.splitext(os.path.basename(path))[0]
    return any(stem == name or stem.startswith(name + "_") for name in names.split(",") if name)


def video_clips(options, paths, part):
    """The windows of video files: whole files for measuring, `limit_frames` long for training."""
    clips, stems = [], {}
    for path in paths:
        info = encoders.probe(path)
        stem, limit = os.path.splitext(os.path.basename(path))[0], options.limit_frames
        stems[stem] = stems.get(stem, 0) + 1
        if stems[stem] > 1:  # a file of the same name in another folder
            stem += f"~{stems[stem]}"
        reduce = options.max_height if info["height"] > options.max_height else 0
        pixel_format = (
            "yuv444p" if "444" in info["format"] or "rgb" in info["format"] else "yuv420p"
        )
        kept = info["format"] == pixel_format and not reduce
        clip = {
            "source": os.path.abspath(path),
            "set": part,
            "content": "video",
            "reduce": reduce,
            "format": pixel_format,
            "chroma": pixel_format[3:6],
            "width": info["width"],
            "count": None,
            "first": 0,
            "as_is": kept,
            "name": stem,
        }
        if part != "train" or info["frames"] <= limit:
            clips.append(clip)
            continue
        clips.append(dict(clip, name=stem + ".a", count=limit, as_is=False))
        if info["frames"] >= limit + 4:  # the clip's end is another window: other frames in the end
            clips.append(
                dict(
                    clip,
                    name=stem + ".b",
                    first=info["frames"] - limit,
                    count=limit,
                    as_is=False,
                    extra=True,
                )
            )
    return clips


def training_plan(options):
    """All training pairs as (clip, recipe), a mixed subset first, then a recipe a clip in turn."""
    paths = [
        p for p in videos(options.data) if not held_out(p, options.validate + "," + options.select)
    ]
    filmed = video_clips(options, paths, "train")
    rendered = [
        {
            "name": c.name,
            "rendered": c,
            "set": "train",
            "content": c.scene,
            "chroma": c.chroma,
            "width": c.width or 320,
        }
        for c in catalogue.catalogue(
            options.data,
            options.seed,
            options.limit_frames,
            options.graphics,
            options.moving,
            options.reduction,
        )
    ]
    rng = seeded("plan", options.seed)
    first, rounds = [], [[] for _ in range(max(options.per_video, options.per_rendered))]
    for clip in filmed:
        if clip.get("extra"):
            continue
        for codec, kind, rate in ALWAYS:
            near = rate + rng.randint(-1, 1) if kind == "crf" else rate
            first.append((clip, recipes.fixed(rng, codec, kind, near)))
    needs = [
        (clip, (options.per_video if clip["content"] == "video" else options.per_rendered))
        for clip in filmed + rendered
    ]
    total = sum(n for _, n in needs) + len(first)
    cards = recipes.deck(rng, total - len(first), max(0, int(0.23 * total) - len(first) // 2))
    for turn in range(len(rounds)):
        order = list(needs)
        rng.shuffle(order)
        for clip, count in order:
            if turn >= count:
                continue
            at = next(
                (
                    k
                    for k, card in enumerate(cards)
                    if recipes.fits(card, clip["chroma"], clip["width"])
                ),
                None,
            )
            recipe = (
                cards.pop(at)
                if at is not None
                else recipes.fixed(rng, "x264", "crf", rng.randint(24, 38))
            )
            rounds[turn].append((clip, recipe))
    # The subset: every video with its four recipes, and two thirds of the rendered clips once.
    drawn = [p for p in rounds[0] if "rendered" in p[0]]
    subset = first + drawn[: len(drawn) * 2 // 3]
    rng.shuffle(subset)
    later = drawn[len(drawn) * 2 // 3 :] + [p for p in rounds[0] if "rendered" not in p[0]]
    return _without_repeats(subset + later + [p for turn in rounds[1:] for p in turn])


def _without_repeats(pairs):
    """Deals another CRF recipe where a clip got the same recipe twice."""
    seen, kept = set(), []
    for clip, recipe in pairs:
        rng, key = seeded("repeat", clip["name"]), recipes.digest(recipe, clip["name"])
        while key in seen:
            recipe = recipes.fixed(rng, rng.choice(("x264", "x265")), "crf", rng.randint(24, 38))
            key = recipes.digest(recipe, clip["name"])
        seen.add(key)
        kept.append((clip, recipe))
    return kept


def measuring_plan(options):
    """Pairs that are only ever measured with; "web" and "literature" are of the validation clips."""
    ways = {"web": recipes.WEB, "literature": recipes.LITERATURE}
    names = options.validate if options.set in ways else getattr(options, options.set)
    paths = [p for p in videos(options.data) if held_out(p, names)]
    return [
        (clip, recipe)
        for recipe in ways.get(options.set, [recipes.plain(*kind) for kind in MEASURED])
        for clip in video_clips(options, paths, options.set)
        if recipes.fits(recipe, clip["chroma"], clip["width"])
    ]
