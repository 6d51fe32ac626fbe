"""Makes references and pairs from clips and recipes, and keeps the manifest."""

import json
import os
import threading

from . import catalogue, encoders, recipes


class Maker:
    """Makes references and pairs in a folder; every file appears complete or not at all."""

    def __init__(self, options):
        self.options, self.out = options, options.out
        for folder in ("references", "degraded", ".partial"):
            os.makedirs(os.path.join(self.out, folder), exist_ok=True)
        for name in os.listdir(os.path.join(self.out, ".partial")):
            owner = name.split("-")[0]
            if not os.path.exists(f"/proc/{owner}"):  # left by a run that was killed
                os.remove(os.path.join(self.out, ".partial", name))
        self._settle()
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

    def _settle(self):
        """Keeps what the clips depend on beside them: other clips need another folder."""
        chosen = {
            name: getattr(self.options, name) for name in ("seed", "limit_frames", "max_height")
        }
        path = os.path.join(self.out, "settings.json")
        if not os.path.exists(path):
            with open(path, "w") as file:
                json.dump(chosen, file)
        with open(path) as file:
            kept = json.load(file)
        if kept != chosen:
            raise ValueError(
                f"{self.out} was begun with {kept}, now asked for {chosen}: use another --out"
            )

    def atomically(self, name, make):
        """Makes `name` (relative to the output) through a temporary file, unless it is there."""
        path = os.path.join(self.out, name)
        with self.lock:
            own = self.locks.setdefault(name, threading.Lock())
        with own:
            if not os.path.exists(path):
                partial = os.path.join(
                    self.out, ".partial", f"{os.getpid()}-{os.path.basename(name)}"
                )
                try:
                    make(partial)
                    os.replace(partial, path)
                finally:
                    if os.path.exists(partial):
                        os.remove(partial)
        return name

    def info(self, name):
        if name not in self.known:
            self.known[name] = encoders.probe(os.path.join(self.out, name))
        return self.known[name]

    def reference(self, clip):
        """The pristine file of a clip: the source itself where it can serve, else an FFV1 copy."""
        if "rendered" in clip:
            rendered = clip["rendered"]
            return self.atomically(
                f"references/{clip['name']}.mkv", lambda p: catalogue.render(rendered, p)
            )
        if clip["as_is"]:
            return clip["source"]
        filters = (
            f"scale=-2:{clip['reduce']}:flags=lanczos+accurate_rnd+full_chroma_int"
            if clip["reduce"]
            else "null"
        )
        return self.atomically(
            f"references/{clip['name']}.mkv",
            lambda p: encoders.lossless(
                clip["source"], p, filters, clip["format"], clip["first"], clip["count"]
            ),
        )

    def variant(self, clip, reference, recipe):
        """The reference that a recipe is compared with: full range for JPEG, or enlarged."""
        path = os.path.join(self.out, reference)
        pixel_format = self.info(reference)["format"].replace("yuvj", "yuv")
        if recipe["codec"] in encoders.FULL_RANGE:
            return (
                self.atomically(
                    f"references/{clip['name']}.full.mkv",
                    lambda p: encoders.lossless(
                        path, p, pixel_format=pixel_format, full_range=True
                    ),
                ),
                None,
            )
        if "enlarge" in recipe:
            info = self.info(reference)
            width, height = (
                int(info[side] * recipe["enlarge"]) // 2 * 2 for side in ("width", "height")
            )
            filters = (
                f"scale={width}:{height}:flags={recipe['filter']}+accurate_rnd+full_chroma_int"
            )
            name = f"references/{clip['name']}.{recipe['enlarge']}-{recipe['filter']}.mkv"
            return (
                self.atomically(name, lambda p: encoders.lossless(path, p, filters, pixel_format)),
                filters,
            )
        return reference, None

    def pair(self, clip, recipe):
        """Makes one pair and adds its line to the manifest."""
        rate = f"{recipe['kind']}{recipe['rate']}"
        mark = recipes.digest(recipe, clip["name"], self.options.limit_frames)
        name = f"{clip['name']}-{recipe['codec']}-{rate}-{mark}"
        if "first" in recipe:
            name = f"{clip['name']}-{recipe['first']['codec']}-{recipe['codec']}-{rate}-{mark}"
        known = self.done.get(name)
        degraded = f"degraded/{name}.{recipe['container']}"
        if (
            known
            and known["set"] == clip["set"]
            and os.path.exists(os.path.join(self.out, degraded))
        ):
            return None
        base = self.reference(clip)
        reference, filters = self.variant(clip, base, recipe)

        found = []

        def make(partial):
            source, scratch = (
                os.path.join(self.out, base if filters else reference),
                partial + ".scratch",
            )
            try:
                if "first" in recipe:
                    first = f"{scratch}.{recipe['first']['container']}"
                    encoders.encode(recipe["first"], source, first, scratch)
                    source = first
                encoders.encode(recipe, source, partial, scratch, filters)
                # Measured before it gets its name: a file that lacks a frame never becomes a pair.
                found.append(encoders.measure(os.path.join(self.out, reference), partial))
            finally:
                folder = os.path.dirname(scratch)
                for left in os.listdir(folder):
                    if left.startswith(os.path.basename(scratch)):
                        os.remove(os.path.join(folder, left))

        self.atomically(degraded, make)
        path = os.path.join(self.out, degraded)
        if not found:  # left complete, but without its line, by a run that was stopped
            found.append(encoders.measure(os.path.join(self.out, reference), path))
        decibels, info = found[0]
        pixels = info["frames"] * info["width"] * info["height"]
        line = {
            "id": name,
            "set": clip["set"],
            "reference": reference,
            "degraded": degraded,
            "codec": recipe["codec"],
            "rate": recipe["rate"],
            "preset": str(recipe["preset"]),
            "kind": recipes.kind(recipe),
            "source": clip["name"],
            "width": info["width"],
            "height": info["height"],
            "frames": info["frames"],
            "bits_per_pixel": round(8 * os.path.getsize(path) / pixels, 5),
            "psnr_y": round(decibels, 3),
            "content": clip["content"],
            "chroma": "444" if "444" in info["format"] else "420",
        }
        if "first" in recipe:
            line["first"] = (
                f"{recipe['first']['codec']} {recipe['first']['kind']} {recipe['first']['rate']}"
            )
        if "enlarge" in recipe:
            line["enlarged"] = f"{recipe['enlarge']} {recipe['filter']}"
        with self.lock, open(self.manifest, "a") as file:
            file.write(json.dumps(line) + "\n")
        return line
