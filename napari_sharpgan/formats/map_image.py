"""Maps (H, W) of numbers, such as distances, as files: exact as .tif and .npy, to look at as .png."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._files import written_whole
from napari_sharpgan.formats.paths import by_suffix
from napari_sharpgan.formats.picture_file import write_png, write_tiff

Floats = NDArray[np.float32]


def write_map(
    values: ArrayLike, path: str | os.PathLike[str], *, white: float = 1.0, note: dict[str, Any] | None = None
) -> None:
    """Write a map, whole or not at all.

    Parameters
    ----------
    values : array of shape (H, W)
        Numbers or booleans, at least 0.
    path : path
        ``.tif``, ``.tiff`` or ``.npy`` keep the values as float32. ``.png`` has 256 gray levels.
    white : float
        The value that becomes 255 in a ``.png``, as do all larger ones.
    note : dict, optional
        What the map is; kept in ``.tif`` (``ImageDescription``) and ``.png`` (``Description``) as JSON, there
        with ``"white"``.

    Raises
    ------
    OSError
        If the folder is missing or cannot be written to; an older file is then as it was.
    ValueError
        If the suffix is unknown or the map has another shape.
    """
    array = np.asarray(values, dtype=np.float32)
    if array.ndim != 2 or not array.size:
        raise ValueError(f"a map must have shape (H, W), got {array.shape}")
    write = by_suffix(path, MAP_FORMATS)
    with written_whole(path) as temporary:
        write(array, temporary, white, note or {})


def _write_tiff(array: Floats, path: Path, _white: float, note: dict[str, Any]) -> None:
    write_tiff(array, path, note)


def _write_npy(array: Floats, path: Path, _white: float, _note: dict[str, Any]) -> None:
    np.save(path, array)


def _write_png(array: Floats, path: Path, white: float, note: dict[str, Any]) -> None:
    levels = np.rint(np.clip(array / white, 0, 1) * 255).astype(np.uint8)
    write_png(levels, path, {**note, "white": white})


MAP_FORMATS = {".tif": _write_tiff, ".tiff": _write_tiff, ".npy": _write_npy, ".png": _write_png}
