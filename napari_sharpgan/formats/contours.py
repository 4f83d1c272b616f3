"""Contours as OpenCV traces them, through the centers of boundary pixels, to and from regions of pixels.

``cv2.findContours`` walks through the *centers* of the outermost pixels of a region (8-connected, then
straight stretches shortened), so the polygon of its points is half a pixel smaller all around than the
region: a square of 3 × 3 pixels has a contour of area 4. The region itself is what lies inside that polygon
or on it. `contour_region` gives back exactly these pixels (holes filled, as OpenCV's outer contour has
none), and `pixel_contour` is its inverse.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.formats.regions import Region, check_extent
from napari_sharpgan.nuclei import polygon_mask

Integers = NDArray[np.int64]


def contour_region(contour: Integers) -> Region:
    """Return the pixels inside or on a contour.

    Parameters
    ----------
    contour : (N, 2) int array
        Rows and columns of pixel centers, at least one; not closed.

    Raises
    ------
    ValueError
        If it is too large to be painted.
    """
    low, high = contour.min(axis=0), contour.max(axis=0)
    check_extent(low.astype(np.float64), high.astype(np.float64))
    points = contour - low
    mask = np.zeros(high - low + 1, bool)
    if min(mask.shape) > 1 and len(set(map(tuple, points.tolist()))) > 2:
        window, inside = polygon_mask(points, (mask.shape[0], mask.shape[1]))
        mask[window] = inside
    ends = np.roll(points, -1, axis=0) - points
    steps = np.maximum(np.gcd(*np.abs(ends).T), 1)
    edge = np.repeat(np.arange(len(points)), steps)
    along = np.arange(len(edge)) - np.repeat(np.cumsum(steps) - steps, steps)
    rows, columns = (points[edge] + (ends // steps[:, None])[edge] * along[:, None]).T
    mask[rows, columns] = True  # also stretches walked there and back, one pixel wide
    return Region(int(low[0]), int(low[1]), mask)


def pixel_contour(ring: NDArray[np.float64]) -> Integers:
    """Return the contour that OpenCV traces around the pixels inside a ring.

    Parameters
    ----------
    ring : (N, 2) float array
        Rows and columns of corners along pixel edges, in either direction; one part, its holes left out.

    Returns
    -------
    (M, 2) int64 array
        Rows and columns of pixel centers, from the topmost, leftmost one downward, as
        ``cv2.findContours`` with ``CHAIN_APPROX_SIMPLE`` lists them.
    """
    ahead = np.roll(ring, -1, axis=0)
    clockwise = np.sum(ring[:, 1] * ahead[:, 0] - ahead[:, 1] * ring[:, 0]) > 0
    start = ring if clockwise else ring[::-1]
    end = np.roll(start, -1, axis=0)
    along = np.sign(end - start)
    inward = np.column_stack((along[:, 1], -along[:, 0]))
    centers = np.stack((start + (inward + along) / 2, end + (inward - along) / 2), axis=1).reshape(-1, 2)
    walk = np.rint(centers).astype(np.int64)[::-1]
    walk = walk[(walk != np.roll(walk, 1, axis=0)).any(axis=1)] if (walk != walk[0]).any() else walk[:1]
    before = np.sign(walk - np.roll(walk, 1, axis=0))
    after = np.roll(before, -1, axis=0)
    walk = walk[(before != after).any(axis=1)] if len(walk) > 1 else walk
    first = np.lexsort((walk[:, 1], walk[:, 0]))[0]
    return np.roll(walk, -first, axis=0)
