"""Chromatic feature similarity, FSIMc (Zhang, Zhang, Mou & Zhang 2011): `fsim` that sees color too."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from napari_sharpgan._checks import check_same_shape
from napari_sharpgan._gray import unit_image
from napari_sharpgan.metrics._filters import similarity, to_tensor
from napari_sharpgan.metrics._images import SMALLEST_SIDE, check_sides
from napari_sharpgan.metrics.fsim import feature_likeness, shrink_to_256, weighted_mean

_YIQ = ((0.299, 0.587, 0.114), (0.596, -0.274, -0.322), (0.211, -0.523, 0.312))  # of RGB
_T3 = _T4 = 200.0  # for I and Q of colors in 0 to 255
_LAMBDA = 0.03  # the weight of the chromatic parts


def fsimc(reference: ArrayLike, image: ArrayLike, *, device: str | torch.device = "cpu") -> float:
    """Return the chromatic feature similarity of two images: 1 for equal ones, below `fsim` as colors differ.

    Takes and refuses the images that `ssim` does; ``device`` is as for `fsim`. A gray image is one whose
    red, green and blue are equal, so for two gray images it is `fsim`.

    Returns
    -------
    float
        At most 1.

    Notes
    -----
    Equal to the authors' MATLAB: S_L of `fsim` on Y, times (S_I · S_Q)^λ with λ = 0.03 on the channels I and
    Q, shrunk as Y is, T3 = T4 = 200. S_I · S_Q may be negative where colors are opposite; of the power, which
    is then complex, the real part counts, abs(S_I · S_Q)^λ · cos(λπ).

    References
    ----------
    See `fsim`; the extension to color images there.
    """
    pair = _rgb(reference, "reference"), _rgb(image, "image")
    check_same_shape(pair[0][..., 0], pair[1][..., 0], "reference and image")
    check_sides(pair[0].shape[:2], SMALLEST_SIDE)
    luma, *chroma = (
        shrink_to_256(255 * to_tensor(np.stack([rgb @ weights for rgb in pair]), device))
        for weights in np.array(_YIQ)
    )
    likeness, weight = feature_likeness(luma)
    alike = [similarity(both[:1], both[1:], c) for both, c in zip(chroma, (_T3, _T4), strict=True)]
    return weighted_mean(likeness * _real_power(alike[0] * alike[1], _LAMBDA), weight).item()


def _real_power(base: Tensor, exponent: float) -> Tensor:
    """Return the real part of the principal power, also where the base is negative."""
    turn = torch.where(base < 0, base.new_tensor(math.cos(exponent * math.pi)), 1.0)
    return base.abs().pow(exponent) * turn


def _rgb(image: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return an image as RGB (H, W, 3) in [0, 1]."""
    array = unit_image(image, name)
    return array if array.ndim == 3 else np.repeat(array[..., None], 3, axis=2)
