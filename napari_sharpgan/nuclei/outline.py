"""One outline: a ring of (row, column) points, not closed by a repeated first point."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FARTHEST = 1e9


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
    count = 0
    while len(points) and count < 3:
        points = points[(points != points[0]).any(axis=1)]
        count += 1
    return count
