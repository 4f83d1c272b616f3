"""How the tiles of a set lie, and how one is read: files in folders, tar files for WebDataset, or a Zarr.

To add a way, write a module with a `TileReader` and name it in `READERS`.
"""

from napari_sharpgan.data.tile_sets.readers.files import FolderTiles
from napari_sharpgan.data.tile_sets.readers.reader import Pixels, TileReader
from napari_sharpgan.data.tile_sets.readers.tar import TarTiles
from napari_sharpgan.data.tile_sets.readers.zarr_arrays import ZarrTiles

READERS: dict[str, type[TileReader]] = {"folder": FolderTiles, "webdataset": TarTiles, "zarr": ZarrTiles}

__all__ = ["READERS", "Pixels", "TileReader"]
