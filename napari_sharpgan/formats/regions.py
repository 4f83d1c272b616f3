"""Many small regions of pixels to outlines at once, and outlines to the regions that they cover."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.nuclei import polygon_mask, polygonize

Ring = NDArray[np.float64]
MOST_PIXELS = 2**26  # of one region: 8,192 × 8,192
_SHELF = 4096
_BATCH = 2**24


class Region(NamedTuple):
    """A window of pixels: those of the region are True; pixel (0, 0) of the window lies at (row, column)."""

    row: int
    column: int
    mask: NDArray[np.bool_]


def check_extent(low: NDArray[np.float64], high: NDArray[np.float64]) -> None:
    """Raise ValueError if a window from ``low`` to ``high`` (rows, columns) is too large for one nucleus."""
    rows, columns = (float(side) + 1 for side in np.subtract(high, low))
    if not rows * columns <= MOST_PIXELS:
        raise ValueError(f"a nucleus of {rows:g} × {columns:g} pixels is too large to be painted")


def trace_regions(regions: Sequence[Region]) -> list[Ring]:
    """Return the outline of each region along the edges of its pixels, as `polygonize` does.

    Each region must have a pixel. They may overlap: each is traced for itself, all in one image where they
    lie side by side.
    """
    return [ring for batch in _batches(regions) for ring in _trace_batch(batch)]


def covered_regions(rings: Sequence[Ring]) -> list[Region | None]:
    """Return the pixels that each outline covers, whatever lies over it; None where it covers none."""
    return [_covered(ring) for ring in rings]


def pixel_rings(rings: Sequence[Ring]) -> list[Ring | None]:
    """Return the outlines along pixel edges of what each outline covers; None where it covers no pixel.

    An outline that runs along pixel edges comes back as it is.
    """
    result: list[Ring | None] = [ring if _along_pixels(ring) else None for ring in rings]
    places = [place for place, ring in enumerate(result) if ring is None]
    found = covered_regions([rings[place] for place in places])
    kept = [(place, region) for place, region in zip(places, found, strict=True) if region is not None]
    traced = trace_regions([region for _, region in kept])
    for (place, _), ring in zip(kept, traced, strict=True):
        result[place] = ring
    return result


def _along_pixels(ring: Ring) -> bool:
    """Return whether every edge runs along pixel edges."""
    steps = ring - np.roll(ring, 1, axis=0)
    return bool((ring % 1 == 0.5).all() and (steps == 0).any(axis=1).all())


def _covered(ring: Ring) -> Region | None:
    check_extent(ring.min(axis=0), ring.max(axis=0))
    row, column = (int(start) for start in np.floor(ring.min(axis=0)))
    height, width = (int(end) for end in np.ceil(ring.max(axis=0)) + 1 - (row, column))
    (rows, columns), mask = polygon_mask(ring - (row, column), (height, width))
    return Region(row + rows.start, column + columns.start, mask) if mask.any() else None


def _batches(regions: Sequence[Region]) -> Iterator[list[Region]]:
    """Yield the regions in lists of about 16 million pixels."""
    batch: list[Region] = []
    pixels = 0
    for region in regions:
        if batch and pixels + region.mask.size > _BATCH:
            yield batch
            batch, pixels = [], 0
        batch.append(region)
        pixels += region.mask.size
    if batch:
        yield batch


def _trace_batch(regions: Sequence[Region]) -> list[Ring]:
    """Trace regions that lie on shelves of one image, the highest first."""
    heights, widths = np.array([region.mask.shape for region in regions]).T
    width = max(_SHELF, int(widths.max()))
    tops, lefts = np.zeros(len(regions), int), np.zeros(len(regions), int)
    top = left = shelf = 0
    for index in np.argsort(-heights, kind="stable").tolist():
        if left + widths[index] > width:
            top, left, shelf = top + shelf, 0, 0
        tops[index], lefts[index] = top, left
        left += int(widths[index])
        shelf = max(shelf, int(heights[index]))
    image = np.zeros((top + shelf, width), np.int32)
    for index, (region, row, column) in enumerate(zip(regions, tops, lefts, strict=True)):
        window = image[row : row + region.mask.shape[0], column : column + region.mask.shape[1]]
        window[region.mask] = index + 1
    return [
        ring + np.array([region.row - row, region.column - column])
        for ring, region, row, column in zip(polygonize(image), regions, tops, lefts, strict=True)
    ]
