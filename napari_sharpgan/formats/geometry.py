"""One ring a nucleus, as we hold it, to and from polygons with holes and parts, as files hold them.

Files count x before y and from the corner of the first pixel; we count rows before columns and from its
center.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon, mapping

from napari_sharpgan.nuclei import join_rings

CENTER = 0.5


def to_geometry(ring: NDArray[np.float64]) -> dict[str, Any] | None:
    """Return a ring as a valid GeoJSON Polygon or MultiPolygon; None if it encloses nothing.

    What is inside stays inside by the even-odd rule: cuts of zero width vanish, crossings become vertices.
    """
    outline = Polygon(ring[:, ::-1] + CENTER)
    if outline.is_valid:
        return dict(mapping(outline))
    pieces = shapely.get_parts(shapely.get_parts(shapely.make_valid(outline)))
    areas = [piece for piece in pieces if isinstance(piece, Polygon) and not piece.is_empty]
    if not areas:
        return None
    return dict(mapping(areas[0] if len(areas) == 1 else MultiPolygon(areas)))


def from_geometry(geometry: Mapping[str, Any]) -> tuple[NDArray[np.float64], bool]:
    """Return a GeoJSON Polygon or MultiPolygon as a ring, and whether it had to be repaired."""
    parts = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    polygons = [[_points(ring) for ring in part] for part in parts]
    joined = join_rings([ring[:, ::-1] - CENTER for part in polygons for ring in part])
    if MultiPolygon([(part[0], part[1:]) for part in polygons]).is_valid:
        return joined, False
    from napari_sharpgan.nuclei import repair

    return repair(joined), True


def _points(ring: ArrayLike) -> NDArray[np.float64]:
    """Return the points (N, 2) of a closed ring without the repeated first one."""
    points = np.asarray(ring, dtype=np.float64)[:, :2]
    if len(points) < 3 or not np.isfinite(points).all():
        raise ValueError(f"a ring must have at least three finite points, got {len(points)}")
    return points[:-1] if (points[0] == points[-1]).all() else points
