"""Tiles as two arrays in a Zarr: a chunk a tile, and a file a shard."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np

from napari_sharpgan.data.tile_sets.readers.reader import Pixels, TileReader
from napari_sharpgan.data.tile_sets.record import Shard

NAME = "tiles.zarr"
COLORS: dict[str, tuple[int, ...]] = {"images": (3,), "labels": ()}


class ZarrTiles(TileReader):
    """Reads tiles of ``tiles.zarr``; of a shard only the index and the chunk of the tile are read."""

    @staticmethod
    def files(shard: Shard) -> list[str]:
        """Return the names of the two files of a shard."""
        return [*ZarrTiles.pair(shard)]

    @staticmethod
    def pair(shard: Shard) -> tuple[str, str]:
        """Return the names of the files of its first tile."""
        return shard_file("images", shard), shard_file("labels", shard)

    def read(self, shard: Shard, number: int) -> Pixels:
        """Return tissue and labels of a tile."""
        for name in self.files(shard):
            (self.folder / name).stat()  # of a file that is missing zarr would give zeros
        tissue, labels = (np.asarray(self._arrays[name][number]) for name in COLORS)
        return tissue, labels

    @cached_property
    def _arrays(self) -> dict[str, Any]:
        """The arrays, opened once."""
        import zarr  # takes half a second

        group: Any = zarr.open_group(str(self.folder / NAME), mode="r")
        return {name: group[name] for name in COLORS}


def shard_file(name: str, shard: Shard) -> str:
    """Return the name, in the set, of the file of a shard of one of the arrays."""
    rest = "/".join("0" * (2 + len(COLORS[name])))
    return f"{NAME}/{name}/c/{shard.number}/{rest}"
