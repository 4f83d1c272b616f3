"""What reads the tiles of a set: any of them, by its number, on any thread."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.data.tile_sets.record import Shard

Pixels = tuple[NDArray[np.uint8], NDArray[np.integer[Any]]]  # tissue (H, W, 3), labels (H, W)

DIGITS = 7  # of the number of a tile in the names of its files


class TileReader(ABC):
    """Reads tiles of a set in one format; keeps no pixels.

    Parameters
    ----------
    folder : Path
        The set.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    @abstractmethod
    def files(shard: Shard) -> list[str]:
        """Return the names, in the folder, of all files that a shard lies in."""

    @staticmethod
    @abstractmethod
    def pair(shard: Shard) -> tuple[str, str]:
        """Return the names of the files that the tissue and the labels of its first tile lie in."""

    @abstractmethod
    def read(self, shard: Shard, number: int) -> Pixels:
        """Return tissue and labels of a tile, of the shard that it lies in.

        Parameters
        ----------
        shard : Shard
            It may be less than the whole of what lies in its file.
        number : int
            Of the tile in the set.

        Raises
        ------
        Exception
            Whatever a library says of a file that is missing or broken; see `TileSet.read`.
        """


def name_of(number: int) -> str:
    """Return the name of the files of a tile, without what they end in."""
    return f"{number:0{DIGITS}}"
