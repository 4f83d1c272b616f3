"""Picture in, nuclei out.

`segment` takes a picture of any size; `segment_windows` is the same with progress and a stop.
`load_segmenter` and `save_segmenter` know the files. `TARGETS` has what a segmenter can learn, and how nuclei
follow from it.
"""

from napari_sharpgan._resources import shipped_segmenters
from napari_sharpgan.segmentation.predictor import Predictor
from napari_sharpgan.segmentation.segment import (
    SegmentStep,
    part_around,
    predict_windows,
    segment,
    segment_windows,
)
from napari_sharpgan.segmentation.segmenter import (
    KIND,
    Segmenter,
    load_segmenter,
    save_segmenter,
    segmenter_path,
    segmenter_settings,
)
from napari_sharpgan.segmentation.targets import TARGETS, Target

__all__ = [
    "KIND",
    "TARGETS",
    "Predictor",
    "SegmentStep",
    "Segmenter",
    "Target",
    "load_segmenter",
    "part_around",
    "predict_windows",
    "save_segmenter",
    "segment",
    "segment_windows",
    "segmenter_path",
    "segmenter_settings",
    "shipped_segmenters",
]
