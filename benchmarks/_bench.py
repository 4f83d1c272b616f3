"""What all benchmarks share: a row of the table, timing in turns, the table itself, and how a script runs.

A benchmark is a script ``bench_….py`` with a function ``rows(options)`` that yields a `Row` a measurement,
ours beside the plain choice. `main` lets it run alone; ``run_all.py`` runs each in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import torch

Times = NDArray[np.float64]


@dataclass(frozen=True)
class Options:
    """How to measure: ``quick`` is small and rough, to see that it works; ``device`` is for networks."""

    quick: bool = False
    device: str = "auto"

    def of(self, full: int, quick: int) -> int:
        """Return a size or a number of rounds."""
        return quick if self.quick else full


@dataclass(frozen=True)
class Check:
    """A part of a goal in words, and whether it is met."""

    text: str
    met: bool


@dataclass(frozen=True)
class Goal:
    """What is to be reached: ``ours`` at most or at least so much, the ratio at least so much, and more."""

    most: float | None = None
    least: float | None = None
    ratio: float | None = None
    also: tuple[Check, ...] = ()

    def checks(self, ours: float, unit: str, ratio: float | None) -> list[Check]:
        checks = []
        if self.least is not None:
            checks.append(Check(f"≥ {with_unit(self.least, unit)}", ours >= self.least))
        if self.most is not None:
            checks.append(Check(f"≤ {with_unit(self.most, unit)}", ours <= self.most))
        if self.ratio is not None:
            checks.append(Check(f"≥ {number(self.ratio)} ×", ratio is not None and ratio >= self.ratio))
        return [*checks, *self.also]


@dataclass(frozen=True)
class Row:
    """One measurement.

    Parameters
    ----------
    what : str
        What was measured; with the name of its script it is what an earlier result is found by.
    ours, plain : float
        Medians, in ``unit``; None where there is no plain choice.
    unit : str
        Such as "ms" or "images/s".
    beside : str
        What the plain choice is.
    ratio, low, high : float, optional
        How many times better ours is: the median over turns, and between what its middle half lies.
    goal : str
        In words; empty if there is none.
    met : bool, optional
        Whether it is met.
    detail : str
        What else there is to know.
    """

    what: str
    ours: float
    unit: str
    plain: float | None = None
    beside: str = ""
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    goal: str = ""
    met: bool | None = None
    detail: str = ""


@dataclass(frozen=True)
class Point:
    """A point of a curve in one of the charts of growth."""

    chart: str
    curve: str
    x: float
    y: float


NO_GOAL = Goal()


def compared(
    what: str,
    ours: ArrayLike,
    plain: ArrayLike | None = None,
    *,
    unit: str = "ms",
    beside: str = "",
    goal: Goal = NO_GOAL,
    more_is_better: bool = False,
    detail: str = "",
) -> Row:
    """Make a row of what ours and the plain choice took; as many of both are turns, compared one by one."""
    mine = np.atleast_1d(np.asarray(ours, float))
    middle, ratios = float(np.median(mine)), (None, None, None)
    others = None
    if plain is not None:
        others = np.atleast_1d(np.asarray(plain, float))
        base = others if len(others) == len(mine) else np.median(others)
        quotients = mine / base if more_is_better else base / mine
        ratios = tuple(float(part) for part in np.quantile(quotients, [0.5, 0.25, 0.75]))
    checks = goal.checks(middle, unit, ratios[0])
    return Row(
        what,
        middle,
        unit,
        None if others is None else float(np.median(others)),
        beside,
        *ratios,
        goal=", ".join(check.text for check in checks),
        met=all(check.met for check in checks) if checks else None,
        detail=detail,
    )


def milliseconds(action: Callable[[], object], finish: Callable[[], object] | None = None) -> float:
    """Return how long an action takes; ``finish`` waits for a device that works beside."""
    start = time.perf_counter()
    action()
    if finish is not None:
        finish()
    return 1e3 * (time.perf_counter() - start)


def in_turns(
    ways: Mapping[str, Callable[[], object]],
    rounds: int,
    finish: Callable[[], object] | None = None,
    *,
    warm: bool = True,
) -> dict[str, Times]:
    """Return the milliseconds of each way, done one after the other, round by round, so that a machine that
    is busy for a while slows all of them; ``warm`` does each once before."""
    for way in ways.values() if warm else ():
        milliseconds(way, finish)
    turns = [[milliseconds(way, finish) for way in ways.values()] for _ in range(rounds)]
    return dict(zip(ways, np.array(turns).T, strict=True))


def finish_of(device: torch.device) -> Callable[[], object] | None:
    """Return what waits until a device has done its work, if it works beside the processor."""
    import torch

    return torch.cuda.synchronize if device.type == "cuda" else None


def number(value: float) -> str:
    """Return a number with about three digits.

    Examples
    --------
    >>> number(0.48123), number(12.345), number(1234.5)
    ('0.481', '12.3', '1,234')
    """
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def with_unit(value: float, unit: str) -> str:
    """Return a number with its unit; long times in seconds."""
    if unit == "ms" and abs(value) >= 1000:
        value, unit = value / 1000, "s"
    return f"{number(value)} {unit}".strip()


def table(rows: Iterable[Row], *, details: bool) -> str:
    """Return rows as a Markdown table whose columns stand below each other."""
    titles = ["what", "ours", "plain choice", "ratio", "goal", "met", *(["detail"] if details else [])]
    lines = [titles, *(_cells(row, details) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(titles))]
    lines.insert(1, ["-" * width for width in widths])
    padded = ([cell.ljust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join(f"| {' | '.join(line)} |".replace("  |\n", "|\n") for line in padded)


def _cells(row: Row, details: bool) -> list[str]:
    plain = "" if row.plain is None else with_unit(row.plain, row.unit)
    cells = [
        row.what,
        with_unit(row.ours, row.unit),
        f"{plain}: {row.beside}" if row.beside else plain,
        "" if row.ratio is None else f"{number(row.ratio)} × ({number(row.low)} to {number(row.high)})",
        row.goal,
        {None: "", True: "yes", False: "NO"}[row.met],
    ]
    return [*cells, row.detail] if details else cells


def quantiles(times: Sequence[float] | Times) -> str:
    """Say the 99th of a hundred and the longest."""
    return f"99 % {number(float(np.quantile(times, 0.99)))} ms, longest {number(float(np.max(times)))} ms"


def all_finite(row: Row) -> bool:
    """Return whether all numbers of a row are numbers."""
    values = (row.ours, row.plain, row.ratio, row.low, row.high)
    return all(value is None or math.isfinite(value) for value in values)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add what all benchmarks understand."""
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu, for networks")
    parser.add_argument("--quick", action="store_true", help="small and rough, to see that all works")


def main(
    rows: Callable[[Options], Iterator[Row]] | None,
    doc: str,
    points: Callable[[Options], Iterator[Point]] | None = None,
) -> None:
    """Run one benchmark: print its table, and with ``--json FILE`` write its rows and points there."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=doc, formatter_class=raw)
    add_options(parser)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write rows there instead of a table")
    chosen = parser.parse_args()
    options = Options(chosen.quick, chosen.device)
    measured, drawn = [], []
    for row in rows(options) if rows else ():
        measured.append(row)
        if chosen.json:
            print(f"  {row.what}: {with_unit(row.ours, row.unit)}", flush=True)
    for point in points(options) if points else ():
        drawn.append(point)
        print(f"  {point.chart}, {point.curve}: {number(point.x)} → {number(point.y)}", flush=True)
    if chosen.json:
        facts = {"rows": [asdict(row) for row in measured], "points": [asdict(point) for point in drawn]}
        chosen.json.write_text(json.dumps(facts), encoding="utf-8")
    elif measured:
        print(table(measured, details=True))
