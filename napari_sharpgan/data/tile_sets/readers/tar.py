"""Tiles in tar files as the library WebDataset reads them: the files of a tile share a name."""

from __future__ import annotations

import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from napari_sharpgan.data.tile_sets.readers.reader import Pixels, TileReader
from napari_sharpgan.data.tile_sets.record import Shard

TISSUE, LABELS = ".png", ".labels.png"


class TarTiles(TileReader):
    """Reads tiles of ``shards/000000.tar`` and so on by their places in the file.

    The places of a shard are looked up once, when its first tile is read, and kept: 40 bytes a tile.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._places: dict[int, NDArray[np.int64]] = {}

    @staticmethod
    def files(shard: Shard) -> list[str]:
        """Return the name of the tar file of a shard."""
        return [TarTiles.pair(shard)[0]]

    @staticmethod
    def pair(shard: Shard) -> tuple[str, str]:
        """Return the names of the files of its first tile."""
        return (f"shards/{shard.number:06}.tar",) * 2

    def read(self, shard: Shard, number: int) -> Pixels:
        """Return tissue and labels of a tile."""
        path = self.folder / self.pair(shard)[0]
        if shard.number not in self._places:
            self._places[shard.number] = _places(path)
        places = self._places[shard.number]
        rows = np.flatnonzero(places[:, 0] == number)
        if len(rows) != 1:
            raise ValueError(f"it holds {len(rows)} tiles with the number {number}, expected one")
        _, *places_of_both = places[rows[0]].tolist()
        with path.open("rb") as file:
            tissue, labels = (_picture(file, *place) for place in (places_of_both[:2], places_of_both[2:]))
        return tissue, labels.astype(np.uint16)


def _places(path: Path) -> NDArray[np.int64]:
    """Return number, start and length of the tissue, start and length of the labels of each tile, (N, 5)."""
    found: dict[int, list[int]] = {}
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            key, _, _ = member.name.partition(".")
            for place, suffix in enumerate((TISSUE, LABELS)):
                if member.name == f"{key}{suffix}":
                    row = found.setdefault(int(key), [int(key), -1, 0, -1, 0])
                    row[1 + 2 * place : 3 + 2 * place] = member.offset_data, member.size
    return np.array([row for row in found.values() if -1 not in row], np.int64).reshape(-1, 5)


def _picture(file: Any, start: int, length: int) -> Any:
    """Return the pixels of a PNG that lies somewhere in a file."""
    file.seek(start)
    with Image.open(BytesIO(file.read(length))) as picture:
        return np.asarray(picture)
