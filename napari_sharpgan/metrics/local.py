"""Image scores of places: of each nucleus, and of the contours of all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from napari_sharpgan._checks import check_labels, check_positive, check_same_shape
from napari_sharpgan.maps import contour_map
from napari_sharpgan.metrics._images import SMALLEST_SIDE, gray_pair
from napari_sharpgan.metrics.gmsd import gms_map
from napari_sharpgan.metrics.ssim import ssim_map

Scores = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class NucleusScores:
    """How alike two images are within each nucleus, a row a nucleus.

    Parameters
    ----------
    labels : ndarray of shape (N,)
        Ascending.
    areas : ndarray of shape (N,)
        Pixels.
    ssim : ndarray of shape (N,)
        Mean of `ssim_map` over the nucleus's pixels.
    gms : ndarray of shape (N,)
        Mean of `gms_map` over them, the gradient similarity.
    gmsd : ndarray of shape (N,)
        Standard deviation of `gms_map` over them (population: one pixel gives 0).
    nrmse : ndarray of shape (N,)
        RMSE over RMS of the reference, both over them. Where the reference is black, 0 if the image is
        black as well, else infinity.
    """

    labels: NDArray[np.int64]
    areas: NDArray[np.int64]
    ssim: Scores
    gms: Scores
    gmsd: Scores
    nrmse: Scores


@dataclass(frozen=True)
class ContourScores:
    """How alike two images are around contours; NaN where there are none. Defined as in `NucleusScores`.

    Parameters
    ----------
    pixels : int
        How many pixels count.
    ssim, gms, gmsd, nrmse : float
        Over all of these pixels together.
    """

    pixels: int
    ssim: float
    gms: float
    gmsd: float
    nrmse: float


def nucleus_scores(reference: ArrayLike, image: ArrayLike, labels: ArrayLike) -> NucleusScores:
    """Return how alike two images are within each nucleus.

    Parameters
    ----------
    reference, image : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255. Both sides at least 11 pixels.
    labels : ndarray of int, shape (H, W)
        The nuclei, 0 off nuclei.

    Returns
    -------
    NucleusScores
        Without rows where there are no nuclei.

    Raises
    ------
    ValueError, TypeError
        If sizes differ or a side is below 11, for values that are no image (see `ssim`) or no label image.

    Notes
    -----
    The maps look at a window around each pixel, 11 × 11 for SSIM, so what is beside a small nucleus counts
    as well.
    """
    array = check_labels(labels)
    keys, inverse = np.unique(array, return_inverse=True)
    off = int(0 in keys)
    groups = inverse.reshape(array.shape) - off  # -1 is no nucleus
    areas, *scores = _scores(reference, image, groups, len(keys) - off)
    return NucleusScores(keys[off:].astype(np.int64), areas.astype(np.int64), *scores)


def contour_scores(
    reference: ArrayLike, image: ArrayLike, labels: ArrayLike, *, reach: float = 2.0
) -> ContourScores:
    """Return how alike two images are at the contours of nuclei, the contours of touching ones included.

    Takes and refuses what `nucleus_scores` does.

    Parameters
    ----------
    reference, image, labels : ndarray
        See `nucleus_scores`.
    reach : float
        Pixels: those count whose center is at most so far from that of a contour pixel (see `contour_map`);
        above 0.

    Returns
    -------
    ContourScores
    """
    check_positive(reach, "reach")
    contour = contour_map(labels)
    near = ndimage.distance_transform_edt(~contour) <= reach if contour.any() else contour
    pixels, *scores = (float(values[0]) for values in _scores(reference, image, near.astype(np.int64) - 1, 1))
    return ContourScores(int(pixels), *(scores if pixels else [np.nan] * len(scores)))


def _scores(reference: ArrayLike, image: ArrayLike, groups: NDArray[np.int64], count: int) -> list[Scores]:
    """Return pixels, SSIM, GMS, GMSD, NRMSE of each group of pixels, (count,) each; −1 is no group."""
    first, second = gray_pair(reference, image, SMALLEST_SIDE)
    check_same_shape(first, groups, "images and labels")
    inside = groups >= 0
    group = groups[inside]
    pixels = np.bincount(group, minlength=count).astype(np.float64)

    def means(values: Scores) -> Scores:
        return np.bincount(group, values[inside], count) / np.maximum(pixels, 1)

    gms = gms_map(first, second)
    gms_means = means(gms)
    spread = np.zeros_like(gms)
    spread[inside] = gms[inside] - gms_means[group]
    error, power = means((first - second) ** 2), means(first**2)
    with np.errstate(divide="ignore", invalid="ignore"):
        nrmse = np.where(error > 0, np.sqrt(error / power), 0.0)
    return [pixels, means(ssim_map(first, second)), gms_means, np.sqrt(means(spread**2)), nrmse]
