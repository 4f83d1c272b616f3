"""Tiles as files that everything reads: pictures, label images, and outlines for QuPath."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from napari_sharpgan.data.tile_sets import Shard
from napari_sharpgan.data.tile_sets.readers.files import FOLDERS, FolderTiles
from napari_sharpgan.formats import Nuclei, write_image, write_nuclei
from napari_sharpgan.synthesis.formats.shard import NotedTile, TileFormat


def _prepare(out: Path, _side: int, _shard: int, _count: int, _note: Mapping[str, Any]) -> None:
    for folder in FOLDERS:
        (out / folder).mkdir(exist_ok=True)


def _write(tiles: Iterable[NotedTile], _shard: Shard, _side: int, _full: int, out: Path) -> None:
    """Write each file whole or not at all, the image last: where it is, its labels are."""
    for tile in tiles:
        nuclei = Nuclei(labels=tile.labels)
        write_nuclei(nuclei, out / "geojson" / f"{tile.key}.geojson")
        write_nuclei(nuclei, out / "labels" / f"{tile.key}.png")
        write_image(tile.tissue, out / "images" / f"{tile.key}.png", tile.note)


FOLDER = TileFormat("images/, labels/ and geojson/", _prepare, _write, FolderTiles)
