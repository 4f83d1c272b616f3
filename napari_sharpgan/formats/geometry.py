"""One ring a nucleus, as we hold it, to and from polygons with holes and parts, as files hold them.

Files count x before y and from the corner of the first pixel; we count rows before columns and from its
center.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from napari_sharpgan.nuclei import join_rings, outline_area, repair

CENTER = 0.5


def to_geometry(ring: NDArray[np.float64]) -> dict[str, Any] | None:
    """Return a ring as a valid GeoJSON Polygon or MultiPolygon; None if it encloses nothing.

    What is inside by the even-odd rule stays so: stretches walked twice vanish, crossings become vertices.
    """
    outline = Polygon(ring + CENTER)
    area = outline if outline.is_valid else outline_area(ring + CENTER)
    parts = [_coordinates(part) for part in shapely.get_parts(area)]
    if len(parts) < 2:
        return {"type": "Polygon", "coordinates": parts[0]} if parts else None
    return {"type": "MultiPolygon", "coordinates": parts}


def _coordinates(polygon: Polygon) -> list[list[list[float]]]:
    """Return the closed rings of a polygon in x and y, its outline first."""
    rings = (polygon.exterior, *polygon.interiors)
    return [shapely.get_coordinates(ring)[:, ::-1].tolist() for ring in rings]


def from_geometry(geometry: Mapping[str, Any] | None) -> tuple[NDArray[np.float64] | None, str | None]:
    """Return a GeoJSON Polygon or MultiPolygon as a ring, and a note where something had to be changed.

    Other geometries, and polygons that enclose nothing, give no ring.
    """
    kind = geometry["type"] if geometry else "feature without geometry"
    if geometry is None or kind not in ("Polygon", "MultiPolygon"):
        return None, f"A {kind} is no nucleus; it was left out."
    parts = [geometry["coordinates"]] if kind == "Polygon" else geometry["coordinates"]
    polygons = [[points for ring in part if len(points := _points(ring)) > 2] for part in parts]
    shapes = MultiPolygon([(part[0], part[1:]) for part in polygons if part])
    rings = [ring[:, ::-1] - CENTER for part in polygons for ring in part]
    if shapes.is_valid and rings:
        return join_rings(rings), None
    if shapely.make_valid(shapes).area == 0:
        return None, "The outline enclosed nothing; it was left out."
    return repair(join_rings(rings))


def _points(ring: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Return the points (N, 2) of a ring without the first one repeated at its end."""
    if len(ring) == 0:
        return np.empty((0, 2))
    points = np.asarray(ring, dtype=np.float64).reshape(len(ring), -1)[:, :2]
    if points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError("a ring must be a list of finite x and y")
    return points[:-1] if (points[0] == points[-1]).all() else points
