"""Where a layer lies in the world, and how large its pixels are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from napari.layers import Image

UNEVEN = 0.01  # share by which the sides of a pixel may differ and still count as square


def place_of(like: Any) -> dict[str, Any]:
    """Return what layers take to lie where another one lies, as words, numbers and lists of them.

    Parameters
    ----------
    like : layer, mapping or None
        A layer of two dimensions, whose first level counts if it has several; or its place already.
    """
    if like is None or isinstance(like, Mapping):
        return dict(like or {})
    place = {name: np.asarray(getattr(like, name)) for name in ("scale", "translate", "rotate", "shear")}
    place["affine"] = np.asarray(like.affine.affine_matrix)
    if place["scale"].shape != (2,):
        return {"scale": place["scale"][-2:].tolist(), "translate": place["translate"][-2:].tolist()}
    return {name: values.tolist() for name, values in place.items()} | {"units": [str(u) for u in like.units]}


def shape_of(image: Image) -> tuple[int, int] | None:
    """Return rows and columns of a 2-D image, at its first level if it has several; None for other images."""
    data = image.data[0] if image.multiscale else image.data
    if data.ndim - bool(image.rgb) != 2:
        return None
    rows, columns = data.shape[:2]
    return int(rows), int(columns)


def micrometers_per_pixel(layer: Any) -> float | None:
    """Return the side of a pixel in µm, where the units of a layer are lengths and its pixels are square."""
    units, scale = layer.units[-2:], layer.scale[-2:]
    try:
        height, width = (float((1.0 * unit).to("micrometer").magnitude) for unit in units)
    except Exception:  # noqa: BLE001  pint raises errors of several types for what is no length
        return None
    rows, columns = abs(height * float(scale[0])), abs(width * float(scale[1]))
    if not 0 < rows < np.inf or abs(rows - columns) > UNEVEN * rows:
        return None
    return rows
