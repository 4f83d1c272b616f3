"""Groups and pyramids of arrays in a Zarr folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.formats.ome_metadata import multiscale
from napari_sharpgan.formats.paths import understood

SMALL = 1024  # no further level where both sides have at most so many pixels
TILE = 512
NEW_FORMAT = 2


def open_group(path: Path, mode: str = "r") -> Any:
    """Return the Zarr group that lies in a folder; one sentence where there is none."""
    import zarr  # takes half a second

    with understood(path, "OME-Zarr"):
        return zarr.open_group(str(path), mode=mode, use_consolidated=False)  # type: ignore[arg-type]


def new_group(path: Path, zarr_format: int = NEW_FORMAT) -> Any:
    """Return a new group in a folder that is empty or missing."""
    import zarr

    return zarr.open_group(str(path), mode="w", zarr_format=zarr_format)  # type: ignore[arg-type]


def level_shapes(shape: tuple[int, int]) -> list[tuple[int, int]]:
    """Return rows and columns of the levels of a picture of ``shape``: half of them each time."""
    shapes = [shape]
    while max(shapes[-1]) > SMALL:
        rows, columns = shapes[-1]
        shapes.append((-(-rows // 2), -(-columns // 2)))
    return shapes


def new_levels(
    group: Any, shape: tuple[int, ...], axes: str, *, dtype: Any, fill: int, name: str, size: float | None
) -> dict[str, Any]:
    """Make arrays "0", "1", … that hold ``fill`` until they are written; return their description."""
    shapes = level_shapes((shape[-2], shape[-1]))
    for level, sides in enumerate(shapes):
        _new_array(group, str(level), (*shape[:-2], *sides), axes, dtype, fill)
    return multiscale(name, axes, len(shapes), size, group.metadata.zarr_format)


def write_levels(
    group: Any, pixels: NDArray[Any], axes: str, *, name: str, size: float | None
) -> dict[str, Any]:
    """Write arrays "0", "1", … of ``pixels``, whose last axes are rows and columns; return their description.

    Numbers of nuclei (axes "yx") are taken at every other pixel, colors ("cyx") are means of 2 × 2.
    """
    version = group.metadata.zarr_format
    levels = 0
    while True:
        _new_array(group, str(levels), pixels.shape, axes, pixels.dtype)[...] = pixels
        levels += 1
        if max(pixels.shape[-2:]) <= SMALL:
            return multiscale(name, axes, levels, size, version)
        pixels = halved(pixels, axes)


def halved(pixels: NDArray[Any], axes: str) -> NDArray[Any]:
    """Return half of the rows and columns: numbers of nuclei at every other pixel, colors as means."""
    return pixels[::2, ::2] if axes == "yx" else _halved(pixels)


def _new_array(group: Any, name: str, shape: tuple[int, ...], axes: str, dtype: Any, fill: int = 0) -> Any:
    """Make one array of tiles; files of tiles lie in folders of rows, as 0.4 recommends."""
    version = group.metadata.zarr_format
    chunks = (*shape[:-2], *(min(TILE, side) for side in shape[-2:]))
    more: dict[str, Any] = (
        {"dimension_names": tuple(axes)}
        if version == 3
        else {"chunk_key_encoding": {"name": "v2", "separator": "/"}}
    )
    return group.create_array(name, shape=shape, chunks=chunks, dtype=dtype, fill_value=fill, **more)


def _halved(colors: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return colors (C, H, W) at half the resolution, borders repeated where a side is odd."""
    rows, columns = colors.shape[-2:]
    even = np.pad(colors, ((0, 0), (0, rows % 2), (0, columns % 2)), mode="edge").astype(np.uint16)
    sums = even[:, ::2, ::2] + even[:, 1::2, ::2] + even[:, ::2, 1::2] + even[:, 1::2, 1::2]
    return ((sums + 2) // 4).astype(np.uint8)
