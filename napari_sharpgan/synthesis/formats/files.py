"""Tiles as files that everything reads: pictures, label images, and outlines for QuPath."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from napari_sharpgan.formats import Nuclei, read_image, read_labels, write_image, write_nuclei
from napari_sharpgan.synthesis.formats.shard import DIGITS, NotedTile, Pixels, Shard, TileFormat

FOLDERS = {"images": ".png", "labels": ".png", "geojson": ".geojson"}


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


def _files(shard: Shard) -> list[str]:
    numbers = range(shard.first, shard.first + shard.count)
    return [
        f"{folder}/{number:0{DIGITS}}{suffix}" for folder, suffix in FOLDERS.items() for number in numbers
    ]


def _read(out: Path, shard: Shard) -> Iterator[Pixels]:
    for number in range(shard.first, shard.first + shard.count):
        image, labels = (out / folder / f"{number:0{DIGITS}}.png" for folder in ("images", "labels"))
        yield read_image(image), read_labels(labels)


FOLDER = TileFormat("images/, labels/ and geojson/", _prepare, _write, _files, _read)
