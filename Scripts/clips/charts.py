"""Charts that grow: lines, bars, pies and clouds of points with axes and labels."""

import math

from .canvas import Canvas, colour, mix, pick_font, sentence


def charts(rng, width, height, frames):
    """A line, bar, pie or scatter chart with axes, grid and labels, growing or scrolling."""
    kind = rng.choice(("line", "bar", "pie", "scatter"))
    dark = rng.random() < 0.35
    paper, ink = ((24, 26, 34), (225, 225, 225)) if dark else ((255, 255, 255), (30, 30, 30))
    font, size = pick_font(rng), rng.choice((8, 9, 10, 12))
    title, unit = sentence(rng, 4), rng.choice(("%", "€", " kB", "°", ""))
    colours = [colour(rng) for _ in range(6)]
    x0, y0, x1, y1 = width * 0.11, height * 0.16, width * 0.95, height * 0.86
    count = rng.randint(5, 12)
    series = [[rng.uniform(0.1, 0.9) for _ in range(64)] for _ in range(3)]
    for values in series:  # a smooth walk rather than noise
        for k in range(1, 64):
            values[k] = min(0.95, max(0.05, values[k - 1] + rng.uniform(-0.15, 0.15)))
    cloud = [
        (
            rng.gauss(0.5, 0.18),
            rng.gauss(0.5, 0.18),
            rng.uniform(-0.01, 0.01),
            rng.uniform(-0.01, 0.01),
            rng.randrange(6),
        )
        for _ in range(90)
    ]
    for t in range(frames):
        canvas = Canvas(width, height, 3, paper)
        grow = 1 - (1 - min(1.0, (t + 2) / (frames * 0.8))) ** 2
        canvas.text(width / 2, height * 0.03, title, font, size * 1.4, ink, anchor="ma")
        if kind == "pie":
            angle, radius = -90.0, height * 0.34
            total = sum(v[5] for v in series) + sum(v[9] for v in series)
            for k in range(6):
                part = (series[k % 3][5 if k < 3 else 9]) / total * 360 * grow
                canvas.pie(
                    width * 0.4, height * 0.55, radius, angle, angle + part, colours[k], paper
                )
                middle = math.radians(angle + part / 2)
                canvas.text(
                    width * 0.4 + radius * 0.65 * math.cos(middle),
                    height * 0.55 + radius * 0.65 * math.sin(middle),
                    f"{part / 3.6:.0f}%",
                    font,
                    size,
                    (255, 255, 255),
                    anchor="mm",
                )
                canvas.rectangle(
                    width * 0.78,
                    height * (0.25 + 0.1 * k),
                    width * 0.81,
                    height * (0.25 + 0.1 * k) + size,
                    fill=colours[k],
                )
                canvas.text(
                    width * 0.83,
                    height * (0.25 + 0.1 * k),
                    title.split()[k % 4][:9],
                    font,
                    size,
                    ink,
                )
                angle += part
            yield canvas.finished()
            continue
        for k in range(6):
            y = y1 + (y0 - y1) * k / 5
            canvas.line([(x0, y), (x1, y)], mix(paper, ink, 0.2), 0.6)
            canvas.text(x0 - 4, y, f"{k * 20}{unit}", font, size, ink, anchor="rm")
        canvas.line([(x0, y0), (x0, y1), (x1, y1)], ink, 1.2)
        if kind == "bar":
            pitch = (x1 - x0) / count
            for k in range(count):
                for s in range(2):
                    left = x0 + pitch * (k + 0.15 + 0.36 * s)
                    value = series[s][k * 4] * grow
                    canvas.rectangle(
                        left,
                        y1 + (y0 - y1) * value,
                        left + pitch * 0.34,
                        y1,
                        fill=colours[s],
                        outline=mix(colours[s], (0, 0, 0), 0.4),
                    )
                canvas.text(
                    x0 + pitch * (k + 0.5), y1 + 4, str(2010 + k), font, size, ink, anchor="ma"
                )
        elif kind == "line":
            shift = t * 0.25
            for s in range(3):
                points = []
                for k in range(33):
                    if k / 32 > grow:
                        break
                    at = k + shift
                    low = int(at)
                    value = series[s][low % 64] * (1 - at + low) + series[s][(low + 1) % 64] * (
                        at - low
                    )
                    points.append((x0 + (x1 - x0) * k / 32, y1 + (y0 - y1) * value))
                if len(points) > 1:
                    canvas.line(points, colours[s], 1.0 + 0.7 * s)
                    canvas.ellipse(*points[-1], 2.5, 2.5, fill=colours[s])
            for k in range(5):
                canvas.text(
                    x0 + (x1 - x0) * k / 4, y1 + 4, f"{8 + 3 * k}:00", font, size, ink, anchor="ma"
                )
        else:
            for x, y, dx, dy, c in cloud:
                canvas.ellipse(
                    x0 + (x1 - x0) * (x + dx * t),
                    y1 + (y0 - y1) * (y + dy * t),
                    3,
                    3,
                    fill=colours[c],
                    outline=mix(colours[c], (0, 0, 0), 0.5),
                    width=0.7,
                )
        yield canvas.finished()
