"""Outlines as areas that shapely can join and cut, and back."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan.nuclei.outline import check_polygon, join_rings
from napari_sharpgan.nuclei.repair import outline_area

GRID = 2.0**-10  # px; points that operations make lie on it, so that rings meet exactly or not at all

Area: TypeAlias = shapely.Polygon | shapely.MultiPolygon


def as_area(outline: ArrayLike) -> Area:
    """Return what an outline encloses by the even-odd rule, its points on the grid of 1/1024 px.

    Parameters
    ----------
    outline : array_like of shape (N, 2)
        Rows and columns; it may have cuts and cross itself.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        In (row, column) coordinates, valid.

    Raises
    ------
    ValueError
        If it is no polygon (see `check_polygon`) or encloses no area.
    """
    points = check_polygon(outline)
    polygon = shapely.Polygon(points)
    area = shapely.set_precision(polygon if polygon.is_valid else outline_area(points), GRID)
    if area.is_empty:
        raise ValueError("a polygon must enclose an area, got one that encloses nothing")
    return area


def as_outline(area: Area) -> NDArray[np.float64]:
    """Return an area that is not empty as one ring (N, 2), its holes and parts joined by cuts."""
    return join_rings([shapely.get_coordinates(ring)[:-1] for ring in rings_of(area)])


def rings_of(area: Area) -> list[shapely.LinearRing]:
    """Return the rings of an area: of each part its outer one, then its holes."""
    parts = shapely.get_parts(area)
    return [ring for part in parts for ring in (part.exterior, *part.interiors)]
