"""Nuclei as outlines: one outline, many nuclei, outlines to a label image and back."""

from napari_sharpgan.nuclei.config import MICRONS_PER_PIXEL, NucleiConfig
from napari_sharpgan.nuclei.field import random_nuclei
from napari_sharpgan.nuclei.outline import check_polygon, ellipse_outline, join_rings
from napari_sharpgan.nuclei.polygon import random_polygon
from napari_sharpgan.nuclei.polygonize import polygonize
from napari_sharpgan.nuclei.raster import polygon_mask, rasterize
from napari_sharpgan.nuclei.repair import outline_area, repair
from napari_sharpgan.nuclei.statistics import NucleiStatistics, nuclei_statistics

__all__ = [
    "MICRONS_PER_PIXEL",
    "NucleiConfig",
    "NucleiStatistics",
    "check_polygon",
    "ellipse_outline",
    "join_rings",
    "nuclei_statistics",
    "outline_area",
    "polygon_mask",
    "polygonize",
    "random_nuclei",
    "random_polygon",
    "rasterize",
    "repair",
]
