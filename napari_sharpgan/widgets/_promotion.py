"""Which nuclei of many are worth a shape each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from napari_sharpgan.scene import Scene, Window

MOST = 1000  # up to so many nuclei all are shapes, of more only those in sight
IN_SIGHT = 400  # if they are no more than these, so that a drag, which draws all shapes anew, stays smooth


class Promoted(NamedTuple):
    """The nuclei that are to be shapes.

    Parameters
    ----------
    keys : dict of int to None
        Their keys, in drawing order but for those that are held.
    is_whole : bool
        Whether these are all nuclei of the scene.
    is_crowded : bool
        Whether there are too many in sight, so that they have to be shown in another way.
    """

    keys: dict[int, None]
    is_whole: bool = False
    is_crowded: bool = False


def promoted(scene: Scene, window: Window | None, held: Iterable[int]) -> Promoted:
    """Return which nuclei are to be shapes.

    Parameters
    ----------
    scene : Scene
        The document.
    window : tuple of (slice, slice), optional
        The part of the canvas that is in sight; all of it where it is not given.
    held : iterable of int
        Keys of nuclei that stay shapes wherever they lie: selected ones, and those that were just edited.
    """
    if len(scene) <= MOST:
        return Promoted(dict.fromkeys(scene.polygons), is_whole=True)
    rows, columns = scene.shape
    inside = scene.keys_in((slice(0, rows), slice(0, columns)) if window is None else window)
    is_crowded = len(inside) > IN_SIGHT
    keys = dict.fromkeys(() if is_crowded else inside)
    keys |= dict.fromkeys(key for key in held if key in scene.polygons)
    return Promoted(keys, is_crowded=is_crowded)
