"""One ring a nucleus, as we hold it, to and from polygons with holes and parts, as files hold them.

Files count x before y and from the corner of the first pixel; we count rows before columns and from its
center.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from napari_sharpgan.nuclei import join_rings, outline_area, repair

CENTER = 0.5
Area: TypeAlias = "Polygon | MultiPolygon"


def to_areas(rings: Sequence[NDArray[np.float64]]) -> list[Area]:
    """Return what each ring encloses as a valid Polygon or MultiPolygon in x and y; empty for nothing.

    What is inside by the even-odd rule stays so: stretches walked twice vanish, crossings become vertices.
    Rings that are valid as they are, by far the most, are checked all at once.
    """
    if not rings:
        return []
    places = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    points = np.concatenate([ring[:, ::-1] for ring in rings]) + CENTER
    areas = shapely.polygons(shapely.linearrings(points, indices=places))
    for place in np.flatnonzero(~shapely.is_valid(areas)).tolist():
        areas[place] = outline_area(rings[place][:, ::-1] + CENTER)
    return list(areas)


def to_geometry(area: Area) -> dict[str, Any] | None:
    """Return an area as a GeoJSON Polygon or MultiPolygon; None if it is empty."""
    parts = [[ring.tolist() for ring in rings] for rings in closed_rings(area)]
    if len(parts) < 2:
        return {"type": "Polygon", "coordinates": parts[0]} if parts else None
    return {"type": "MultiPolygon", "coordinates": parts}


def closed_rings(area: Area) -> list[list[NDArray[np.float64]]]:
    """Return, for each part of an area, its rings (N, 2) in x and y, its outline first, each closed."""
    if area.geom_type == "Polygon" and not area.interiors:
        return [] if area.is_empty else [[shapely.get_coordinates(area)]]
    return [
        [shapely.get_coordinates(ring) for ring in (part.exterior, *part.interiors)]
        for part in shapely.get_parts(area)
    ]


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
