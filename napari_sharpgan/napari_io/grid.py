"""The grid of pixels of a layer: how large they are, and where the first one lies in the world."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_sharpgan.formats.pixel_size import in_micrometers

if TYPE_CHECKING:
    from napari.layers import Layer

MICROMETERS = ("µm", "µm")


@dataclass(frozen=True)
class Grid:
    """Rows and columns of a layer in the world of napari; a layer on the same grid lies pixel on pixel.

    Parameters
    ----------
    scale, translate : (float, float)
        Size of a pixel and place of the center of the first one, rows before columns, in ``units``.
    units : (str, str)
        Units of the world, "pixel" where the layer has none.
    shape : (int, int), optional
        Rows and columns, where the layer is an image or labels.
    """

    scale: tuple[float, float] = (1.0, 1.0)
    translate: tuple[float, float] = (0.0, 0.0)
    units: tuple[str, str] = ("pixel", "pixel")
    shape: tuple[int, int] | None = None

    @property
    def micrometers_per_pixel(self) -> float | None:
        """Side of a pixel; None where the units are no lengths or pixels are not square."""
        return in_micrometers(*self.scale, self.units, "the layer")

    @property
    def offset(self) -> tuple[float, float]:
        """Row and column, in pixels, of the first pixel: where in a slide a crop of it begins."""
        (down, right), (rows, columns) = self.translate, self.scale
        return down / rows, right / columns

    def place(self, *, translate: bool = True) -> dict[str, Any]:
        """Return the attributes of a layer that put it on this grid."""
        moved = {"translate": self.translate} if translate else {}
        return {"scale": self.scale, "units": self.units, **moved}


def grid_of(layer: Layer) -> Grid:
    """Return the grid of a layer of napari: its last two axes; of several resolutions the first."""
    known = {name: getattr(layer, name) for name in ("scale", "translate", "units")}
    first = layer.data[0] if getattr(layer, "multiscale", False) else layer.data
    sides: tuple[int, ...] = getattr(first, "shape", ())  # outlines are a list, which has none
    sides = sides[:-1] if getattr(layer, "rgb", False) else sides
    return grid_from(known, (int(sides[-2]), int(sides[-1])) if len(sides) > 1 else None)


def grid_from(attributes: Mapping[str, Any], shape: tuple[int, int] | None = None) -> Grid:
    """Return the grid that the attributes of layer data describe; what is missing is napari's default."""
    return Grid(
        scale=_pair(attributes.get("scale"), 1.0),
        translate=_pair(attributes.get("translate"), 0.0),
        units=_units(attributes.get("units")),
        shape=shape,
    )


def micrometers_per_pixel(layer: Layer) -> float | None:
    """Return how many micrometers a pixel of a layer measures; None where its units are no lengths."""
    return grid_of(layer).micrometers_per_pixel


def grid_of_open_image() -> Grid | None:
    """Return the grid of the image in the open viewer: the active one, else the one that all images share.

    None without a viewer, without an image, and where images lie on different grids.
    """
    if "napari._qt.qt_main_window" not in sys.modules:
        return None  # no window was ever opened; to ask napari would load Qt
    from napari import current_viewer
    from napari.layers import Image

    viewer = current_viewer()
    if viewer is None:
        return None
    images = [layer for layer in viewer.layers if isinstance(layer, Image)]
    active = viewer.layers.selection.active
    grids = [grid_of(layer) for layer in ([active] if active in images else images)]
    alike = {(grid.scale, grid.units) for grid in grids}
    return grids[0] if len(alike) == 1 else None


def _pair(values: Any, otherwise: float) -> tuple[float, float]:
    """Return the last two of ``values``."""
    if values is None:
        return otherwise, otherwise
    ends = [float(value) for value in np.ravel(values)[-2:]]
    return (ends[0], ends[-1]) if ends else (otherwise, otherwise)


def _units(units: str | Sequence[Any] | None) -> tuple[str, str]:
    """Return the names of the last two units, which napari has as text or as units of pint."""
    if units is None:
        return "pixel", "pixel"
    names = [units] if isinstance(units, str) else [str(unit) for unit in units]
    return names[-2:][0], names[-1]
