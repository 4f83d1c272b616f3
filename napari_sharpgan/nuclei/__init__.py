"""Nuclei as outlines: one outline, many nuclei, outlines to a label image and back."""

from napari_sharpgan.nuclei.outline import check_polygon
from napari_sharpgan.nuclei.raster import polygon_mask, rasterize

__all__ = ["check_polygon", "polygon_mask", "rasterize"]
