"""Maps of a label image: binary *b*, distance *x* and contour *c* (paper, section 2.2 and figure 3).

A *condition map* is what a generator sees: a function from a label image (H, W) to float32 of the same shape,
in [0, 1], zero off nuclei, that does not care which numbers the nuclei have. To add one, write it and name it
in ``CONDITION_MAPS``; forms, command line and contract tests then know it.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan.maps.binary import binary_map
from napari_sharpgan.maps.contour import contour_map
from napari_sharpgan.maps.distance import (
    NORMALIZATIONS,
    centroid_distance,
    distance_map,
    inverted_distance_map,
    normalized_distance_map,
)
from napari_sharpgan.maps.distance_contour import distance_contour_map

ConditionMap = Callable[[ArrayLike], NDArray[np.float32]]

CONDITION_MAPS: dict[str, ConditionMap] = {
    "binary": binary_map,
    "distance": normalized_distance_map,
    "distance-inverted": inverted_distance_map,
    "distance-contour": distance_contour_map,
}

__all__ = [
    "CONDITION_MAPS",
    "NORMALIZATIONS",
    "ConditionMap",
    "binary_map",
    "centroid_distance",
    "contour_map",
    "distance_contour_map",
    "distance_map",
    "inverted_distance_map",
    "normalized_distance_map",
]
