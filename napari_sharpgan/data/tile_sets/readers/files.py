"""Tiles as files: pictures, label images, and outlines, which are not read here."""

from __future__ import annotations

from napari_sharpgan.data.tile_sets.readers.reader import Pixels, TileReader, name_of
from napari_sharpgan.data.tile_sets.record import Shard
from napari_sharpgan.formats import read_image, read_labels

FOLDERS = {"images": ".png", "labels": ".png", "geojson": ".geojson"}


class FolderTiles(TileReader):
    """Reads ``images/0000000.png`` and ``labels/0000000.png``."""

    @staticmethod
    def files(shard: Shard) -> list[str]:
        """Return the names of all files of a shard."""
        numbers = range(shard.first, shard.first + shard.count)
        return [f"{folder}/{name_of(n)}{suffix}" for folder, suffix in FOLDERS.items() for n in numbers]

    @staticmethod
    def pair(shard: Shard) -> tuple[str, str]:
        """Return the names of the files of its first tile."""
        name = f"{name_of(shard.first)}.png"
        return f"images/{name}", f"labels/{name}"

    def read(self, shard: Shard, number: int) -> Pixels:
        """Return tissue and labels of a tile."""
        name = f"{name_of(number)}.png"
        return read_image(self.folder / "images" / name), read_labels(self.folder / "labels" / name)
