"""Nuclei as outlines: one outline, many nuclei, outlines to a label image and back."""

from napari_sharpgan.nuclei.outline import check_polygon, join_rings
from napari_sharpgan.nuclei.polygonize import polygonize
from napari_sharpgan.nuclei.raster import polygon_mask, rasterize
from napari_sharpgan.nuclei.repair import repair

__all__ = ["check_polygon", "join_rings", "polygon_mask", "polygonize", "rasterize", "repair"]
