"""What training minimizes: a file a term."""

from napari_sharpgan.losses.adversarial import ADVERSARIAL_LOSSES
from napari_sharpgan.losses.contours import ContourSharpness, contour_sharpness, image_sharpness
from napari_sharpgan.losses.matching import feature_loss, pixel_loss
from napari_sharpgan.losses.sharpness import sharpness_loss, sharpness_map

__all__ = [
    "ADVERSARIAL_LOSSES",
    "ContourSharpness",
    "contour_sharpness",
    "feature_loss",
    "image_sharpness",
    "pixel_loss",
    "sharpness_loss",
    "sharpness_map",
]
