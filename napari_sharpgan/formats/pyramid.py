"""A picture as it lies in a file: one or more levels of resolution, read only where they are looked at."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from napari_sharpgan.formats.paths import by_suffix, existing, understood
from napari_sharpgan.formats.pixel_size import tiff_size
from napari_sharpgan.formats.pixels import tiff_pixels

_DIRECT = (tifffile.PHOTOMETRIC.RGB, tifffile.PHOTOMETRIC.MINISBLACK)


@dataclass(frozen=True, eq=False)
class Pyramid:
    """The levels of one picture.

    Parameters
    ----------
    levels : sequence of arrays
        Largest first, all with the same axes; they can be sliced, and may lie on the disk until then.
    axes : str
        A letter an axis: Y rows, X columns, C channels, S samples of a color, others (T, Z, …) planes.
    micrometers_per_pixel : float, optional
        Size of a pixel of the first level.
    """

    levels: Sequence[Any]
    axes: str
    micrometers_per_pixel: float | None = None

    def __post_init__(self) -> None:
        """Refuse what has no rows and columns."""
        shapes = [level.shape for level in self.levels]
        if not {"Y", "X"} <= set(self.axes) or any(len(shape) != len(self.axes) for shape in shapes):
            raise ValueError(
                f"a picture must have rows Y and columns X, got the axes {self.axes} for {shapes}"
            )

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns) of the first level."""
        sides = dict(zip(self.axes, self.levels[0].shape, strict=True))
        return int(sides["Y"]), int(sides["X"])

    def pixels(self) -> NDArray[Any]:
        """Return the first level in memory, (H, W) or (H, W, C); there must be one plane."""
        sides = dict(zip(self.axes, self.levels[0].shape, strict=True))
        planes = {axis: side for axis, side in sides.items() if axis not in "YXCS" and side > 1}
        if planes:
            raise ValueError(f"it holds several planes ({planes}), where one is expected")
        kept = "".join(axis for axis, side in sides.items() if axis in "YX" or (axis in "CS" and side > 1))
        array = np.asarray(self.levels[0][tuple(slice(None) if a in kept else 0 for a in self.axes)])
        order = [kept.index(axis) for axis in sorted(kept, key="YXCS".index)]
        return np.transpose(array, order)


def open_pyramid(path: str | os.PathLike[str]) -> Pyramid:
    """Open the first image of a TIFF, OME-TIFF or OME-Zarr without reading its pixels.

    Tiled TIFFs that tifffile can unpack and OME-Zarr stay on the disk; other TIFFs are read whole.

    Raises
    ------
    FileNotFoundError
        If there is no such file or folder.
    ValueError
        If the suffix is another one or the content cannot be understood; one sentence that names the file.
    """
    from napari_sharpgan.formats.ome_zarr_image import open_image  # it knows Pyramid

    opened = {".tif": _open_tiff, ".tiff": _open_tiff, ".ome.zarr": open_image, ".zarr": open_image}
    return by_suffix(path, opened)(existing(path, folder=Path(path).suffix.lower() == ".zarr"))


def _open_tiff(path: Path) -> Pyramid:
    """Open a TIFF: level by level where its tiles can be unpacked one by one, else as a whole."""
    with understood(path, "a TIFF image"), tifffile.TiffFile(path) as file:
        series, size = file.series[0], tiff_size(file)
        axes, count = series.axes, len(series.levels)
        lazy = series.keyframe.is_tiled and _unpacks(series)
    if not lazy:
        array = tiff_pixels(path)
        plain = axes if len(axes) == array.ndim and set(axes) <= set("TZ") | set("CYX") else "YXS"
        moved = "YXC" if axes in ("SYX", "CYX") else plain
        return Pyramid((array,), "YX" if array.ndim == 2 else moved, size)
    import zarr  # takes half a second

    with understood(path, "a TIFF image"):
        stores = [tifffile.imread(path, aszarr=True, series=0, level=level) for level in range(count)]
        return Pyramid([zarr.open_array(store, mode="r") for store in stores], axes, size)


def _unpacks(series: Any) -> bool:
    """Return whether tifffile gives the colors of a series by itself: try its first tile."""
    page = series.keyframe
    jpeg = page.photometric == tifffile.PHOTOMETRIC.YCBCR and page.compression == tifffile.COMPRESSION.JPEG
    if not (page.photometric in _DIRECT or jpeg):
        return False
    try:
        next(page.segments())
    except ValueError as error:
        if "imagecodecs" in str(error):
            return False
        raise
    return True
