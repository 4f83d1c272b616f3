"""The colors of outlines: class, lock, selection, or a number that was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from napari.utils.colormaps import ensure_colormap
from numpy.typing import NDArray

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.widgets._layers import OUTLINE_COLOR

Rgba = NDArray[np.float32]

PLAIN: Rgba = np.array([*bytes.fromhex(OUTLINE_COLOR[1:]), 255], np.float32) / np.float32(255)
SELECTED: Rgba = np.ones(4, np.float32)
LOCKED = 0.4  # opacity of the outline of a locked nucleus


class OutlineColors:
    """Which color each outline has.

    A selected nucleus is white. Any other has the color of its number if nuclei are colored by one, else its
    own, else that of its class, else yellow-green. Locked ones are dim.
    """

    def __init__(self) -> None:
        self._measured: dict[int, Rgba] = {}
        self._by_class = True

    def color_by(
        self,
        values: Mapping[int, float] | None,
        colormap: Any = "viridis",
        limits: tuple[float, float] | None = None,
        *,
        by_class: bool = True,
    ) -> None:
        """Color nuclei by a number of each, or by their classes again.

        Parameters
        ----------
        values : mapping of int to float, optional
            Numbers by key; a nucleus that has none, or one that is not finite, keeps the color of its class.
        colormap : str or Colormap
            A colormap of napari.
        limits : tuple of float, optional
            What gets the first and the last color; else the smallest and the largest number.
        by_class : bool
            Whether classes have colors; else all nuclei without a number look alike.
        """
        self._by_class = by_class
        known = {key: float(value) for key, value in (values or {}).items() if np.isfinite(value)}
        self._measured = {}
        if known:
            numbers = np.array(list(known.values()))
            low, high = limits or (numbers.min(), numbers.max())
            share = np.clip((numbers - low) / ((high - low) or 1.0), 0, 1)
            colors = np.asarray(ensure_colormap(colormap).map(share), np.float32)
            self._measured = dict(zip(known, colors, strict=True))

    def of(self, key: int, info: NucleusInfo, *, is_selected: bool) -> Rgba:
        """Return red, green, blue and opacity of an outline, 0 to 1 each."""
        if is_selected:
            return SELECTED
        color, own = self._measured.get(key, PLAIN), info.color or info.class_color
        if self._by_class and key not in self._measured and own is not None:
            color = np.array([*own, 255], np.float32) / np.float32(255)
        return np.array([*color[:3], LOCKED], np.float32) if info.is_locked else color
