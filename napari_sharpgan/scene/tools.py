"""What a hand does to the nuclei of a scene beyond drawing and dragging: each is one step of undo.

Locked nuclei are left as they are, and the scene's rule ``meeting`` holds, as for all edits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from napari_sharpgan.nuclei import (
    add_to_outline,
    brush_outline,
    fill_holes,
    light_outline,
    merge_outlines,
    outline_area,
    smooth_outline,
    split_outline,
    subtract_from_outline,
)
from napari_sharpgan.scene.document import Scene
from napari_sharpgan.scene.nucleus import Nucleus
from napari_sharpgan.scene.rasters import Outline
from napari_sharpgan.scene.windows import Window


def merge(scene: Scene, keys: Iterable[int]) -> int | None:
    """Make one nucleus of several; it keeps key, class and name of the largest.

    Returns
    -------
    int or None
        Its key; None where fewer than two of them are not locked.
    """
    free = _free(scene, keys)
    if len(free) < 2:
        return None
    largest = max(free, key=lambda key: outline_area(scene.polygons[key]).area)
    union = merge_outlines([scene.polygons[key] for key in free])
    scene.change({**dict.fromkeys(free), largest: Nucleus(union, scene.info[largest])}, meets=True)
    return largest


def split(scene: Scene, line: ArrayLike, keys: Iterable[int] | None = None) -> list[int]:
    """Cut nuclei along a drawn path; the largest piece of each keeps the key, all keep class and name.

    Parameters
    ----------
    scene : Scene
        The document.
    line : (M, 2) array
        Rows and columns of at least two points.
    keys : iterable of int, optional
        The nuclei that may be cut; all without it.

    Returns
    -------
    list of int
        Keys of the nuclei that were cut, and of their new pieces; empty where the path crosses none.
    """
    changes: dict[int, Nucleus | None] = {}
    new = scene.next_key
    near = scene.keys_in(_box(scene, np.asarray(line, float)))
    for key in _free(scene, near if keys is None else set(near).intersection(keys)):
        pieces = split_outline(scene.polygons[key], line)
        if len(pieces) < 2:
            continue
        info = scene.info[key]
        changes[key] = Nucleus(pieces[0], info)
        for piece in pieces[1:]:
            changes[new] = Nucleus(piece, replace(info, id="", measurements={}))
            new += 1
    scene.change(changes)
    return sorted(changes)


def fill(scene: Scene, keys: Iterable[int]) -> None:
    """Close the holes of nuclei."""
    _each(scene, keys, fill_holes)


def smooth(scene: Scene, keys: Iterable[int], sigma: float = 1.0) -> None:
    """Smooth the outlines of nuclei; ``sigma`` in px along the outline, see `smooth_outline`."""
    _each(scene, keys, lambda outline: smooth_outline(outline, sigma))


def lighten(scene: Scene, keys: Iterable[int]) -> None:
    """Give nuclei few points, easy to drag, that cover nearly the same pixels; see `light_outline`."""
    _each(scene, keys, light_outline)


class Stroke:
    """A round brush that adds to a nucleus, or erases, as long as a button is down; one step of undo.

    Parameters
    ----------
    scene : Scene
        The document.
    radius : float
        Of the brush, in px.
    key : int, optional
        The nucleus that is painted; without it a stroke that adds begins a new one, and one that erases takes
        from all nuclei that it crosses.
    erase : bool
        Whether it takes away.
    """

    def __init__(self, scene: Scene, radius: float, key: int | None = None, *, erase: bool = False) -> None:
        scene.commit()
        if key is not None and key not in scene.polygons:
            raise KeyError(f"the scene has no nucleus with key {key}")
        self._scene, self._radius, self._erase = scene, radius, erase
        self._last: Outline | None = None
        self._gesture = object()
        self.key = key if key is not None or erase else scene.next_key

    def to(self, point: ArrayLike) -> None:
        """Paint from the last point to this one, (row, column)."""
        here = np.asarray(point, float)
        path = np.array([here] if self._last is None else [self._last, here])
        self._last = here
        area = brush_outline(path, self._radius)
        nuclei = self._scene.polygons
        changes: dict[int, Nucleus | None] = {}
        if self._erase:
            for key in self._touched(area):
                left = subtract_from_outline(nuclei[key], area)
                if left is None or not np.array_equal(left, nuclei[key]):
                    changes[key] = None if left is None else Nucleus(left, self._scene.info[key])
        elif self.key is not None:
            known = self.key in nuclei
            after = add_to_outline(nuclei[self.key], area) if known else area
            changes[self.key] = Nucleus(after, self._scene.info[self.key]) if known else Nucleus(after)
        if changes:
            self._scene.change(changes, gesture=self._gesture, live=True)

    def end(self) -> None:
        """Let go of the button."""
        self._scene.commit()

    def _touched(self, area: Outline) -> list[int]:
        """Return the nuclei that an area may reach: the one that is painted, else all."""
        if self.key is not None:
            return [self.key] if self.key in self._scene.polygons else []
        return self._scene.keys_in(_box(self._scene, area))


def _each(scene: Scene, keys: Iterable[int], reshape: Callable[[Outline], Outline]) -> None:
    """Give nuclei that are not locked other outlines, in one step."""
    changes = {key: Nucleus(reshape(scene.polygons[key]), scene.info[key]) for key in _free(scene, keys)}
    scene.change(changes, meets=True)


def _free(scene: Scene, keys: Iterable[int]) -> list[int]:
    """Return those of the keys that are nuclei without a lock, in drawing order."""
    return [key for key in sorted(keys) if key in scene.polygons and not scene.info[key].is_locked]


def _box(scene: Scene, points: Outline) -> Window:
    """Return the window of the canvas around points."""
    low = np.clip(np.floor(points.min(axis=0)), 0, scene.shape).astype(int)
    high = np.clip(np.ceil(points.max(axis=0)) + 1, low, scene.shape).astype(int)
    return slice(int(low[0]), int(high[0])), slice(int(low[1]), int(high[1]))
