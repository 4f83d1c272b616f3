"""Curves over the steps of a run, drawn as SVG whose colors follow the page."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 480, 200
LEFT, RIGHT, TOP, BOTTOM = 48, 10, 10, 24  # between the frame and the curves, in units of the drawing
MOST_POINTS = 240  # of a curve; more steps than that are averaged

Floats = NDArray[np.float64]
Curves = Mapping[str, tuple[Sequence[float], Sequence[float]]]  # by name: steps and values


@dataclass(frozen=True)
class Binned:
    """A curve of few points: the mean of neighboring steps, and between what they vary (10 % to 90 %)."""

    steps: Floats
    mean: Floats
    low: Floats
    high: Floats

    @classmethod
    def of(cls, steps: Sequence[float], values: Sequence[float]) -> Binned:
        """Average finite values over equally many steps each."""
        pairs = np.array([pair for pair in zip(steps, values, strict=True) if math.isfinite(pair[1])], float)
        parts = np.array_split(pairs, min(MOST_POINTS, len(pairs))) if len(pairs) else []
        columns = [
            (part[:, 0].mean(), part[:, 1].mean(), *np.percentile(part[:, 1], (10, 90))) for part in parts
        ]
        return cls(*np.array(columns, float).reshape(-1, 4).T)


def chart(
    title: str,
    curves: Curves,
    *,
    help_text: str = "",
    ideal: float | None = None,
    mark: float | None = None,
    ratios: bool = False,
) -> str:
    """Return a chart as a figure of HTML; empty if there is nothing to draw.

    Parameters
    ----------
    title : str
        What is shown.
    curves : mapping of str to (steps, values)
        At most four.
    help_text : str
        How to read it, after the title.
    ideal : float, optional
        A value that gets a dotted line.
    mark : float, optional
        A step that gets a dashed line.
    ratios : bool
        Draw the logarithm: half and double lie equally far from 1.
    """
    binned = {name: curve for name, pair in curves.items() if len((curve := Binned.of(*pair)).steps)}
    if not binned:
        return ""
    values = [v for curve in binned.values() for v in (*curve.mean, *curve.low, *curve.high)]
    values += [] if ideal is None else [ideal]
    scale: Callable[[float], float] = _logarithm if ratios else float
    low, high = _range([scale(value) for value in values])
    last = float(max(curve.steps[-1] for curve in binned.values()))
    first = float(min(last - 1, *(curve.steps[0] for curve in binned.values())))

    def across(step: float) -> float:
        return LEFT + (step - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def up(value: float) -> float:
        share = (scale(value) - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)

    parts = [*_grid(low, high, first, last, across, up, ratios)]
    if ideal is not None:
        parts.append(_line("ideal", LEFT, up(ideal), WIDTH - RIGHT, up(ideal)))
    if mark is not None and first <= mark <= last:
        parts.append(_line("mark", across(mark), TOP, across(mark), HEIGHT - BOTTOM))
    for number, curve in enumerate(binned.values()):
        parts += _drawn(curve, number, across, up)
    told = ", ".join(f"{name} ends at {curve.mean[-1]:.3g}" for name, curve in binned.items())
    drawing = (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(f"{title}: {told}")}">'
        f"{''.join(parts)}</svg>"
    )
    says = f'<span class="soft"> {escape(help_text)}</span>' if help_text else ""
    return f'<figure class="chart"><h3>{escape(title)}{says}</h3>{_legend(binned)}{drawing}</figure>'


def _drawn(
    curve: Binned, number: int, across: Callable[[float], float], up: Callable[[float], float]
) -> list[str]:
    """Return what varies as a band, and the mean as a line; a single point as a dot."""
    xs = [across(step) for step in curve.steps]
    if len(xs) == 1:
        return [f'<circle class="f{number}" cx="{xs[0]:.1f}" cy="{up(curve.mean[0]):.1f}" r="3"/>']
    line = _path(xs, [up(value) for value in curve.mean])
    drawn = [f'<path class="curve s{number}" d="M{line}"/>']
    if (curve.high > curve.low).any():
        there = _path(xs, [up(value) for value in curve.high])
        back = _path(xs[::-1], [up(value) for value in curve.low[::-1]])
        drawn.insert(0, f'<path class="band f{number}" d="M{there}L{back}Z"/>')
    return drawn


def _grid(
    low: float,
    high: float,
    first: float,
    last: float,
    across: Callable[[float], float],
    up: Callable[[float], float],
    ratios: bool,
) -> list[str]:
    """Return level lines with their values, and steps below."""
    parts = []
    for tick in _ratio_ticks(low, high) if ratios else ticks(low, high):
        parts.append(_line("grid", LEFT, up(tick), WIDTH - RIGHT, up(tick)))
        parts.append(_text(LEFT - 7, up(tick) + 4, "end", f"{tick:.4g}"))
    for tick in ticks(first, last, 5):
        if tick == int(tick):
            parts.append(_text(across(tick), HEIGHT - 6, "middle", f"{int(tick):,}"))
    return parts


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Return at most about ``most`` round values between two others.

    Examples
    --------
    >>> ticks(0, 7500, 5)
    [0.0, 2000.0, 4000.0, 6000.0]
    >>> ticks(0.31, 0.52)
    [0.4, 0.5]
    """
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw * (1 - 1e-9))
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    digits = max(0, -math.floor(math.log10(step)))
    return [round(number * step, digits) for number in numbers]


def _ratio_ticks(low: float, high: float) -> list[float]:
    """Return powers of two between two logarithms, at most about five."""
    exponents = range(math.ceil(low / math.log(2)), math.floor(high / math.log(2)) + 1)
    every = max(1, math.ceil(len(exponents) / 5))
    return [2.0**exponent for exponent in exponents if exponent % every == 0]


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Return the range to draw: all values, and a little room."""
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or max(abs(high) * 0.05, 0.05)
    return low - room, high + room


def _logarithm(ratio: float) -> float:
    """Return the logarithm of a ratio; one of 0 counts as 1/100."""
    return math.log(max(ratio, 0.01))


def _legend(curves: Mapping[str, Binned]) -> str:
    """Return the names of several curves with their colors."""
    if len(curves) < 2:
        return ""
    names = (f'<span><i class="f{number}"></i>{escape(name)}</span>' for number, name in enumerate(curves))
    return f'<div class="legend">{"".join(names)}</div>'


def _path(xs: Sequence[float], ys: Sequence[float]) -> str:
    return "L".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))


def _line(kind: str, x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
