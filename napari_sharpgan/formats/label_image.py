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
from napari_sharpgan.formats.pixels import npy_pixels, tiff_pixels
from napari_sharpgan.formats.record import Nuclei


def read_tiff(path: Path) -> Nuclei:
    """Read a TIFF of one page and one channel."""
    return _nuclei(tiff_pixels(path), path)


def read_png(path: Path) -> Nuclei:
    """Read a gray or palette PNG; a palette's indices are the labels, whatever its colors."""
    with understood(path, "a PNG image"), Image.open(path, formats=["PNG"]) as image:
        array = np.asarray(image)
    return _nuclei(array, path)


def read_npy(path: Path) -> Nuclei:
    """Read a NumPy array (H, W)."""
    return _nuclei(npy_pixels(path), path)


def write_tiff(nuclei: Nuclei, path: Path) -> None:
    """Write a zlib-compressed TIFF: uint16 where that is enough, else int32."""
    labels = nuclei.to_labels()
    kind = np.uint16 if labels.max() <= np.iinfo(np.uint16).max else np.int32
    tifffile.imwrite(path, labels.astype(kind), photometric="minisblack", compression="zlib", metadata=None)


def write_png(nuclei: Nuclei, path: Path) -> None:
    """Write a 16-bit gray PNG."""
    labels = nuclei.to_labels()
    largest = np.iinfo(np.uint16).max
    if labels.max() > largest:
        raise ValueError(
            f"a PNG holds labels up to {largest}, got {labels.max()}; write .tif or .npy instead"
        )
    Image.fromarray(labels.astype(np.uint16)).save(path, format="PNG")


def write_npy(nuclei: Nuclei, path: Path) -> None:
    """Write an int32 NumPy array."""
    np.save(path, nuclei.to_labels(), allow_pickle=False)


def _nuclei(array: NDArray[Any], path: Path) -> Nuclei:
    """Return ``array`` as nuclei, or say why it is no label image."""
    if array.ndim == 3 and array.shape[-1] in (2, 3, 4):
        raise ValueError(
            f"{path.name} holds a color image of shape {array.shape}; labels are one number a pixel, (H, W)"
        )
    return Nuclei(labels=check_labels(array, f"the labels in {path.name}"))
