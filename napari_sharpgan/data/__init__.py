"""Real tissue with nuclei: folders -> samples -> crops -> tensors.

To add a layout of folders, write where it keeps the labels of an image and name it in ``layouts.LAYOUTS``.
"""

from napari_sharpgan.data.crops import Batch, CropSource
from napari_sharpgan.data.layouts import LAYOUTS, find_pairs, read_sample, read_samples, split_pairs
from napari_sharpgan.data.sample import Sample, stain_of
from napari_sharpgan.data.tensors import image_to_tensor, map_to_tensor, tensor_to_gray, tensor_to_image

__all__ = [
    "LAYOUTS",
    "Batch",
    "CropSource",
    "Sample",
    "find_pairs",
    "image_to_tensor",
    "map_to_tensor",
    "read_sample",
    "read_samples",
    "split_pairs",
    "stain_of",
    "tensor_to_gray",
    "tensor_to_image",
]
