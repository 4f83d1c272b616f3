"""Table 2: nuclei found by segmenters that were trained on real tissue (R), synthetic tissue (S) or both."""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_sharpgan._checks import choose
from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data import read_samples
from napari_sharpgan.experiments.figures import draw_segmenters, draw_tiles
from napari_sharpgan.experiments.nuclei_scores import evaluate_segmenter
from napari_sharpgan.experiments.rows import Row, TableStep, finished_rows, make_rows, seeds_in
from napari_sharpgan.experiments.systems import SEGMENTERS
from napari_sharpgan.experiments.table import Column, Table, lines_of, write_table
from napari_sharpgan.experiments.test_images import read_test_images
from napari_sharpgan.experiments.tiles import SyntheticSets, make_tiles

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
TILES = "tiles"
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

    Parameters
    ----------
    data : path
        As for `table1`.
    out : path
        Gets ``table2.json``, ``table2.md``, ``figures/``, ``tiles/`` (see `make_tiles`), and what `make_rows`
        says: what is finished there is not done again.
    sets : SyntheticSets
        What S is. Several sizes give rows for each.
    rows : iterable of str, optional
        Names in `SEGMENTERS`; by default all.
    seeds, device
        As for `table1`.
    **settings
        Fields of `SegmenterConfig` that differ for all rows, such as ``steps``, ``batch_size`` and ``width``.

    Returns
    -------
    Table
        With all rows of these settings that are finished in ``out``, those made before too.

    Raises
    ------
    OSError, TypeError, ValueError
        If the data cannot be used, a name or a setting is none, or ``out`` holds results of other settings.
    """
    data, out = Path(data), Path(out)
    test = read_test_images(data)
    parts = sets.folders(out / TILES)
    wanted = segmenter_rows(rows, seeds, parts, **settings)
    samples = read_samples(data)
    making = make_tiles(sets, samples, out / TILES, device=device, should_stop=should_stop)
    for doing in making:
        yield TableStep(0, len(wanted), "synthetic tiles", doing)
    task = make_rows(wanted, data, out, evaluate_segmenter, test, device=device, should_stop=should_stop)
    yield from task
    there, results = finished_rows(segmenter_rows(None, seeds_in(out), parts, **settings), out, test)
    title = "Table 2: nuclei found after training on real (R) and synthetic (S) tissue"
    table = Table("table2", title, COLUMNS, PAPER, lines_of(there, results), test, {})
    if results:
        write_table(table, out)
        draw_segmenters(there, results, test, out, device=device)
        draw_tiles(next(iter(parts)), out)
    return table


def segmenter_rows(
    rows: Iterable[str] | None, seeds: Iterable[int], parts: Mapping[Path, range], **settings: Any
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
