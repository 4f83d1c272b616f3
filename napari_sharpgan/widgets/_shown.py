"""The shapes of a layer and whose they are: nuclei become shapes, and shapes become as the scene has them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.measures import MEASURES
from napari_sharpgan.nuclei import check_polygon, ellipse_outline, repair
from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets._outline_colors import OutlineColors
from napari_sharpgan.widgets._prepared import PreparedPolygons
from napari_sharpgan.widgets._promotion import IN_SIGHT, Promoted
from napari_sharpgan.widgets._shapes_layer import (
    add,
    is_drawing,
    recolor,
    reshape,
    see,
    shape_at,
    take_out,
    write_features,
)

if TYPE_CHECKING:
    from napari.layers import Shapes

    from napari_sharpgan.measures import NucleusTable

TURN = 0.02  # seconds in which polygons are made in one turn of the event loop
POINTS = 6_000  # of outlines that are put into the layer in one turn
SEEN_AT_ONCE = 100  # up to so many new shapes are painted in the turn that adds them, more in one of its own

Outline = NDArray[np.float64]


class ShownNuclei:
    """The nuclei of a scene that are shapes of a layer now.

    Parameters
    ----------
    scene : Scene
        The document.
    layer : Shapes
        Its view.

    Attributes
    ----------
    keys : list of int
        The key of each shape, in the order of the layer. A shape that is being drawn has none at first.
    stale : set of int
        Keys whose shapes are not as the scene has them, and were left so for a moment.
    colors : OutlineColors
        The colors of the outlines.
    """

    def __init__(self, scene: Scene, layer: Shapes) -> None:
        self._scene, self._layer = scene, layer
        self.keys: list[int] = []
        self.stale: set[int] = set()
        self.colors = OutlineColors()
        self._prepared = PreparedPolygons(scene, layer)
        self._are_unseen = False  # whether shapes were added that are painted when the others are there too
        self._lit: set[int] = set()  # keys of the nuclei that are shown as selected
        self._table: NucleusTable | None = None
        self._written: list[int] | None = []  # the keys that the feature table has, if it is up to date

    @property
    def is_whole(self) -> bool:
        """Whether all nuclei are shapes."""
        return len(self.keys) == len(self._scene)

    @property
    def is_even(self) -> bool:
        """Whether each shape has a key and nothing is being drawn."""
        return self._layer.nshapes == len(self.keys) and not is_drawing(self._layer)

    @property
    def selected(self) -> set[int]:
        """Keys of the nuclei that are selected in the layer."""
        return {self.keys[index] for index in self._layer.selected_data if index < len(self.keys)}

    def places(self) -> dict[int, int]:
        """Return the index of each shape by key."""
        return {key: index for index, key in enumerate(self.keys)}

    def outlines(self, indices: Iterable[int]) -> dict[int, Outline]:
        """Return the outlines of shapes of the layer by index; none for those without three points."""
        outlines = {}
        for index in indices:
            data, kind = shape_at(self._layer, index)
            points = np.asarray(data, float)
            try:
                outlines[index] = check_polygon(ellipse_outline(points) if kind == "ellipse" else points)
            except ValueError:
                continue
        return outlines

    def repaired(self, indices: Iterable[int]) -> tuple[list[tuple[Outline, str | None]], list[int]]:
        """Return what shapes are as nuclei, with what `repair` says of each, and the indices of those not."""
        outlines, kept, refused = self.outlines(indices), [], []
        for index in indices:
            try:
                kept.append(repair(outlines[index]))
            except (KeyError, ValueError):
                refused.append(index)
        return kept, refused

    def differs(self, key: int, outline: Outline) -> bool:
        """Return whether an outline of the layer, which keeps float32, is not the one of the scene."""
        return not np.array_equal(outline, self._scene.polygons[key].astype(np.float32))

    # Nuclei become shapes

    def add(self, keys: Sequence[int], *, seen: bool = True) -> None:
        """Make shapes of nuclei that are none yet; if not ``seen``, they are painted by `see`."""
        if keys:
            self._are_unseen = not seen
            info = self._scene.info
            colors = np.array([self.colors.of(key, info[key], is_selected=False) for key in keys])
            add(self._layer, [self._prepared.take(key) for key in keys], colors, seen=seen)
            self.keys = [*self.keys, *keys]

    def take_out(self, indices: Iterable[int]) -> None:
        """Take shapes out of the layer, and their keys off the list."""
        gone = set(indices)
        if gone:
            take_out(self._layer, gone)
            self.keys = [key for index, key in enumerate(self.keys) if index not in gone]

    def approach(self, goal: Promoted) -> bool:
        """Take shapes out that are not wanted, if they are in the way, or else make some that are.

        Returns
        -------
        bool
            Whether there may be more to do.
        """
        shown = set(self.keys)
        missing = [key for key in goal.keys if key not in shown]
        surplus = [index for index, key in enumerate(self.keys) if key not in goal.keys]
        if surplus and (goal.is_crowded or len(shown) + len(missing) > IN_SIGHT):
            self.take_out(surplus)
            return True
        if self._prepared.prepare(missing, TURN):
            share = self._share(missing)
            self.add(missing[:share], seen=not self._are_unseen and len(missing) <= min(share, SEEN_AT_ONCE))
        if not missing:
            self.see()
        return bool(missing)

    def see(self) -> None:
        """Let shapes be painted that were added in parts."""
        if self._are_unseen:
            self._are_unseen = False
            see(self._layer)

    def _share(self, keys: Sequence[int]) -> int:
        """Return how many of these nuclei are put into the layer in one turn."""
        points = np.cumsum([len(self._scene.polygons[key]) for key in keys])
        return int(np.searchsorted(points, POINTS)) + 1

    # Shapes become as the scene has them

    def redraw(self, keys: Iterable[int]) -> None:
        """Make the shapes of nuclei what the scene has; of nuclei that are none yet, too."""
        polygons, places, asked = self._scene.polygons, self.places(), sorted(set(keys))
        self.stale.difference_update(asked)
        there = [key for key in asked if key in places]
        other = [key for key in there if key in polygons and self._is_other(key, places)]
        if other:
            reshape(self._layer, {places[key]: self._prepared.take(key) for key in other})
        self.take_out([places[key] for key in there if key not in polygons])
        self.add([key for key in asked if key in polygons and key not in places])

    def spoil(self, keys: Iterable[int]) -> None:
        """Leave shapes of nuclei that are not as the scene has them until `catch_up`."""
        places = self.places()
        self.stale |= {key for key in keys if key in places and self._is_other(key, places)}

    def catch_up(self, seconds: float = np.inf) -> bool:
        """Make shapes that were left behind what the scene has; return whether there was time for it."""
        behind, places = self.stale & set(self.keys), self.places()
        other = [key for key in sorted(behind & self._scene.polygons.keys()) if self._is_other(key, places)]
        if not self._prepared.prepare(other, seconds):
            return False
        self.redraw(behind)
        self.stale.clear()
        return True

    def _is_other(self, key: int, places: dict[int, int]) -> bool:
        """Return whether the shape of a nucleus is not as the scene has it."""
        data, kind = shape_at(self._layer, places[key])
        return key not in self._scene.polygons or kind != "polygon" or self.differs(key, data)

    # How they look

    def light(self) -> None:
        """Show in white what is selected, and what was in its own color again."""
        selected = self.selected
        changed, self._lit = selected ^ self._lit, selected
        if changed:
            self.paint(changed)

    def paint(self, keys: Iterable[int]) -> None:
        """Give the shapes of nuclei their colors."""
        info, places = self._scene.info, self.places()
        recolor(
            self._layer,
            {
                places[key]: self.colors.of(key, info[key], is_selected=key in self._lit)
                for key in keys
                if key in places and key in info
            },
        )

    def describe(self, table: NucleusTable | None) -> None:
        """Let `write_features` write these measures as well."""
        self._table, self._written = table, None

    def write_features(self, *, anew: bool = False) -> None:
        """Write key, class and measures of each nucleus into the feature table, if it says others."""
        if self.is_even and (anew or self.keys != self._written):
            info = self._scene.info
            classes = [info[key].class_name if key in info else "" for key in self.keys]
            write_features(self._layer, {"key": self.keys, "class": classes, **self._measures()})
            self._written = self.keys

    def _measures(self) -> dict[str, NDArray[np.float64] | None]:
        """Return the measures of the shapes, NaN where there is none; None for a column that is to go."""
        columns: dict[str, NDArray[np.float64] | None] = dict.fromkeys(MEASURES)
        if self._table is not None and len(self._table):
            keys, known = np.array(self.keys, int), self._table.keys
            places = np.minimum(np.searchsorted(known, keys), len(known) - 1)
            there = known[places] == keys
            for name, values in self._table.columns.items():
                columns[name] = np.where(there, values[places], np.nan)
        return columns
