"""Whether synthetic tissue has the texture, the colors and the dark nuclei of real tissue.

SSIM and its like reward blur; these measures do not. They compare statistics, never pixel with pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, ndimage
from skimage.filters import sobel

from napari_sharpgan._checks import check_labels, check_same_shape
from napari_sharpgan._gray import Gray, gray_image, unit_image
from napari_sharpgan.metrics._images import SMALLEST_SIDE, gray_pair

RING = 5  # pixels: how far from a nucleus its surroundings reach
_FLAT = 1e-6  # what rounding errors may leave of a contrast of 0
_ROUNDING_POWER = 1 / (12 * 255**2)  # variance of rounding to 8 bits


@dataclass(frozen=True)
class Texture:
    """Contrast and detail of one image, inside nuclei and in the background; NaN for a region of no pixels.

    Parameters
    ----------
    nuclei_sd, background_sd : float
        Standard deviation of the gray levels in [0, 1], population, of all pixels of the region together.
    nuclei_gradient, background_gradient : float
        Mean over the region of the Sobel gradient of the whole image, edges of nuclei included:
        `skimage.filters.sobel`, sqrt((Gx² + Gy²) / 2) with kernels that sum to 1 on each side, so that a step
        from 0 to 1 gives 0.71.
    """

    nuclei_sd: float
    nuclei_gradient: float
    background_sd: float
    background_gradient: float


@dataclass(frozen=True)
class Realism:
    """Synthetic over real: 1 is as real, below 1 too smooth, above 1 too rough.

    Parameters
    ----------
    nuclei_sd, nuclei_gradient, background_sd, background_gradient : float
        Ratios of the values of `Texture`. 1 where both images are flat, infinity where only the real one is,
        NaN where there are no nuclei, or no background.
    spectrum_distance : float
        Decibels between the radial power spectra, see `spectrum_distance`; 0 is as real.
    """

    nuclei_sd: float
    nuclei_gradient: float
    background_sd: float
    background_gradient: float
    spectrum_distance: float


def realism(real: ArrayLike, synthetic: ArrayLike, labels: ArrayLike) -> Realism:
    """Compare the texture of synthetic tissue with that of real tissue with the same nuclei.

    Parameters
    ----------
    real, synthetic : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255. Both sides at least 11 pixels.
    labels : ndarray of int, shape (H, W)
        The nuclei of both, 0 off nuclei.

    Returns
    -------
    Realism

    Raises
    ------
    ValueError, TypeError
        If sizes differ or a side is below 11, for values that are no image (see `ssim`) or no label image.
    """
    before, after = texture(real, labels), texture(synthetic, labels)
    return Realism(
        nuclei_sd=_ratio(after.nuclei_sd, before.nuclei_sd),
        nuclei_gradient=_ratio(after.nuclei_gradient, before.nuclei_gradient),
        background_sd=_ratio(after.background_sd, before.background_sd),
        background_gradient=_ratio(after.background_gradient, before.background_gradient),
        spectrum_distance=spectrum_distance(real, synthetic),
    )


def texture(image: ArrayLike, labels: ArrayLike) -> Texture:
    """Return contrast and detail of an image (see `Texture`) inside nuclei and in the background.

    Takes and refuses what `realism` does, but any size.
    """
    gray, nuclei = _gray_and_nuclei(image, labels)
    gradient = sobel(gray)
    return Texture(
        nuclei_sd=_over(np.std, gray, nuclei),
        nuclei_gradient=_over(np.mean, gradient, nuclei),
        background_sd=_over(np.std, gray, ~nuclei),
        background_gradient=_over(np.mean, gradient, ~nuclei),
    )


def spectrum_distance(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Return how far apart the radial power spectra of two images lie, in decibels.

    Parameters
    ----------
    real, synthetic : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255. Both sides at least 11 pixels.

    Returns
    -------
    float
        Root mean square over all rings of 10 · log10(synthetic power / real power); 0 for equal images.
        3 dB is a factor of 2 in power; divide by 8.69 for nepers.

    Raises
    ------
    ValueError, TypeError
        If sizes differ or a side is below 11, and for values that are no image (see `ssim`).

    Notes
    -----
    See `radial_power`. The finest rings count as much as the coarsest, so blur, hatching and grids show.
    """
    first, second = (radial_power(gray) for gray in gray_pair(real, synthetic, SMALLEST_SIDE))
    return float(np.sqrt(np.mean((10 * np.log10(second / first)) ** 2)))


