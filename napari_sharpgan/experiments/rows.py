"""Rows of a table: each a network trained with one config and one seed, then scored; done once for all."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.experiments.results import ROWS, Result, Views, keep_result, read_result
from napari_sharpgan.experiments.test_images import TestImages
from napari_sharpgan.training import GanConfig, SegmenterConfig, TrainStep, generator_path, train

RUNS = "runs"


@dataclass(frozen=True)
class Row:
    """What is trained for a line of a table.

    Parameters
    ----------
    name : str
        Of the line: a part of the names of files.
    system : str
        What the paper calls it, or we do.
    group : str
        Which lines it stands with.
    config : GanConfig or SegmenterConfig
        All settings, the seed among them.
    """

    name: str
    system: str
    group: str
    config: GanConfig | SegmenterConfig

    @property
    def title(self) -> str:
        """The name with the seed: that of its run folder and of its result."""
        return f"{self.name}-s{self.config.seed}"


@dataclass(frozen=True)
class TableStep:
    """How far a table is.

    Parameters
    ----------
    number, total : int
        Row ``number`` of ``total``, from 1 on.
    title : str
        Of the row.
    doing : str
        What is done to it.
    training : TrainStep or None
        The step of its training, while that goes on.
    """

    number: int
    total: int
    title: str
    doing: str
    training: TrainStep | None = None


Evaluate = Callable[[Path, TestImages, str], Generator[str, None, Views]]


def make_rows(
    rows: Iterable[Row],
    data: Path,
    out: Path,
    evaluate: Evaluate,
    test: TestImages,
    *,
    device: str = "auto",
    should_stop: ShouldStop = never,
) -> Generator[TableStep, None, list[Result]]:
    """Train and score rows, one after the other, and return the results of those that were finished.

    Parameters
    ----------
    rows : iterable of Row
        In the order in which they are made.
    data : path
        The data folder.
    out : path
        ``runs/`` gets a run folder a row, ``rows/`` the result of each that is finished. A row whose result
        lies there is not made again, and a run that was stopped or killed is gone on with.
    evaluate : callable
        Scores the weights in a file on the test images, on a device; says what it is doing.
    test : TestImages
        What is scored on.
    device : str
        "auto", "cuda", "mps" or "cpu".

    Raises
    ------
    ValueError
        Before any time is spent: if ``out`` holds a result of that name of other settings or other images.
    """
    wanted = list(rows)
    results = [read_result(out, row.title, row.config, test) for row in wanted]
    for index, row in enumerate(wanted):
        if results[index] is not None:
            continue
        run = out / RUNS / row.title
        for step in train(data, run, row.config, device=device, should_stop=should_stop):
            yield TableStep(index + 1, len(wanted), row.title, "training", step)
        views: Views = {}
        if not should_stop():
            task = evaluate(generator_path(run), test, device)
            views = yield from _said(task, index + 1, len(wanted), row.title, should_stop)
        if should_stop():
            break
        results[index] = keep_result(out, row.title, row.config, test, run, views, device)
    return [result for result in results if result is not None]


def finished_rows(rows: Iterable[Row], out: Path, test: TestImages) -> tuple[list[Row], list[Result]]:
    """Return those of the rows that are finished in a folder, with these settings, and what they came to."""
    there: list[Row] = []
    results: list[Result] = []
    for row in rows:
        with suppress(ValueError):
            result = read_result(out, row.title, row.config, test)
            if result is not None:
                there.append(row)
                results.append(result)
    return there, results


def seeds_in(out: Path) -> list[int]:
    """Return the seeds of all rows that are finished in a folder."""
    found = (re.search(r"-s(\d+)$", path.stem) for path in (out / ROWS).glob("*.json"))
    return sorted({int(match[1]) for match in found if match})


def _said(
    task: Generator[str, None, Views], number: int, total: int, title: str, should_stop: ShouldStop
) -> Generator[TableStep, None, Views]:
    """Do a task, saying what it does; nothing comes of it if it is to stop."""
    while True:
        try:
            doing = next(task)
        except StopIteration as end:
            views: Views = end.value
            return views
        yield TableStep(number, total, title, doing)
        if should_stop():
            task.close()
            return {}
