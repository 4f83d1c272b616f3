"""A table: lines with means and spreads over seeds, beside the paper's numbers, as JSON and Markdown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from napari_sharpgan._files import written_whole
from napari_sharpgan.experiments.results import Result, Scores, write_json
from napari_sharpgan.experiments.rows import Row
from napari_sharpgan.experiments.test_images import TestImages


@dataclass(frozen=True)
class Column:
    """A score in the Markdown of a table: its name, its title, and which way is better (0: 1 is best)."""

    name: str
    title: str
    better: int = 0


@dataclass(frozen=True)
class Line:
    """One system in one view: means over the seeds, and how far they lie apart.

    Parameters
    ----------
    name, system, group, view : str
        See `Row`; the view is how the test images were looked at, empty where there is one way.
    config : dict
        Settings without the seed.
    mean, spread : dict of str to float
        Mean and population standard deviation, over seeds, of the means over test images. The spread of one
        seed is NaN.
    results : list of Result
        A row a seed.
    """

    name: str
    system: str
    group: str
    view: str
    config: dict[str, Any]
    mean: Scores
    spread: Scores
    results: list[Result]

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object, with the scores of its own view only."""
        runs = [
            {
                "seed": result.config["seed"],
                **{name: value for name, value in vars(result).items() if name not in ("config", "views")},
                "scores": result.scores(self.view),
                "images": result.views[self.view],
            }
            for result in self.results
        ]
        facts = {name: getattr(self, name) for name in ("name", "system", "group", "view", "config")}
        return {**facts, "mean": self.mean, "spread": self.spread, "runs": runs}


@dataclass(frozen=True)
class Form:
    """What a table of the paper is, without the numbers.

    Parameters
    ----------
    name, title : str
        "table1", and what it is about.
    columns : sequence of Column
        Of the Markdown; the JSON has all scores.
    paper : mapping of str to (float, ...)
        What the paper reports, in the order of the first columns.
    views : mapping of str to str
        What a view is called in the Markdown.
    """

    name: str
    title: str
    columns: Sequence[Column]
    paper: Mapping[str, tuple[float, ...]]
    views: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table of the paper, made again.

    Parameters
    ----------
    form : Form
        What it is.
    lines : list of Line
        In order.
    test : TestImages
        What was scored on.
    """

    form: Form
    lines: list[Line]
    test: TestImages

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return {
            "table": self.form.name,
            "title": self.form.title,
            "protocol": "docs/tables.md",
            "rows": [line.to_json() for line in self.lines],
            "paper": self.form.paper,
            "test_images": [file.image for file in self.test.files],
            "test_sha256": self.test.sha256,
        }

    def to_markdown(self) -> str:
        """Return it as a page: a table a group, the best of each column in bold, the paper's at the end."""
        groups = list(dict.fromkeys(line.group for line in self.lines))
        parts = [f"# {self.form.title}", self._facts()]
        for group in groups:
            lines = [line for line in self.lines if line.group == group]
            parts += [f"## {group[0].upper()}{group[1:]}", self._grid(lines)]
        parts += ["## The paper", self._papers(), "How it was made: docs/tables.md; all digits: the JSON."]
        return "\n\n".join(parts) + "\n"

    def _facts(self) -> str:
        """Say how it was made, in a sentence."""
        seeds = sorted({result.config["seed"] for line in self.lines for result in line.results})
        devices = sorted({result.device for line in self.lines for result in line.results})
        hours = sum({r.title: r.seconds for line in self.lines for r in line.results}.values()) / 3600
        said = f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"
        return (
            f"Mean over {len(self.test.files)} test images; {said}"
            f"{' (mean ± SD over seeds)' if len(seeds) > 1 else ''}; "
            f"{hours:.1f} hours of training; {', '.join(devices)}."
        )

    def _grid(self, lines: Sequence[Line]) -> str:
        """Return some lines as a Markdown table."""
        arrows = {1: " ↑", -1: " ↓", 0: ""}
        titles = [
            "system",
            "crops",
            *(f"{column.title}{arrows[column.better]}" for column in self.form.columns),
        ]
        rows = []
        for line in lines:
            cells = (self._cell(line, lines, column) for column in self.form.columns)
            rows.append([self._label(line), f"{_crops(line.config):,}", *cells])
        return grid(titles, rows)

    def _label(self, line: Line) -> str:
        """Return what a line is called."""
        said = self.form.views.get(line.view, line.view)
        return f"{line.system}, {said}" if said else line.system

    def _cell(self, line: Line, lines: Sequence[Line], column: Column) -> str:
        """Return a score, in bold if none of the lines has a better one."""
        value, spread = line.mean[column.name], line.spread[column.name]
        if math.isnan(value):
            return "–"
        text = digits(value) if math.isnan(spread) else f"{digits(value)} ± {digits(spread)}"
        merits = [_merit(other.mean[column.name], column.better) for other in lines]
        is_best = len(lines) > 1 and _merit(value, column.better) >= max(merits)
        return f"**{text}**" if is_best else text

    def _papers(self) -> str:
        """Return the numbers of the paper as a Markdown table."""
        count = len(next(iter(self.form.paper.values())))
        titles = ["system", *(column.title for column in self.form.columns[:count])]
        return grid(titles, [[name, *map(digits, values)] for name, values in self.form.paper.items()])


def lines_of(finished: Mapping[Row, Result]) -> list[Line]:
    """Gather rows and their results, one a seed, into lines, one a view."""
    lines = []
    for name in dict.fromkeys(row.name for row in finished):
        row = next(row for row in finished if row.name == name)
        chosen = [result for row, result in finished.items() if row.name == name]
        config = {key: value for key, value in chosen[0].config.items() if key != "seed"}
        for view in chosen[0].views:
            mean, spread = _statistics([result.scores(view) for result in chosen])
            lines.append(Line(name, row.system, row.group, view, config, mean, spread, chosen))
    return lines


def write_table(table: Table, out: Path) -> tuple[Path, Path]:
    """Write a table as JSON and as Markdown, each whole or not at all, and return both paths."""
    out.mkdir(parents=True, exist_ok=True)
    paths = out / f"{table.form.name}.json", out / f"{table.form.name}.md"
    with written_whole(paths[0]) as temporary:
        write_json(table.to_json(), temporary)
    with written_whole(paths[1]) as temporary:
        temporary.write_text(table.to_markdown(), encoding="utf-8")
    return paths


def grid(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table, the first column to the left, the others to the right."""
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def digits(value: float) -> str:
    """Return a score with three digits behind the point, and none before it where there is a 0."""
    return f"{value:.3f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.3f}"


def _statistics(scores: Sequence[Scores]) -> tuple[Scores, Scores]:
    """Return mean and standard deviation of each score; the latter is NaN of one alone."""
    columns = {name: np.array([row[name] for row in scores]) for name in scores[0]}
    mean = {name: float(column.mean()) for name, column in columns.items()}
    spread = {name: float(column.std()) if len(scores) > 1 else math.nan for name, column in columns.items()}
    return mean, spread


def _merit(value: float, better: int) -> float:
    """Return how good a score is; where 1 is best, by how far it is away as a ratio."""
    if math.isnan(value):
        return -math.inf
    if better:
        return better * value
    return -abs(math.log(value)) if value > 0 else -math.inf


def _crops(config: Mapping[str, Any]) -> int:
    """Return how many crops a row was trained on."""
    return int(config["steps"] * config["batch_size"])
