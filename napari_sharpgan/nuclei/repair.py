"""Outlines that cross themselves become outlines that do not."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan.nuclei.outline import check_polygon, join_rings


def repair(polygon: ArrayLike) -> tuple[NDArray[np.float64], str | None]:
    """Return an outline that does not cross itself, and what had to be done for it.

    A region with holes or several parts is one ring joined by zero-width cuts, which must not be taken for a
    crossing. They are told apart so: edges that are walked twice are cuts and enclose nothing, so they are
    left out. If the edges that remain meet only at their ends, the outline comes back unchanged, whatever its
    cuts pass through. If one of them passes through another, the outline crosses itself.

    Parameters
    ----------
    polygon : array_like of shape (N, 2)
        Rows and columns.

    Returns
    -------
    polygon : ndarray of shape (M, 2), float64
        The same points, or the largest valid part of an outline that crosses itself (of the area that the
        even-odd rule fills; its holes are joined by cuts).
    note : str or None
        One sentence for the user, or None where nothing was changed.

    Raises
    ------
    ValueError
        If it is no polygon (see `check_polygon`) or encloses no area.
    """
    points = check_polygon(polygon)
    area = shapely.Polygon(points)
    if area.is_valid or _meets_only_at_ends(points):
        return points, None
    parts = [part for part in _parts(shapely.make_valid(area)) if part.area > 0]
    if not parts:
        raise ValueError("a polygon must enclose an area, got one that is as thin as a line")
    largest = max(parts, key=lambda part: part.area)
    share = largest.area / sum(part.area for part in parts)
    rings = [shapely.get_coordinates(ring)[:-1] for ring in (largest.exterior, *largest.interiors)]
    return join_rings(
        rings
    ), f"The outline crossed itself; its largest part, {share:.0%} of its area, was kept."


def _meets_only_at_ends(points: NDArray[np.float64]) -> bool:
    """Return whether the edges, without those walked twice, enclose something and meet only at their ends."""
    ends = np.roll(points, -1, axis=0)
    swap = (points[:, 0] > ends[:, 0]) | ((points[:, 0] == ends[:, 0]) & (points[:, 1] > ends[:, 1]))
    edges = np.hstack((np.where(swap[:, None], ends, points), np.where(swap[:, None], points, ends)))
    edges, times = np.unique(edges[(points != ends).any(axis=1)], axis=0, return_counts=True)
    outline = edges[times % 2 == 1].reshape(-1, 2, 2)
    return len(outline) > 0 and bool(shapely.multilinestrings(shapely.linestrings(outline)).is_simple)


def _parts(geometry: shapely.Geometry) -> list[shapely.Polygon]:
    """Return the polygons of a geometry of any kind."""
    pieces = shapely.get_parts(shapely.get_parts(geometry))
    return [piece for piece in pieces if isinstance(piece, shapely.Polygon)]
