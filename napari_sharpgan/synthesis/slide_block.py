"""One block of a synthetic slide: its nuclei, their maps, its tissue, into the slide on the disk."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.formats.ome_zarr_slide import SlideArrays
from napari_sharpgan.nuclei import EndlessNuclei, PlacedNuclei
from napari_sharpgan.rendering import TissueCanvas, WindowGrid, together
from napari_sharpgan.scene.windows import grown, within
from napari_sharpgan.synthesis.manifest import explained
from napari_sharpgan.synthesis.slide_plan import Block, SlidePlan, Window
from napari_sharpgan.synthesis.workers import Stopped, is_stopping


@dataclass(frozen=True)
class BlockDone:
    """What a block came to.

    Parameters
    ----------
    nuclei : int
        Nuclei whose middle lies in it.
    rendered : str
        Device, engine and number format: others give tissue that differs by a few gray levels.
    """

    nuclei: int
    rendered: str


@dataclass(frozen=True)
class BlockWork:
    """Makes blocks of a slide, in any process.

    Parameters
    ----------
    path : str
        The slide, which `formats.ome_zarr_slide.new_slide` made.
    plan : SlidePlan
        What it follows from.
    device : str
        Where to render.
    """

    path: str
    plan: SlidePlan
    device: str

    def __call__(self, block: Block) -> BlockDone:
        """Make a block and write it."""
        arrays = SlideArrays(Path(self.path), self.plan.settings.block)  # first: it may not be seen from here
        window = self.plan.window(block)
        nuclei, renderer = _nuclei(self.plan), self.plan.renderer(self.device)
        labels, around, count = labels_around(nuclei, window)
        canvas = TissueCanvas(self.plan.shape, renderer, seed=self.plan.settings.seed, part=window)
        condition = renderer.condition_map(labels.numbers)
        for places in together(canvas.grid.touching(window), renderer):
            if is_stopping():
                raise Stopped
            canvas.update({at: condition[within(canvas.grid.extent(at), around)] for at in places})
        ids = labels.ids[labels.numbers[within(window, around)]]
        with explained(Path(self.path)):
            arrays.write(window, canvas.image, ids)
        return BlockDone(count, renderer.engine.words)


@dataclass(frozen=True)
class Numbered:
    """A label image whose numbers run from 1 to n, and the ids that belong to them; the id of 0 is 0."""

    numbers: NDArray[np.int32]
    ids: NDArray[np.uint32]


def labels_around(nuclei: EndlessNuclei, window: Window) -> tuple[Numbered, Window, int]:
    """Return nuclei, whole, of all that has a part in the tissue of a block.

    Returns
    -------
    labels : Numbered
        Of the window that comes next.
    around : (slice, slice)
        The pixels of all rendered windows that reach into the block, and of the nuclei in these.
    count : int
        Nuclei whose middle lies in the block; of those that stand beyond the canvas, the pixel next to it.
    """
    grid = WindowGrid(nuclei.shape)
    rendered = grid.extents(grid.touching(window))
    placed = nuclei.in_window(rendered)
    around = grown(_around(placed, rendered), 1, nuclei.shape)  # one more: contours look at their neighbors
    return Numbered(*nuclei.numbered(around)), around, _count_within(placed, window, nuclei.shape)


def _around(placed: PlacedNuclei, window: Window) -> Window:
    """Return a window that holds a window and some nuclei."""
    if not len(placed):
        return window
    points = np.concatenate(placed.polygons)
    low, high = np.floor(points.min(axis=0)).astype(int), np.ceil(points.max(axis=0)).astype(int)
    rows, columns = (
        slice(min(side.start, int(first)), max(side.stop, int(last) + 1))
        for side, first, last in zip(window, low, high, strict=True)
    )
    return rows, columns


def _count_within(placed: PlacedNuclei, window: Window, shape: tuple[int, int]) -> int:
    """Return how many nuclei of a canvas have their middle, or what of it is next to that, in a window."""
    if not len(placed):
        return 0
    middles = np.array([polygon.mean(axis=0) for polygon in placed.polygons])
    middles = np.clip(middles, 0, np.array(shape) - 1)
    low, high = ([getattr(side, end) for side in window] for end in ("start", "stop"))
    return int(((middles >= np.array(low) - 0.5) & (middles < np.array(high) - 0.5)).all(axis=1).sum())


@lru_cache(maxsize=1)
def _nuclei(plan: SlidePlan) -> EndlessNuclei:
    """Return the nuclei of a slide, kept in this process: blocks share cells with their neighbors."""
    return plan.nuclei()
