"""Many labeled synthetic tiles, or a slide of any size, on one machine or many, from a seed alone.

To add a format of tile sets, see ``formats``.
"""

from napari_sharpgan.synthesis.formats import TILE_FORMATS
from napari_sharpgan.synthesis.imitation import imitated
from napari_sharpgan.synthesis.models import TileModel, fitted_models, imitable, random_models, slide_model
from napari_sharpgan.synthesis.plan import TilePlan, TileSettings
from napari_sharpgan.synthesis.slide import SlideStep, synthesize_slide
from napari_sharpgan.synthesis.slide_plan import SlidePlan, SlideSettings
from napari_sharpgan.synthesis.there import There, contact_sheet, what_is_there
from napari_sharpgan.synthesis.tile import SIDE, LabeledTile, draw_tile
from napari_sharpgan.synthesis.tile_set import TilesStep, synthesize_tiles
from napari_sharpgan.synthesis.workers import Stopped, Workers, is_stopping, run_jobs

__all__ = [
    "SIDE",
    "TILE_FORMATS",
    "LabeledTile",
    "SlidePlan",
    "SlideSettings",
    "SlideStep",
    "Stopped",
    "There",
    "TileModel",
    "TilePlan",
    "TileSettings",
    "TilesStep",
    "Workers",
    "contact_sheet",
    "draw_tile",
    "fitted_models",
    "imitable",
    "imitated",
    "is_stopping",
    "random_models",
    "run_jobs",
    "slide_model",
    "synthesize_slide",
    "synthesize_tiles",
    "what_is_there",
]
