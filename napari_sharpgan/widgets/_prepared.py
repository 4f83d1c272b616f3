"""Polygons for the outlines of nuclei, made in time for the turn of the event loop that shows them all."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets._shapes_layer import is_fit, polygon

if TYPE_CHECKING:
    from napari.layers import Shapes


class PreparedPolygons:
    """Polygons that are made and not yet in the layer. Only those that the scene still has so are given out.

    To cut an outline into triangles takes longer than to put it into a layer, and can be done for a few at a
    time without one that is painted anew for each few.

    Parameters
    ----------
    scene : Scene
        Whose nuclei they are.
    layer : Shapes
        Where they are to be.
    """

    def __init__(self, scene: Scene, layer: Shapes) -> None:
        self._scene, self._layer = scene, layer
        self._made: dict[int, tuple[NDArray[np.float64], Any]] = {}

    def prepare(self, keys: Iterable[int], seconds: float) -> bool:
        """Make polygons of these nuclei, at least one, and forget others.

        Returns
        -------
        bool
            Whether all are made, and at least half of the time is left to show them.
        """
        start, wanted = time.thread_time(), dict.fromkeys(keys)
        self._made = {key: made for key, made in self._made.items() if key in wanted}
        missing = [key for key in wanted if not self._is_made(key)]
        for key in missing:
            self._make(key)
            if time.thread_time() - start > seconds:
                return False
        return not missing or time.thread_time() - start <= seconds / 2

    def take(self, key: int) -> Any:
        """Return the polygon of a nucleus, which is not kept."""
        if not self._is_made(key):
            self._make(key)
        return self._made.pop(key)[1]

    def _is_made(self, key: int) -> bool:
        outline, made = self._made.get(key, (None, None))
        return outline is self._scene.polygons[key] and is_fit(self._layer, made)

    def _make(self, key: int) -> None:
        outline = self._scene.polygons[key]
        self._made[key] = outline, polygon(self._layer, outline, key)
