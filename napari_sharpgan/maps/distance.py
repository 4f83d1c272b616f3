"""Distance map *x*: how far each pixel lies from the centroid of its nucleus."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels, choose

Floats = NDArray[np.float64]

RIM = 0.2  # what the inverted map gives the pixel farthest from the centroid; off nuclei it is 0


def distance_map(labels: ArrayLike, *, normalize: str = "none") -> NDArray[np.float32]:
    """Return the distance of each pixel to the centroid of its nucleus, 0 off nuclei.

    Parameters
    ----------
    labels : array of shape (H, W)
        One whole number a nucleus, 0 off nuclei. Pixels of one number are one nucleus, connected or not.
    normalize : {"none", "nucleus", "image"}
        Give pixels, or divide by the largest distance of the nucleus or of the whole image.

    Returns
    -------
    float32 array of shape (H, W)
        *x* of the paper (section 2.2): Euclidean, in pixels, or in [0, 1] where normalized. The centroid is
        the mean of the pixel centers, so a nucleus of one pixel gives 0 in every form.

    Notes
    -----
    The paper's abstract speaks of a normalized distance map, its section 2.2 of a plain one; neither says by
    what it is normalized. Hence the choice.

    Examples
    --------
    >>> distance_map([[5, 5, 5, 0, 8]])
    array([[1., 0., 1., 0., 0.]], dtype=float32)
    """
    labels = check_labels(labels)
    scale = choose("normalize", normalize, NORMALIZATIONS)
    pixels = _nucleus_pixels(labels)
    result = np.zeros(labels.size, dtype=np.float32)
    result[pixels.position] = scale(_distances(pixels), pixels)
    return result.reshape(labels.shape)


def normalized_distance_map(labels: ArrayLike) -> NDArray[np.float32]:
    """Return `distance_map` with ``normalize="nucleus"``: 0 at the centroid, 1 at the farthest pixel."""
    return distance_map(labels, normalize="nucleus")


def inverted_distance_map(labels: ArrayLike) -> NDArray[np.float32]:
    """Return 1 at the centroid of each nucleus, falling linearly to 0.2 at its farthest pixel; 0 off nuclei.

    A plain distance is 0 both at the centroid and off nuclei; this form sets the rim apart from the
    background.

    Parameters
    ----------
    labels : array of shape (H, W)
        One whole number a nucleus, 0 off nuclei.

    Returns
    -------
    float32 array of shape (H, W)
        0 off nuclei, in [0.2, 1] on them.
    """
    distance = normalized_distance_map(labels)
    return np.where(np.asarray(labels) > 0, 1 - np.float32(1 - RIM) * distance, np.float32(0))


def centroid_distance(nucleus: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return the distance of every pixel of a window to the centroid of the one nucleus in it.

    Parameters
    ----------
    nucleus : bool array of shape (H, W)
        The pixels of the nucleus, at least one.

    Returns
    -------
    float32 array of shape (H, W)
        In pixels, also off the nucleus.
    """
    rows, columns = nucleus.nonzero()
    down = np.arange(nucleus.shape[0], dtype=np.float64) * rows.size - rows.sum()
    right = np.arange(nucleus.shape[1], dtype=np.float64) * rows.size - columns.sum()
    distance: Floats = np.sqrt((down**2)[:, None] + right**2) / rows.size
    return distance.astype(np.float32)


@dataclass(frozen=True)
class _Pixels:
    """All P pixels on nuclei: flat ``position``, ``row``, ``column``, ``nucleus`` below ``count``."""

    position: NDArray[np.intp]
    row: NDArray[np.intp]
    column: NDArray[np.intp]
    nucleus: NDArray[np.intp]
    count: int


def _nucleus_pixels(labels: NDArray[Any]) -> _Pixels:
    position = np.flatnonzero(labels)
    row, column = np.divmod(position, max(labels.shape[1], 1))
    nucleus = labels.ravel()[position].astype(np.intp)
    count = int(nucleus.max(initial=0)) + 1
    if count > max(4 * position.size, 1):  # sparse numbers would need tables far larger than the image
        values, nucleus = np.unique(nucleus, return_inverse=True)
        count = values.size
    return _Pixels(position, row, column, nucleus, count)


def _distances(pixels: _Pixels) -> Floats:
    """Return distances; all numbers are whole up to the root, so the same wherever a nucleus lies."""
    size = np.bincount(pixels.nucleus, minlength=pixels.count).astype(np.float64)
    own = size[pixels.nucleus]
    squares = np.zeros(pixels.position.size)
    for along in (pixels.row, pixels.column):
        sums = np.bincount(pixels.nucleus, along, pixels.count)
        squares += (along * own - sums[pixels.nucleus]) ** 2
    distances: Floats = np.sqrt(squares) / own
    return distances


def _in_pixels(distances: Floats, pixels: _Pixels) -> Floats:
    return distances


def _by_nucleus(distances: Floats, pixels: _Pixels) -> Floats:
    largest = np.zeros(pixels.count)
    np.maximum.at(largest, pixels.nucleus, distances)
    largest[largest == 0] = 1
    return distances / largest[pixels.nucleus]


def _by_image(distances: Floats, pixels: _Pixels) -> Floats:
    return distances / (distances.max(initial=0) or 1)


NORMALIZATIONS: dict[str, Callable[[Floats, _Pixels], Floats]] = {
    "none": _in_pixels,
    "nucleus": _by_nucleus,
    "image": _by_image,
}
