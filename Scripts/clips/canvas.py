"""A supersampled drawing surface, with the fonts, colours and words that the scenes draw."""

import glob
import os
import random

from PIL import Image, ImageDraw, ImageFont

FONT_FOLDERS = (
    "/usr/share/fonts/truetype/dejavu",
    "/usr/share/fonts/truetype/liberation",
    "/usr/share/fonts/truetype/freefont",
    "/usr/share/fonts/truetype/hack",
)

WORDS = """the of and to in is that for it as was with be by on not he his but at are this have
from or had an they which one you were her all she there would their we him been has when who will
more no if out so said what up its about into than them can only other new some could time these
two may then do first any my now such like our over man me even most made after also did many
before must through back years where much your way well down should because each just those people
state good very make world still see men work long here get both between life being under never
day same another know while last might us great old year off come since against go came right used
take three himself few house use during without again place American around however home small
found thought went say part once general high upon school every don't does got united left number
course war until always away something fact water though less public put think almost hand enough
far took head yet government system better set told nothing night end why called didn't eyes find
going look asked later point knew next city program business give group toward young days let room
quantiser picture frame signal wavelet temperature Wednesday copyright minutes subtitle revenue
café naïve Ærøskøbing Straße año façade Žižkov Москва время людей Ελλάδα θάλασσα λόγος""".split()

KEYWORDS = """def return for in if else import class while try except lambda yield with as let var
func struct guard switch case void int float const static""".split()


def font_files():
    """Returns installed fonts by style: {"sans": [...], "serif": [...], "mono": [...]}."""
    styles = {"sans": [], "serif": [], "mono": []}
    for folder in FONT_FOLDERS:
        for path in sorted(glob.glob(os.path.join(folder, "*.ttf"))):
            name = os.path.basename(path)
            if "Math" in name:
                continue
            style = (
                "mono"
                if "Mono" in name or "Hack" in name
                else ("serif" if "Serif" in name else "sans")
            )
            styles[style].append(path)
    if not all(styles.values()):
        raise FileNotFoundError("no DejaVu fonts found: apt install fonts-dejavu-core")
    return styles


FONTS = None
LOADED = {}


def pick_font(rng, style=None):
    """Picks an installed font file of a style (any style when None)."""
    global FONTS
    FONTS = FONTS or font_files()
    return rng.choice(FONTS[style or rng.choice(("sans", "sans", "serif", "mono"))])


def load_font(path, size):
    key = (path, size)
    if key not in LOADED:
        LOADED[key] = ImageFont.truetype(path, size)
    return LOADED[key]


def sentence(rng, count):
    """A line of prose of about `count` words, sometimes with figures and punctuation."""
    words = [rng.choice(WORDS) for _ in range(count)]
    for k in range(count):
        if rng.random() < 0.06:
            words[k] = rng.choice(
                (
                    f"{rng.randint(1, 9999)}",
                    f"{rng.uniform(0, 99):.2f}%",
                    f"({rng.randint(1, 99)})",
                    f"“{words[k]}”",
                )
            )
        if rng.random() < 0.08:
            words[k] += rng.choice(",;:.")
    text = " ".join(words)
    return text[:1].upper() + text[1:] + rng.choice(("", ".", ".", "?"))


def code_line(rng):
    """A line that looks like a program's text, as (word, kind) pairs; kind colours it."""
    line = [("    " * rng.randint(0, 3), "space")]
    for _ in range(rng.randint(2, 6)):
        roll = rng.random()
        if roll < 0.3:
            line.append((rng.choice(KEYWORDS) + " ", "keyword"))
        elif roll < 0.45:
            line.append((f"{rng.randint(0, 4096)} ", "number"))
        elif roll < 0.6:
            line.append((f'"{rng.choice(WORDS)}" ', "string"))
        else:
            line.append(
                (
                    f"{rng.choice(WORDS)}{rng.choice(('', '_', '.'))}{rng.choice(WORDS)}"
                    f"{rng.choice(('(', ')', ' = ', ' + ', '[i]', ': ', ', '))}",
                    "name",
                )
            )
    if rng.random() < 0.2:
        line.append(("# " + sentence(rng, 4), "comment"))
    return line


