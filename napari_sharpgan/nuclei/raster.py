"""Outlines to pixels: which pixel centers lie inside an outline, and many outlines to a label image."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_shape
from napari_sharpgan.nuclei.outline import check_polygon

Window = tuple[slice, slice]
Points = NDArray[np.float64]


def polygon_mask(polygon: ArrayLike, shape: tuple[int, int]) -> tuple[Window, NDArray[np.bool_]]:
    """Return which pixels of an image an outline covers.

    A pixel is covered when its center (integer coordinates) lies inside the outline by the even-odd rule, or
    on it, as in ``skimage.draw.polygon``; edges walked twice (cuts of zero width) are no part of the outline.

    Parameters
    ----------
    polygon : array_like of shape (N, 2)
        Rows and columns; it may lie partly or wholly beyond the image.
    shape : (int, int)
        Rows and columns of the image.

    Returns
    -------
    window : (slice, slice)
        Bounding box of the outline, cut to the image; empty where they do not meet.
    mask : ndarray of bool
        The covered pixels of that window.

    Raises
    ------
    ValueError
        If the outline has fewer than three distinct points or points that are not finite.
    """
    points = check_polygon(polygon)
    (low_row, low_column), (high_row, high_column) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    top, left = min(max(ceil(low_row), 0), shape[0]), min(max(ceil(low_column), 0), shape[1])
    bottom = min(max(floor(high_row) + 1, top), shape[0])
    right = min(max(floor(high_column) + 1, left), shape[1])
    mask = _fill(points - (top, left), bottom - top, right - left)
    return (slice(top, bottom), slice(left, right)), mask


def rasterize(polygons: Sequence[ArrayLike], shape: tuple[int, int]) -> NDArray[np.int32]:
    """Paint outlines into a label image: polygon k paints label k + 1, later ones on top.

    Parameters
    ----------
    polygons : sequence of array_like of shape (N, 2)
        Outlines, rows and columns.
    shape : (int, int)
        Rows and columns of the image.

    Returns
    -------
    ndarray of shape (H, W), int32
        0 is background.

    Raises
    ------
    ValueError
        If the shape, or one of the outlines (its place in the list is named), is not usable.
    """
    labels = np.zeros(check_shape(shape), dtype=np.int32)
    for index, polygon in enumerate(polygons):
        try:
            window, mask = polygon_mask(polygon, labels.shape)
        except ValueError as error:
            raise ValueError(f"polygons[{index}]: {error}") from error
        labels[window][mask] = index + 1
    return labels


def _fill(points: Points, height: int, width: int) -> NDArray[np.bool_]:
    """Return the (height, width) mask of an outline: toggle at each crossing, then sum along the row."""
    upper, lower = _edges(points)
    rows, crossings = _crossings(upper, lower, height)
    columns = np.ceil(crossings)
    toggles = rows * (width + 1) + np.minimum(np.maximum(columns, 0), width).astype(np.intp)
    counts = np.bincount(toggles, minlength=height * (width + 1)).reshape(height, width + 1)
    mask = (counts[:, :width].cumsum(axis=1) & 1).astype(bool)
    if (columns == crossings).any() or (points[:, 0] == np.rint(points[:, 0])).any():
        _add_outline(mask, upper, lower)
    return mask


def _edges(points: Points) -> tuple[Points, Points]:
    """Return the upper (or left) and the lower (or right) end of each edge: both directions are the same."""
    ends = np.concatenate((points[1:], points[:1]))
    rows, end_rows = points[:, :1], ends[:, :1]
    down = (rows < end_rows) | ((rows == end_rows) & (points[:, 1:] <= ends[:, 1:]))
    return np.where(down, points, ends), np.where(down, ends, points)


def _crossings(
    upper: Points, lower: Points, height: int, *, closed: bool = False
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return (row, column) of each place where an edge crosses one of the rows 0 to height − 1.

    An edge owns its upper end, and its lower one only if ``closed``; edges along a row cross nothing.
    """
    start = np.minimum(np.maximum(np.ceil(upper[:, 0]), 0), height)  # np.clip takes several times as long
    stop = np.floor(lower[:, 0]) + 1 if closed else np.ceil(lower[:, 0])
    stop = np.minimum(np.maximum(stop, 0), height)
    counts = np.where(lower[:, 0] > upper[:, 0], stop - start, 0).astype(np.intp)
    edge = np.arange(len(upper)).repeat(counts)
    rows = np.arange(len(edge)) - (counts.cumsum() - counts - start.astype(np.intp)).repeat(counts)
    (row, column), (fall, run) = upper[edge].T, (lower - upper)[edge].T
    return rows, column + (rows - row) * run / fall


def _add_outline(mask: NDArray[np.bool_], upper: Points, lower: Points) -> None:
    """Set the pixels whose centers lie exactly on an edge, leaving out edges that are walked twice."""
    edges, times = np.unique(np.hstack((upper, lower)), axis=0, return_counts=True)
    for image, order in ((mask, [0, 1, 2, 3]), (mask.T, [1, 0, 3, 2])):
        one, other = np.split(edges[times % 2 == 1][:, order], 2, axis=1)
        forward = one[:, :1] <= other[:, :1]
        rows, columns = _crossings(
            np.where(forward, one, other), np.where(forward, other, one), len(image), closed=True
        )
        met = (columns == np.rint(columns)) & (columns >= 0) & (columns < image.shape[1])
        image[rows[met], columns[met].astype(np.intp)] = True
