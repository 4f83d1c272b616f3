"""What a hand does to outlines: merge, split, add, take away, fill.

All work on areas, so outlines may have holes and several parts, and what comes back needs no repair.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_positive
from napari_sharpgan.nuclei.area import GRID, Area, as_area, as_outline
from napari_sharpgan.nuclei.outline import check_polygon

Outline = NDArray[np.float64]

SLIVER = 4.0  # px²; what a cut leaves that is smaller goes to its neighbor
CRUMB = 2.5  # px²; what an eraser leaves that is smaller is dropped
ROUNDNESS = 6  # segments of a quarter of the brush's circle
STRAIGHT = 0.02  # share of the brush's radius by which its path may be simplified


def merge_outlines(outlines: Sequence[ArrayLike]) -> Outline:
    """Return the union of outlines as one nucleus; parts that do not touch stay parts of it.

    Parameters
    ----------
    outlines : sequence of array_like of shape (N, 2)
        Rows and columns, at least one outline.

    Returns
    -------
    ndarray of shape (M, 2), float64

    Raises
    ------
    ValueError
        Without outlines, or if one of them encloses nothing.
    """
    if len(outlines) == 0:
        raise ValueError("merging needs at least one outline, got none")
    return as_outline(shapely.union_all([as_area(outline) for outline in outlines], grid_size=GRID))


def split_outline(outline: ArrayLike, line: ArrayLike) -> list[Outline]:
    """Cut an outline along a drawn path.

    Pieces below `SLIVER` px², and pieces that the path encloses without the help of the outline, go to the
    neighbor with which they share most of their border; parts of the nucleus that the path leaves whole go to
    the nearest piece. So the pieces have the area of the outline, together.

    Parameters
    ----------
    outline : array_like of shape (N, 2)
        Rows and columns.
    line : array_like of shape (M, 2)
        Rows and columns of a path of at least two points.

    Returns
    -------
    list of ndarray of shape (K, 2), float64
        The pieces, largest first; the outline alone where the path does not cross it from side to side.

    Raises
    ------
    ValueError
        If the outline encloses nothing or the path has fewer than two points or such that are not finite.
    """
    path, area = _check_path(line, least=2), as_area(outline)
    noded = shapely.union_all([area.boundary, shapely.LineString(path)], grid_size=GRID)
    faces = shapely.get_parts(shapely.polygonize([noded]))
    inside = shapely.intersects(area, shapely.point_on_surface(faces))
    pieces = _settled(list(faces[inside]))
    if len(pieces) < 2:
        return [check_polygon(outline)]
    pieces.sort(key=lambda piece: -piece.area)
    return [as_outline(piece) for piece in pieces]


def brush_outline(path: ArrayLike, radius: float) -> Outline:
    """Return the area that a round brush covers along a path.

    Parameters
    ----------
    path : array_like of shape (M, 2)
        Rows and columns; a single point gives a disk.
    radius : float
        Radius of the brush in px.

    Returns
    -------
    ndarray of shape (N, 2), float64

    Raises
    ------
    ValueError
        If the path has no points or such that are not finite, or the radius is not above 0.
    """
    points, size = _check_path(path), check_positive(radius, "radius")
    walked = len(points) > 1 and bool((points != points[0]).any())
    line = shapely.LineString(points).simplify(STRAIGHT * size) if walked else shapely.Point(points[0])
    area = shapely.set_precision(line.buffer(size, quad_segs=ROUNDNESS), GRID)
    if area.is_empty:
        raise ValueError(f"radius must be above {GRID:.3f} px, got {radius}")
    return as_outline(area)


def add_to_outline(outline: ArrayLike, area: ArrayLike) -> Outline:
    """Return an outline with an area added; where they do not touch, the area becomes a part of it.

    Parameters
    ----------
    outline, area : array_like of shape (N, 2)
        Rows and columns; the area, for example, of `brush_outline`.

    Returns
    -------
    ndarray of shape (M, 2), float64

    Raises
    ------
    ValueError
        If one of them encloses nothing.
    """
    return merge_outlines([outline, area])


def subtract_from_outline(outline: ArrayLike, area: ArrayLike) -> Outline | None:
    """Return what is left of an outline without an area; parts below `CRUMB` px² are dropped.

    Parameters
    ----------
    outline, area : array_like of shape (N, 2)
        Rows and columns; the area, for example, of `brush_outline`.

    Returns
    -------
    ndarray of shape (M, 2), float64, or None
        The same points where the area lies beside the outline; None where nothing is left.

    Raises
    ------
    ValueError
        If one of them encloses nothing.
    """
    whole, taken = as_area(outline), as_area(area)
    if not whole.intersects(taken):
        return check_polygon(outline)
    parts = shapely.get_parts(shapely.difference(whole, taken, grid_size=GRID))
    parts = parts[shapely.area(parts) >= CRUMB]
    return as_outline(shapely.multipolygons(parts)) if len(parts) else None


def fill_holes(outline: ArrayLike) -> Outline:
    """Return an outline without its holes; the same points where it has none.

    Parameters
    ----------
    outline : array_like of shape (N, 2)
        Rows and columns.

    Returns
    -------
    ndarray of shape (M, 2), float64

    Raises
    ------
    ValueError
        If it encloses nothing.
    """
    parts = shapely.get_parts(as_area(outline))
    if not shapely.get_num_interior_rings(parts).any():
        return check_polygon(outline)
    filled = shapely.polygons(shapely.get_exterior_ring(parts))
    return as_outline(shapely.union_all(filled, grid_size=GRID))


def _settled(faces: list[Area]) -> list[Area]:
    """Return the faces of a cut area after those that are no pieces of their own went to others."""
    while len(faces) > 1:
        borders = np.array(faces, dtype=object)
        borders = shapely.boundary(borders)
        shared = shapely.length(shapely.intersection(borders[:, None], borders))
        np.fill_diagonal(shared, 0)
        areas, lengths = shapely.area(faces), shapely.length(borders)
        enclosed, uncut = shared.sum(axis=1) > lengths - GRID, shared.sum(axis=1) == 0
        loose = np.flatnonzero((areas < SLIVER) | enclosed | uncut)
        if not len(loose):
            break
        first = int(loose[areas[loose].argmin()])
        away = shapely.distance(borders[first], borders)
        away[first] = np.inf
        other = int(away.argmin() if uncut[first] else shared[first].argmax())
        faces[other] = shapely.union(faces[other], faces[first])
        del faces[first]
    return faces


def _check_path(path: ArrayLike, least: int = 1) -> NDArray[np.float64]:
    """Return a path as float64 of shape (M, 2), or say what is wrong with it."""
    points = np.asarray(path, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) < least:
        raise ValueError(f"a path must have shape (M, 2) with M of at least {least}, got {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError("a path must have finite points, got NaN or infinity")
    return points
