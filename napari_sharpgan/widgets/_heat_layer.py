"""The layer called sharpness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image
from napari.utils.colormaps import Colormap, ensure_colormap
from numpy.typing import NDArray

from napari_sharpgan.widgets._own_layer import OwnLayer, is_own, mark

if TYPE_CHECKING:
    from napari.components import ViewerModel

SHARPNESS = "sharpness"
LARGEST = 6.0  # S of a pixel that looks like all its eight neighbors
_STEPS = 256


def heat_colormap() -> Colormap:
    """Return viridis from nothing at 0 to bright where S is high: what is blurry glows."""
    part = np.linspace(0, 1, _STEPS)
    colors = ensure_colormap("viridis").map(part)
    colors[:, 3] = np.minimum(1, part * 8)
    return Colormap(colors, name="sharpness", display_name="viridis, blurry glows")


class HeatLayer(OwnLayer):
    """The one layer of a viewer that shows S; it is made when it is first shown.

    Parameters
    ----------
    viewer : napari ViewerModel
        Where it stands.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__(viewer, SHARPNESS)

    def show(self, heat: NDArray[np.float32], over: Image, *, visible: bool = True) -> None:
        """Show S (H, W) over an image layer, where that lies in the world; ``visible`` is for a new layer."""
        if self.is_there:
            self.layer.data = heat
        else:
            self.layer = self._make(heat, visible)
        self._put_over(over)

    def _make(self, heat: NDArray[np.float32], visible: bool) -> Any:
        layer = Image(
            heat,
            name=SHARPNESS,
            colormap=heat_colormap(),
            contrast_limits=(0, LARGEST),
            blending="translucent",
            visible=visible,
            metadata=mark(SHARPNESS),
        )
        return self._add(layer)

    def _put_over(self, over: Image) -> None:
        """Give the layer the place of the image, and its turn just above it and other images."""
        layer = self.layer
        if not np.array_equal(layer.affine.affine_matrix, over.affine.affine_matrix):
            layer.affine = over.affine
        for name in ("scale", "translate", "rotate", "shear"):
            if not np.array_equal(getattr(layer, name), getattr(over, name)):
                setattr(layer, name, getattr(over, name))
        layers = self._viewer.layers
        here, there = layers.index(layer), layers.index(over)
        while there + 1 < len(layers) and (
            isinstance(layers[there + 1], Image) or layers[there + 1] is layer
        ):
            there += 1
        if here < layers.index(over) or here > there:
            layers.move(here, there + 1)


def is_heat(layer: Any) -> bool:
    """Whether a layer is one of ours that shows S."""
    return isinstance(layer, Image) and is_own(layer, SHARPNESS)
