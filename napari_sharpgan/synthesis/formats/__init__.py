"""How sets of tiles lie on disk: files in folders, shards for WebDataset, or a Zarr.

To add a format, write a module with a `TileFormat` and name it in `TILE_FORMATS`; what reads it again stands
in `napari_sharpgan.data.tile_sets.readers`, for training too.
"""

from napari_sharpgan.synthesis.formats.files import FOLDER
from napari_sharpgan.synthesis.formats.shard import NotedTile, TileFormat
from napari_sharpgan.synthesis.formats.tar import WEBDATASET
from napari_sharpgan.synthesis.formats.zarr_arrays import ZARR

TILE_FORMATS: dict[str, TileFormat] = {"folder": FOLDER, "webdataset": WEBDATASET, "zarr": ZARR}

__all__ = ["TILE_FORMATS", "NotedTile", "TileFormat"]
