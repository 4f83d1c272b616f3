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
        If it is no polygon (see `check_polygon`) or encloses no area by the even-odd rule.
    """
    points = check_polygon(polygon)
    if shapely.Polygon(points).is_valid:
        return points, None
    outline = shapely.multilinestrings(shapely.linestrings(_uncut_edges(points)))
    if not outline.is_empty and outline.is_simple:
        return points, None
    parts = shapely.get_parts(outline_area(points))
    if not len(parts):
        raise ValueError("a polygon must enclose an area, got one that encloses nothing")
    areas = shapely.area(parts)
    largest = parts[areas.argmax()]
    rings = [shapely.get_coordinates(ring)[:-1] for ring in (largest.exterior, *largest.interiors)]
    share = areas.max() / areas.sum()
    note = f"The outline crossed itself; its largest part, {share:.0%} of its area, was kept."
    return join_rings(rings), note


def outline_area(polygon: ArrayLike) -> shapely.Polygon | shapely.MultiPolygon:
    """Return what an outline encloses by the even-odd rule, as polygons with holes.

    Unlike ``shapely.make_valid`` this is exact where zero-width cuts run along edges or pass through parts.

    Parameters
    ----------
    polygon : array_like of shape (N, 2)
        Rows and columns; it may have cuts and cross itself.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        In (row, column) coordinates, valid; empty where the outline encloses nothing.

    Raises
    ------
    ValueError
        If it is no polygon (see `check_polygon`).
    """
    edges = _uncut_edges(check_polygon(polygon))
    noded = shapely.union_all(shapely.linestrings(edges))
    faces = shapely.get_parts(shapely.polygonize([noded]))
    places = shapely.get_coordinates(shapely.point_on_surface(faces))
    return shapely.union_all(
        [face for face, place in zip(faces, places, strict=True) if _inside(place, edges)]
    )


def _inside(place: NDArray[np.float64], edges: NDArray[np.float64]) -> bool:
    """Return whether a place lies inside edges (n, 2, 2), upper end first, by the even-odd rule."""
    row, column = place
    upper, lower = edges[(edges[:, 0, 0] <= row) & (edges[:, 1, 0] > row)].transpose(1, 2, 0)
    crossed = upper[1] + (row - upper[0]) * (lower[1] - upper[1]) / (lower[0] - upper[0]) < column
    return bool(np.count_nonzero(crossed) % 2)


def _uncut_edges(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the edges (n, 2, 2) of an outline, upper (or left) end first, without those walked twice."""
    ends = np.roll(points, -1, axis=0)
    swap = (points[:, 0] > ends[:, 0]) | ((points[:, 0] == ends[:, 0]) & (points[:, 1] > ends[:, 1]))
    edges = np.hstack((np.where(swap[:, None], ends, points), np.where(swap[:, None], points, ends)))
    edges, times = np.unique(edges[(points != ends).any(axis=1)], axis=0, return_counts=True)
    return np.asarray(edges[times % 2 == 1].reshape(-1, 2, 2))
