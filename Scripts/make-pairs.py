#!/usr/bin/env python3
"""Makes pairs of pristine and compressed clips for training, choosing and measuring models.
What is made, and why, stands in Documentation/training-data.md."""

import argparse
import concurrent.futures
import json
import os
import shutil
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

VALIDATE = "davis_tennis,davis_blackswan,kitti_motorway,openh264_road,matanyone_street-interview,sam2_dog"
SELECT = "davis_lady-running,sam3_dancers,ntia_aspen,pexels_face"
VIDEO = (".mkv", ".mp4", ".mov", ".avi", ".webm", ".y4m", ".m4v", ".mpg", ".ts")
# What videos get besides the dealt recipes, and what held-out clips are measured with.
ALWAYS = (("x264", "crf", 32), ("x265", "crf", 33), ("x264", "qp", 37), ("x265", "qp", 37))
MEASURED = (("x264", "qp", 37), ("x265", "qp", 37), ("x264", "qp", 22), ("x265", "qp", 22),
            ("x264", "crf", 32), ("x265", "crf", 33))


def videos(data):
    folder = os.path.join(data, "video")
    found = []
    for root, _, names in sorted(os.walk(folder if os.path.isdir(folder) else data)):
        found += [os.path.join(root, name) for name in sorted(names) if name.lower().endswith(VIDEO)]
    return found


def held_out(path, names):
    stem = os.path.splitext(os.path.basename(path))[0]
    return any(stem == name or stem.startswith(name + "_") for name in names.split(",") if name)


