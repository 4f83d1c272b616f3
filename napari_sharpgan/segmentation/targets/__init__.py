"""What a segmenter learns to say of each pixel, and how nuclei follow from it.

To add one, write a module with a `Target` and name it in ``TARGETS``: settings, command line and contract
test then know it.
"""

from napari_sharpgan.segmentation.targets.contour import CONTOUR
from napari_sharpgan.segmentation.targets.distance import DISTANCE
from napari_sharpgan.segmentation.targets.foreground import FOREGROUND
from napari_sharpgan.segmentation.targets.target import Target

TARGETS: dict[str, Target] = {
    "foreground": FOREGROUND,
    "contour": CONTOUR,
    "distance": DISTANCE,
}

__all__ = ["TARGETS", "Target"]
