"""Pictures of tissue: (H, W, 3) uint8, how large a pixel is, and where they come from."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tifffile
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from napari_sharpgan._checks import check_positive
from napari_sharpgan._files import folder_written_whole, written_whole
from napari_sharpgan.formats import ome_zarr_image
from napari_sharpgan.formats.paths import by_suffix, existing, understood
from napari_sharpgan.formats.picture_file import read_png_note, read_tiff_note, write_png, write_tiff
from napari_sharpgan.formats.pixel_size import picture_size, tiff_size
from napari_sharpgan.formats.pixels import npy_pixels, picture_pixels, tiff_pixels

Found = tuple[NDArray[Any], float | None]


class SizedImage(NamedTuple):
    """A picture and the size of its pixels.

    Attributes
    ----------
    pixels : (H, W, 3) uint8 ndarray
        RGB.
    micrometers_per_pixel : float or None
        None where the file does not say, or says the resolution of a screen or printer (10 µm and more).
    """

    pixels: NDArray[np.uint8]
    micrometers_per_pixel: float | None


def _pillow(path: Path) -> Found:
    """Return the pixels of a PNG or JPEG file and their size."""
    with understood(path, "an image"), Image.open(path, formats=["PNG", "JPEG"]) as image:
        return picture_pixels(image), picture_size(image.info, path.name)


def _tiff(path: Path) -> Found:
    """Return the pixels of a TIFF file and their size."""
    pixels = tiff_pixels(path)
    with understood(path, "a TIFF image"), tifffile.TiffFile(path) as file:
        return pixels, tiff_size(file)


def _npy(path: Path) -> Found:
    """Return a NumPy array, which says nothing of sizes."""
    return npy_pixels(path), None


def _zarr(path: Path) -> Found:
    """Return the first level of an OME-Zarr image and the size of its pixels."""
    pyramid = ome_zarr_image.open_image(path)
    with understood(path, "OME-Zarr"):
        return pyramid.pixels(), pyramid.micrometers_per_pixel


_READERS: dict[str, Callable[[Path], Found]] = {
    ".png": _pillow,
    ".jpg": _pillow,
    ".jpeg": _pillow,
    ".tif": _tiff,
    ".tiff": _tiff,
    ".npy": _npy,
    ".ome.zarr": _zarr,
    ".zarr": _zarr,
}
FOLDERS = (".ome.zarr", ".zarr")
IMAGE_SUFFIXES = tuple(_READERS)


def read_image(path: str | os.PathLike[str]) -> NDArray[np.uint8]:
    """Read a picture as RGB (H, W, 3) uint8; see `read_image_with_size`."""
    return read_image_with_size(path).pixels


def read_image_with_size(path: str | os.PathLike[str]) -> SizedImage:
    """Read a picture as RGB, and how large its pixels are.

    Parameters
    ----------
    path : path
        ``.png``, ``.jpg``, ``.jpeg``, ``.tif``, ``.tiff`` (OME-TIFF too), ``.npy`` or ``.ome.zarr``. Of
        several levels of resolution the first is read. Gray becomes three equal channels, palettes become
        colors, transparency is dropped. 16 bits are scaled by their full range: 65,535 becomes 255. Floats
        must lie in [0, 1]; 1 becomes 255.

    Returns
    -------
    SizedImage
        ``pixels``, (H, W, 3) uint8, and ``micrometers_per_pixel``: from OME-XML, OME-Zarr, Aperio's or
        ImageJ's words, else from a resolution finer than 10 µm.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError, TypeError
        If it is no picture of one page with 1, 3 or 4 channels, or holds NaN; one sentence that names the
        file.
    """
    folder = Path(path).name.lower().endswith(FOLDERS)
    array, size = by_suffix(path, _READERS)(existing(path, folder=folder))
    name = Path(path).name
    if array.ndim == 3 and array.shape[-1] == 1:
        array = array[..., 0]
    if array.ndim == 2:
        array = np.repeat(array[..., None], 3, axis=-1)
    if array.ndim != 3 or array.shape[-1] not in (3, 4) or 0 in array.shape:
        raise ValueError(
            f"{name} must be one picture of 1, 3 or 4 channels, (H, W) or (H, W, C), got {array.shape}"
        )
    return SizedImage(_eight_bits(array[..., :3], name), size)


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
    """Write a picture as ``.png``, ``.tif`` or ``.ome.zarr``, whole or not at all.

    Parameters
    ----------
    image : (H, W, 3) uint8 array
        RGB.
    path : path
        ``.png``, ``.tif``, ``.tiff`` or ``.ome.zarr``; an OME-Zarr is written anew, without older labels.
    provenance : mapping, optional
        Where the picture comes from, such as ``{"synthetic": True, "generator": …, "weights_sha256": …,
        "seed": …}``; kept in the file as JSON (PNG: text chunk ``Description``; TIFF:
        ``ImageDescription``; OME-Zarr: attribute ``provenance``); `read_provenance` reads it.
    micrometers_per_pixel : float, optional
        Size of a pixel, above 0, kept as the file's resolution; `read_image_with_size` reads it.
    """
    array = np.asarray(image)
    if array.ndim != 3 or array.shape[-1] != 3 or array.dtype != np.uint8:
        raise ValueError(f"image must be (H, W, 3) uint8, got {array.shape} {array.dtype}")
    if micrometers_per_pixel is not None:
        check_positive(micrometers_per_pixel, "micrometers_per_pixel")
    write = by_suffix(path, _WRITERS)
    folder = write is ome_zarr_image.write_image
    with (folder_written_whole if folder else written_whole)(path) as temporary:
        write(array, temporary, provenance, micrometers_per_pixel)


_WRITERS = {
    ".png": write_png,
    ".tif": write_tiff,
    ".tiff": write_tiff,
    ".ome.zarr": ome_zarr_image.write_image,
}


def read_provenance(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Return what `write_image` noted in a file; empty where it noted nothing."""
    read = by_suffix(path, _NOTES)
    return read(existing(path, folder=read is ome_zarr_image.read_note))


_NOTES: dict[str, Callable[[Path], dict[str, Any]]] = {
    ".png": read_png_note,
    ".tif": read_tiff_note,
    ".tiff": read_tiff_note,
    ".ome.zarr": ome_zarr_image.read_note,
}
