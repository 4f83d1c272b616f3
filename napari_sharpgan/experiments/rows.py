"""Rows of a table: each a network trained with one config and one seed, then scored; done once for all."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.experiments.results import ROWS, Result, Views, Work, keep_result, read_result
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
        Row ``number`` of ``total``, from 1 on; 0 is what belongs to no row.
    title : str
        Of the row, or of what else is made.
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
    rows: Sequence[Row], finished: Mapping[Row, Result], work: Work, evaluate: Evaluate
) -> Generator[TableStep, None, dict[Row, Result]]:
    """Train and score the rows that are not finished, one after the other, and return what they came to.

    Parameters
    ----------
    rows : sequence of Row
        In the order in which they are made. A run that was stopped or killed is gone on with.
    finished : mapping of Row to Result
        Those that are not made again, see `finished_rows`.
    work : Work
        Data, place, test images, device.
    evaluate : callable
        Scores the weights in a file on the test images, on a device; says what it is doing.
    """
    made: dict[Row, Result] = {}
    for number, row in enumerate(rows, 1):
        if row in finished:
            continue
        if work.should_stop():
            break
        run = work.out / RUNS / row.title
        for step in train(work.data, run, row.config, device=work.device, should_stop=work.should_stop):
            yield TableStep(number, len(rows), row.title, "training", step)
        views: Views = {}
        if not work.should_stop():
            task = evaluate(generator_path(run), work.test, work.device)
            views = yield from _said(task, number, len(rows), row.title, work.should_stop)
        if work.should_stop():
            break
        made[row] = keep_result(row.title, row.config, work, run, views)
    return made


def finished_rows(rows: Iterable[Row], work: Work) -> dict[Row, Result]:
    """Return those of the rows that are finished, and what they came to.

    Raises
    ------
    ValueError
        If one was made with other settings or other images.
    """
    found = {row: read_result(row.title, row.config, work) for row in rows}
    return {row: result for row, result in found.items() if result is not None}


def seeds_in(out: Path) -> set[int]:
    """Return the seeds of all rows that are finished in a folder."""
    found = (re.search(r"-s(\d+)$", path.stem) for path in (out / ROWS).glob("*.json"))
    return {int(match[1]) for match in found if match}


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
