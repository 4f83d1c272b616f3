"""Arrays of pixels as they lie in a file, before anything is made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image

from napari_sharpgan.formats.paths import understood


def npy_pixels(path: Path) -> NDArray[Any]:
    """Return the array of a ``.npy`` file; one that would have to run code (pickled objects) is refused."""
    with understood(path, "a NumPy array"), path.open("rb") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def tiff_pixels(path: Path) -> NDArray[Any]:
    """Return the first image of a TIFF file, channels last: (H, W), (H, W, C), or more axes.

    Of several levels of resolution it is the first. tifffile reads what scientists write; Pillow the
    compressions and colors that tifffile leaves to other packages.
    """
    with understood(path, "a TIFF image"):
        with tifffile.TiffFile(path) as file:
            series = file.series[0]
            page, single = series.keyframe.index, len(series.levels[0].pages) == 1
            if series.keyframe.photometric in (tifffile.PHOTOMETRIC.RGB, tifffile.PHOTOMETRIC.MINISBLACK):
                try:
                    array = series.asarray()
                except ValueError as error:
                    if "imagecodecs" not in str(error):
                        raise
                else:
                    return np.moveaxis(array, 0, -1) if series.axes in ("SYX", "CYX") else array
        with Image.open(path, formats=["TIFF"]) as image:
            return picture_pixels(image, page if single else None)


def picture_pixels(image: Image.Image, page: int | None = None) -> NDArray[Any]:
    """Return the pixels of a Pillow picture: gray ones (H, W), all others as RGB (H, W, 3).

    Without ``page`` there must be but one.
    """
    pages = getattr(image, "n_frames", 1)
    if page is not None:
        image.seek(page)
    elif pages > 1:
        raise ValueError(f"it holds {pages} pages, where one is expected")
    gray = image.mode in ("L", "F") or image.mode.startswith("I")
    return np.asarray(image if gray else image.convert("RGB"))
