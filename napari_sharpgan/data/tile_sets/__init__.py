"""Sets of labeled tiles as ``sharpgan synthesize`` writes them: what is there, and any tile by its number."""

from napari_sharpgan.data.tile_sets.readers import READERS, Pixels, TileReader
from napari_sharpgan.data.tile_sets.record import (
    MANIFEST,
    SHARDS,
    Finished,
    Shard,
    read_finished,
    read_lines,
    read_manifest,
)
from napari_sharpgan.data.tile_sets.tile_set import TileSamples, TileSet, tile_set_in

__all__ = [
    "MANIFEST",
    "READERS",
    "SHARDS",
    "Finished",
    "Pixels",
    "Shard",
    "TileReader",
    "TileSamples",
    "TileSet",
    "read_finished",
    "read_lines",
    "read_manifest",
    "tile_set_in",
]
