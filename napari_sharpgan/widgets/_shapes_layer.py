"""What we need of napari's Shapes layer and it has no public word for: only this file touches its insides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from napari.layers import Shapes


def is_drawing(layer: Shapes) -> bool:
    """Return whether the last shape is one that is not finished yet."""
    return bool(layer._is_creating)


def is_gesture(layer: Shapes) -> bool:
    """Return whether a shape is being drawn, moved or reshaped."""
    return bool(layer._is_creating or layer._is_moving)


def end_gesture(layer: Shapes) -> None:
    """End what is being drawn, moved or reshaped, as the Escape key does; a button that is down is forgotten.

    Else napari looks for the shape that it was drawing when the button is let go.
    """
    layer._mouse_drag_gen.clear()
    layer._finish_drawing()


def reshape(layer: Shapes, outlines: Mapping[int, NDArray[np.float64]]) -> None:
    """Make polygons with these outlines of the shapes at these indices; their features and colors stay."""
    selected = set(layer.selected_data)
    layer.selected_data = set()  # the box around them is made anew below
    with layer._data_view.batched_updates():
        for index, outline in outlines.items():
            layer._data_view.edit(index, outline, new_type="polygon")
    layer.selected_data = selected
    layer.refresh(thumbnail=False)


def take_out(layer: Shapes, indices: Iterable[int]) -> None:
    """Take shapes out, also while napari is at finishing one of them, when its own ``remove`` fails."""
    gone = sorted(indices, reverse=True)
    shapes = layer._data_view
    layer.selected_data = set()
    layer._value = layer._moving_value = (None, None)
    shapes.remove_multiple(gone)
    shapes._edge_color = np.delete(shapes._edge_color, gone, axis=0)
    shapes._face_color = np.delete(shapes._face_color, gone, axis=0)
    forget(layer, gone)
    forget(layer, range(layer.nshapes, len(layer.features)))
    layer.refresh(thumbnail=False)


def forget(layer: Shapes, gone: Iterable[int]) -> None:
    """Take the rows of shapes that are gone out of the features, where napari leaves some."""
    layer._feature_table.remove(list(gone))
