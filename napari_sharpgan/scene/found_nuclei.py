"""Nuclei that a segmenter found, put into a scene as one step of undo."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels
from napari_sharpgan.nuclei import polygonize
from napari_sharpgan.scene.document import Scene
from napari_sharpgan.scene.rasters import Outline
from napari_sharpgan.scene.windows import Window, within

LEAST_FREE = 0.5  # share of a found nucleus that must lie beside those that stay

Labels = NDArray[np.int32]


@dataclass(frozen=True)
class Taken:
    """What became of nuclei that were found.

    Parameters
    ----------
    added : tuple of int
        Keys of those that are in the scene now.
    replaced : int
        How many nuclei went for them.
    stayed : int
        How many nuclei with pixels in the window stayed.
    left_out : int
        How many were found where mostly nuclei lie that stay.
    """

    added: tuple[int, ...]
    replaced: int
    stayed: int
    left_out: int


def take_found(
    scene: Scene, labels: ArrayLike, place: Window, view: Window | None = None, *, replace: bool = True
) -> Taken:
    """Put nuclei that were found in a window of the canvas into a scene, in one step.

    Nuclei that lie wholly in the window go, but locked ones. Those that cross its edge stay, since not all of
    them was seen; so do all if nothing is to be replaced. Of what was found comes what has its center in the
    window. Where it meets nuclei that stay, these win: it loses the pixels that they have, and is left out
    where that is half of it or more.

    Parameters
    ----------
    scene : Scene
        The document.
    labels : array of shape (H, W), integer
        What was found; 0 is background.
    place : tuple of (slice, slice)
        Where ``labels`` lies on the canvas.
    view : tuple of (slice, slice), optional
        The window; ``place`` may reach beyond it, so that nuclei on its edge are seen whole. All of
        ``place`` by default.
    replace : bool
        Whether nuclei of the window go. Else those found only come where nothing is yet.

    Raises
    ------
    ValueError, TypeError
        If ``labels`` is no label image of the shape of ``place``, or that is not on the canvas.
    """
    found = check_labels(labels, "what was found").astype(np.int32, copy=False)
    if scene.labels[place].shape != found.shape:
        raise ValueError(
            f"what was found must fill a window of the canvas, {scene.labels[place].shape}, got {found.shape}"
        )
    view = place if view is None else view
    gone = [key for key in _inside(scene, view) if not scene.info[key].is_locked] if replace else []
    with scene.one_step():
        scene.remove_many(gone)
        stayed = len(scene.keys_in(view))
        free = np.where(scene.labels[place] > 0, 0, found)
        is_here = _has_center(found, within(view, place))
        areas, left = _areas(found), np.bincount(free.ravel(), minlength=int(found.max(initial=0)) + 1)
        comes = is_here & (left > LEAST_FREE * areas)
        free[~comes[free]] = 0
        _keep_largest_parts(free, np.flatnonzero(comes & (left < areas)))
        offset = place[0].start, place[1].start
        added = scene.add_many(outline + offset for outline in polygonize(free))
    return Taken(tuple(added), len(gone), stayed, int(is_here.sum() - comes.sum()))


def _inside(scene: Scene, view: Window) -> Iterable[int]:
    """Return the nuclei all of whose outline lies in a window; the edge of the canvas ends no window."""
    is_whole = all(side.start == 0 and side.stop == n for side, n in zip(view, scene.shape, strict=True))
    if is_whole:
        return list(scene.polygons)
    open_below = np.array([side.start == 0 for side in view])
    open_above = np.array([side.stop == n for side, n in zip(view, scene.shape, strict=True)])
    low = np.where(open_below, -np.inf, [side.start - 0.5 for side in view])
    high = np.where(open_above, np.inf, [side.stop - 0.5 for side in view])
    return [key for key in scene.keys_in(view) if _fits(scene.polygons[key], low, high)]


def _fits(outline: Outline, low: NDArray[np.float64], high: NDArray[np.float64]) -> bool:
    return bool((outline.min(axis=0) >= low).all() and (outline.max(axis=0) <= high).all())


def _areas(labels: Labels) -> NDArray[np.intp]:
    """Return the number of pixels of each label, and 0 for the background."""
    areas = np.bincount(labels.ravel())
    areas[:1] = 0
    return areas


def _has_center(labels: Labels, view: Window) -> NDArray[np.bool_]:
    """Return for each label whether the mean of its pixels lies in a window."""
    areas = _areas(labels)
    rows, columns = np.nonzero(labels)
    inside = areas > 0
    for side, places in zip(view, (rows, columns), strict=True):
        sums = np.bincount(labels[rows, columns], places, minlength=len(areas))
        center = sums / np.maximum(areas, 1)
        inside &= (center >= side.start - 0.5) & (center < side.stop - 0.5)
    return inside


def _keep_largest_parts(labels: Labels, numbers: NDArray[np.intp]) -> None:
    """Take away all but the largest part of these labels; pixels that meet at a corner are two parts."""
    from scipy.ndimage import find_objects, label  # late: it takes a while

    windows = find_objects(labels) if len(numbers) else []
    for number in numbers:
        window = windows[number - 1]
        assert window is not None
        parts, count = label(labels[window] == number)
        if count > 1:
            largest = _areas(parts).argmax()
            labels[window][(parts > 0) & (parts != largest)] = 0
