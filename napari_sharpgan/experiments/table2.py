"""Table 2: nuclei found by segmenters that were trained on real tissue (R), synthetic tissue (S) or both."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from napari_sharpgan._checks import choose
from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data import read_samples
from napari_sharpgan.experiments.figures import draw_segmenters, draw_tiles
from napari_sharpgan.experiments.making import make_table
from napari_sharpgan.experiments.nuclei_scores import evaluate_segmenter
from napari_sharpgan.experiments.results import Result, Work
from napari_sharpgan.experiments.rows import Row, TableStep, seeds_in
from napari_sharpgan.experiments.systems import SEGMENTERS
from napari_sharpgan.experiments.table import Column, Form, Table
from napari_sharpgan.experiments.test_images import read_test_images
from napari_sharpgan.experiments.tiles import TILES, SyntheticSets, make_tiles

PAPER = {
    "SegNet, R": (0.765, 0.759, 0.584, 0.588),
    "SegNet, S(3k)": (0.686, 0.757, 0.523, 0.510),
    "SegNet, R+S(3k)": (0.780, 0.769, 0.602, 0.608),
    "SegNet, S(10k)": (0.732, 0.759, 0.557, 0.545),
    "SegNet, R+S(10k)": (0.806, 0.772, 0.608, 0.623),
    "U-Net, R": (0.825, 0.795, 0.658, 0.670),
    "U-Net, S(3k)": (0.755, 0.738, 0.562, 0.593),
    "U-Net, R+S(3k)": (0.837, 0.800, 0.671, 0.675),
    "U-Net, S(10k)": (0.804, 0.788, 0.634, 0.616),
    "U-Net, R+S(10k)": (0.841, 0.797, 0.669, 0.677),
}
COLUMNS = (
    Column("dq", "DQ", 1),
    Column("sq", "SQ", 1),
    Column("pq", "PQ", 1),
    Column("aji", "AJI", 1),
    Column("precision", "precision", 1),
    Column("recall", "recall", 1),
    Column("dice", "Dice", 1),
)
FORM = Form(
    "table2",
    "Table 2: nuclei found after training on real (R) and synthetic (S) tissue",
    COLUMNS,
    PAPER,
    views={},
)
SHARE = 0.5  # of synthetic crops, in R+S


def table2(
    data: str | Path,
    out: str | Path,
    sets: SyntheticSets,
    *,
    rows: Iterable[str] | None = None,
    seeds: Iterable[int] = (1,),
    device: str = "auto",
    should_stop: ShouldStop = never,
    **settings: Any,
) -> Generator[TableStep, None, Table]:
    """Make synthetic tiles, train the segmenters of Table 2 on R, S and R+S, and score them.

    Gives, takes and refuses what `table1` does, but for:

    Parameters
    ----------
    sets : SyntheticSets
        What S is; ``out`` gets it as ``tiles/``, see `make_tiles`. Several sizes give rows for each.
    rows : iterable of str, optional
        Names in `SEGMENTERS`; by default all.
    **settings
        Fields of `SegmenterConfig` that differ for all rows.
    """
    data, out, seeds = Path(data), Path(out), list(seeds)
    work = Work(data, out, read_test_images(data), device, should_stop)
    parts = sets.folders(out / TILES)
    asked = segmenter_rows(rows, seeds, parts, **settings)
    for doing in make_tiles(sets, read_samples(data), work):
        yield TableStep(0, len(asked), "synthetic tiles", doing)
    known = segmenter_rows(None, sorted({*seeds, *seeds_in(out)}), parts, **settings)
    return (yield from make_table(FORM, asked, known, work, evaluate_segmenter, partial(_draw, parts)))


def _draw(
    parts: Mapping[Path, range], finished: Mapping[Row, Result], work: Work
) -> Generator[str, None, None]:
    """Draw what segmenters find, and some of the tiles."""
    yield from draw_segmenters(finished, work)
    yield "tiles"
    draw_tiles(next(iter(parts)), work.out)


def segmenter_rows(
    rows: Iterable[str] | None, seeds: Sequence[int], parts: Mapping[Path, range], **settings: Any
) -> list[Row]:
    """Return the rows of some segmenters on R, each S, and R+S with each, all seeds of one before the next.

    Parameters
    ----------
    rows, seeds, **settings
        See `table2`.
    parts : mapping of path to range
        See `SyntheticSets.folders`: the first is the smallest S, the first two the next, and so on.
    """
    fixed = {"validation": 0.0, "samples": 0} | settings  # the last segmenter counts: no image chooses it
    names = list(SEGMENTERS if rows is None else rows)
    systems = {name: choose("row", name, SEGMENTERS) for name in names}
    return [
        Row(
            f"{name}-{_slug(kind)}",
            f"{system.title}, {kind}",
            system.group,
            replace(system.config, **fixed, **source, seed=seed),
        )
        for name, system in systems.items()
        for kind, source in _kinds(parts).items()
        for seed in seeds
    ]


def _kinds(parts: Mapping[Path, range]) -> dict[str, dict[str, Any]]:
    """Return what is trained on, by its name in the paper: the settings that say so."""
    kinds: dict[str, dict[str, Any]] = {"R": {"synthetic": "", "synthetic_share": 0.0}}
    folders: list[str] = []
    for folder, numbers in parts.items():
        folders.append(str(folder))
        size, together = in_thousands(numbers.stop), os.pathsep.join(folders)
        kinds[f"S({size})"] = {"synthetic": together, "synthetic_share": 1.0}
        kinds[f"R+S({size})"] = {"synthetic": together, "synthetic_share": SHARE}
    return kinds


def _slug(kind: str) -> str:
    """Return what is trained on as a part of a file name: rs3k for R+S(3k)."""
    return re.sub(r"[^a-z0-9]", "", kind.lower())


def in_thousands(count: int) -> str:
    """Return a number of tiles as the paper writes it: 3k for 3,000."""
    return f"{count // 1000}k" if count % 1000 == 0 else str(count)
