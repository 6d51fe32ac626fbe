"""Screens that people record: scrolling text, terminals, editors, slides, windows, subtitles."""

import math

from PIL import Image, ImageChops, ImageFilter

from .canvas import Canvas, code_line, colour, mix, pick_font, sentence


def _ink_and_paper(rng):
    """A readable pair of text and background colours."""
    if rng.random() < 0.55:
        paper = (255, 255, 255) if rng.random() < 0.5 else colour(rng, True)
        return ((0, 0, 0) if rng.random() < 0.6 else colour(rng, False)), paper
    paper = (0, 0, 0) if rng.random() < 0.4 else colour(rng, False)
    return ((255, 255, 255) if rng.random() < 0.5 else colour(rng, True)), paper


def scrolling_text(rng, width, height, frames):
    """A page or credits that move up, or columns that move sideways, at a steady sub-pixel pace."""
    ink, paper = _ink_and_paper(rng)
    font, size = pick_font(rng), rng.choice((9, 10, 11, 12, 14, 16, 20, 26, 34))
    leading = size * rng.uniform(1.2, 1.6)
    whole = rng.random() < 0.4  # a screen scrolls by whole pixels, a film's credits do not
    speed = rng.choice((1, 2, 3, 4, 8)) if whole else rng.uniform(0.15, 3.5)
    sideways = rng.random() < 0.25
    centred = rng.random() < 0.35
    factor = 1 if whole else 2
    travel = int(speed * frames) + 2
    sheet_w, sheet_h = (width + travel, height) if sideways else (width, height + travel)
    sheet = Canvas(sheet_w, sheet_h, factor, paper)
    per_line = max(2, int(sheet_w / (size * 3.2)))
    y, second = rng.uniform(0, size), pick_font(rng)
    while y < sheet_h:
        if rng.random() < 0.12:
            y += leading
            sheet.text(
                sheet_w * 0.06,
                y,
                sentence(rng, 3),
                second,
                size * 1.5,
                mix(ink, (200, 40, 40), 0.5),
            )
            y += leading * 1.6
        line = sentence(rng, per_line if not centred else rng.randint(1, 4))
        if centred:
            sheet.text(sheet_w / 2, y, line, font, size, ink, anchor="ma")
        else:
            sheet.text(sheet_w * 0.03, y, line, font, size, ink)
        y += leading
    for t in range(frames):
        offset = speed * t
        box = (offset * factor, 0) if sideways else (0, offset * factor)
        if whole:
            view = sheet.image.crop(
                (int(box[0]), int(box[1]), int(box[0]) + width, int(box[1]) + height)
            )
        else:
            # The sub-pixel position is taken by the reducing filter's own box.
            view = sheet.image.resize(
                (width, height),
                Image.Resampling.LANCZOS,
                (box[0], box[1], box[0] + width * factor, box[1] + height * factor),
            )
        yield view


