"""Distance: nucleus or not, and how near to the middle of its nucleus; each middle is a summit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor, nn

from napari_sharpgan.maps import inverted_distance_map
from napari_sharpgan.segmentation.instances import THRESHOLD, cleaned, domes, grown
from napari_sharpgan.segmentation.targets.target import Target

VALLEY = 0.1  # of the way from rim to middle: how deep a valley must be to part two middles
SMOOTH = 1.0  # pixels: sigma that evens out the grain of a prediction, which would be taken for summits


def losses(logits: Tensor, plane: Tensor) -> dict[str, Tensor]:
    """Return the binary cross-entropy of nuclei, and the mean absolute difference of nearness on them."""
    on = (plane > 0).to(logits.dtype)
    off = (logits[:, 1].sigmoid() - plane).abs() * on
    return {
        "foreground": nn.functional.binary_cross_entropy_with_logits(logits[:, 0], on),
        "distance": off.sum() / on.sum().clamp(min=1),
    }


def instances(probabilities: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return nuclei: threshold, fill holes, drop specks, watershed on the nearness to the middle."""
    mask = cleaned(probabilities[0] > THRESHOLD)
    if not mask.any():
        return mask.astype(np.int32)
    nearness = np.where(mask, ndimage.gaussian_filter(probabilities[1] * mask, SMOOTH), 0)
    nearness = nearness.astype(np.float32)
    return grown(domes(nearness, VALLEY), nearness, mask)


DISTANCE = Target(2, inverted_distance_map, losses, Tensor.sigmoid, instances)
