"""Nuclei as outlines: one outline, many nuclei, outlines to a label image and back."""

from napari_sharpgan.nuclei.config import MICRONS_PER_PIXEL, NucleiConfig
from napari_sharpgan.nuclei.endless import EndlessNuclei, PlacedNuclei
from napari_sharpgan.nuclei.field import mean_density, random_nuclei
from napari_sharpgan.nuclei.fit import fit_nuclei, fit_steps
from napari_sharpgan.nuclei.likeness import Histograms, NucleiComparison, compare_nuclei
from napari_sharpgan.nuclei.outline import check_polygon, ellipse_outline, join_rings
from napari_sharpgan.nuclei.polygon import random_polygon
from napari_sharpgan.nuclei.polygonize import polygonize
from napari_sharpgan.nuclei.raster import polygon_mask, rasterize
from napari_sharpgan.nuclei.repair import outline_area, repair
from napari_sharpgan.nuclei.reshape import (
    add_to_outline,
    brush_outline,
    fill_holes,
    merge_outlines,
    split_outline,
    subtract_from_outline,
)
from napari_sharpgan.nuclei.smooth import light_outline, pixel_iou, simplify_outline, smooth_outline
from napari_sharpgan.nuclei.statistics import NucleiStatistics, nuclei_statistics

__all__ = [
    "MICRONS_PER_PIXEL",
    "EndlessNuclei",
    "Histograms",
    "NucleiComparison",
    "NucleiConfig",
    "NucleiStatistics",
    "PlacedNuclei",
    "add_to_outline",
    "brush_outline",
    "check_polygon",
    "compare_nuclei",
    "ellipse_outline",
    "fill_holes",
    "fit_nuclei",
    "fit_steps",
    "join_rings",
    "light_outline",
    "mean_density",
    "merge_outlines",
    "nuclei_statistics",
    "outline_area",
    "pixel_iou",
    "polygon_mask",
    "polygonize",
    "random_nuclei",
    "random_polygon",
    "rasterize",
    "repair",
    "simplify_outline",
    "smooth_outline",
    "split_outline",
    "subtract_from_outline",
]
