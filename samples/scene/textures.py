"""Everything that is painted: houses, paving, trees, a tram, a boat, a balloon.

Pictures are drawn at twice their size with Pillow, shaded with noise, and returned as linear-light
RGBA arrays with the metres they cover.
"""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from .noise import blur, fractal, value_noise

FONTS = "/usr/share/fonts/truetype/dejavu/"


def font(size, name="DejaVuSans-Bold.ttf"):
    return ImageFont.truetype(FONTS + name, max(4, int(size)))


def linear(image):
    """sRGB bytes to linear light."""
    value = np.asarray(image, np.float32) / 255
    colour = value[..., :3]
    value = value.copy()
    value[..., :3] = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    return value


def halved(image):
    return image.resize((image.width // 2, image.height // 2), Image.LANCZOS)


def brick_field(width, height, pixels, base, rng):
    """Brickwork of 0.22 x 0.07 m bricks in linear light, [height, width, 3]."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / pixels
    row = np.floor(y / 0.075)
    shifted = x + (row % 2) * 0.115
    column = np.floor(shifted / 0.23)
    inside_x, inside_y = shifted / 0.23 - column, y / 0.075 - row
    mortar = (inside_x < 0.055) | (inside_y < 0.15)
    seed = (row.astype(np.int64) * 7919 + column.astype(np.int64) * 104729) & 0xFFFF
    table = rng.random((0x10000, 3)).astype(np.float32)
    shade = 0.72 + 0.5 * table[seed][..., :1] + 0.10 * (table[seed] - 0.5)
    grain = 0.8 + 0.4 * fractal((height, width), 5, rng, 3)[..., None]
    edge = np.clip(np.minimum(inside_x - 0.055, 1 - inside_x) * 6, 0, 1)
    relief = 0.85 + 0.15 * np.minimum(edge, np.clip((1 - inside_y) * 4, 0, 1))[..., None]
    wall = np.asarray(base, np.float32) * shade * grain * relief
    joint = np.asarray([0.36, 0.33, 0.29], np.float32) * grain
    wall = np.where(mortar[..., None], joint, wall)
    dirt = fractal((height, width), pixels * 2.0, rng, 5)[..., None]
    return wall * (0.62 + 0.7 * dirt)


def plaster_field(width, height, pixels, base, rng):
    """Painted plaster with stains, [height, width, 3] in linear light."""
    fine = 0.92 + 0.16 * fractal((height, width), 4, rng, 3)[..., None]
    stain = 0.65 + 0.6 * fractal((height, width), pixels * 1.2, rng, 6, 0.6)[..., None]
    streaks = 0.9 + 0.2 * value_noise((max(2, height // 24), width), 5, rng)
    streaks = np.repeat(streaks, 25, 0)[:height, :, None]
    return np.asarray(base, np.float32) * fine * stain * streaks


HOUSES = [
    # width, height, stands, wall, colour, frame, awning, sign
    (4.6, 7.6, "neck", "brick", (0.30, 0.10, 0.065), (0.85, 0.84, 0.78), None, "DE GOUDEN MOLEN"),
    (3.8, 6.9, "step", "plaster", (0.62, 0.47, 0.26), (0.92, 0.92, 0.88), (0.45, 0.04, 0.04), "Café Meridiaan"),
    (5.2, 8.2, "flat", "brick", (0.20, 0.075, 0.055), (0.80, 0.78, 0.70), None, "BOEKHANDEL & ANTIQUARIAAT"),
    (4.2, 7.2, "neck", "plaster", (0.55, 0.57, 0.58), (0.12, 0.17, 0.14), (0.03, 0.16, 0.12), "Bakkerij van Dijk"),
    (4.8, 7.9, "step", "brick", (0.36, 0.16, 0.09), (0.88, 0.86, 0.80), None, "FIETSEN · REPARATIE"),
    (3.9, 6.6, "flat", "plaster", (0.30, 0.36, 0.42), (0.93, 0.93, 0.90), (0.42, 0.33, 0.05), "Thee & Koffie 1872"),
    (5.0, 8.0, "neck", "brick", (0.25, 0.085, 0.06), (0.84, 0.82, 0.76), None, "KUNSTHANDEL"),
    (4.4, 7.3, "step", "plaster", (0.66, 0.58, 0.46), (0.25, 0.06, 0.05), (0.05, 0.10, 0.30), "Vishandel Zeezicht"),
]


def facade(rng, pixels=84):
    """A row of canal houses, 36 m wide and 9 m high; clear above the roofs."""
    total, tall = sum(house[0] for house in HOUSES), 9.0
    width, height = int(total * pixels), int(tall * pixels)
    result = np.zeros((height, width, 4), np.float32)
    left = 0.0
    for index, house in enumerate(HOUSES):
        part = one_house(house, index, pixels, tall, rng)
        start = int(left * pixels)
        stop = min(width, start + part.shape[1])
        result[:, start:stop] = part[:, : stop - start]
        left += house[0]
    return result, (total, tall)


def one_house(house, index, pixels, tall, rng):
    wide, high, gable, kind, base, frame, awning, sign = house
    width, height = int(wide * pixels), int(tall * pixels)
    field = brick_field if kind == "brick" else plaster_field
    wall = field(width, height, pixels, base, rng)

    def px(metres):
        return metres * pixels * 2

    def box(x0, y0, x1, y1):
        return [px(x0), px(tall - y1), px(x1), px(tall - y0)]

    # The outline of the gable.
    mask = Image.new("L", (width * 2, height * 2), 0)
    draw = ImageDraw.Draw(mask)
    draw.rectangle(box(0, 0, wide, high - 1.6), fill=255)
    if gable == "flat":
        draw.rectangle(box(0, 0, wide, high - 0.9), fill=255)
    elif gable == "step":
        for step in range(5):
            inset = step * wide * 0.09
            draw.rectangle(box(inset, 0, wide - inset, high - 1.6 + 0.36 * (step + 1)), fill=255)
    else:
        neck = [(0.0, 1.6), (0.10, 1.5), (0.2, 1.1), (0.26, 0.5), (0.30, 0.2), (0.42, 0.0), (0.5, -0.1)]
        points = [(px(wide * u), px(tall - high + v)) for u, v in neck]
        points += [(px(wide * (1 - u)), px(tall - high + v)) for u, v in reversed(neck)]
        draw.polygon([(0, px(tall))] + points + [(px(wide), px(tall))], fill=255)
    alpha = np.asarray(halved(mask), np.float32) / 255

    # Everything that is painted on the wall.
    paint = Image.new("RGBA", (width * 2, height * 2), (0, 0, 0, 0))
    draw = ImageDraw.Draw(paint)
    ink = tuple(int(255 * c**0.45) for c in frame)
    dark = tuple(int(c * 0.55) for c in ink)
    columns = 3 if wide > 4.5 else 2
    for storey in range(3):
        bottom, size = 3.0 + storey * 1.75, (0.86, 1.28 if storey < 2 else 0.95)
        if bottom + size[1] > high - 0.9:
            continue
        for column in range(columns):
            x = wide * (column + 0.5) / columns - size[0] / 2
            draw.rectangle(box(x - 0.16, bottom - 0.12, x + size[0] + 0.16, bottom - 0.02), fill=dark)
            draw.rectangle(box(x - 0.08, bottom - 0.05, x + size[0] + 0.08, bottom + size[1] + 0.1), fill=ink)
            window(draw, box, x, bottom, size, rng, ink)
    draw.rectangle(box(0, 2.55, wide, 2.72), fill=ink)
    draw.rectangle(box(0, 2.50, wide, 2.55), fill=dark)
    shop(draw, box, px, wide, tall, ink, sign, index, rng)
    if awning:
        stripes = 13
        colour = tuple(int(255 * c**0.45) for c in awning)
        for stripe in range(stripes):
            x0, x1 = 0.25 + (wide - 0.5) * stripe / stripes, 0.25 + (wide - 0.5) * (stripe + 1) / stripes
            fill = colour if stripe % 2 == 0 else (232, 228, 214)
            draw.rectangle(box(x0, 1.95, x1, 2.42), fill=fill)
            draw.ellipse(box(x0, 1.86, x1, 2.04), fill=fill)
    draw.rectangle(box(wide - 0.11, 0, wide - 0.04, high - 1.7), fill=(58, 62, 60, 255))
    painted = linear(halved(paint))
    stain = 0.75 + 0.45 * fractal((height, width), pixels * 0.7, rng, 6)[..., None]
    colour = wall * (1 - painted[..., 3:]) + painted[..., :3] * stain * painted[..., 3:]
    # What stands out from the wall shades what is right below it.
    shadow = blur(np.roll(painted[..., 3], (5, 3), (0, 1))[..., None], 3)
    colour *= 1 - 0.35 * shadow * (1 - painted[..., 3:])
    colour[: int(pixels * 9)] *= np.linspace(1.08, 0.86, height)[:, None, None]
    return np.concatenate([colour, alpha[..., None]], 2)


def window(draw, box, x, bottom, size, rng, ink):
    """Panes that show some sky, curtains and the dark of the room."""
    tone = int(rng.integers(26, 60))
    for row in range(12):
        share = row / 12
        sky = int(tone + 70 * share**2)
        draw.rectangle(
            box(x, bottom + size[1] * share, x + size[0], bottom + size[1] * (share + 1 / 12)),
            fill=(sky, int(sky * 1.06), int(sky * 1.16)))
    if rng.random() < 0.6:
        side = size[0] * rng.uniform(0.15, 0.35)
        curtain = (196, 190, 176)
        draw.rectangle(box(x, bottom, x + side, bottom + size[1]), fill=curtain)
        draw.rectangle(box(x + size[0] - side, bottom, x + size[0], bottom + size[1]), fill=curtain)
        for fold in np.arange(0, side, 0.05):
            draw.line(box(x + fold, bottom, x + fold, bottom + size[1]), fill=(160, 152, 138), width=2)
    for bar in range(1, 3):
        y = bottom + size[1] * bar / 3
        draw.rectangle(box(x, y - 0.016, x + size[0], y + 0.016), fill=ink)
    middle = x + size[0] / 2
    draw.rectangle(box(middle - 0.018, bottom, middle + 0.018, bottom + size[1]), fill=ink)


def shop(draw, box, px, wide, tall, ink, sign, index, rng):
    """The ground floor: window with goods, door, sign, notices in small print."""
    draw.rectangle(box(0.22, 0.0, wide - 1.3, 2.0), fill=ink)
    draw.rectangle(box(0.32, 0.45, wide - 1.4, 1.9), fill=(34, 36, 38))
    for shelf in range(3):
        y = 0.5 + shelf * 0.46
        x = 0.4
        while x < wide - 1.6:
            w, h = rng.uniform(0.05, 0.2), rng.uniform(0.14, 0.38)
            colour = tuple(int(c) for c in rng.integers(50, 210, 3))
            draw.rectangle(box(x, y, x + w, y + h), fill=colour)
            x += w + rng.uniform(0.01, 0.08)
        draw.rectangle(box(0.32, y - 0.03, wide - 1.4, y), fill=(120, 96, 64))
    door = wide - 1.05
    draw.rectangle(box(door - 0.08, 0, door + 0.86, 2.15), fill=ink)
    colour = [(28, 60, 44), (84, 24, 22), (24, 40, 74), (52, 38, 24)][index % 4]
    draw.rectangle(box(door, 0.05, door + 0.78, 2.05), fill=colour)
    draw.rectangle(box(door + 0.12, 1.1, door + 0.66, 1.9), fill=(60, 66, 72))
    draw.rectangle(box(door + 0.12, 0.2, door + 0.66, 0.9), outline=(14, 14, 14), width=4)
    board = box(0.2, 2.08, wide - 0.2, 2.48)
    draw.rectangle(board, fill=[(22, 36, 30), (238, 232, 216), (30, 28, 40)][index % 3])
    letter = [(232, 208, 140), (40, 34, 30), (236, 234, 228)][index % 3]
    size = min(px(0.3), (wide - 0.6) * px(1) / max(6, len(sign)) * 1.5)
    draw.text(((board[0] + board[2]) / 2, (board[1] + board[3]) / 2), sign, fill=letter, anchor="mm",
              font=font(size, "DejaVuSerif-Bold.ttf" if index % 2 else "DejaVuSans-Bold.ttf"))
    notice = box(wide - 1.72, 0.72, wide - 1.42, 1.62)
    draw.rectangle(notice, fill=(240, 238, 226))
    lines = ["OPEN", "ma 9-18", "di 9-18", "wo 9-18", "do 9-21", "vr 9-18", "za 10-17"]
    for row, text in enumerate(lines):
        draw.text((notice[0] + px(0.03), notice[1] + px(0.03 + 0.12 * row)), text, fill=(30, 30, 34),
                  font=font(px(0.095), "DejaVuSans.ttf"))


def paving(rng, pixels=72):
    """Cobbles for 36 x 6 m, [height, width, 4]; near edge at the bottom."""
    wide, deep = 36.0, 6.0
    width, height = int(wide * pixels), int(deep * pixels)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / pixels
    bend = 0.03 * (fractal((height, width), pixels * 0.5, rng, 3) - 0.5)
    row = np.floor((y + bend) / 0.13)
    shifted = x + (row % 2) * 0.11 + bend
    column = np.floor(shifted / 0.22)
    u, v = shifted / 0.22 - column - 0.5, (y + bend) / 0.13 - row - 0.5
    bump = np.clip(1.15 - 2.2 * np.maximum(np.abs(u) ** 3 * 4, np.abs(v) ** 3 * 4), 0.25, 1)
    table = rng.random(0x10000).astype(np.float32)
    tone = table[(row.astype(np.int64) * 7919 + column.astype(np.int64) * 104729) & 0xFFFF]
    slope = 1 + 0.35 * (-u * 0.6 - v)
    grain = 0.75 + 0.5 * fractal((height, width), 6, rng, 4)
    wet = 0.75 + 0.5 * fractal((height, width), pixels * 1.5, rng, 5)
    value = bump * slope * grain * wet * (0.6 + 0.7 * tone)
    colour = value[..., None] * np.asarray([0.19, 0.172, 0.158], np.float32)
    for rail in (2.25, 3.65):
        band = np.abs((deep - y) - rail) < 0.05
        colour[band] = np.asarray([0.30, 0.30, 0.31]) * grain[band][:, None]
    kerb = (deep - y) < 0.35
    stone = 0.34 * grain * wet * np.where((x % 1.4) < 0.02, 0.35, 1)
    colour[kerb] = (stone[..., None] * np.asarray([1, 0.96, 0.88]))[kerb]
    return np.concatenate([colour, np.ones((height, width, 1), np.float32)], 2), (wide, deep)


def quay(rng, pixels=72):
    """The wall between street and water: blocks of stone, green with algae below."""
    wide, high = 36.0, 1.2
    width, height = int(wide * pixels), int(high * pixels)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32) / pixels
    row = np.floor(y / 0.3)
    shifted = x + (row % 3) * 0.31
    column = np.floor(shifted / 0.8)
    u, v = shifted / 0.8 - column, y / 0.3 - row
    joint = np.minimum(np.minimum(u, 1 - u) * 0.8, np.minimum(v, 1 - v) * 0.3) < 0.012
    table = rng.random(0x10000).astype(np.float32)
    tone = table[(row.astype(np.int64) * 7919 + column.astype(np.int64) * 104729) & 0xFFFF]
    grain = fractal((height, width), 14, rng, 5, 0.6)
    value = (0.55 + 0.5 * tone) * (0.5 + grain) * np.where(joint, 0.45, 1)
    stone = value[..., None] * np.asarray([0.25, 0.22, 0.18], np.float32)
    algae = np.clip((y - 0.55 + 0.5 * (fractal((height, width), 40, rng, 5) - 0.5)) * 3, 0, 1)[..., None]
    green = (0.5 + grain[..., None]) * np.asarray([0.05, 0.085, 0.03], np.float32)
    colour = stone * (1 - algae) + green * algae
    return np.concatenate([colour, np.ones((height, width, 1), np.float32)], 2), (wide, high)


def tree(rng, pixels=104):
    """An elm of 5.6 x 6.8 m: branches, and clumps of leaves lit from the upper left."""
    wide, high = 5.6, 6.8
    scale = pixels * 2
    image = Image.new("RGBA", (int(wide * scale), int(high * scale)), (22, 32, 12, 0))
    draw = ImageDraw.Draw(image)
    tips = []

    def branch(x, y, angle, length, thick):
        x1, y1 = x + length * np.sin(angle), y + length * np.cos(angle)
        lines = max(2, int(thick * scale))
        draw.line([x * scale, (high - y) * scale, x1 * scale, (high - y1) * scale], fill=(46, 38, 30), width=lines)
        draw.line([(x - thick * 0.2) * scale, (high - y) * scale, (x1 - thick * 0.2) * scale, (high - y1) * scale],
                  fill=(84, 72, 58), width=max(1, lines // 3))
        if length < 0.5:
            tips.append((x1, y1))
            return
        for _ in range(3):
            turn = np.clip(angle + rng.normal(0, 0.55), -1.35, 1.35)
            branch(x1, y1, turn, length * rng.uniform(0.58, 0.8), thick * 0.6)

    branch(wide / 2, 0.0, 0.02, 1.75, 0.2)
    clumps = []
    for x, y in tips:
        x = np.clip(x, 0.75, wide - 0.75) + rng.normal(0, 0.08)
        clumps.append((rng.random(), x, np.clip(y, 1.9, high - 0.75) + rng.normal(0, 0.08)))
    clumps.sort()
    leaves_each = max(20, 15000 // len(clumps))
    for depth, cx, cy in clumps:
        # A clump deep in the crown is dark; so is the lower right of the crown as a whole.
        crown = 0.62 + 0.16 * (cy - 4.3) - 0.13 * (cx - wide / 2)
        for _ in range(leaves_each):
            dx, dy = rng.normal(0, 0.21), rng.normal(0, 0.15)
            side = 0.5 + 1.3 * (dy - 0.6 * dx)
            light = np.clip((0.42 + 0.58 * depth) * crown * side * 1.55 + rng.normal(0, 0.05), 0.24, 1.15)
            warm = rng.uniform(0.72, 1.08)
            colour = (int(min(255, 136 * light * warm)), int(min(255, 158 * light)), int(52 * light))
            long, short, turn = rng.uniform(0.04, 0.07), rng.uniform(0.014, 0.03), rng.uniform(0, np.pi)
            c, s = np.cos(turn), np.sin(turn)
            points = []
            for step in np.linspace(0, 2 * np.pi, 9)[:-1]:
                u, v = long * np.cos(step), short * np.sin(step)
                points.append(((cx + dx + c * u - s * v) * scale, (high - cy - dy - s * u - c * v) * scale))
            draw.polygon(points, fill=colour + (255,))
    return linear(halved(image)), (wide, high)


def walker(phase, coat, trousers, pixels=150):
    """Somebody of 1.75 m at one phase of a step, walking to the right; 1.1 x 1.9 m."""
    wide, high = 1.1, 1.9
    scale = pixels * 2
    image = Image.new("RGBA", (int(wide * scale), int(high * scale)), (50, 46, 44, 0))
    draw = ImageDraw.Draw(image)

    def at(x, y):
        return (x * scale, (high - y) * scale)

    def limb(x, y, first, second, lengths, width, colour):
        joint = (x + lengths[0] * np.sin(first), y - lengths[0] * np.cos(first))
        end = (joint[0] + lengths[1] * np.sin(second), joint[1] - lengths[1] * np.cos(second))
        for a, b in (((x, y), joint), (joint, end)):
            draw.line([at(*a), at(*b)], fill=colour, width=int(width * scale))
            for p in (a, b):
                r = width / 2
                draw.ellipse([*at(p[0] - r, p[1] + r), *at(p[0] + r, p[1] - r)], fill=colour)
        return end

    rise = 0.02 * np.cos(2 * phase)
    hip, neck = 0.86 + rise, 1.42 + rise
    dark = tuple(int(c * 0.7) for c in coat)
    for offset, shade in ((np.pi, 0.75), (0.0, 1.0)):
        swing = 0.45 * np.sin(phase + offset)
        lift = max(0.0, np.cos(phase + offset)) * 0.7
        colour = tuple(int(c * shade) for c in trousers)
        foot = limb(0.52, hip, swing, swing - lift, (0.42, 0.42), 0.13, colour)
        draw.ellipse([*at(foot[0] - 0.06, foot[1] + 0.05), *at(foot[0] + 0.16, foot[1] - 0.04)], fill=(34, 28, 26))
        if offset:
            limb(0.52, neck - 0.04, 0.4 * np.sin(phase), 0.4 * np.sin(phase) + 0.35, (0.28, 0.26), 0.1, dark)
    draw.rounded_rectangle([*at(0.38, neck + 0.04), *at(0.68, hip - 0.1)], radius=int(0.1 * scale), fill=coat)
    draw.rectangle([*at(0.38, neck - 0.1), *at(0.46, hip - 0.08)], fill=tuple(min(255, int(c * 1.25)) for c in coat))
    arm = -0.4 * np.sin(phase)
    hand = limb(0.53, neck - 0.04, arm, arm + 0.35, (0.28, 0.26), 0.1, dark)
    draw.rectangle([*at(hand[0] - 0.1, hand[1]), *at(hand[0] + 0.12, hand[1] - 0.26)], fill=(122, 84, 48))
    draw.ellipse([*at(0.43, neck + 0.32), *at(0.66, neck + 0.04)], fill=(212, 170, 142))
    draw.pieslice([*at(0.41, neck + 0.36), *at(0.65, neck + 0.06)], 140, 340, fill=(52, 36, 26))
    return linear(halved(image)), (wide, high)


def tram(rng, pixels=112):
    """A tram of 10.5 x 3.1 m with passengers, a destination and small print."""
    wide, high = 10.5, 3.1
    scale = pixels * 2
    image = Image.new("RGBA", (int(wide * scale), int(high * scale)), (120, 120, 120, 0))
    draw = ImageDraw.Draw(image)

    def box(x0, y0, x1, y1):
        return [x0 * scale, (high - y1) * scale, x1 * scale, (high - y0) * scale]

    draw.rounded_rectangle(box(0.1, 0.32, wide - 0.1, 2.95), radius=int(0.3 * scale), fill=(226, 222, 208))
    draw.rectangle(box(0.1, 0.5, wide - 0.1, 1.22), fill=(22, 66, 128))
    draw.rectangle(box(0.1, 1.22, wide - 0.1, 1.28), fill=(206, 168, 60))
    draw.rectangle(box(0.2, 0.2, wide - 0.2, 0.5), fill=(40, 42, 46))
    for x in np.arange(0.5, wide - 0.6, 1.36):
        draw.rounded_rectangle(box(x, 1.42, x + 1.2, 2.36), radius=14, fill=(24, 28, 34))
        for row in range(8):
            tone = 40 + row * 8
            draw.rectangle(box(x + 0.05, 1.47 + row * 0.1, x + 1.15, 1.57 + row * 0.1), fill=(tone, tone + 6, tone + 12))
        for _ in range(2):
            px, skin = x + rng.uniform(0.15, 0.95), rng.uniform(0.5, 1.0)
            cloth = tuple(int(c) for c in rng.integers(30, 150, 3))
            draw.rounded_rectangle(box(px - 0.16, 1.47, px + 0.16, 1.82), radius=20, fill=cloth)
            draw.ellipse(box(px - 0.09, 1.8, px + 0.09, 2.06), fill=(int(206 * skin), int(164 * skin), int(136 * skin)))
            draw.pieslice(box(px - 0.1, 1.84, px + 0.1, 2.1), 180, 360, fill=(44, 32, 24))
        draw.line(box(x + 0.1, 1.5, x + 0.5, 2.3), fill=(110, 120, 130), width=4)
    for x in (3.1, 7.2):
        draw.rectangle(box(x, 0.42, x + 1.0, 2.4), fill=(206, 168, 60))
        for half in (0, 0.5):
            draw.rectangle(box(x + half + 0.05, 0.52, x + half + 0.45, 2.3), fill=(52, 60, 68))
    draw.rectangle(box(0.4, 2.46, 3.4, 2.84), fill=(16, 16, 16))
    draw.text((0.5 * scale, (high - 2.65) * scale), "12  CENTRAAL STATION", fill=(255, 176, 40), anchor="lm", font=font(0.24 * scale))
    draw.text((4.4 * scale, (high - 2.65) * scale), "STADSVERVOER · TRAM 2087", fill=(22, 66, 128), anchor="lm", font=font(0.2 * scale))
    draw.text((0.4 * scale, (high - 0.86) * scale), "Verhalen van het water", fill=(240, 236, 220), anchor="lm", font=font(0.19 * scale, "DejaVuSerif-Bold.ttf"))
    draw.text((4.3 * scale, (high - 0.78) * scale), "tentoonstelling 3 maart t/m 18 augustus", fill=(240, 236, 220), anchor="lm", font=font(0.115 * scale, "DejaVuSans.ttf"))
    draw.text((4.3 * scale, (high - 0.98) * scale), "Museum aan de Gracht — dagelijks 10-17 uur", fill=(206, 190, 130), anchor="lm", font=font(0.11 * scale, "DejaVuSans.ttf"))
    for x in (1.3, 2.3, 8.2, 9.2):
        draw.ellipse(box(x - 0.3, 0.0, x + 0.3, 0.6), fill=(28, 28, 30))
        draw.ellipse(box(x - 0.16, 0.14, x + 0.16, 0.46), fill=(92, 92, 94))
    pixels_array = linear(halved(image))
    height, width = pixels_array.shape[:2]
    dirt = 0.8 + 0.3 * fractal((height, width), 60, rng, 5)
    shade = np.linspace(1.1, 0.7, height)[:, None]
    pixels_array[..., :3] *= (dirt * shade)[..., None]
    return pixels_array, (wide, high)


def boat(rng, pixels=140):
    """A wooden launch of 5 x 2 m with a canvas and two people."""
    wide, high = 5.0, 2.0
    scale = pixels * 2
    image = Image.new("RGBA", (int(wide * scale), int(high * scale)), (90, 60, 40, 0))
    draw = ImageDraw.Draw(image)

    def at(x, y):
        return (x * scale, (high - y) * scale)

    for x, coat, hair in ((2.9, (150, 36, 30), (40, 30, 24)), (3.6, (38, 60, 96), (120, 90, 50))):
        draw.rounded_rectangle([*at(x - 0.2, 1.35), *at(x + 0.2, 0.6)], radius=36, fill=coat)
        draw.ellipse([*at(x - 0.12, 1.62), *at(x + 0.12, 1.32)], fill=(210, 168, 140))
        draw.pieslice([*at(x - 0.13, 1.66), *at(x + 0.13, 1.36)], 170, 370, fill=hair)
    draw.polygon([at(0.6, 0.75), at(0.8, 1.45), at(2.1, 1.45), at(2.3, 0.75)], fill=(196, 186, 160))
    for x in np.arange(0.8, 2.2, 0.17):
        draw.line([at(x, 1.44), at(x - 0.03, 0.78)], fill=(158, 148, 122), width=3)
    hull = [at(0.05, 0.95), at(0.5, 0.78), at(4.2, 0.76), at(4.98, 1.05), at(4.6, 0.2), at(0.5, 0.12)]
    draw.polygon(hull, fill=(118, 66, 34))
    for row in range(6):
        y = 0.25 + row * 0.1
        draw.line([at(0.2, y + 0.03), at(4.8, y + 0.06 + row * 0.012)], fill=(74, 40, 22), width=4)
    draw.line([at(0.05, 0.95), at(0.5, 0.8), at(4.2, 0.78), at(4.98, 1.05)], fill=(222, 214, 190), width=16)
    draw.text(at(3.3, 0.55), "ZEEMEEUW  AM 4471", fill=(236, 230, 206), anchor="mm", font=font(0.15 * scale, "DejaVuSerif-Bold.ttf"))
    array = linear(halved(image))
    height, width = array.shape[:2]
    grain = 0.75 + 0.5 * np.repeat(fractal((height, max(8, width // 16)), 3, rng, 4), 17, 1)[:, :width]
    array[..., :3] *= grain[..., None]
    return array, (wide, high)


def bicycle(pixels=200):
    """A bicycle of 1.8 x 1.1 m: thin lines, spokes and all."""
    wide, high = 1.8, 1.1
    scale = pixels * 2
    image = Image.new("RGBA", (int(wide * scale), int(high * scale)), (24, 24, 26, 0))
    draw = ImageDraw.Draw(image)

    def at(x, y):
        return (x * scale, (high - y) * scale)

    for x in (0.37, 1.4):
        for spoke in np.linspace(0, 2 * np.pi, 19)[:-1]:
            draw.line([at(x, 0.36), at(x + 0.32 * np.cos(spoke), 0.36 + 0.32 * np.sin(spoke))], fill=(150, 150, 150), width=2)
        draw.ellipse([*at(x - 0.34, 0.70), *at(x + 0.34, 0.02)], outline=(24, 24, 26), width=14)
    frame = (30, 92, 60)
    for a, b in (((0.37, 0.36), (0.78, 0.34)), ((0.78, 0.34), (0.62, 0.82)), ((0.37, 0.36), (0.62, 0.78)),
                 ((0.78, 0.34), (1.22, 0.78)), ((0.64, 0.74), (1.22, 0.82)), ((1.18, 0.95), (1.4, 0.36))):
        draw.line([at(*a), at(*b)], fill=frame, width=12)
    draw.line([at(1.0, 1.0), at(1.2, 0.96)], fill=(40, 40, 40), width=12)
    draw.line([at(0.5, 0.86), at(0.74, 0.87)], fill=(60, 36, 24), width=20)
    return linear(halved(image)), (wide, high)


def lamp(pixels=110):
    """A street lamp of 0.7 x 3.6 m."""
    wide, high = 0.7, 3.6
    scale = pixels * 2
    image = Image.new("RGBA", (int(wide * scale), int(high * scale)), (20, 32, 26, 0))
    draw = ImageDraw.Draw(image)

    def at(x, y):
        return (x * scale, (high - y) * scale)

    iron = (22, 36, 30)
    draw.polygon([at(0.31, 2.9), at(0.39, 2.9), at(0.42, 0), at(0.28, 0)], fill=iron)
    draw.rectangle([*at(0.22, 0.5), *at(0.48, 0)], fill=iron)
    draw.polygon([at(0.26, 2.9), at(0.44, 2.9), at(0.54, 3.3), at(0.16, 3.3)], fill=(206, 204, 180))
    for x0, x1 in ((0.26, 0.16), (0.35, 0.35), (0.44, 0.54)):
        draw.line([at(x0, 2.9), at(x1, 3.3)], fill=iron, width=7)
    draw.polygon([at(0.1, 3.3), at(0.6, 3.3), at(0.35, 3.55)], fill=iron)
    return linear(halved(image)), (wide, high)


def balloon(rng, pixels=150):
    """The skin of a hot-air balloon, unrolled: 8 x 4 m of gores with letters."""
    wide, high = 8.0, 4.0
    scale = pixels * 2
    image = Image.new("RGBA", (int(wide * scale), int(high * scale)), (200, 60, 40, 255))
    draw = ImageDraw.Draw(image)
    colours = [(196, 44, 34), (236, 196, 72), (232, 226, 208), (38, 84, 140)]
    for gore in range(24):
        x0, x1 = wide * gore / 24, wide * (gore + 1) / 24
        draw.rectangle([x0 * scale, 0, x1 * scale, high * scale], fill=colours[gore % 4])
        draw.line([x0 * scale, 0, x0 * scale, high * scale], fill=(90, 50, 40), width=5)
    draw.rectangle([0, 1.75 * scale, wide * scale, 2.3 * scale], fill=(32, 40, 60))
    for repeat in range(4):
        draw.text(((repeat * 2 + 1) * scale, 2.03 * scale), "LUCHTPOST", fill=(240, 234, 214), anchor="mm", font=font(0.34 * scale))
    array = linear(halved(image))
    height, width = array.shape[:2]
    array[..., :3] *= (0.85 + 0.3 * fractal((height, width), 70, rng, 4, wrap=True))[..., None]
    return array, (wide, high)
