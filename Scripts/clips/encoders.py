"""Runs recipes: one ffmpeg process at a time, one thread each, so that the same files come out."""

import io
import os
import subprocess

import numpy
from PIL import Image

from .recipes import STANDARD_RATES

QUIET = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-threads", "1"]
FULL_RANGE = ("jpeg", "mjpeg")


class Failed(Exception):
    """ffmpeg stopped; carries the end of what it said."""


def run(command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode != 0:
        words = done.stderr.decode(errors="replace").strip().splitlines()
        raise Failed(f"{os.path.basename(command[0])}: {words[-1] if words else 'failed'}")
    return done.stdout


def probe(path):
    """Width, height, frame rate (a fraction as text), pixel format and decoded frames of a file."""
    keys = "width,height,r_frame_rate,pix_fmt,codec_name,nb_read_frames"
    text = run(
        [
            "ffprobe",
            "-v",
            "error",
            "-threads",
            "1",
            "-select_streams",
            "v:0",
            "-count_frames",
            "-show_entries",
            f"stream={keys}",
            "-of",
            "default=nw=1",
            path,
        ]
    ).decode()
    found = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if "width" not in found:
        raise Failed(f"{path}: no video stream")
    return {
        "width": int(found["width"]),
        "height": int(found["height"]),
        "rate": found["r_frame_rate"],
        "format": found["pix_fmt"],
        "codec": found["codec_name"],
        "frames": int(found["nb_read_frames"]),
    }


def rate_value(rate):
    top, _, bottom = rate.partition("/")
    return float(top) / float(bottom or 1)


def lossless(
    source, output, filters="null", pixel_format="yuv420p", first=0, count=None, full_range=False
):
    """Writes frames [first, first + count) of a video as FFV1."""
    chain = [
        f"trim=start_frame={first}" + (f":end_frame={first + count}" if count else ""),
        "setpts=PTS-STARTPTS",
        filters,
    ]
    if full_range:
        chain.append("scale=in_range=tv:out_range=pc:flags=accurate_rnd+full_chroma_int")
    chain.append(f"format={pixel_format}")
    run(
        QUIET
        + [
            "-i",
            source,
            "-an",
            "-sn",
            "-vf",
            ",".join(chain),
            "-fps_mode",
            "passthrough",
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
            "-fflags",
            "+bitexact",
            "-flags:v",
            "+bitexact",
        ]
        + (["-color_range", "pc"] if full_range else [])
        + [output]
    )


def planes(path, info=None):
    """Decodes a file: yields [Y, U, V] of each frame as numpy arrays, the file's own samples."""
    info = info or probe(path)
    width, height, kind = info["width"], info["height"], info["format"].replace("yuvj", "yuv")
    if kind not in ("yuv420p", "yuv444p"):
        raise Failed(f"{path}: pixel format {info['format']}, wanted 8-bit 4:2:0 or 4:4:4")
    chroma = ((height + 1) // 2, (width + 1) // 2) if kind == "yuv420p" else (height, width)
    size = width * height + 2 * chroma[0] * chroma[1]
    data = run(
        QUIET + ["-i", path, "-an", "-sn", "-fps_mode", "passthrough", "-f", "rawvideo", "-"]
    )
    if len(data) != size * info["frames"]:
        raise Failed(f"{path}: {len(data) / size:.2f} frames decoded, {info['frames']} counted")
    for start in range(0, len(data), size):
        samples = numpy.frombuffer(data, numpy.uint8, size, start)
        luma = samples[: width * height].reshape(height, width)
        u = samples[width * height : width * height + chroma[0] * chroma[1]].reshape(chroma)
        yield [luma, u, samples[-chroma[0] * chroma[1] :].reshape(chroma)]


def _x264(r, rate):
    options = ["-c:v", "libx264", "-preset", r["preset"], "-threads", "1"]
    if r.get("tune"):
        options += ["-tune", r["tune"]]
    if r.get("gop"):
        options += ["-g", str(r["gop"])]
    if r.get("aq") and r["kind"] != "qp":
        options += ["-aq-mode", str(r["aq"])]
    if r["kind"] in ("crf", "qp"):
        return [options + ["-" + r["kind"], str(r["rate"])]]
    options += ["-b:v", str(rate)]
    if r.get("buffered"):
        options += ["-maxrate", str(int(rate * 1.5)), "-bufsize", str(rate * 2)]
    return (
        [options + ["-pass", "1"], options + ["-pass", "2"]] if r["kind"] == "2pass" else [options]
    )


def _x265(r, rate, log):
    parts = ["pools=1", "frame-threads=1", "log-level=none"]
    if r.get("gop"):
        parts.append(f"keyint={r['gop']}")
    if r.get("aq") and r["kind"] != "qp":
        parts.append(f"aq-mode={r['aq']}")
    if r.get("buffered"):
        parts += [
            f"vbv-maxrate={max(1, rate * 3 // 2000)}",
            f"vbv-bufsize={max(1, rate * 2 // 1000)}",
        ]
    options = ["-c:v", "libx265", "-preset", r["preset"]]
    if r["kind"] == "qp":
        return [options + ["-x265-params", ":".join(parts + [f"qp={r['rate']}"])]]
    if r["kind"] == "crf":
        return [options + ["-crf", str(r["rate"]), "-x265-params", ":".join(parts)]]
    options += ["-b:v", str(rate)]
    passes = ([f"pass=1:stats={log}"], [f"pass=2:stats={log}"]) if r["kind"] == "2pass" else ([],)
    return [options + ["-x265-params", ":".join(parts + p)] for p in passes]


def _vp9(r, rate):
    options = [
        "-c:v",
        "libvpx-vp9",
        "-deadline",
        "good",
        "-cpu-used",
        str(r["preset"]),
        "-threads",
        "1",
    ]
    options += ["-crf", str(r["rate"]), "-b:v", "0"] if r["kind"] == "crf" else ["-b:v", str(rate)]
    return [options + ["-pass", "1"], options + ["-pass", "2"]]


def _passes(r, rate, log):
    codec = r["codec"]
    if codec == "x264":
        return _x264(r, rate)
    if codec == "x265":
        return _x265(r, rate, log)
    if codec == "vp9":
        return _vp9(r, rate)
    # A quantiser scale, or a rate in one or two passes.
    scale = ["-qscale:v", str(r["rate"])] if r["kind"] == "qscale" else ["-b:v", str(rate)]
    if codec in ("mpeg4", "xvid"):
        name = "mpeg4" if codec == "mpeg4" else "libxvid"
        tag = ["-vtag", "XVID"] if r["container"] == "avi" else []
        options = ["-c:v", name, "-bf", str(r["bframes"]), "-g", str(r["gop"])]
        options += ["-trellis", str(r["trellis"])] + tag + scale
        if r["kind"] == "2pass":
            return [options + ["-pass", "1"], options + ["-pass", "2"]]
        return [options]
    if codec == "mpeg2":
        return [["-c:v", "mpeg2video", "-bf", str(r["bframes"]), "-g", str(r["gop"])] + scale]
    if codec == "mjpeg":
        return [["-c:v", "mjpeg"] + scale]
    raise ValueError(codec)


def _jpeg(source, info, quality, output):
    """Motion JPEG by libjpeg at a quality of 1...100, from the reference's own planes."""
    kind = 2 if "420" in info["format"] else 0
    pictures = []
    for luma, u, v in planes(source):
        if kind == 2:  # repeated samples: the encoder's averaging gives the same planes back
            u, v = (
                numpy.repeat(numpy.repeat(p, 2, 0), 2, 1)[: luma.shape[0], : luma.shape[1]]
                for p in (u, v)
            )
        picture = Image.merge(
            "YCbCr", [Image.fromarray(numpy.ascontiguousarray(p)) for p in (luma, u, v)]
        )
        store = io.BytesIO()
        picture.save(store, "JPEG", quality=quality, subsampling=kind)
        pictures.append(store.getvalue())
    run(
        QUIET[:3]
        + [
            "-y",
            "-f",
            "image2pipe",
            "-c:v",
            "mjpeg",
            "-framerate",
            info["rate"],
            "-i",
            "-",
            "-c",
            "copy",
            "-fflags",
            "+bitexact",
            output,
        ],
        input=b"".join(pictures),
    )


def encode(recipe, source, output, scratch, filters=None):
    """Encodes a video by a recipe, every frame once and in order."""
    info = probe(source)
    if recipe["codec"] == "jpeg":
        _jpeg(source, info, recipe["rate"], output)
        return
    scale = recipe.get("enlarge", 1) ** 2 if filters else 1
    frames_per_second = rate_value(info["rate"])
    rate = 0
    if recipe["kind"] in ("abr", "2pass"):
        rate = max(
            8000, int(recipe["rate"] * info["width"] * info["height"] * scale * frames_per_second)
        )
    given = []
    if recipe["codec"] == "mpeg2" and frames_per_second not in STANDARD_RATES:
        given = ["-r", "25"]  # MPEG-2 knows no other rate; frames are kept, only their times change
    passes = _passes(recipe, rate, scratch + ".log")
    for number, options in enumerate(passes):
        last = number == len(passes) - 1
        command = (
            QUIET
            + given
            + ["-i", source, "-an", "-sn", "-map_metadata", "-1", "-fps_mode", "passthrough"]
        )
        command += (["-vf", filters] if filters else []) + options + ["-passlogfile", scratch]
        command += ["-color_range", "pc"] if recipe["codec"] in FULL_RANGE else []
        if recipe["codec"] == "mjpeg":
            command += ["-pix_fmt", info["format"].replace("yuvj", "yuv").replace("yuv", "yuvj")]
        run(command + (["-fflags", "+bitexact", output] if last else ["-f", "null", "-"]))


def psnr(a, b):
    error = numpy.mean((a.astype(numpy.float32) - b) ** 2, dtype=numpy.float64)
    return 99.0 if error < 1e-9 else 10 * numpy.log10(255.0**2 / error)


def measure(reference, degraded):
    """Mean Y-PSNR of a pair and the probed degraded file.

    Raises `Failed` when frames are missing, of another size, or shifted."""
    info = probe(degraded)
    ours, theirs = [p[0] for p in planes(reference)], [p[0] for p in planes(degraded, info)]
    if len(ours) != len(theirs) or ours[0].shape != theirs[0].shape:
        raise Failed(
            f"{degraded}: {len(theirs)} frames of {theirs[0].shape}, "
            f"reference {len(ours)} of {ours[0].shape}"
        )
    mean = sum(psnr(a, b) for a, b in zip(ours, theirs)) / len(ours)
    if len(ours) > 2:
        shifted = max(
            sum(psnr(a, b) for a, b in zip(ours[1:], theirs)),
            sum(psnr(a, b) for a, b in zip(ours, theirs[1:])),
        )
        if shifted / (len(ours) - 1) > mean + 0.5:
            raise Failed(f"{degraded}: frames are shifted against the reference")
    return mean, info
