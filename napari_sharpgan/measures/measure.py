"""Measure the nuclei of a label image, all or some."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels, check_positive
from napari_sharpgan.measures.look import look_measures, picture
from napari_sharpgan.measures.names import MEASURES
from napari_sharpgan.measures.table import NucleusTable
from napari_sharpgan.nuclei.form import form_measures

Window = tuple[slice, slice]
LARGEST_LISTED = 10_000_000


def measure_nuclei(
    labels: ArrayLike,
    image: ArrayLike | None = None,
    *,
    keys: Iterable[int] | None = None,
    window: Window | None = None,
    micrometers_per_pixel: float | None = None,
    contrast: float = 0.1,
) -> NucleusTable:
    """Measure nuclei: a row each.

    Area, perimeter (4-neighborhood), diameter, eccentricity and solidity are those of
    ``skimage.measure.regionprops``.

    Parameters
    ----------
    labels : array_like of shape (H, W), integer
        0 is background. A label may have holes and several parts: it is one nucleus.
    image : array_like of shape (H, W), (H, W, 3) or (H, W, 4), optional
        Floats in [0, 1] or uint8; adds gray SD and sharpness, and the stain where it has color.
    keys : iterable of int, optional
        Measure these nuclei only; those that the image does not have are left out.
    window : (slice, slice), optional
        Measure only nuclei with a pixel in it or beside it, as after an edit there; all their pixels count,
        those beyond it as well.
    micrometers_per_pixel : float, optional
        Size of a pixel in µm; adds area, perimeter and diameter in µm² and µm.
    contrast : float
        Gray-level difference that counts as sharp, in [0, 1]; λ of Eq. 5.

    Returns
    -------
    NucleusTable
        Columns by name as in ``MEASURES``; centroids in the coordinates of the whole image.

    Raises
    ------
    ValueError, TypeError
        For what is no label image or no image, sizes that differ, a pixel size or contrast not above 0.
    """
    whole, pixels = check_labels(labels), None if image is None else picture(image)
    if pixels is not None and pixels.shape[:2] != whole.shape:
        raise ValueError(
            f"image and labels must have the same size, got {pixels.shape[:2]} and {whole.shape}"
        )
    if micrometers_per_pixel is not None:
        check_positive(micrometers_per_pixel, "micrometers_per_pixel")
    check_positive(contrast, "contrast (lambda)")
    wanted = _wanted(whole, keys, window)
    everywhere = slice(0, whole.shape[0]), slice(0, whole.shape[1])
    around = everywhere if wanted is None else _around(whole, wanted)
    part = whole[around]
    own = part if wanted is None else np.where(_is_one_of(part, wanted), part, 0)
    found, columns = form_measures(own, part)
    columns["row"] = columns["row"] + around[0].start
    columns["column"] = columns["column"] + around[1].start
    if pixels is not None:
        columns |= look_measures(pixels[around], own, part, found, contrast=contrast)
    columns |= _in_micrometers(columns, micrometers_per_pixel)
    ordered = {name: columns[name] for name in MEASURES if name in columns}
    return NucleusTable(found.astype(np.int32), ordered)


def _in_micrometers(columns: dict[str, NDArray[Any]], size: float | None) -> dict[str, NDArray[Any]]:
    """Return the columns that a known size of a pixel adds."""
    if size is None:
        return {}
    return {
        "area_um2": columns["area"] * size**2,
        "perimeter_um": columns["perimeter"] * size,
        "diameter_um": columns["diameter"] * size,
    }


def _wanted(
    labels: NDArray[Any], keys: Iterable[int] | None, window: Window | None
) -> NDArray[np.int64] | None:
    """Return the labels to measure, rising, or None for all."""
    if keys is None and window is None:
        return None
    chosen = None if keys is None else np.unique(np.array([*keys], dtype=np.int64))
    if window is not None:
        there = np.unique(labels[_grown(window, labels.shape)]).astype(np.int64)
        chosen = there if chosen is None else np.intersect1d(there, chosen)
    return chosen[chosen != 0] if chosen is not None else None


def _around(labels: NDArray[Any], wanted: NDArray[np.int64]) -> Window:
    """Return the window of all parts of the wanted nuclei and the pixels beside them; a pixel without any."""
    covered, sides = _is_one_of(labels, wanted), []
    for axis in (1, 0):
        places = np.flatnonzero(covered.any(axis=axis))
        if not len(places):
            return slice(0, 1), slice(0, 1)
        sides.append(slice(int(places[0]), int(places[-1]) + 1))
    return _grown((sides[0], sides[1]), labels.shape)


def _is_one_of(labels: NDArray[Any], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which pixels belong to wanted nuclei."""
    largest = int(labels.max(initial=0))
    if largest > LARGEST_LISTED:
        return np.isin(labels, wanted)
    listed = np.zeros(largest + 1, dtype=bool)
    listed[wanted[(wanted >= 0) & (wanted <= largest)]] = True
    return np.asarray(listed[labels])


def _grown(window: Window, shape: tuple[int, ...]) -> Window:
    """Return a window with one more pixel on each side, where the image has one."""
    rows, columns = (
        slice(max(side.indices(length)[0] - 1, 0), min(side.indices(length)[1] + 1, length))
        for side, length in zip(window, shape, strict=True)
    )
    return rows, columns
