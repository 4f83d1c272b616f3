"""Pixels to outlines: the regions of a label image as rings along the edges of their pixels.

An outline along pixel edges is known by its corners alone: along each row those of one region pair up, first
with second, third with fourth, into the horizontal edges, and along each column into the vertical ones. So
all regions are traced at once by sorting their corners twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels
from napari_sharpgan.nuclei.outline import join_rings


def polygonize(labels: ArrayLike) -> list[NDArray[np.float64]]:
    """Return the outline of each label, in ascending order of the labels.

    ``rasterize(polygonize(labels), labels.shape)`` gives back every region, exactly, numbered from 1.

    Parameters
    ----------
    labels : array_like of shape (H, W), integer
        0 is background. Labels may be any numbers up to 2³¹ − 1, with gaps; a region may touch others and the
        border, and may have holes or several parts (pixels that meet only at a corner are two parts).

    Returns
    -------
    list of ndarray of shape (N, 2), float64
        Rows and columns of the corners, at half-integer coordinates: pixel edges. Parts run clockwise as seen
        on the screen and holes against them; regions with holes or several parts are one ring joined by
        zero-width cuts (see `join_rings`).

    Raises
    ------
    TypeError, ValueError
        If ``labels`` is no label image.
    """
    corners = _corners(check_labels(labels).astype(np.int32, copy=False))
    rings: dict[int, list[NDArray[np.float64]]] = {}
    for ring in _trace(_vertical_partners(corners).tolist()):
        first = corners.label[ring[0]]
        against = ring[:1] + ring[:0:-1] if corners.concave[ring[0]] else ring
        rings.setdefault(int(first), []).append(corners.points[against])
    return [join_rings(parts) for parts in rings.values()]


class _Corners(NamedTuple):
    """Corners of all regions, sorted by label, row, column: 2 k and 2 k + 1 end a horizontal edge."""

    label: NDArray[np.int32]
    points: NDArray[np.float64]
    down: NDArray[np.bool_]  # whether the vertical edge goes down from here
    concave: NDArray[np.bool_]  # whether three of the four pixels around belong to the region


def _corners(labels: NDArray[np.int32]) -> _Corners:
    """Find the corners of all regions; where two pixels of a region meet only diagonally, each has a corner.

    Of the four pixels around a point, numbered 0 1 over 2 3, pixel k has its neighbors at k ^ 1 and k ^ 2.
    Its region has a convex corner there when neither belongs to it, and the region of the other three a
    concave one when they agree. The edges of both run on the side of pixel k.
    """
    padded = np.pad(labels, 1)
    edge = padded[1:] != padded[:-1]
    rows, columns = np.nonzero(edge[:, 1:] | edge[:, :-1])
    quad = [padded[rows + down, columns + right] for down in (0, 1) for right in (0, 1)]
    found = []
    for pixel, label in enumerate(quad):
        beside, above, across = quad[pixel ^ 1], quad[pixel ^ 2], quad[pixel ^ 3]
        convex = (label != beside) & (label != above) & (label != 0)
        concave = (beside == above) & (beside == across) & (beside != label) & (beside != 0)
        for where, owner, inward in ((convex, label, False), (concave, beside, True)):
            place = where.nonzero()[0]
            found.append((owner[place], place, np.full(len(place), pixel), np.full(len(place), inward)))
    owners, places, sides, turns = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((sides & 1, columns[places], rows[places], owners))
    points = np.column_stack((rows, columns))[places[order]] - 0.5
    return _Corners(owners[order], points, sides[order] > 1, turns[order])


def _vertical_partners(corners: _Corners) -> NDArray[np.intp]:
    """Return for each corner the index of the one at the other end of its vertical edge."""
    order = np.lexsort((corners.down, corners.points[:, 0], corners.points[:, 1], corners.label))
    partners = np.empty_like(order)
    partners[order] = order.reshape(-1, 2)[:, ::-1].ravel()
    return partners


def _trace(vertical: list[int]) -> Iterator[list[int]]:
    """Yield each ring as indices of its corners, from its topmost, leftmost one to the right."""
    seen = bytearray(len(vertical))
    for start in range(0, len(vertical), 2):
        ring: list[int] = []
        here = start
        while not seen[here]:
            there = here ^ 1
            seen[here] = seen[there] = True
            ring += (here, there)
            here = vertical[there]
        if ring:
            yield ring
