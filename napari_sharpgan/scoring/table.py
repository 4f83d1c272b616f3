"""Scores as rows of text, and as CSV: a row a nucleus, or a row an image."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._files import written_whole
from napari_sharpgan.metrics import OUTCOME_STYLES, Outcome
from napari_sharpgan.metrics.evaluation import mean_scores
from napari_sharpgan.scoring.pairs import SIDES
from napari_sharpgan.scoring.score import Scored

MEAN = "mean"

Row = tuple[object, ...]


def nuclei_table(scored: Sequence[Scored]) -> tuple[list[str], Iterator[Row]]:
    """Return the columns and the rows of all nuclei of some pairs, an image after another."""
    columns = ["image", *scored[0].nuclei]
    return columns, (row for one in scored for row in _rows(one))


def image_table(scored: Sequence[Scored]) -> tuple[list[str], list[Row]]:
    """Return the columns and the rows of some pairs, and the mean last where there are several."""
    mean = mean_scores(one.scores for one in scored)
    named = [(one.name, one.scores) for one in scored]
    lines = named if len(named) == 1 else [*named, (MEAN, mean)]
    return ["image", *mean], [(name, *map(_exact, scores.values())) for name, scores in lines]


def write_rows(table: tuple[Sequence[str], Iterable[Row]], path: str | os.PathLike[str]) -> None:
    """Write columns and rows as CSV, whole or not at all.

    Raises
    ------
    OSError
        If the folder is missing or cannot be written to; an older file at ``path`` is then as it was.
    """
    columns, rows = table
    with written_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def error_picture(errors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return an error map (H, W) in the colors of its outcomes, (H, W, 3), black off nuclei."""
    colors = np.zeros((max(OUTCOME_STYLES) + 1, 3), np.uint8)
    for outcome, style in OUTCOME_STYLES.items():
        colors[outcome] = list(bytes.fromhex(style.color[1:]))
    picture: NDArray[np.uint8] = colors[errors]
    return picture


def _rows(scored: Scored) -> Iterator[Row]:
    """Yield a row for each nucleus of a pair."""
    texts = [map(TEXTS.get(name, _exact), values.tolist()) for name, values in scored.nuclei.items()]
    return ((scored.name, *cells) for cells in zip(*texts, strict=True))


def _exact(value: float) -> str:
    """Return a score as it stands in a cell, which is empty where it is undefined."""
    return "" if np.isnan(value) else f"{value:.6f}"


def _place(value: float) -> str:
    return f"{value:.2f}"


TEXTS: dict[str, Callable[[Any], object]] = {
    "mask": lambda position: SIDES[position],
    "nucleus": str,
    "outcome": lambda code: OUTCOME_STYLES[Outcome(code)].word,
    "partner": lambda label: label or "",
    "area": str,
    "row": _place,
    "column": _place,
}
