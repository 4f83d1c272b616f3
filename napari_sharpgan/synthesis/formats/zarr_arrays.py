"""Tiles as two arrays in a Zarr: a chunk a tile, and a file a shard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._files import written_whole
from napari_sharpgan.data.tile_sets import Shard
from napari_sharpgan.data.tile_sets.readers.zarr_arrays import COLORS, NAME, ZarrTiles, shard_file
from napari_sharpgan.synthesis.formats.shard import NotedTile, TileFormat

KINDS: dict[str, type[np.generic]] = {"images": np.uint8, "labels": np.uint16}


def _prepare(out: Path, side: int, full: int, count: int, note: Mapping[str, Any]) -> None:
    """Make the arrays, or let them grow; they are as long as the set is to be."""
    import zarr  # takes half a second

    group = zarr.open_group(str(out / NAME), mode="a", zarr_format=3, attributes={"provenance": dict(note)})
    for name, colors in COLORS.items():
        shape = (count, side, side, *colors)
        if name in group:
            array: Any = group[name]
            if array.shape != shape:
                array.resize(shape)
        else:
            _create(group.store, f"{group.path}/{name}".lstrip("/"), shape, full, KINDS[name])


def _create(store: Any, name: str, shape: tuple[int, ...], full: int, kind: type[np.generic]) -> Any:
    """Return a new array: a chunk a tile, a shard a job."""
    import zarr
    from zarr.codecs import ZstdCodec

    return zarr.create_array(
        store,
        name=name,
        shape=shape,
        chunks=(1, *shape[1:]),
        shards=(full, *shape[1:]),
        dtype=kind,
        compressors=ZstdCodec(level=0, checksum=False),  # as the reader expects
        fill_value=0,
        dimension_names=("tile", "y", "x", "c")[: len(shape)],
        config={"write_empty_chunks": True},
    )


def _write(tiles: Iterable[NotedTile], shard: Shard, side: int, full: int, out: Path) -> None:
    """Write the file of a shard of each array, the labels first."""
    pixels = {name: np.zeros((full, side, side, *colors), KINDS[name]) for name, colors in COLORS.items()}
    for place, tile in enumerate(tiles):
        pixels["images"][place], pixels["labels"][place] = tile.tissue, tile.labels
    for name in ("labels", "images"):
        path = out / shard_file(name, shard)
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as temporary:
            temporary.write_bytes(_packed(pixels[name]))


def _packed(pixels: NDArray[Any]) -> bytes:
    """Return the file of a shard: the bytes that zarr itself writes for it."""
    import zarr

    content: dict[str, Any] = {}
    array = _create(zarr.storage.MemoryStore(content), "one", pixels.shape, len(pixels), pixels.dtype.type)
    array[...] = pixels
    place = "/".join("0" * pixels.ndim)
    return bytes(content[f"one/c/{place}"].to_bytes())


ZARR = TileFormat(f"{NAME} with images and labels", _prepare, _write, ZarrTiles)
