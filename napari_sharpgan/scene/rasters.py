"""Labels, distance and contour of the outlines of a scene, made true again window by window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.maps import centroid_distance, contour_map
from napari_sharpgan.nuclei import polygon_mask
from napari_sharpgan.scene.index import GridIndex
from napari_sharpgan.scene.windows import Window, area, gathered, grown, intersection, union, within

Outline = NDArray[np.float64]
Labels = NDArray[np.int32]

_MANY = 100_000  # pixels, of which sorting takes longer than a table of all labels


@dataclass(frozen=True)
class Piece:
    """A part of the label image, cut so that no nucleus of the window ``inside`` is cut.

    Parameters
    ----------
    labels : int32 array
        The part, a copy.
    inside : tuple of slice
        Where the window lies in it.
    """

    labels: Labels
    inside: Window


class Rasters:
    """Three arrays of shape (H, W) that follow outlines; a higher key lies on top of a lower one.

    Parameters
    ----------
    shape : tuple of int
        Rows and columns of the canvas.

    Attributes
    ----------
    labels : int32 array
        The key of the topmost nucleus, 0 off nuclei.
    distance : float32 array
        `distance_map` of the labels, in pixels.
    contour : bool array
        `contour_map` of the labels.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.labels = np.zeros(shape, np.int32)
        self.distance = np.zeros(shape, np.float32)
        self.contour = np.zeros(shape, np.bool_)
        self._stamps: dict[int, tuple[Window, NDArray[np.bool_]]] = {}
        self._index = GridIndex()

    def draw(self, changes: Mapping[int, Outline | None]) -> list[Window]:
        """Make the arrays true after these outlines changed.

        Parameters
        ----------
        changes : mapping of int to (N, 2) array or None
            The new outline of each changed nucleus; None takes the nucleus away.

        Returns
        -------
        list of windows
            Together they hold every pixel in which one of the arrays changed; empty if none did.
        """
        dirty = [window for key, outline in changes.items() for window in self._restamp(key, outline)]
        return [touched for window in gathered(dirty) for touched in self._refresh(window)]

    def begin(self, labels: NDArray[Any]) -> None:
        """Paint the regions of a label image, in rising order, as the nuclei 1, 2, 3, … into empty arrays."""
        from scipy.ndimage import find_objects  # late: it takes a while

        if labels.max(initial=0) > 4 * labels.size:  # else there would be a list far longer than the image
            labels = np.unique(np.append(0, labels), return_inverse=True)[1][1:].reshape(labels.shape)
        windows = enumerate(find_objects(labels.astype(np.int32, copy=False)), start=1)
        there = ((label, window) for label, window in windows if window is not None)
        for key, (label, window) in enumerate(there, start=1):
            mask = labels[window] == label
            self._stamps[key] = window, mask
            self._index.put(key, window)
            np.copyto(self.labels[window], key, where=mask)
            np.copyto(self.distance[window], centroid_distance(mask), where=mask)
        self._trace((slice(0, self.shape[0]), slice(0, self.shape[1])))

    def piece(self, window: Window) -> Piece:
        """Return a copy of the labels around a window, with all of each nucleus that has pixels in it."""
        nuclei = (self._stamps[key][0] for key in self._index.near(window))
        around = grown(union([window, *nuclei]), 1, self.shape)
        return Piece(self.labels[around].copy(), within(window, around))

    def near(self, key: int) -> list[int]:
        """Return the keys whose windows share pixels with that of ``key``, itself included."""
        return self._index.near(self._stamps[key][0]) if key in self._stamps else []

    def over(self, window: Window) -> list[int]:
        """Return the keys whose windows share pixels with a window, in drawing order."""
        return self._index.near(window)

    def mask(self, key: int) -> tuple[Window, NDArray[np.bool_]] | None:
        """Return the window of a nucleus and its pixels in it, hidden ones too; None if it has no pixels."""
        return self._stamps.get(key)

    def _restamp(self, key: int, outline: Outline | None) -> Iterable[Window]:
        """Replace the cached mask of one nucleus; yield the windows of the old and the new one."""
        if key in self._stamps:
            yield self._stamps.pop(key)[0]
            self._index.drop(key)
        if outline is not None:
            window, mask = polygon_mask(outline, self.shape)
            if area(window):
                self._stamps[key] = window, mask
                self._index.put(key, window)
                yield window

    def _refresh(self, window: Window) -> Iterable[Window]:
        """Make all three arrays true for a window; yield the window that was touched, if any."""
        before = self.labels[window].copy()
        self._paint(window)
        after = self.labels[window]
        differs = before != after
        if not differs.any():
            return
        np.copyto(self.distance[window], 0, where=differs & (after == 0))
        edge = grown(window, 1, self.shape)
        self._trace(edge)
        yield union([edge, *self._measure(_values(before[differs], after[differs]))])

    def _paint(self, window: Window) -> None:
        """Paint all nuclei of a window anew, in drawing order."""
        self.labels[window] = 0
        for key in self._index.near(window):
            extent, mask = self._stamps[key]
            shared = intersection(extent, window)
            np.copyto(self.labels[shared], key, where=mask[within(shared, extent)])

    def _trace(self, window: Window) -> None:
        """Find the contour in a window; a pixel's contour hangs on the pixels beside it too."""
        surroundings = grown(window, 1, self.shape)
        contour = contour_map(self.labels[surroundings])
        self.contour[window] = contour[within(window, surroundings)]

    def _measure(self, keys: Iterable[int]) -> Iterable[Window]:
        """Measure the distances of nuclei whose visible pixels changed; yield the windows they reach over.

        A centroid moves with any of its pixels, so all that is seen of a nucleus is measured again.
        """
        for key in keys:
            if key in self._stamps:
                extent, _ = self._stamps[key]
                seen = self.labels[extent] == key
                if seen.any():
                    np.copyto(self.distance[extent], centroid_distance(seen), where=seen)
                    yield extent


def _values(*parts: NDArray[Any]) -> list[int]:
    """Return the different labels of arrays, in rising order."""
    size = sum(part.size for part in parts)
    largest = max(int(part.max(initial=0)) for part in parts)
    if size < _MANY or largest > 4 * size:
        values: list[int] = np.unique(np.concatenate(parts)).tolist()
        return values
    seen = np.zeros(largest + 1, np.bool_)
    for part in parts:
        seen[part] = True
    found: list[int] = np.flatnonzero(seen).tolist()
    return found


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """Return a view that cannot be written to and shows later changes too."""
    view = array.view()
    view.flags.writeable = False
    return view
