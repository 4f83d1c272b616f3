"""Table 1: how near the tissue of each generator comes to real tissue with the same nuclei."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_sharpgan._checks import choose
from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.experiments.figures import draw_generators
from napari_sharpgan.experiments.making import make_table
from napari_sharpgan.experiments.results import Work
from napari_sharpgan.experiments.rows import Row, TableStep, seeds_in
from napari_sharpgan.experiments.systems import GENERATORS
from napari_sharpgan.experiments.table import Column, Form, Table
from napari_sharpgan.experiments.test_images import read_test_images
from napari_sharpgan.experiments.tissue_scores import OF_IMAGE, OWN, evaluate_generator

PAPER = {
    "GAN-Binary": (0.577, 0.735, 0.178, 0.306),
    "GAN-DIST": (0.681, 0.763, 0.163, 0.259),
    "Sharp-GAN": (0.756, 0.793, 0.147, 0.230),
}
COLUMNS = (
    Column("ssim", "SSIM", 1),
    Column("fsim", "FSIM", 1),
    Column("gmsd", "GMSD", -1),
    Column("nrmse", "NRMSE", -1),
    Column("nuclei_sd", "nuclei SD"),
    Column("nuclei_gradient", "nuclei gradient"),
    Column("background_sd", "background SD"),
    Column("background_gradient", "background gradient"),
    Column("contour_s", "contour S"),
    Column("score", "score", -1),
)
FORM = Form(
    "table1",
    "Table 1: synthetic tissue against real tissue with the same nuclei",
    COLUMNS,
    PAPER,
    views={OWN: "", OF_IMAGE: "in the stain of each image"},
)


def table1(
    data: str | Path,
    out: str | Path,
    *,
    rows: Iterable[str] | None = None,
    seeds: Iterable[int] = (1,),
    device: str = "auto",
    should_stop: ShouldStop = never,
    **settings: Any,
) -> Generator[TableStep, None, Table]:
    """Train the generators of Table 1 and score their tissue on the test images.

    Parameters
    ----------
    data : path
        Data folder with a list ``test`` in its ``split.json``, or with folders ``train`` and ``test``.
    out : path
        Gets ``table1.json``, ``table1.md``, ``figures/``, and what `make_rows` says: what is finished there
        is not done again.
    rows : iterable of str, optional
        Names in `GENERATORS`; by default all.
    seeds : iterable of int
        Each row is trained once for each.
    device : str
        "auto", "cuda", "mps" or "cpu".
    **settings
        Fields of `GanConfig` that differ for all rows, such as ``steps``, ``batch_size`` and ``width``.

    Returns
    -------
    Table
        With all rows of these settings that are finished in ``out``, those made before too.

    Raises
    ------
    OSError, TypeError, ValueError
        If the data cannot be used, a name or a setting is none, or ``out`` holds results of other settings.
    """
    data, out, seeds = Path(data), Path(out), list(seeds)
    work = Work(data, out, read_test_images(data), device, should_stop)
    asked = generator_rows(rows, seeds, **settings)
    known = generator_rows(None, sorted({*seeds, *seeds_in(out)}), **settings)
    return (yield from make_table(FORM, asked, known, work, evaluate_generator, draw_generators))


def generator_rows(rows: Iterable[str] | None, seeds: Sequence[int], **settings: Any) -> list[Row]:
    """Return the rows of some generators, all seeds of one before the next; see `table1`."""
    fixed = {"validation": 0.0, "samples": 0} | settings  # the last generator counts: no image chooses it
    names = list(GENERATORS if rows is None else rows)
    systems = [choose("row", name, GENERATORS) for name in names]
    return [
        Row(name, system.title, system.group, replace(system.config, **fixed, seed=seed))
        for name, system in zip(names, systems, strict=True)
        for seed in seeds
    ]
