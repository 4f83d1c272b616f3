"""What training minimizes: a file a term."""

from napari_sharpgan.losses.adversarial import ADVERSARIAL_LOSSES
from napari_sharpgan.losses.matching import feature_loss, pixel_loss
from napari_sharpgan.losses.sharpness import sharpness_loss, sharpness_map

__all__ = ["ADVERSARIAL_LOSSES", "feature_loss", "pixel_loss", "sharpness_loss", "sharpness_map"]
