"""The layer called errors: nuclei in the color of what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Labels
from napari.utils.colormaps import DirectLabelColormap
from numpy.typing import NDArray

from napari_sharpgan.widgets._own_layer import OwnLayer, is_own, mark
from napari_sharpgan.widgets._place import place_of

if TYPE_CHECKING:
    from napari.components import ViewerModel

ERRORS = "errors"
OPACITY = 0.6


class ErrorLayer(OwnLayer):
    """The one layer of a viewer that shows what became of nuclei; it is made when it is first shown.

    Parameters
    ----------
    viewer : napari ViewerModel
        Where it stands.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__(viewer, ERRORS)

    def show(self, codes: NDArray[np.uint8], over: Any) -> None:
        """Show codes of `Outcome`, (H, W), where the layer ``over`` lies in the world.

        Parameters
        ----------
        codes : ndarray of uint8, shape (H, W)
            0 off nuclei.
        over : layer
            The mask on whose grid the codes are.
        """
        if self.is_there and self.layer.data.shape == codes.shape:
            self.layer.data = codes
            place = place_of(over)
            for name, value in place.items() if place != place_of(self.layer) else ():
                setattr(self.layer, name, value)
            return
        if self.is_there:
            old, self.layer = self.layer, None  # first: who hears of it must not take it for a person's doing
            self._viewer.layers.remove(old)
        self.layer = self._make(codes, over)

    def rise(self, below: Any = None) -> None:
        """Put the layer on top, or next to it where the layer ``below`` which it belongs is the topmost."""
        layers: Any = self._viewer.layers
        layers.move(layers.index(self.layer), len(layers))
        if len(layers) > 1 and layers[-2] is below:
            layers.move(len(layers) - 1, len(layers) - 2)

    def _make(self, codes: NDArray[np.uint8], over: Any) -> Any:
        import pandas as pd  # type: ignore[import-untyped]  # late, as in napari: it takes a while

        from napari_sharpgan.metrics import OUTCOME_STYLES

        colors: dict[int | None, Any] = {0: "transparent", None: "transparent"}
        colors |= {int(outcome): style.color for outcome, style in OUTCOME_STYLES.items()}
        words = ["", *(style.word for _, style in sorted(OUTCOME_STYLES.items()))]
        layer = Labels(
            codes,
            name=ERRORS,
            colormap=DirectLabelColormap(color_dict=colors),
            features=pd.DataFrame({"outcome": words}),
            opacity=OPACITY,
            metadata=mark(ERRORS),
            **place_of(over),
        )
        layer.editable = False
        return self._add(layer)


def is_mask(layer: Any) -> bool:
    """Whether a layer holds labels of nuclei, and not what became of them."""
    return isinstance(layer, Labels) and not is_errors(layer)


def is_errors(layer: Any) -> bool:
    """Whether a layer is one of ours that shows what became of nuclei."""
    return isinstance(layer, Labels) and is_own(layer, ERRORS)
