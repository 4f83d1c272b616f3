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


@dataclass(frozen=True, eq=False)
class FoundNuclei:
    """Nuclei that were found in a window of a canvas, ready to be put into a scene on it.

    Parameters
    ----------
    labels : int32 array of shape (H, W)
        They are 1, 2, 3, …; 0 is background.
    outlines : tuple of (N, 2) arrays
        Their outlines on the canvas, in this order.
    place : tuple of (slice, slice)
        Where ``labels`` lies on the canvas.
    view : tuple of (slice, slice)
        The window that their centers lie in.
    """

    labels: Labels
    outlines: tuple[Outline, ...]
    place: Window
    view: Window

    @classmethod
    def of(cls, labels: ArrayLike, place: Window, view: Window | None = None) -> FoundNuclei:
        """Return what belongs to a window of what was found; needs no scene, so any thread can do it.

        Parameters
        ----------
        labels : array of shape (H, W), integer
            What was found; 0 is background.
        place : tuple of (slice, slice)
            Where it lies on the canvas.
        view : tuple of (slice, slice), optional
            The window; ``place`` may reach beyond it, so that nuclei on its edge are seen whole. All of
            ``place`` by default.

        Raises
        ------
        ValueError, TypeError
            If ``labels`` is no label image, or not of the shape of ``place``.
        """
        found = check_labels(labels, "what was found").astype(np.int32, copy=False)
        shape = tuple(side.stop - side.start for side in place)
        if found.shape != shape:
            raise ValueError(f"what was found must fill its window of {shape} pixels, got {found.shape}")
        view = place if view is None else view
        is_here = _has_center(found, within(view, place))
        numbers = np.zeros(len(is_here), np.int32)
        numbers[is_here] = np.arange(1, is_here.sum() + 1)
        kept = numbers[found]
        offset = np.array([side.start for side in place])
        return cls(kept, tuple(outline + offset for outline in polygonize(kept)), place, view)


def take_found(scene: Scene, found: FoundNuclei, *, replace: bool = True) -> Taken:
    """Put nuclei that were found in a window of the canvas into a scene, in one step.

    Nuclei that lie wholly in the window go, but locked ones. Those that cross its edge stay, since not all of
    them was seen; so do all if nothing is to be replaced. What was found comes, but where it meets nuclei
    that stay these win: it loses the pixels that they have, and is left out where that is half of it or more.

    Parameters
    ----------
    scene : Scene
        The document.
    found : FoundNuclei
        What was found on its canvas.
    replace : bool
        Whether nuclei of the window go. Else those found only come where nothing is yet.

    Raises
    ------
    ValueError
        If they lie beyond the canvas; nothing is changed.
    """
    if scene.labels[found.place].shape != found.labels.shape:
        raise ValueError(f"what was found lies beyond the canvas of {scene.shape} pixels")
    gone = [key for key in _inside(scene, found.view) if not scene.info[key].is_locked] if replace else []
    with scene.one_step():
        scene.remove_many(gone)
        there = scene.labels[found.view]
        stayed = len(np.unique(there[there > 0]))
        outlines = _beside(found, scene.labels[found.place] > 0)
        added = scene.add_many(outlines)
    return Taken(tuple(added), len(gone), stayed, len(found.outlines) - len(added))


def _beside(found: FoundNuclei, standing: NDArray[np.bool_]) -> list[Outline]:
    """Return the outlines of what lies mostly beside nuclei that stay, less the pixels of these."""
    covered = np.bincount(found.labels[standing], minlength=len(found.outlines) + 1)
    if not covered[1:].any():
        return list(found.outlines)
    from scipy.ndimage import find_objects  # late: it takes a while

    areas = np.bincount(found.labels.ravel())
    outlines = []
    for number, (outline, window) in enumerate(
        zip(found.outlines, find_objects(found.labels), strict=True), start=1
    ):
        if not covered[number]:
            outlines.append(outline)
        elif covered[number] < (1 - LEAST_FREE) * areas[number]:
            free = (found.labels[window] == number) & ~standing[window]
            corner = [side.start + edge.start for side, edge in zip(found.place, window, strict=True)]
            outlines.append(polygonize(_largest_part(free))[0] + corner)
    return outlines


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


def _has_center(labels: Labels, view: Window) -> NDArray[np.bool_]:
    """Return for each label but the background whether the mean of its pixels lies in a window."""
    rows, columns = np.nonzero(labels)
    there = labels[rows, columns]
    areas = np.bincount(there, minlength=1)
    inside: NDArray[np.bool_] = areas > 0
    for side, places in zip(view, (rows, columns), strict=True):
        center = np.bincount(there, places, minlength=1) / np.maximum(areas, 1)
        inside &= (center >= side.start - 0.5) & (center < side.stop - 0.5)
    return inside


def _largest_part(pixels: NDArray[np.bool_]) -> Labels:
    """Return the largest part of a mask as a label image; pixels that meet at a corner are two parts."""
    from scipy.ndimage import label  # late: it takes a while

    parts = label(pixels)[0]
    areas = np.bincount(parts.ravel())
    areas[0] = 0
    largest: Labels = (parts == areas.argmax()).astype(np.int32)
    return largest