def radial_power(gray: Gray) -> NDArray[np.float64]:
    """Return the mean power of an image at each spatial frequency, whatever its direction.

    Parameters
    ----------
    gray : ndarray of shape (H, W)
        Gray levels in [0, 1].

    Returns
    -------
    ndarray of shape (min(H, W) // 2 + 1,)
        Power a pixel (white noise gives its variance on every ring) on rings of equal width between 0 and
        half a cycle a pixel, the mean of the image left out, and last in the corners of the spectrum, which
        only diagonal patterns reach (a chessboard does). The power of rounding to 8 bits,
        1 / (12 · 255²), is added, so that flat images have a spectrum too.

    Notes
    -----
    The mean is taken off, then a Hann window keeps the borders from adding power.
    """
    window = np.outer(*(np.hanning(side + 2)[1:-1] for side in gray.shape))
    power = np.abs(fft.rfft2((gray - gray.mean()) * window)) ** 2 / np.sum(window**2)
    frequency = np.hypot(fft.fftfreq(gray.shape[0])[:, None], fft.rfftfreq(gray.shape[1])[None])
    count = min(gray.shape) // 2
    ring = np.minimum(np.ceil(frequency * 2 * count).astype(int), count + 1).ravel()
    total, pixels = np.bincount(ring, power.ravel()), np.bincount(ring)
    return (total / pixels)[1:] + _ROUNDING_POWER


def nuclei_darker(image: ArrayLike, labels: ArrayLike, *, margin: float = 0.05) -> float:
    """Return the share of nuclei that are darker than their surroundings.

    Parameters
    ----------
    image : ndarray of shape (H, W) or (H, W, 3)
        Floats in [0, 1], or uint8, which is divided by 255.
    labels : ndarray of int, shape (H, W)
        One integer a nucleus, 0 off nuclei.
    margin : float
        By how much the mean gray level must be darker, in gray levels of [0, 1].

    Returns
    -------
    float
        In [0, 1]; NaN where the image has no nuclei or no background, as there is nothing to compare.

    Raises
    ------
    ValueError, TypeError
        If sizes differ, for values that are no image (see `ssim`) or no label image.

    Notes
    -----
    The surroundings are the background pixels at most 5 pixels from the nucleus. A nucleus with none, as it
    is hemmed in by others, is compared with the whole background.
    """
    gray, nuclei = _gray_and_nuclei(image, labels)
    if not nuclei.any() or nuclei.all():
        return math.nan
    inside, around = _means_inside_and_around(gray, np.asarray(labels))
    around = np.where(np.isnan(around), gray[~nuclei].mean(), around)
    return float(np.mean(inside < around - margin))


def color_difference(real: ArrayLike, synthetic: ArrayLike) -> float:
    """Return how far the mean colors of two images lie apart, in units of 0 to 255.

    Parameters
    ----------
    real, synthetic : ndarray of shape (H, W, 3)
        RGB, floats in [0, 1], or uint8. Their sizes may differ.

    Returns
    -------
    float
        The largest, over red, green and blue, of the absolute differences of the channel's mean.

    Raises
    ------
    ValueError, TypeError
        If an image is not RGB, and for values that are no image (see `ssim`).
    """
    return float(255 * np.abs(_mean_color(real, "real") - _mean_color(synthetic, "synthetic")).max())


def _mean_color(image: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return the mean red, green and blue (3,) in [0, 1]."""
    rgb = unit_image(image, name)
    if rgb.ndim != 3:
        raise ValueError(f"{name} must have shape (H, W, 3), got {rgb.shape}")
    color: NDArray[np.float64] = rgb.mean(axis=(0, 1))
    return color


def _gray_and_nuclei(image: ArrayLike, labels: ArrayLike) -> tuple[Gray, NDArray[np.bool_]]:
    """Return gray levels, and where the nuclei are."""
    gray, array = gray_image(image), check_labels(labels)
    check_same_shape(gray, array, "image and labels")
    return gray, array > 0


def _over(statistic: Any, values: Gray, region: NDArray[np.bool_]) -> float:
    """Return a statistic of the values in a region, NaN if it is empty."""
    return float(statistic(values[region])) if region.any() else math.nan


def _ratio(synthetic: float, real: float) -> float:
    """Return synthetic over real, 1 where both are flat, infinity where only the real one is; NaN stays."""
    if real < _FLAT:
        return 1.0 if synthetic < _FLAT else math.inf
    return synthetic / real


def _means_inside_and_around(
    gray: Gray, labels: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the mean gray level of each nucleus and of the background near it, NaN where there is none."""
    keys = np.unique(labels[labels > 0])
    numbered = np.where(labels > 0, np.searchsorted(keys, labels) + 1, 0)
    inside = ndimage.mean(gray, numbered, np.arange(1, len(keys) + 1))
    around = [
        _mean_around(gray, numbered, number, box)
        for number, box in enumerate(ndimage.find_objects(numbered), start=1)
    ]
    return inside, np.array(around)


def _mean_around(gray: Gray, labels: NDArray[Any], number: int, box: tuple[slice, slice]) -> float:
    """Return the mean gray level of the background at most `RING` pixels from one nucleus."""
    window = tuple(slice(max(side.start - RING, 0), side.stop + RING) for side in box)
    distance = ndimage.distance_transform_edt(labels[window] != number)
    return _over(np.mean, gray[window], (labels[window] == 0) & (distance <= RING))
