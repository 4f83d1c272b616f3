"""What is there of a set of tiles or a slide that was begun earlier, and how it looks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.data.tile_sets import read_finished, read_manifest
from napari_sharpgan.formats.ome_zarr_slide import read_facts
from napari_sharpgan.synthesis.formats import TILE_FORMATS
from napari_sharpgan.synthesis.slide import finished_blocks

GAP = 8  # px between the tiles of a sheet


@dataclass(frozen=True)
class There:
    """What is there.

    Parameters
    ----------
    done, total : int
        Tiles, or blocks of a slide.
    settings : dict
        Of tiles ``size``, ``format`` and ``shard``, of a slide its ``shape``.
    """

    done: int
    total: int
    settings: dict[str, Any]


def what_is_there(out: str | Path) -> There | None:
    """Return what is there of a set or a slide; None if it has not begun, or is something else."""
    out = Path(out)
    try:
        return _slide(out) if out.name.lower().endswith(".ome.zarr") else _tiles(out)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # who begins there is told what is wrong


def _slide(out: Path) -> There | None:
    if not out.is_dir():
        return None
    return There(*finished_blocks(out), {"shape": tuple(map(int, read_facts(out)["plan"]["shape"]))})


def _tiles(out: Path) -> There | None:
    kept = read_manifest(out)
    if not kept:
        return None
    settings = {name: kept["plan"]["settings"][name] for name in ("size", "format", "shard")}
    return There(sum(one.count for one in read_finished(out)), int(kept["tiles"]), settings)


def contact_sheet(out: str | Path, most: int = 16) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
    """Return the first finished tiles of a set beside each other, and their labels.

    Parameters
    ----------
    out : path
        The set.
    most : int
        Tiles of the sheet.

    Returns
    -------
    tissue : ndarray of shape (H, W, 3), uint8
        White between the tiles.
    labels : ndarray of shape (H, W), uint32
        One number a nucleus, of no two tiles the same.

    Raises
    ------
    ValueError
        If no tile is there.
    """
    out = Path(out)
    there = what_is_there(out)
    if there is None or not there.done:
        raise ValueError(f"{out} has no tiles that are finished")
    kind, size = TILE_FORMATS[there.settings["format"]], int(there.settings["size"])
    shards = (one.as_shard for one in sorted(read_finished(out), key=lambda one: one.shard))
    tiles = list(islice((tile for shard in shards for tile in kind.read(out, shard)), most))
    columns = int(np.ceil(np.sqrt(len(tiles))))
    rows, step = -(-len(tiles) // columns), size + GAP
    tissue = np.full((rows * step - GAP, columns * step - GAP, 3), 255, np.uint8)
    labels = np.zeros(tissue.shape[:2], np.uint32)
    last = 0
    for place, (pixels, numbers) in enumerate(tiles):
        row, column = (step * index for index in divmod(place, columns))
        window = slice(row, row + size), slice(column, column + size)
        tissue[window] = pixels
        labels[window] = np.where(numbers > 0, numbers + np.uint32(last), 0)
        last = int(labels.max())
    return tissue, labels
