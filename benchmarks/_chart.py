"""Charts of growth: curves over logarithmic axes, side by side in one picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from _bench import Point, number
from PIL import Image, ImageDraw, ImageFont

SCALE = 2  # drawn so much larger, and shrunk: smooth lines
WIDTH, HEIGHT = 460, 340
LEFT, RIGHT, TOP, BOTTOM = 58, 16, 76, 40
INK, SOFT, PAPER = "#222222", "#d8d8d8", "#ffffff"
COLORS = ("#1b6ca8", "#d1495b", "#3a7d44", "#8f6bb3")

Place = Callable[[float, float], tuple[float, float]]


def draw_charts(points: Sequence[Point], *paths: Path) -> None:
    """Draw a chart for each ``chart`` of the points, a line a ``curve``; write the picture to all paths."""
    charts = list(dict.fromkeys(point.chart for point in points))
    picture = Image.new("RGB", (SCALE * WIDTH * len(charts), SCALE * HEIGHT), PAPER)
    for index, chart in enumerate(charts):
        one = _chart(chart, [point for point in points if point.chart == chart])
        picture.paste(one, (SCALE * WIDTH * index, 0))
    picture = picture.resize((WIDTH * len(charts), HEIGHT), Image.Resampling.LANCZOS)
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        picture.save(path)


def _chart(title: str, points: Sequence[Point]) -> Image.Image:
    """Draw one; the title is "y against x"."""
    picture = Image.new("RGB", (SCALE * WIDTH, SCALE * HEIGHT), PAPER)
    draw = ImageDraw.Draw(picture)
    place = _axes(draw, points)
    _text(draw, (LEFT - 40, 8), title, 15, "la")
    curves = list(dict.fromkeys(point.curve for point in points))
    for number_of, curve in enumerate(curves):
        color = COLORS[number_of % len(COLORS)]
        line = sorted((p for p in points if p.curve == curve), key=lambda point: point.x)
        spots = [place(point.x, point.y) for point in line]
        draw.line(spots, fill=color, width=2 * SCALE)
        for x, y in spots:
            draw.ellipse((x - 4 * SCALE, y - 4 * SCALE, x + 4 * SCALE, y + 4 * SCALE), fill=color)
        across, down = LEFT - 36 + 200 * (number_of % 2), 34 + 18 * (number_of // 2)
        draw.rectangle([SCALE * v for v in (across, down + 5, across + 14, down + 9)], fill=color)
        _text(draw, (across + 20, down), curve, 12, "la")
    return picture


def _axes(draw: ImageDraw.ImageDraw, points: Sequence[Point]) -> Place:
    """Draw a grid with numbers; return where a point lies."""
    xs, ys = sorted({point.x for point in points}), [point.y for point in points]
    low, high = math.floor(math.log10(min(ys))), math.ceil(math.log10(max(ys)) + 1e-9)
    first, last = math.log10(xs[0]), math.log10(xs[-1])

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - first) / (last - first or 1)
        up = (math.log10(y) - low) / (high - low or 1)
        across, down = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
        return SCALE * (LEFT + 12 + along * (across - 24)), SCALE * (HEIGHT - BOTTOM - up * down)

    for power in range(low, high + 1):
        _, y = place(xs[0], 10.0**power)
        draw.line([(SCALE * LEFT, y), (SCALE * (WIDTH - RIGHT), y)], fill=SOFT, width=SCALE)
        _text(draw, (LEFT - 6, y / SCALE), number(10.0**power), 12, "rm")
    for x in xs:
        across, _ = place(x, 10.0**low)
        _text(draw, (across / SCALE, HEIGHT - BOTTOM + 8), number(x), 12, "ma")
    return place


def _text(draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, anchor: str) -> None:
    font = ImageFont.load_default(SCALE * size)
    draw.text((SCALE * at[0], SCALE * at[1]), text, fill=INK, font=font, anchor=anchor)