def terminal(rng, width, height, frames):
    """A terminal or editor: coloured monospaced lines arrive, the cursor blinks, pages scroll."""
    dark = rng.random() < 0.75
    paper = (
        rng.choice(((0, 0, 0), (40, 42, 54), (0, 43, 54), (48, 10, 36)))
        if dark
        else rng.choice(((255, 255, 255), (253, 246, 227)))
    )
    tone = (
        (lambda: mix(colour(rng), (255, 255, 255), 0.35))
        if dark
        else (lambda: mix(colour(rng), (0, 0, 0), 0.4))
    )
    ink = (220, 220, 220) if dark else (20, 20, 20)
    colours = {
        "keyword": tone(),
        "number": tone(),
        "string": tone(),
        "comment": mix(ink, paper, 0.5),
        "name": ink,
        "space": ink,
    }
    font, size = pick_font(rng, "mono"), rng.choice((9, 10, 11, 12, 13, 15, 18))
    factor = 1 if rng.random() < 0.6 else 2  # the second is a recording that was reduced
    row = round(size * 1.35)
    rows = height // row
    lines = [code_line(rng) for _ in range(rows + frames)]
    numbered, pace, shown = (
        rng.random() < 0.5,
        rng.choice((0.1, 0.25, 0.5, 1.0)),
        rows - rng.randint(0, 3),
    )
    typing = rng.random() < 0.4
    for t in range(frames):
        canvas = Canvas(width, height, factor, paper)
        last = shown + int(t * pace)
        first = max(0, last - rows + 1)
        for k, index in enumerate(range(first, last)):
            x = 4
            if numbered:
                canvas.text(x, k * row, f"{index:4d}", font, size, mix(ink, paper, 0.6))
                x += canvas.text_width("00000 ", font, size)
            for word, kind in lines[index]:
                canvas.text(x, k * row, word, font, size, colours[kind])
                x += canvas.text_width(word, font, size)
        y = (last - first) * row
        typed = "$ " + "".join(w for w, _ in lines[last]).strip()
        if typing:
            typed = typed[: 2 + t]
        canvas.text(4, y, typed, font, size, colours["string"])
        if (t // 8) % 2 == 0:
            x = 6 + canvas.text_width(typed, font, size)
            canvas.rectangle(x, y + 1, x + size * 0.6, y + row - 1, fill=ink)
        yield canvas.finished()


def slides(rng, width, height, frames):
    """A talk: title, bullets one by one and a figure, then a push, wipe or fade to the next."""
    first, second = _slide(rng, width, height), _slide(rng, width, height)
    change, length, kind = (
        rng.randint(10, 20),
        rng.randint(4, 10),
        rng.choice(("push", "wipe", "fade", "cut")),
    )
    pages, after = {n: first(n) for n in range(2, 7)}, {n: second(n) for n in range(2, 7)}
    for t in range(frames):
        before = pages[min(6, 2 + t // 4)]
        if t < change:
            yield before
            continue
        step = min(1.0, (t - change + 1) / length) if kind != "cut" else 1.0
        next_page = after[min(6, 2 + max(0, t - change - length) // 3)]
        eased = 0.5 - 0.5 * math.cos(math.pi * step)
        if kind == "fade":
            yield Image.blend(before, next_page, eased)
            continue
        page, x = before.copy(), round(width * (1 - eased))
        if kind == "push":
            page.paste(before, (x - width, 0))
            page.paste(next_page, (x, 0))
        else:
            page.paste(next_page.crop((x, 0, width, height)), (x, 0))
        yield page


def _slide(rng, width, height):
    """Returns a function that draws one slide with its first `count` bullets."""
    ink, paper = _ink_and_paper(rng)
    band, title_font, font = colour(rng), pick_font(rng), pick_font(rng, "sans")
    size = rng.choice((10, 12, 14, 17)) * height / 270
    title, number = sentence(rng, 4), str(rng.randint(1, 40))
    figure = rng.choice(("none", "boxes", "bars"))
    words = int(width * (0.85 if figure == "none" else 0.5) / (size * 3.3))
    bullets = [sentence(rng, rng.randint(max(1, words // 2), max(2, words))) for _ in range(6)]
    tints, bars = [colour(rng) for _ in range(4)], [rng.uniform(0.1, 1) for _ in range(7)]
    names = [sentence(rng, 1).strip(".?") for _ in range(4)]

    def draw(count):
        canvas = Canvas(width, height, 2, paper)
        canvas.rectangle(0, 0, width, height * 0.2, fill=band)
        canvas.text(width * 0.05, height * 0.04, title, title_font, size * 1.6, (255, 255, 255))
        for k in range(count):
            y = height * 0.25 + k * min(size * 1.9, height * 0.11)
            canvas.ellipse(width * 0.06, y + size * 0.6, size * 0.22, size * 0.22, fill=band)
            canvas.text(width * 0.09, y, bullets[k], font, size, ink)
        for k in range(4 if figure == "boxes" else 0):
            x, y = width * 0.66, height * (0.26 + 0.17 * k)
            canvas.rectangle(
                x,
                y,
                x + width * 0.27,
                y + height * 0.11,
                fill=tints[k],
                outline=ink,
                width=1.5,
                radius=4,
            )
            canvas.text(
                x + width * 0.135,
                y + height * 0.055,
                names[k],
                font,
                size * 0.8,
                (0, 0, 0),
                anchor="mm",
            )
            if k:
                canvas.line(
                    [(x + width * 0.135, y - height * 0.06), (x + width * 0.135, y)], ink, 1.5
                )
        for k in range(7 if figure == "bars" else 0):
            x, base = width * (0.64 + 0.045 * k), height * 0.82
            canvas.rectangle(
                x, base - height * 0.5 * bars[k], x + width * 0.035, base, fill=tints[k % 4]
            )
            canvas.text(
                x + width * 0.0175, base + 2, f"{k + 1}", font, size * 0.7, ink, anchor="ma"
            )
        canvas.text(width * 0.96, height * 0.94, number, font, size * 0.7, ink, anchor="ra")
        return canvas.finished()

    return draw


def windows(rng, width, height, frames):
    """A desktop: windows with menus and lists; one is dragged or scrolled under a cursor."""
    factor = 1 if rng.random() < 0.5 else 2
    unit = rng.choice((9, 10, 11, 12, 14))
    font, bold = pick_font(rng, "sans"), pick_font(rng, "sans")
    desk, desk2, accent = colour(rng), colour(rng, False), colour(rng)
    dark = rng.random() < 0.4
    face, ink = ((44, 44, 48), (230, 230, 230)) if dark else ((245, 245, 245), (25, 25, 25))
    rows = [
        [
            sentence(rng, 2),
            f"{rng.randint(1, 900)} kB",
            f"{rng.randint(1, 28):02d}/{rng.randint(1, 12):02d}/2024",
        ]
        for _ in range(60)
    ]
    labels = [
        rng.choice(("File", "Edit", "View", "Insert", "Help", "Format", "Tools", "Window"))
        for _ in range(5)
    ]
    icons = [(colour(rng), rng.choice("AQ#@&%WMR")) for _ in range(12)]
    boxes = [
        (
            rng.uniform(0, 0.3) * width,
            rng.uniform(0.05, 0.25) * height,
            rng.uniform(0.45, 0.65) * width,
            rng.uniform(0.5, 0.7) * height,
        )
        for _ in range(2)
    ]
    drag = (rng.uniform(-3, 4), rng.uniform(-2, 3)) if rng.random() < 0.5 else (0, 0)
    scroll = rng.choice((0, 1, 2, 3, 6)) if drag == (0, 0) else 0
    sway, phase = rng.uniform(0.1, 0.35), rng.uniform(0, 6)

    def window(canvas, box, front, shift, hover):
        x, y, w, h = box
        canvas.rectangle(x + 3, y + 3, x + w + 3, y + h + 3, fill=mix(desk2, (0, 0, 0), 0.5))
        canvas.rectangle(x, y, x + w, y + h, fill=face, outline=mix(face, ink, 0.5))
        canvas.rectangle(
            x, y, x + w, y + unit * 1.8, fill=accent if front else mix(accent, face, 0.6)
        )
        canvas.text(x + 6, y + unit * 0.3, rows[0][0], bold, unit, (255, 255, 255))
        for k in range(3):
            canvas.ellipse(
                x + w - 9 - 13 * k, y + unit * 0.9, 4, 4, fill=(255, 200 - 80 * k, 60 + 60 * k)
            )
        at = x + 6
        for label in labels:
            canvas.text(at, y + unit * 2.1, label, font, unit, ink)
            at += canvas.text_width(label, font, unit) + unit
        top, row = y + unit * 4, unit * 1.7
        for k in range(int((h - unit * 4) / row)):
            index = (k + shift) % len(rows)
            fill = accent if k == hover and front else (mix(face, ink, 0.06) if index % 2 else face)
            canvas.rectangle(x + 1, top + k * row, x + w - 1, top + (k + 1) * row, fill=fill)
            for text, part in zip(rows[index], (0.08, 0.6, 0.78)):
                if x + w * part + canvas.text_width(text, font, unit) < x + w:
                    canvas.text(
                        x + w * part,
                        top + k * row + 2,
                        text,
                        font,
                        unit,
                        (255, 255, 255) if fill == accent else ink,
                    )
            canvas.rectangle(
                x + 5,
                top + k * row + 2,
                x + 5 + unit,
                top + k * row + 2 + unit,
                fill=icons[index % 12][0],
                radius=2,
            )

    for t in range(frames):
        canvas = Canvas(width, height, factor, desk)
        canvas.gradient(desk, desk2)
        for k, (fill, letter) in enumerate(icons):
            x, y = width - 30 - 34 * (k // 6), 10 + (k % 6) * height / 7
            canvas.rectangle(x, y, x + 22, y + 22, fill=fill, radius=5)
            canvas.text(x + 11, y + 11, letter, bold, 14, (255, 255, 255), anchor="mm")
        hover = int(3 + 3 * math.sin(t * sway + phase))
        window(canvas, boxes[0], False, 0, -1)
        x, y, w, h = boxes[1]
        moved = (x + drag[0] * t, y + drag[1] * t, w, h)
        window(canvas, moved, True, scroll * t // 3, hover)
        mx, my = moved[0] + 40 + drag[0], moved[1] + unit
        if drag == (0, 0):
            mx, my = x + w * (0.5 + 0.4 * math.sin(t * sway + phase)), y + h * (
                0.5 + 0.4 * math.cos(1.3 * t * sway)
            )
        arrow = [(0, 0), (0, 14), (3.5, 11), (6, 16), (8.5, 15), (6, 10), (10.5, 10)]
        canvas.polygon([(mx + a, my + b) for a, b in arrow], (255, 255, 255), (0, 0, 0), 1)
        yield canvas.finished()


def captioned(rng, pictures):
    """Puts film subtitles, a logo and perhaps a news ticker over moving pictures."""
    pictures = list(pictures)
    width, height = pictures[0].size
    size = max(10, round(height * rng.uniform(0.05, 0.085)))
    font, logo_font = pick_font(rng, "sans"), pick_font(rng)
    lines = [sentence(rng, rng.randint(3, 5)) for _ in range(rng.randint(1, 2))]
    later = [sentence(rng, rng.randint(2, 5)) for _ in range(rng.randint(1, 2))]
    fill = rng.choice(((255, 255, 255), (255, 255, 255), (255, 240, 60)))
    ticker = sentence(rng, 40) if rng.random() < 0.45 else None
    bar, pace, change = colour(rng), rng.uniform(1, 4), rng.randint(12, 22)
    for t, picture in enumerate(pictures):
        canvas = Canvas(width, height, 2)
        canvas.image.paste(picture.resize((width * 2, height * 2), Image.Resampling.BICUBIC))
        shown = lines if t < change else later
        base = height * (0.86 if ticker else 0.95)
        for k, line in enumerate(reversed(shown)):
            canvas.text(
                width / 2,
                base - k * size * 1.25,
                line,
                font,
                size,
                fill,
                anchor="ms",
                stroke=size * 0.08,
                stroke_fill=(0, 0, 0),
            )
        canvas.text(
            width * 0.97,
            height * 0.04,
            "NEWS 24",
            logo_font,
            size * 0.9,
            (255, 255, 255),
            anchor="ra",
        )
        if ticker:
            canvas.rectangle(0, height * 0.9, width, height, fill=bar)
            canvas.text(
                width * 0.5 - pace * t,
                height * 0.95,
                ticker,
                font,
                size * 0.8,
                (255, 255, 255),
                anchor="lm",
            )
        drawn = canvas.finished()
        # Only what was drawn over changes: the picture below keeps its own samples.
        mask = _changed(drawn, picture)
        yield Image.composite(drawn, picture, mask)


def _changed(drawn, picture):
    difference = (
        ImageChops.difference(drawn, picture).convert("L").point(lambda v: 255 if v > 24 else 0)
    )
    return difference.filter(ImageFilter.MaxFilter(3))
