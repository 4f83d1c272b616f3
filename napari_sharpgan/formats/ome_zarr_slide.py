"""A slide as OME-Zarr, image and nuclei, that is written block by block and can be looked at meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._files import folder_written_whole
from napari_sharpgan.formats.ome_label import image_label
from napari_sharpgan.formats.ome_metadata import describe
from napari_sharpgan.formats.ome_zarr import LABELS, NUCLEI
from napari_sharpgan.formats.ome_zarr_image import describe_image
from napari_sharpgan.formats.ome_zarr_store import (
    TILE,
    halved,
    level_shapes,
    new_group,
    new_levels,
    open_group,
)

BLOCKS = tuple(TILE * 2**power for power in range(5))
FACTS = "synthesis"
GLASS = 255  # what the image shows where nothing is written yet

Window = tuple[slice, slice]


def new_slide(
    path: Path, shape: tuple[int, int], note: Mapping[str, Any], size: float, facts: Mapping[str, Any]
) -> None:
    """Make an empty slide of (rows, columns), with all its levels, or nothing.

    Parameters
    ----------
    path : Path
        Where nothing is yet.
    shape : (int, int)
        Rows and columns of the largest level.
    note : mapping
        Provenance, among the attributes of the image.
    size : float
        Micrometers a pixel.
    facts : mapping
        What it is made of, see `write_facts`.
    """
    with folder_written_whole(path) as folder:
        root = new_group(folder)
        image = new_levels(root, (3, *shape), "cyx", dtype=np.uint8, fill=GLASS, name="image", size=size)
        describe_image(root, image, note)
        root.attrs[FACTS] = dict(facts)
        labels = root.create_group(LABELS)
        describe(labels, {LABELS: [NUCLEI]})
        nuclei = labels.create_group(NUCLEI)
        entry = new_levels(nuclei, shape, "yx", dtype=np.uint32, fill=0, name=NUCLEI, size=size)
        describe(
            nuclei, {"multiscales": [entry], "image-label": image_label({}, (), root.metadata.zarr_format)}
        )


def read_facts(path: Path) -> dict[str, Any]:
    """Return the facts that `write_facts` wrote; empty where there are none."""
    facts = open_group(path).attrs.get(FACTS, {})
    return facts if isinstance(facts, dict) else {}


def write_facts(path: Path, facts: Mapping[str, Any]) -> None:
    """Write what a slide is made of, and how far it is, among the attributes of the image; JSON."""
    open_group(path, "r+").attrs[FACTS] = dict(facts)


def is_unfinished(path: Path) -> bool:
    """Return whether an OME-Zarr is a slide of which parts are missing."""
    return read_facts(path).get("complete") is False


class SlideArrays:
    """The arrays of a slide, to be written block by block.

    Blocks begin at multiples of their side, one of `BLOCKS`; those at the right and lower border may be
    smaller. They share no file in the levels that `write` writes, so that any process may write any block;
    `write_above` writes the smaller levels, where they do, and is for one process alone.

    Parameters
    ----------
    path : Path
        A slide that `new_slide` made.
    block : int
        Side of a block.
    """

    def __init__(self, path: Path, block: int) -> None:
        root = open_group(path, "r+")
        nuclei = root[LABELS][NUCLEI]
        shapes = level_shapes(root["0"].shape[-2:])
        self.levels = {
            "cyx": [root[str(level)] for level in range(len(shapes))],
            "yx": [nuclei[str(level)] for level in range(len(shapes))],
        }
        self._own = 1 + BLOCKS.index(block)  # levels whose files belong to one block each

    def write(self, window: Window, tissue: NDArray[np.uint8], labels: NDArray[np.uint32]) -> None:
        """Write a block: tissue (h, w, 3), and the ids of the nuclei (h, w)."""
        planes = np.ascontiguousarray(np.moveaxis(tissue, -1, 0))
        for axes, pixels in (("cyx", planes), ("yx", labels)):
            for level, array in enumerate(self.levels[axes][: self._own]):
                array[(..., *_at(window, level))] = pixels
                pixels = halved(pixels, axes)

    def write_above(self, window: Window) -> None:
        """Bring the smaller levels up to date with a block that was written."""
        for axes, arrays in self.levels.items():
            for level in range(self._own, len(arrays)):
                rows, columns = _at(window, level)
                below = slice(2 * rows.start, 2 * rows.stop), slice(2 * columns.start, 2 * columns.stop)
                arrays[level][..., rows, columns] = halved(arrays[level - 1][(..., *below)], axes)


def _at(window: Window, level: int) -> Window:
    """Return the pixels of a level that a window of the largest one reaches."""
    step = 2**level
    rows, columns = (slice(side.start // step, -(-side.stop // step)) for side in window)
    return rows, columns
