"""One outline: a ring of (row, column) points, not closed by a repeated first point."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

FARTHEST = 1e9
NEARBY = 1024


def check_polygon(polygon: ArrayLike) -> NDArray[np.float64]:
    """Return an outline as float64 of shape (N, 2), or say what is wrong with it.

    Parameters
    ----------
    polygon : array_like of shape (N, 2)
        Rows and columns of at least three distinct, finite points.

    Returns
    -------
    ndarray of shape (N, 2), float64
        The same points; not a copy where they already have this form.

    Raises
    ------
    ValueError
        For another shape, points that are not finite, or fewer than three distinct points.
    """
    points = np.asarray(polygon, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"a polygon must have shape (N, 2), rows and columns, got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("a polygon must have finite points, got NaN or infinity")
    if (np.abs(points) > FARTHEST).any():
        raise ValueError(f"a polygon's points must lie within {FARTHEST:.0e} px of the origin")
    distinct = _count_distinct(points)
    if distinct < 3:
        raise ValueError(f"a polygon must have at least three distinct points, got {distinct}")
    return points


def _count_distinct(points: NDArray[np.float64]) -> int:
    """Return how many distinct points there are, counting no further than three."""
    count = len({tuple(point) for point in points[:3].tolist()})
    if count == 3:
        return count  # nearly always: the slow way below is for the rest
    count = 0
    while len(points) and count < 3:
        points = points[(points != points[0]).any(axis=1)]
        count += 1
    return count


def ellipse_outline(corners: ArrayLike) -> NDArray[np.float64]:
    """Return 64 points on the ellipse that fills a box.

    Parameters
    ----------
    corners : array of shape (4, 2)
        The corners of the box, one after the other around it; it may be turned.

    Returns
    -------
    float64 array of shape (64, 2)
    """
    box = np.asarray(corners, dtype=np.float64)
    across, down = (box[1] - box[0]) / 2, (box[3] - box[0]) / 2
    angles = np.linspace(0, 2 * np.pi, 64, endpoint=False)[:, None]
    ring: NDArray[np.float64] = box.mean(axis=0) + np.cos(angles) * across + np.sin(angles) * down
    return ring


def join_rings(rings: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return one ring that walks along all rings, joined by cuts of zero width.

    Each ring hangs on a vertex of an earlier one: a cut leads from there to the ring's first point and, after
    the ring, back the same way, so that the cuts enclose nothing. Cuts run along rows and columns: between
    pixel corners (half-integer coordinates) they meet no pixel center.

    Parameters
    ----------
    rings : sequence of ndarray of shape (N, 2)
        Parts and holes of one region; at least one.

    Returns
    -------
    ndarray of shape (M, 2), float64
        Starts with the first ring; is that ring where there is only one.
    """
    if len(rings) == 1:
        return rings[0]
    points = np.concatenate(rings)
    firsts = np.cumsum([0, *(len(ring) for ring in rings)]).tolist()
    parents = [_nearest_before(points, first) for first in firsts[1:-1]]
    corners = np.column_stack((points[parents, 0], points[firsts[1:-1], 1]))
    walk = np.concatenate((points, corners))[_walk(firsts, parents)]
    return np.asarray(walk[(walk != np.roll(walk, 1, axis=0)).any(axis=1)])


def _nearest_before(points: NDArray[np.float64], first: int) -> int:
    """Return the index of the point nearest to ``points[first]`` among the last thousand before it."""
    start = max(0, first - NEARBY)
    return start + int(np.abs(points[start:first] - points[first]).sum(axis=1).argmin())


def _walk(firsts: Sequence[int], parents: Sequence[int]) -> list[int]:
    """Return the order in which a joined ring meets the points of its rings and the corners of cuts.

    Ring k has the points ``firsts[k]`` to ``firsts[k + 1] - 1``; ring k + 1 hangs on point ``parents[k]``,
    and the corner of its cut is point ``firsts[-1] + k``.
    """
    hanging: dict[int, list[int]] = {}
    for ring, parent in enumerate(parents):
        hanging.setdefault(parent, []).append(ring)
    order: list[int] = []
    ahead = list(
        range(firsts[1] - 1, -1, -1)
    )  # a stack; points on the way back, of which no ring hangs, as ~index
    while ahead:
        point = ahead.pop()
        order.append(point if point >= 0 else ~point)
        for ring in hanging.get(point, ()):
            first, corner = firsts[ring + 1], ~(firsts[-1] + ring)
            ahead += [~point, corner, ~first, *range(firsts[ring + 2] - 1, first - 1, -1), corner]
    return order
