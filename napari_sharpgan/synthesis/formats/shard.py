"""What a format of tile sets has to do: write shards, whole or not at all, with equal bytes each time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_sharpgan._files import sha256_of
from napari_sharpgan.data.tile_sets import Pixels, Shard, TileReader
from napari_sharpgan.data.tile_sets.readers.reader import name_of

COMPRESSION = 2  # of PNG: three times as fast as 6, and a tenth larger


@dataclass(frozen=True)
class NotedTile:
    """A tile as it is written.

    Parameters
    ----------
    number : int
        In its set.
    tissue : ndarray of shape (H, W, 3), uint8
        RGB.
    labels : ndarray of shape (H, W), uint16
        1 … N, 0 off nuclei.
    note : dict
        What `synthetic_note` gives.
    """

    number: int
    tissue: NDArray[np.uint8]
    labels: NDArray[np.uint16]
    note: dict[str, Any]

    @property
    def key(self) -> str:
        """The name of its files."""
        return name_of(self.number)

    @property
    def count(self) -> int:
        """How many nuclei it has."""
        return int(np.unique(self.labels[self.labels > 0]).size)


@dataclass(frozen=True)
class TileFormat:
    """A way in which tiles lie in a folder.

    Parameters
    ----------
    title : str
        What it is.
    prepare : callable
        Folder, size of a tile, tiles in a shard, tiles in all, note of the set: make what the shards need to
        be there.
    write : callable
        Tiles of a shard, shard, size of a tile, tiles in a full shard, folder: write them.
    reader : type
        Knows the files of a shard, and reads tiles.
    """

    title: str
    prepare: Callable[[Path, int, int, int, Mapping[str, Any]], None]
    write: Callable[[Iterable[NotedTile], Shard, int, int, Path], None]
    reader: type[TileReader]

    def files(self, shard: Shard) -> list[str]:
        """Return the names, in the folder of the set, of the files that a shard lies in."""
        return self.reader.files(shard)

    def read(self, out: Path, shard: Shard) -> Iterator[Pixels]:
        """Yield pixels and labels of the tiles of a shard."""
        reader = self.reader(out)
        for number in range(shard.first, shard.first + shard.count):
            yield reader.read(shard, number)

    def is_there(self, shard: Shard, out: Path) -> bool:
        """Return whether all files of a shard are there."""
        return all((out / name).is_file() for name in self.files(shard))

    def sha256(self, shard: Shard, out: Path) -> str:
        """Return the hash of a shard: that of its file, of several that of the lines ``HASH  NAME``."""
        names = self.files(shard)
        if len(names) == 1:
            return sha256_of(out / names[0])
        lines = "".join(f"{sha256_of(out / name)}  {name}\n" for name in names)
        return hashlib.sha256(lines.encode()).hexdigest()


def png_bytes(pixels: NDArray[Any]) -> bytes:
    """Return pixels as a PNG file."""
    content = BytesIO()
    Image.fromarray(pixels).save(content, format="PNG", compress_level=COMPRESSION)
    return content.getvalue()
