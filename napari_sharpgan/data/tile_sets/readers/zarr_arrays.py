"""Tiles as two arrays in a Zarr: a chunk a tile, and a file a shard.

The zarr library takes 2 ms to find a chunk of a shard, on top of a quarter that it takes to unpack it, so
chunks are looked up here: the places of all chunks of a shard stand at its end (Zarr v3, sharding codec).
"""

from __future__ import annotations

import json
import struct
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numcodecs.zstd import Zstd
from numpy.typing import NDArray

from napari_sharpgan.data.tile_sets.readers.reader import Pixels, TileReader
from napari_sharpgan.data.tile_sets.record import Shard

NAME = "tiles.zarr"
COLORS: dict[str, tuple[int, ...]] = {"images": (3,), "labels": ()}
_PLACE = struct.Struct("<2Q")  # of a chunk in the file of its shard: where it begins, and its length
_CHECKSUM = 4  # bytes after all places
_CODECS = ["bytes", "zstd"]


class ZarrTiles(TileReader):
    """Reads tiles of ``tiles.zarr``; of a shard only the chunk of the tile is read."""

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
        tissue, labels = (
            self._arrays[name].tile(self.folder / shard_file(name, shard), number) for name in COLORS
        )
        return tissue, labels

    @cached_property
    def _arrays(self) -> dict[str, _Array]:
        return {name: _Array(self.folder / NAME / name / "zarr.json") for name in COLORS}


class _Array:
    """What is to be known of an array to read its chunks."""

    def __init__(self, path: Path) -> None:
        facts = json.loads(path.read_text(encoding="utf-8"))
        (sharding,) = facts["codecs"]
        inner = sharding["configuration"]
        if [codec["name"] for codec in inner["codecs"]] != _CODECS or inner["index_location"] != "end":
            raise ValueError("its arrays are not as 'sharpgan synthesize' writes them")
        self._shape = inner["chunk_shape"][1:]
        self._full = facts["chunk_grid"]["configuration"]["chunk_shape"][0]  # tiles of a shard
        self._kind = np.dtype(facts["data_type"]).newbyteorder("<")

    def tile(self, path: Path, number: int) -> NDArray[Any]:
        """Return a chunk out of the file of its shard."""
        with path.open("rb") as file:
            size = file.seek(0, 2)
            end = size - self._full * _PLACE.size - _CHECKSUM
            file.seek(max(0, end + number % self._full * _PLACE.size))
            start, length = _PLACE.unpack(file.read(_PLACE.size))
            if end < 0 or start + length > end:
                raise ValueError("it was cut off")
            file.seek(start)
            content = Zstd().decode(file.read(length))
        return np.frombuffer(content, self._kind).reshape(self._shape)


def shard_file(name: str, shard: Shard) -> str:
    """Return the name, in the set, of the file of a shard of one of the arrays."""
    rest = "/".join("0" * (2 + len(COLORS[name])))
    return f"{NAME}/{name}/c/{shard.number}/{rest}"
