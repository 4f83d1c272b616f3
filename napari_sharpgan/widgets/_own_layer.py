"""A layer of which a viewer has one, that one of our docks makes when it is first shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from napari.components import ViewerModel


class OwnLayer:
    """The one layer of its kind in a viewer; napari keeps it with the viewer, so it is found again.

    Parameters
    ----------
    viewer : napari ViewerModel
        Where it stands.
    name : str
        What it is called at first, and known by in its metadata.
    """

    def __init__(self, viewer: ViewerModel, name: str) -> None:
        self._viewer = viewer
        self.layer: Any = next((layer for layer in viewer.layers if is_own(layer, name)), None)

    @property
    def is_there(self) -> bool:
        """Whether the layer exists and was not deleted."""
        return self.layer is not None and self.layer in self._viewer.layers

    def clear(self) -> None:
        """Show nothing: what is there belongs to other layers."""
        if self.is_there:
            self.layer.data = np.zeros_like(self.layer.data)

    def _add(self, layer: Any) -> Any:
        """Put a new layer on top without taking the selection from others, and return it."""
        layers = self._viewer.layers
        selected = set(layers.selection)
        layers.append(layer)
        if selected:
            layers.selection = selected
        return layer


def mark(name: str) -> dict[str, str]:
    """Return the metadata by which a layer is known to be ours."""
    return {"sharpgan": name}


def is_own(layer: Any, name: str) -> bool:
    """Return whether a layer is the one of ours with that name."""
    return bool(layer.metadata.get("sharpgan") == name)
