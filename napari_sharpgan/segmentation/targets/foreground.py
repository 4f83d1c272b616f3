"""Foreground, as the paper's segmenters: nucleus or not; touching nuclei are parted at their necks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor, nn

from napari_sharpgan.maps import binary_map
from napari_sharpgan.segmentation.instances import THRESHOLD, cleaned, domes, grown
from napari_sharpgan.segmentation.targets.target import Target

NECK = 1.5  # pixels by which a neck is narrower, on each side, than both bodies; 1 parts too much


def losses(logits: Tensor, plane: Tensor) -> dict[str, Tensor]:
    """Return the binary cross-entropy."""
    return {"foreground": nn.functional.binary_cross_entropy_with_logits(logits[:, 0], plane)}


def instances(probabilities: NDArray[np.float32]) -> NDArray[np.int32]:
    """Return nuclei: threshold, fill holes, drop specks, watershed on the depth of each pixel.

    The depth is the distance to the nearest pixel of background. Two nuclei that touch have two summits of
    depth with a saddle at the neck between them; from a saddle that lies `NECK` below both they are parted.
    """
    mask = cleaned(probabilities[0] > THRESHOLD)
    if mask.all() or not mask.any():  # no background, or nothing else
        return mask.astype(np.int32)
    depth = ndimage.distance_transform_edt(mask).astype(np.float32)
    return grown(domes(depth, NECK), depth, mask)


FOREGROUND = Target(1, binary_map, losses, Tensor.sigmoid, instances)
