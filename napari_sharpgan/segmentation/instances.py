"""From foreground to nuclei: clean a mask, find one marker a nucleus, let the markers grow together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import watershed

THRESHOLD = 0.5  # probability from which a pixel is nucleus: the two errors count alike
SMALLEST = 20  # pixels of a nucleus: 5 across, where the median at 20× is 13; 1.7 % of true ones are smaller
LARGEST_HOLE = 100  # pixels that are filled: of the gaps that true nuclei enclose 9 of 10 have 6 or fewer

Mask = NDArray[np.bool_]
Map = NDArray[np.float32]
Labels = NDArray[np.int32]

_SIDES = ndimage.generate_binary_structure(2, 1)
_SIDES_AND_CORNERS = ndimage.generate_binary_structure(2, 2)


def cleaned(mask: Mask) -> Mask:
    """Return a mask (H, W) without holes up to `LARGEST_HOLE` and without parts below `SMALLEST` pixels.

    What reaches the border of the image is no hole.
    """
    holes = _sizes(~mask, _SIDES_AND_CORNERS, at_border=LARGEST_HOLE + 1)
    filled = mask | ((holes > 0) & (holes <= LARGEST_HOLE))
    return _sizes(filled, _SIDES) >= SMALLEST


def domes(height: Map, least: float) -> Labels:
    """Return a label image of the summits: one for each that stands ``least`` above the saddle to the next.

    Parameters
    ----------
    height : float32 array of shape (H, W)
        At least 0.
    least : float
        How deep a valley must be to part two summits (the h of an h-maxima transform).
    """
    lowered = reconstruction(height - np.float32(least), height)
    summits: NDArray[Any] = local_maxima(lowered).astype(bool) & (height > 0)
    numbered: Labels = ndimage.label(summits, _SIDES_AND_CORNERS)[0].astype(np.int32)
    return numbered


def grown(markers: Labels, height: Map, mask: Mask) -> Labels:
    """Let markers grow over a mask, from the summits of ``height`` down, and return one label a nucleus.

    Parts of the mask without a marker become a nucleus each. Nuclei that end up below `SMALLEST` pixels are
    dropped. Labels are 1, 2, 3, …, in the order of their first pixels.
    """
    parts = ndimage.label(mask, _SIDES)[0]
    has_marker = np.zeros(int(parts.max()) + 1, bool)
    has_marker[parts[markers > 0]] = True
    alone = mask & ~has_marker[parts]
    seeds = np.where(mask, np.where(alone, markers.max() + parts, markers), 0)
    labels = watershed(-height, seeds, mask=mask)
    return _renumbered(labels)


def _renumbered(labels: NDArray[Any]) -> Labels:
    """Return labels without gaps and without those below `SMALLEST` pixels."""
    areas = np.bincount(labels.ravel())
    kept = areas >= SMALLEST
    kept[0] = False
    first = np.full(len(areas), labels.size)
    numbers, places = np.unique(labels, return_index=True)
    first[numbers] = places
    order = np.flatnonzero(kept)[np.argsort(first[kept])]
    table = np.zeros(len(areas), np.int32)
    table[order] = np.arange(1, len(order) + 1)
    renumbered: Labels = table[labels]
    return renumbered


def _sizes(mask: Mask, neighbors: NDArray[Any], *, at_border: int | None = None) -> NDArray[np.intp]:
    """Return at each pixel of a mask how many its part has, or ``at_border`` if it reaches the border."""
    parts = ndimage.label(mask, neighbors)[0]
    areas = np.bincount(parts.ravel())
    if at_border is not None:
        for line in (parts[0], parts[-1], parts[:, 0], parts[:, -1]):
            areas[line] = at_border
    areas[0] = 0
    sizes: NDArray[np.intp] = areas[parts]
    return sizes
