"""Images with several levels of resolution as layers that read only what is looked at."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_sharpgan.formats.pyramid import Pyramid
from napari_sharpgan.napari_io.grid import MICROMETERS

LayerData = tuple[Any, dict[str, Any], str]
# Up to so many pixels a single level is read into memory, where docks work on it at once: 8192 × 8192.
MOST_PIXELS = 2**26


def image_layer(pyramid: Pyramid, name: str, *, grows: bool = False) -> LayerData:
    """Return an Image layer: multiscale where there are levels, with scale and units where they are known.

    With ``grows`` it is read anew whenever it is looked at, since another process still writes it.

    Red, green and blue become one layer of colors, other channels a layer each; more axes (Z, T) stay.
    """
    kept = _kept_axes(pyramid)
    color = next((axis for axis in "SC" if axis in kept and _is_color(pyramid, axis)), "")
    levels = [_array(level, pyramid.axes, kept, color, grows) for level in pyramid.levels]
    attributes: dict[str, Any] = {"name": name, "metadata": {"micrometers_per_pixel": _size(pyramid)}}
    attributes |= {"rgb": True} if color else {"channel_axis": kept.index("C")} if "C" in kept else {}
    attributes |= _place(pyramid, [axis for axis in kept if axis not in "SC"])
    single = len(levels) == 1
    if single and np.prod(pyramid.shape) <= MOST_PIXELS:
        return np.asarray(levels[0]), attributes, "image"
    return (levels[0] if single else levels), {**attributes, "multiscale": not single}, "image"


def labels_layer(pyramid: Pyramid, name: str, *, grows: bool = False) -> LayerData:
    """Return a Labels layer that reads from the disk what is looked at, each time if it ``grows``."""
    kept = _kept_axes(pyramid)
    levels = [_array(level, pyramid.axes, kept, "", grows) for level in pyramid.levels]
    single = len(levels) == 1
    attributes = {"name": name, "multiscale": not single, **_place(pyramid, list(kept))}
    return (levels[0] if single else levels), attributes, "labels"


def _kept_axes(pyramid: Pyramid) -> str:
    """Return the axes that are shown: planes of which there is but one are not."""
    sides = dict(zip(pyramid.axes, pyramid.levels[0].shape, strict=True))
    return "".join(axis for axis, side in sides.items() if axis in "YX" or side > 1)


def _is_color(pyramid: Pyramid, axis: str) -> bool:
    """Return whether an axis holds red, green and blue (and transparency) of 8 bits."""
    level = pyramid.levels[0]
    return level.shape[pyramid.axes.index(axis)] in (3, 4) and (axis == "S" or level.dtype == np.uint8)


class Growing:
    """A level that another process still writes: sliced like an array, and read from the disk each time.

    napari keeps what dask has read, and would go on showing what was there at first. It still does so with
    the smallest level.
    """

    def __init__(self, level: Any, colors_first: bool) -> None:
        self._level, self._colors_first = level, colors_first
        shape = level.shape
        self.shape: tuple[int, ...] = (*shape[1:], shape[0]) if colors_first else shape
        self.dtype, self.ndim, self.size = level.dtype, len(shape), level.size

    def __getitem__(self, key: Any) -> Any:
        """Read a part."""
        if not self._colors_first:
            return self._level[key]
        keys = key if isinstance(key, tuple) else (key,)
        rows, columns = (*keys, slice(None), slice(None))[:2]
        colors = keys[2] if len(keys) > 2 else slice(None)
        return np.moveaxis(self._level[:, rows, columns], 0, -1)[..., colors]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        """Read all."""
        return np.asarray(self[:], dtype=dtype)


def _array(level: Any, axes: str, kept: str, color: str, grows: bool) -> Any:
    """Return a level as an array of numpy or dask with the axes ``kept``, that of colors last."""
    import dask.array  # comes with napari

    if grows:
        return Growing(level, axes.startswith("C"))
    array = level if isinstance(level, np.ndarray) else dask.array.from_zarr(level)
    array = array[tuple(slice(None) if axis in kept else 0 for axis in axes)]
    return array if not color else np.moveaxis(array, kept.index(color), -1)


def _place(pyramid: Pyramid, axes: list[str]) -> dict[str, Any]:
    size = _size(pyramid)
    if size is None:
        return {}
    scale = [size if axis in "YX" else 1.0 for axis in axes]
    return {"scale": scale, "units": [MICROMETERS[0] if axis in "YX" else "pixel" for axis in axes]}


def _size(pyramid: Pyramid) -> float | None:
    return pyramid.micrometers_per_pixel
