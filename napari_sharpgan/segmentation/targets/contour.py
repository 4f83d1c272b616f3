"""Contour (after Chen et al. 2016, DCAN): background, inside or rim of a nucleus; insides are apart."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage
from torch import Tensor, nn

from napari_sharpgan.maps import contour_map
from napari_sharpgan.segmentation.instances import THRESHOLD, cleaned, grown
from napari_sharpgan.segmentation.targets.target import Target

RIM = 2.0  # pixels: one of each of two nuclei would be too fine to learn, three leave small ones no inside
RIM_LEVEL = 0.5  # of a rim pixel in the plane, whose background is 0 and inside 1
SMALLEST_INSIDE = 6  # pixels; what is smaller is no marker

_SIDES_AND_CORNERS = np.ones((3, 3), bool)


def plane(labels: ArrayLike) -> NDArray[np.float32]:
    """Return 0 off nuclei, 0.5 on their rims, 1 inside.

    The rim is what lies at most `RIM` pixels deep, the contour pixels being the first. A nucleus that has no
    deeper pixel keeps its deepest as its inside.
    """
    numbers = np.asarray(labels)
    on = numbers > 0
    contour = contour_map(numbers)
    if not contour.any():
        return on.astype(np.float32)
    depth = np.where(on, ndimage.distance_transform_edt(~contour), 0)
    values, index = np.unique(numbers, return_inverse=True)
    deepest = np.asarray(ndimage.maximum(depth, index.reshape(numbers.shape), np.arange(len(values))))
    inside = depth >= np.minimum(RIM, deepest)[index].reshape(numbers.shape)
    return np.where(on, np.where(inside, 1, RIM_LEVEL), 0).astype(np.float32)


def losses(logits: Tensor, plane: Tensor) -> dict[str, Tensor]:
    """Return the cross-entropy of the three classes."""
    return {"classes": nn.functional.cross_entropy(logits, (plane / RIM_LEVEL).round().long())}


def probabilities(logits: Tensor) -> Tensor:
    """Return how likely a pixel is nucleus, which is rim or inside, rim, and inside."""
    shares = logits.softmax(dim=1)
    return torch.cat([1 - shares[:, :1], shares[:, 1:]], dim=1)


def instances(probabilities: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return nuclei: each inside grows over the pixels of nuclei around it, the surest first."""
    nucleus, rim, inside = probabilities
    mask = cleaned(nucleus > THRESHOLD)
    parts = ndimage.label(mask & (inside > rim) & (inside > 1 - nucleus), _SIDES_AND_CORNERS)[0]
    areas = np.bincount(parts.ravel())
    markers = np.where(areas[parts] >= SMALLEST_INSIDE, parts, 0).astype(np.int32)
    return grown(markers, inside, mask)


CONTOUR = Target(3, plane, losses, probabilities, instances)