def colour(rng, light=None):
    """A colour of any hue; `light` True for pastel, False for dark."""
    base = [rng.randint(0, 255) for _ in range(3)]
    if light is True:
        return tuple(255 - c // 4 for c in base)
    if light is False:
        return tuple(c // 4 for c in base)
    # One strong and one weak channel keep the colour away from grey.
    base[rng.randrange(3)] = rng.randint(180, 255)
    base[rng.randrange(3)] = rng.randint(0, 70)
    return tuple(base)


def mix(a, b, t):
    return tuple(int(round(x + (y - x) * t)) for x, y in zip(a, b))


class Canvas:
    """A picture drawn `factor` times larger and reduced by a Lanczos filter: edges at sub-pixel
    positions come out smooth. With factor 1 text keeps its screen rendering."""

    def __init__(self, width, height, factor=3, fill=(255, 255, 255)):
        self.width, self.height, self.factor = width, height, factor
        self.image = Image.new("RGB", (width * factor, height * factor), fill)
        self.pen = ImageDraw.Draw(self.image)

    def _scaled(self, points):
        return [(x * self.factor, y * self.factor) for x, y in points]

    def rectangle(self, x0, y0, x1, y1, fill=None, outline=None, width=1, radius=0):
        if x1 - x0 < 1 or y1 - y0 < 1:
            return
        k = self.factor
        box = (x0 * k, y0 * k, x1 * k - 1, y1 * k - 1)
        line = max(1, round(width * k))
        if radius:
            self.pen.rounded_rectangle(box, radius * k, fill, outline, line)
        else:
            self.pen.rectangle(box, fill, outline, line)

    def ellipse(self, x, y, rx, ry, fill=None, outline=None, width=1):
        k = self.factor
        box = ((x - rx) * k, (y - ry) * k, (x + rx) * k, (y + ry) * k)
        self.pen.ellipse(box, fill, outline, max(1, round(width * k)))

    def pie(self, x, y, r, start, end, fill, outline=None):
        k = self.factor
        box = ((x - r) * k, (y - r) * k, (x + r) * k, (y + r) * k)
        self.pen.pieslice(box, start, end, fill, outline, max(1, k))

    def line(self, points, fill, width=1.0):
        self.pen.line(self._scaled(points), fill, max(1, round(width * self.factor)), "curve")

    def polygon(self, points, fill=None, outline=None, width=1.0):
        if fill is not None:
            self.pen.polygon(self._scaled(points), fill)
        if outline is not None:
            self.line(list(points) + list(points[:2]), outline, width)

    def text(self, x, y, text, font, size, fill, anchor="la", stroke=0, stroke_fill=None):
        k = self.factor
        self.pen.text(
            (x * k, y * k),
            text,
            fill,
            load_font(font, max(4, round(size * k))),
            anchor=anchor,
            stroke_width=round(stroke * k),
            stroke_fill=stroke_fill,
        )

    def text_width(self, text, font, size):
        return load_font(font, max(4, round(size * self.factor))).getlength(text) / self.factor

    def gradient(self, top, bottom, horizontal=False):
        """Fills everything with a linear blend of two colours."""
        ramp = Image.linear_gradient("L")
        if horizontal:
            ramp = ramp.transpose(Image.Transpose.ROTATE_90)
        mask = ramp.resize(self.image.size, Image.Resampling.BICUBIC)
        self.image.paste(Image.new("RGB", self.image.size, bottom), (0, 0))
        top_layer = Image.new("RGB", self.image.size, top)
        self.image = Image.composite(self.image, top_layer, mask)
        self.pen = ImageDraw.Draw(self.image)

    def paste(self, image, x, y, mask=None):
        self.image.paste(image, (round(x * self.factor), round(y * self.factor)), mask)

    def finished(self):
        if self.factor == 1:
            return self.image
        return self.image.resize((self.width, self.height), Image.Resampling.LANCZOS)


def seeded(*parts):
    """A random generator that depends on nothing but its arguments."""
    return random.Random("/".join(str(p) for p in parts))