class Maker:
    """Makes references and pairs in a folder; every file appears complete or not at all."""

    def __init__(self, options, encoders, recipes, catalogue):
        self.options, self.encoders, self.recipes, self.catalogue = options, encoders, recipes, catalogue
        self.out = options.out
        for folder in ("references", "degraded", ".partial"):
            os.makedirs(os.path.join(self.out, folder), exist_ok=True)
        for name in os.listdir(os.path.join(self.out, ".partial")):
            owner = name.split("-")[0]
            if not os.path.exists(f"/proc/{owner}"):  # left by a run that was killed
                os.remove(os.path.join(self.out, ".partial", name))
        self.manifest = os.path.join(self.out, "pairs.jsonl")
        self.lock, self.locks, self.known = threading.Lock(), {}, {}
        self.done = {}
        if os.path.exists(self.manifest):
            for line in open(self.manifest):
                try:
                    pair = json.loads(line)
                    self.done[pair["id"]] = pair
                except ValueError:  # the last line of a run that was killed
                    continue

    def atomically(self, name, make):
        """Makes `name` (relative to the output) through a temporary file, unless it is there."""
        path = os.path.join(self.out, name)
        with self.lock:
            own = self.locks.setdefault(name, threading.Lock())
        with own:
            if not os.path.exists(path):
                partial = os.path.join(self.out, ".partial", f"{os.getpid()}-{os.path.basename(name)}")
                try:
                    make(partial)
                    os.replace(partial, path)
                finally:
                    if os.path.exists(partial):
                        os.remove(partial)
        return name

    def info(self, name):
        if name not in self.known:
            self.known[name] = self.encoders.probe(os.path.join(self.out, name))
        return self.known[name]

    def reference(self, clip):
        """The pristine file of a clip: the source itself where it can serve, else an FFV1 copy."""
        if "rendered" in clip:
            rendered = clip["rendered"]
            return self.atomically(f"references/{clip['name']}.mkv", lambda p: self.catalogue.render(rendered, p))
        if clip["as_is"]:
            return clip["source"]
        filters = f"scale=-2:{clip['reduce']}:flags=lanczos+accurate_rnd+full_chroma_int" if clip["reduce"] else "null"
        return self.atomically(f"references/{clip['name']}.mkv", lambda p: self.encoders.lossless(
            clip["source"], p, filters, clip["format"], clip["first"], clip["count"]))

    def variant(self, clip, reference, recipe):
        """The reference that a recipe is compared with: full range for JPEG, enlarged for an enlargement."""
        path = os.path.join(self.out, reference)
        pixel_format = self.info(reference)["format"].replace("yuvj", "yuv")
        if recipe["codec"] in self.encoders.FULL_RANGE:
            return self.atomically(f"references/{clip['name']}.full.mkv", lambda p: self.encoders.lossless(
                path, p, pixel_format=pixel_format, full_range=True)), None
        if "enlarge" in recipe:
            info = self.info(reference)
            width, height = (int(info[side] * recipe["enlarge"]) // 2 * 2 for side in ("width", "height"))
            filters = f"scale={width}:{height}:flags={recipe['filter']}+accurate_rnd+full_chroma_int"
            name = f"references/{clip['name']}.{recipe['enlarge']}-{recipe['filter']}.mkv"
            return self.atomically(name, lambda p: self.encoders.lossless(path, p, filters, pixel_format)), filters
        return reference, None

    def pair(self, clip, recipe):
        """Makes one pair and adds its line to the manifest."""
        rate = f"{recipe['kind']}{recipe['rate']}"
        mark = self.recipes.digest(recipe, clip["name"], self.options.limit_frames)
        name = f"{clip['name']}-{recipe['codec']}-{rate}-{mark}"
        if "first" in recipe:
            name = f"{clip['name']}-{recipe['first']['codec']}-{recipe['codec']}-{rate}-{mark}"
        known = self.done.get(name)
        degraded = f"degraded/{name}.{recipe['container']}"
        if known and known["set"] == clip["set"] and os.path.exists(os.path.join(self.out, degraded)):
            return None
        base = self.reference(clip)
        reference, filters = self.variant(clip, base, recipe)

        found = []

        def make(partial):
            source, scratch = os.path.join(self.out, base if filters else reference), partial + ".scratch"
            try:
                if "first" in recipe:
                    first = f"{scratch}.{recipe['first']['container']}"
                    self.encoders.encode(recipe["first"], source, first, scratch)
                    source = first
                self.encoders.encode(recipe, source, partial, scratch, filters)
                # Measured before it gets its name: a file with a missing frame never becomes a pair.
                found.append(self.encoders.measure(os.path.join(self.out, reference), partial))
            finally:
                folder = os.path.dirname(scratch)
                for left in os.listdir(folder):
                    if left.startswith(os.path.basename(scratch)):
                        os.remove(os.path.join(folder, left))
        self.atomically(degraded, make)
        path = os.path.join(self.out, degraded)
        if not found:  # left complete, but without its line, by a run that was stopped
            found.append(self.encoders.measure(os.path.join(self.out, reference), path))
        decibels, info = found[0]
        pixels = info["frames"] * info["width"] * info["height"]
        line = {"id": name, "set": clip["set"], "reference": reference, "degraded": degraded, "codec": recipe["codec"],
                "rate": recipe["rate"], "preset": str(recipe["preset"]), "kind": self.recipes.kind(recipe),
                "source": clip["name"], "width": info["width"], "height": info["height"], "frames": info["frames"],
                "bits_per_pixel": round(8 * os.path.getsize(path) / pixels, 5),
                "psnr_y": round(decibels, 3),
                "content": clip["content"], "chroma": "444" if "444" in info["format"] else "420"}
        if "first" in recipe:
            line["first"] = f"{recipe['first']['codec']} {recipe['first']['kind']} {recipe['first']['rate']}"
        if "enlarge" in recipe:
            line["enlarged"] = f"{recipe['enlarge']} {recipe['filter']}"
        with self.lock, open(self.manifest, "a") as file:
            file.write(json.dumps(line) + "\n")
        return line


def video_clips(maker, paths, part):
    """The windows of video files: whole files for measuring, `limit_frames` long for training."""
    options, clips = maker.options, []
    for path in paths:
        info = maker.encoders.probe(path)
        stem, limit = os.path.splitext(os.path.basename(path))[0], options.limit_frames
        reduce = options.max_height if info["height"] > options.max_height else 0
        pixel_format = "yuv444p" if "444" in info["format"] or "rgb" in info["format"] else "yuv420p"
        kept = info["format"] == pixel_format and not reduce
        clip = {"source": os.path.abspath(path), "set": part, "content": "video", "reduce": reduce, "format": pixel_format,
                "chroma": pixel_format[3:6], "width": info["width"], "count": None, "first": 0, "as_is": kept, "name": stem}
        if part != "train" or info["frames"] <= limit:
            clips.append(clip)
            continue
        clips.append(dict(clip, name=stem + ".a", count=limit, as_is=False))
        if info["frames"] >= limit + 4:  # the clip's end is another window: other frames in the end
            clips.append(dict(clip, name=stem + ".b", first=info["frames"] - limit, count=limit, as_is=False, extra=True))
    return clips


def training_plan(maker, seeded):
    """All training pairs as (clip, recipe), a mixed subset first, then one recipe a clip in turn."""
    options, recipes = maker.options, maker.recipes
    paths = [p for p in videos(options.data) if not held_out(p, options.validate + "," + options.select)]
    filmed = video_clips(maker, paths, "train")
    rendered = [{"name": c.name, "rendered": c, "set": "train", "content": c.scene, "chroma": c.chroma, "width": c.width or 320}
                for c in maker.catalogue.catalogue(options.data, options.seed, options.limit_frames, options.graphics, options.moving)]
    rng = seeded("plan", options.seed)
    first, rounds = [], [[] for _ in range(16)]
    for clip in filmed:
        if clip.get("extra"):
            continue
        for codec, kind, rate in ALWAYS:
            near = rate + rng.randint(-1, 1) if kind == "crf" else rate
            first.append((clip, recipes.fixed(rng, codec, kind, near)))
    needs = [(clip, (options.per_video if clip["content"] == "video" else options.per_rendered)) for clip in filmed + rendered]
    total = sum(n for _, n in needs) + len(first)
    cards = recipes.deck(rng, total - len(first), max(0, int(0.23 * total) - len(first) // 2))
    for turn in range(16):
        order = list(needs)
        rng.shuffle(order)
        for clip, count in order:
            if turn >= count:
                continue
            at = next((k for k, card in enumerate(cards) if recipes.fits(card, clip["chroma"], clip["width"])), None)
            recipe = cards.pop(at) if at is not None else recipes.fixed(rng, "x264", "crf", rng.randint(24, 38))
            rounds[turn].append((clip, recipe))
    # The subset: every video with its four recipes, and two thirds of the rendered clips once.
    drawn = [p for p in rounds[0] if "rendered" in p[0]]
    subset = first + drawn[:len(drawn) * 2 // 3]
    rng.shuffle(subset)
    later = drawn[len(drawn) * 2 // 3:] + [p for p in rounds[0] if "rendered" not in p[0]]
    return subset + later + [p for turn in rounds[1:] for p in turn]


def measuring_plan(maker, part):
    paths = [p for p in videos(maker.options.data) if held_out(p, getattr(maker.options, part))]
    return [(clip, maker.recipes.plain(*kind)) for kind in MEASURED for clip in video_clips(maker, paths, part)]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True, help="folder with videos and photographs, or with video/, stills/, hoi/")
    parser.add_argument("--out", required=True, help="folder for references/, degraded/ and pairs.jsonl")
    parser.add_argument("--set", choices=("train", "select", "validate"), default="train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--limit-frames", type=int, default=32, help="length of training clips (default 32)")
    parser.add_argument("--max-height", type=int, default=480, help="reduce higher sources to this height (default 480)")
    parser.add_argument("--per-video", type=int, default=5, help="dealt recipes per video window, besides the four fixed ones")
    parser.add_argument("--per-rendered", type=int, default=4, help="dealt recipes per rendered clip")
    parser.add_argument("--graphics", type=int, default=56, help="number of drawn clips")
    parser.add_argument("--moving", type=int, default=60, help="number of photographs in motion")
    parser.add_argument("--validate", default=VALIDATE, help="comma-separated clips only ever measured with")
    parser.add_argument("--select", default=SELECT, help="comma-separated clips for choosing checkpoints")
    parser.add_argument("--first", type=int, default=0, help="stop after this many pairs of the plan")
    return parser.parse_args()


def main():
    options = arguments()
    try:
        from clips import catalogue, encoders, recipes
        from clips.canvas import seeded
    except ImportError as problem:
        print(f"make-pairs: {problem}: apt install python3-numpy python3-pil", file=sys.stderr)
        return 69
    if not shutil.which("ffmpeg") or not shutil.which("ffprobe"):
        print("make-pairs: ffmpeg is missing: apt install ffmpeg", file=sys.stderr)
        return 69
    if not os.path.isdir(options.data):
        print(f"make-pairs: {options.data}: no such folder", file=sys.stderr)
        return 66
    maker = Maker(options, encoders, recipes, catalogue)
    try:
        plan = training_plan(maker, seeded) if options.set == "train" else measuring_plan(maker, options.set)
    except (FileNotFoundError, encoders.Failed) as problem:
        print(f"make-pairs: {problem}", file=sys.stderr)
        return 69
    if not plan:
        print(f"make-pairs: {options.data}: no clips for --set {options.set}; name some with --{options.set}", file=sys.stderr)
        return 66
    plan, failed = plan[:options.first or None], 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        jobs = {pool.submit(maker.pair, *item): item for item in plan}
        try:
            for number, job in enumerate(concurrent.futures.as_completed(jobs), 1):
                clip, recipe = jobs[job]
                try:
                    line = job.result()
                except (encoders.Failed, RuntimeError, OSError) as problem:
                    failed += 1
                    print(f"make-pairs: {clip['name']} {recipe['codec']}: {problem}", file=sys.stderr, flush=True)
                    continue
                if line:
                    print(f"{number}/{len(plan)} {line['id']} {line['bits_per_pixel']:.3f} bits/pixel {line['psnr_y']:.2f} dB", flush=True)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            print("make-pairs: stopped; the same command goes on where this one ended", file=sys.stderr)
            return 130
    print(f"{len(plan) - failed} of {len(plan)} pairs are in {maker.manifest}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
