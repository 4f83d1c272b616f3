"""Pictures of tissue: (H, W, 3) uint8, and where they come from."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import ArrayLike, NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from napari_sharpgan._files import written_whole
from napari_sharpgan.formats.paths import by_suffix, existing, understood
from napari_sharpgan.formats.pixels import npy_pixels, picture_pixels, tiff_pixels


def _pillow_pixels(path: Path) -> NDArray[Any]:
    """Return the pixels of a PNG or JPEG file."""
    with understood(path, "an image"), Image.open(path, formats=["PNG", "JPEG"]) as image:
        return picture_pixels(image)


_READERS = {
    ".png": _pillow_pixels,
    ".jpg": _pillow_pixels,
    ".jpeg": _pillow_pixels,
    ".tif": tiff_pixels,
    ".tiff": tiff_pixels,
    ".npy": npy_pixels,
}
IMAGE_SUFFIXES = tuple(_READERS)


def read_image(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """Read a picture as RGB.

    Parameters
    ----------
    path : path
        ``.png``, ``.jpg``, ``.jpeg``, ``.tif``, ``.tiff`` or ``.npy``. Gray becomes three equal channels,
        palettes become colors, transparency is dropped. 16 bits are scaled by their full range: 65,535
        becomes 255. Floats must lie in [0, 1]; 1 becomes 255.

    Returns
    -------
    (H, W, 3) uint8 ndarray

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError, TypeError
        If it is no picture of one page with 1, 3 or 4 channels, or holds NaN; one sentence that names the
        file.
    """
    array = by_suffix(path, _READERS)(existing(path))
    name = Path(path).name
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=-1)
    if array.ndim != 3 or array.shape[-1] not in (3, 4) or 0 in array.shape:
        raise ValueError(
            f"{name} must be one picture of 1, 3 or 4 channels, (H, W) or (H, W, C), got {array.shape}"
        )
    return _eight_bits(array[..., :3], name)


def _eight_bits(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    """Return the values of a picture as uint8."""
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint16:
        return (array >> 8).astype(np.uint8)
    if array.dtype.kind != "f":
        raise TypeError(f"{name} must hold 1, 8 or 16 bits or floats in [0, 1], got {array.dtype}")
    if not (np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1):
        raise ValueError(
            f"{name} holds floats, which must lie in [0, 1], got {np.min(array)} to {np.max(array)}"
        )
    scaled: NDArray[np.uint8] = np.rint(array * 255).astype(np.uint8)
    return scaled


def write_image(
    image: ArrayLike,
    path: str | os.PathLike[str],
    provenance: Mapping[str, Any] | None = None,
    *,
    micrometers_per_pixel: float | None = None,
) -> None:
    """Write a picture as ``.png`` or ``.tif``, whole or not at all.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        RGB.
    path : path
        ``.png``, ``.tif`` or ``.tiff``.
    provenance : mapping, optional
        Where the picture comes from, such as ``{"synthetic": True, "generator": …, "weights_sha256": …,
        "seed": …}``; kept in the file as JSON (PNG: text chunk ``Description``; TIFF:
        ``ImageDescription``); `read_provenance` reads it.
    micrometers_per_pixel : float, optional
        Size of a pixel, kept as the file's resolution.
    """
    array = np.asarray(image)
    if array.ndim != 3 or array.shape[-1] != 3 or array.dtype != np.uint8:
        raise ValueError(f"image must be (H, W, 3) uint8, got {array.shape} {array.dtype}")
    write = by_suffix(path, {".png": _write_png, ".tif": _write_tiff, ".tiff": _write_tiff})
    note = None if provenance is None else json.dumps(dict(provenance), allow_nan=False)
    with written_whole(path) as temporary:
        write(array, temporary, note, micrometers_per_pixel)


def _write_png(array: NDArray[np.uint8], path: Path, note: str | None, size: float | None) -> None:
    text = PngInfo()
    if note is not None:
        text.add_itxt("Description", note)
    resolution = {} if size is None else {"dpi": (25400 / size, 25400 / size)}
    Image.fromarray(array).save(path, format="PNG", pnginfo=text, **resolution)


def _write_tiff(array: NDArray[np.uint8], path: Path, note: str | None, size: float | None) -> None:
    tifffile.imwrite(
        path,
        array,
        photometric="rgb",
        compression="zlib",
        description=note,
        metadata=None,
        resolution=None if size is None else (1e4 / size, 1e4 / size),
        resolutionunit=None if size is None else "CENTIMETER",
    )


def read_provenance(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what `write_image` noted in a ``.png`` or ``.tif`` file; empty where it noted nothing."""
    note = by_suffix(path, {".png": _png_note, ".tif": _tiff_note, ".tiff": _tiff_note})(existing(path))
    try:
        content = json.loads(note)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _png_note(path: Path) -> str:
    with understood(path, "a PNG image"), Image.open(path, formats=["PNG"]) as image:
        return str(image.info.get("Description", ""))


def _tiff_note(path: Path) -> str:
    with understood(path, "a TIFF image"), tifffile.TiffFile(path) as file:
        return str(file.pages.first.description)
