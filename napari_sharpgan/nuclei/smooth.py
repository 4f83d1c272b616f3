"""Outlines that follow the edges of pixels become smooth, with few points."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_positive
from napari_sharpgan.nuclei.area import GRID, Area, as_area, as_outline, rings_of
from napari_sharpgan.nuclei.outline import check_polygon
from napari_sharpgan.nuclei.raster import polygon_mask

Outline = NDArray[np.float64]

STEP = 0.5  # px between the points that are smoothed
FEWEST = 32
WIDEST = 8  # a ring is smoothed by no more than its length over this
FINE = 0.05  # px by which the points of a smooth ring may be thinned out
LIGHT = ((2.0, 0.3), (1.5, 0.2), (1.0, 0.1), (0.7, 0.05))  # sigma and tolerance in px, the lightest first


def smooth_outline(outline: ArrayLike, sigma: float = 2.0) -> Outline:
    """Return a smooth outline of the same area.

    Each ring is a closed curve in the complex plane, sampled evenly along its length. Its waves are damped
    by 1 − (1 − g)², g the Gaussian of ``sigma``: one step of smoothing and one back, which shrinks no bow
    that is wider than a few ``sigma`` (after Taubin, "A signal processing approach to fair surface design",
    SIGGRAPH 1995). What area is lost all the same is given back by a scaling about the centroid of the ring.

    Parameters
    ----------
    outline : array_like of shape (N, 2)
        Rows and columns.
    sigma : float
        Standard deviation in px along the outline: 1.5 keeps nearly every pixel, 2 takes off the last of
        their corners. Less is taken where rings are short, and where the smooth rings would cross.

    Returns
    -------
    ndarray of shape (M, 2), float64
        Holes and parts are kept; the same points where no smoothing leaves a valid outline.

    Raises
    ------
    ValueError
        If the outline encloses nothing, or ``sigma`` is not above 0.
    """
    area, width = as_area(outline), check_positive(sigma, "sigma")
    for _ in range(3):
        smooth = _each_ring(area, partial(_smooth_ring, sigma=width))
        if smooth is not None:
            return as_outline(smooth)
        width /= 2
    return check_polygon(outline)


def simplify_outline(outline: ArrayLike, tolerance: float = 0.25) -> Outline:
    """Return an outline with fewer points and nearly the same area (Douglas and Peucker 1973).

    Parameters
    ----------
    outline : array_like of shape (N, 2)
        Rows and columns.
    tolerance : float
        How far, in px, points that are left out may lie from the new outline, before it is scaled to the
        area of the old one.

    Returns
    -------
    ndarray of shape (M, 2), float64
        Holes and parts are kept; the same points where fewer would make an invalid outline.

    Raises
    ------
    ValueError
        If the outline encloses nothing, or the tolerance is not above 0.
    """
    area, limit = as_area(outline), check_positive(tolerance, "tolerance")
    simple = _each_ring(area, partial(_thinned, tolerance=limit))
    return check_polygon(outline) if simple is None else as_outline(simple)


def light_outline(outline: ArrayLike, *, least_iou: float = 0.95) -> Outline:
    """Return a smooth outline with few points, easy to edit, that covers nearly the same pixels.

    Parameters
    ----------
    outline : array_like of shape (N, 2)
        Rows and columns, for example of `polygonize`.
    least_iou : float
        Least intersection over union of the pixels that the two outlines cover, in (0, 1].

    Returns
    -------
    ndarray of shape (M, 2), float64
        The lightest of a few that keeps to it, else the same points, as for nuclei of a few pixels.

    Raises
    ------
    ValueError
        If the outline encloses nothing, or ``least_iou`` lies outside (0, 1].
    """
    if not 0 < least_iou <= 1:
        raise ValueError(f"least_iou must lie in (0, 1], got {least_iou}")
    points = check_polygon(outline)
    for candidate in _lighter(points):
        if pixel_iou(points, candidate) >= least_iou:
            return candidate
    return points


def pixel_iou(one: ArrayLike, other: ArrayLike) -> float:
    """Return intersection over union of the pixels that two outlines cover; 1 where neither covers any."""
    first, second = check_polygon(one), check_polygon(other)
    both = np.concatenate((first, second))
    low = np.floor(both.min(axis=0))
    height, width = (int(side) for side in np.ceil(both.max(axis=0)) - low + 1)
    masks = np.zeros((2, height, width), dtype=bool)
    for mask, points in zip(masks, (first, second), strict=True):
        window, covered = polygon_mask(points - low, (height, width))
        mask[window] = covered
    union = np.count_nonzero(masks.any(axis=0))
    return np.count_nonzero(masks.all(axis=0)) / union if union else 1.0


def _lighter(points: Outline) -> Iterator[Outline]:
    """Yield smooth outlines, the lightest first."""
    for sigma, tolerance in LIGHT:
        yield simplify_outline(smooth_outline(points, sigma), tolerance)


def _each_ring(area: Area, change: Callable[[Outline], Outline]) -> Area | None:
    """Return an area whose rings were changed one by one; None where they do not fit together."""
    parts = []
    for part in shapely.get_parts(area):
        rings = [_to_size_of(ring, change(shapely.get_coordinates(ring))) for ring in rings_of(part)]
        parts.append(shapely.Polygon(rings[0], rings[1:]))
    changed = parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
    if not changed.is_valid:
        return None
    snapped = shapely.set_precision(changed, GRID)
    return None if len(rings_of(snapped)) != len(rings_of(area)) else snapped


def _to_size_of(ring: shapely.LinearRing, points: Outline) -> Outline:
    """Return a ring (N, 2) scaled about its centroid to the area that another one encloses."""
    polygon = shapely.Polygon(points)
    if not polygon.area:
        return points
    center = shapely.get_coordinates(polygon.centroid)
    scaled: Outline = center + (points - center) * np.sqrt(shapely.Polygon(ring).area / polygon.area)
    return scaled


def _thinned(ring: Outline, tolerance: float) -> Outline:
    """Return a ring (N, 2), its first point repeated or not, without points nearly on a straight line."""
    simple: Outline = shapely.get_coordinates(shapely.Polygon(ring).simplify(tolerance))
    return simple


def _smooth_ring(ring: Outline, sigma: float) -> Outline:
    """Return a closed ring (N, 2), its first point repeated, with its waves damped."""
    steps = np.hypot(*np.diff(ring, axis=0).T)
    length = steps.sum()
    number = max(FEWEST, round(length / STEP))
    along = np.concatenate(([0.0], np.cumsum(steps)))
    places = np.arange(number) * (length / number)
    curve = np.interp(places, along, ring[:, 0]) + 1j * np.interp(places, along, ring[:, 1])
    waves = 2 * np.pi * np.fft.fftfreq(number, length / number)
    lost = 1 - np.exp(-((waves * min(sigma, length / WIDEST)) ** 2) / 2)
    curve = np.fft.ifft(np.fft.fft(curve) * (1 - lost**2))
    return _thinned(np.column_stack((curve.real, curve.imag)), FINE)
