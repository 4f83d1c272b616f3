"""Many labeled synthetic tiles, on one machine or many: each follows from seed and number alone.

To add a format of tile sets, see ``formats``.
"""

from napari_sharpgan.synthesis.formats import TILE_FORMATS
from napari_sharpgan.synthesis.imitation import imitated
from napari_sharpgan.synthesis.models import TileModel, fitted_models, imitable, random_models
from napari_sharpgan.synthesis.plan import TilePlan, TileSettings
from napari_sharpgan.synthesis.tile import SIDE, LabeledTile, draw_tile
from napari_sharpgan.synthesis.tile_set import TilesStep, synthesize_tiles
from napari_sharpgan.synthesis.workers import Stopped, Workers, is_stopping, run_jobs

__all__ = [
    "SIDE",
    "TILE_FORMATS",
    "LabeledTile",
    "Stopped",
    "TileModel",
    "TilePlan",
    "TileSettings",
    "TilesStep",
    "Workers",
    "draw_tile",
    "fitted_models",
    "imitable",
    "imitated",
    "is_stopping",
    "random_models",
    "run_jobs",
    "synthesize_tiles",
]
