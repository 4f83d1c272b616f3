"""Tissue with nuclei: folders, or sets of tiles, -> samples -> crops -> tensors.

To add a layout of folders, write where it keeps the labels of an image and name it in ``layouts.LAYOUTS``.
"""

from napari_sharpgan.data.crops import Batch, CropSource
from napari_sharpgan.data.layouts import (
    LAYOUTS,
    Found,
    find_pairs,
    has_subset,
    name_in,
    read_sample,
    read_samples,
    search,
)
from napari_sharpgan.data.manifest import DataFile, Manifest, images_in
from napari_sharpgan.data.sample import JoinedSamples, Sample, joined, stain_of
from napari_sharpgan.data.store import memory_of_images
from napari_sharpgan.data.tensors import (
    image_to_tensor,
    map_to_tensor,
    pixels_to_tensor,
    tensor_to_gray,
    tensor_to_pixels,
)
from napari_sharpgan.data.tile_sets import TileSamples, TileSet, tile_set_in
from napari_sharpgan.data.tiles import Facts, Tile, facts_of, read_tile

__all__ = [
    "LAYOUTS",
    "Batch",
    "CropSource",
    "DataFile",
    "Facts",
    "Found",
    "JoinedSamples",
    "Manifest",
    "Sample",
    "Tile",
    "TileSamples",
    "TileSet",
    "facts_of",
    "find_pairs",
    "has_subset",
    "image_to_tensor",
    "images_in",
    "joined",
    "map_to_tensor",
    "memory_of_images",
    "name_in",
    "pixels_to_tensor",
    "read_sample",
    "read_samples",
    "read_tile",
    "search",
    "stain_of",
    "tensor_to_gray",
    "tensor_to_pixels",
    "tile_set_in",
]
