"""Label images: one whole number a pixel, 0 off nuclei."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from napari_sharpgan._checks import check_labels
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.picture_file import write_png as write_png_file
from napari_sharpgan.formats.picture_file import write_tiff as write_tiff_file
from napari_sharpgan.formats.pixel_size import picture_size, tiff_size
from napari_sharpgan.formats.pixels import npy_pixels, tiff_pixels
from napari_sharpgan.formats.record import Nuclei


def read_tiff(path: Path) -> Nuclei:
    """Read a TIFF of one page and one channel; its resolution, if that of a microscope, is µm/px."""
    array = tiff_pixels(path)
    with understood(path, "a TIFF image"), tifffile.TiffFile(path) as file:
        size = tiff_size(file)
    return _nuclei(array, path, size)


def read_png(path: Path) -> Nuclei:
    """Read a gray or palette PNG; a palette's indices are the labels, whatever its colors."""
    with understood(path, "a PNG image"), Image.open(path, formats=["PNG"]) as image:
        array = np.asarray(image)
        size = picture_size(image.info, path.name)
    return _nuclei(array, path, size)


def read_npy(path: Path) -> Nuclei:
    """Read a NumPy array (H, W)."""
    return _nuclei(npy_pixels(path), path)


def write_tiff(nuclei: Nuclei, path: Path) -> None:
    """Write a zlib-compressed TIFF: uint16 where that is enough, else int32."""
    labels = nuclei.to_labels()
    kind = np.uint16 if labels.max() <= np.iinfo(np.uint16).max else np.int32
    write_tiff_file(labels.astype(kind), path, size=nuclei.micrometers_per_pixel)


def write_png(nuclei: Nuclei, path: Path) -> None:
    """Write a 16-bit gray PNG."""
    labels = nuclei.to_labels()
    largest = np.iinfo(np.uint16).max
    if labels.max() > largest:
        raise ValueError(
            f"a PNG holds labels up to {largest}, got {labels.max()}; write .tif or .npy instead"
        )
    write_png_file(labels.astype(np.uint16), path, size=nuclei.micrometers_per_pixel)


def write_npy(nuclei: Nuclei, path: Path) -> None:
    """Write an int32 NumPy array."""
    np.save(path, nuclei.to_labels(), allow_pickle=False)


def _nuclei(array: NDArray[Any], path: Path, size: float | None = None) -> Nuclei:
    """Return ``array`` as nuclei, or say why it is no label image; files round ``size`` beyond six digits."""
    if array.ndim == 3 and array.shape[-1] in (2, 3, 4):
        raise ValueError(
            f"{path.name} holds a color image of shape {array.shape}; labels are one number a pixel, (H, W)"
        )
    labels = check_labels(array, f"the labels in {path.name}")
    return Nuclei(labels=labels, micrometers_per_pixel=None if size is None else float(f"{size:.6g}"))
