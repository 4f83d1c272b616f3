"""Tiles in tar files as the library WebDataset reads them: the files of a tile share a name."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Iterable, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from napari_sharpgan._files import written_whole
from napari_sharpgan.data.tile_sets import Shard
from napari_sharpgan.data.tile_sets.readers.tar import LABELS, TISSUE, TarTiles
from napari_sharpgan.synthesis.formats.shard import NotedTile, TileFormat, png_bytes


def _prepare(out: Path, _side: int, _shard: int, _count: int, _note: Mapping[str, Any]) -> None:
    (out / "shards").mkdir(exist_ok=True)


def _write(tiles: Iterable[NotedTile], shard: Shard, _side: int, _full: int, out: Path) -> None:
    """Write a tar file; nothing in it depends on when, where and by whom it was written."""
    with (
        written_whole(out / TarTiles.files(shard)[0]) as temporary,
        tarfile.open(temporary, "w", format=tarfile.USTAR_FORMAT) as tar,
    ):
        for tile in tiles:
            facts = {"number": tile.number, "nuclei_count": tile.count, **tile.note}
            _add(tar, f"{tile.key}{TISSUE}", png_bytes(tile.tissue))
            _add(tar, f"{tile.key}{LABELS}", png_bytes(tile.labels))
            _add(tar, f"{tile.key}.json", json.dumps(facts, allow_nan=False).encode())


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    """Add a file with mode 644, time 0 and no owner."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    tar.addfile(info, BytesIO(content))


WEBDATASET = TileFormat("shards/000000.tar and so on, for WebDataset", _prepare, _write, TarTiles)
