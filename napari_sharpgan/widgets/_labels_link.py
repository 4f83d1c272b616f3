"""The labels layer and the scene: what is painted into one becomes nuclei of the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.notifications import show_warning
from numpy.typing import NDArray

from napari_sharpgan.scene import Edit, Scene, Window

if TYPE_CHECKING:
    from napari.layers import Labels

MANY = 1 << 18  # pixels; where more of them change the whole picture is drawn anew
OTHER_SIZE = "The labels of a canvas keep its size; open labels of another size with From labels."


class LabelsLink:
    """Keep a Labels layer and a scene the same, also while the mouse is down.

    The layer has an array of its own, in which napari's tools paint. Ids are the keys of the scene; a label
    that no nucleus has becomes the next key.

    Parameters
    ----------
    scene : Scene
        The document.
    layer : Labels
        Its view, whose array has the values of ``scene.labels``.
    """

    def __init__(self, scene: Scene, layer: Labels) -> None:
        self._scene, self._layer = scene, layer
        self._busy = False  # whether a change of one is being done to the other
        self._live = False  # whether a stroke is going on
        self._numbers: dict[int, int] = {}  # the keys of labels that this stroke began
        layer.events.labels_update.connect(self._on_painted)
        layer.events.paint.connect(self._on_stroke_end)
        layer.events.set_data.connect(self._on_refreshed)
        layer.events.selected_label.connect(self._choose_label)
        layer.events.data.connect(self._on_replaced)
        scene.edited.connect(self._on_edited)

    def close(self) -> None:
        """Let go of both."""
        events = self._layer.events
        events.labels_update.disconnect(self._on_painted)
        events.paint.disconnect(self._on_stroke_end)
        events.set_data.disconnect(self._on_refreshed)
        events.selected_label.disconnect(self._choose_label)
        events.data.disconnect(self._on_replaced)
        self._scene.edited.disconnect(self._on_edited)

    # From the layer to the scene

    def _on_painted(self, event: Any) -> None:
        """Give the nuclei the pixels that were painted."""
        if self._busy:
            return
        sides = zip(event.offset, event.data.shape, strict=True)
        rows, columns = (slice(start, start + length) for start, length in sides)
        if list(self._layer._slice_input.displayed) == [1, 0]:  # the view is transposed
            rows, columns = columns, rows
        self._paint((rows, columns), self._layer.data[rows, columns])

    def _paint(self, window: Window, values: NDArray[Any]) -> None:
        values = values.copy()
        for label, key in self._numbers.items():
            values[values == label] = key
        before, nuclei = self._scene.next_key, self._scene.polygons
        new = [int(label) for label in np.unique(values[values != self._scene.labels[window]])]
        unknown = [label for label in new if label and label not in nuclei]
        self._numbers |= {label: before + place for place, label in enumerate(unknown)}
        self._live = True
        with self._quietly():
            self._scene.paint(window, values, live=True)
            self._show([window])
        if not _is_stroke(self._layer):
            self._end()

    def _on_stroke_end(self) -> None:
        """Make one step of a stroke once the button is let go."""
        if not self._busy and self._live:
            self._end()

    def _end(self) -> None:
        self._live = False
        self._numbers.clear()
        self._scene.commit()
        _forget(self._layer)
        self._choose_label()

    def _on_refreshed(self) -> None:
        """Take a stroke back that napari took back: of that the layer says nothing else."""
        if self._live and not self._busy and not _is_stroke(self._layer):
            self._live = False
            self._numbers.clear()
            self._scene.undo()

    def _on_replaced(self) -> None:
        """Take in an array that was set as a whole."""
        if self._busy:
            return
        values = np.asarray(self._layer.data)
        fits = values.shape == self._scene.shape
        if fits:
            self._paint(tuple(slice(0, side) for side in values.shape), values)  # type: ignore[arg-type]
        with self._quietly():
            self._layer.data = self._scene.labels.copy()
        if not fits:
            show_warning(OTHER_SIZE)

    def _choose_label(self) -> None:
        """Let a label that no nucleus has be the one that the next new nucleus gets."""
        label = self._layer.selected_label
        if not self._live and label and label not in self._scene.polygons:
            self._layer.selected_label = self._scene.next_key

    # From the scene to the layer

    def _on_edited(self, edit: Edit) -> None:
        with self._quietly():
            self._show(edit.windows)
        if edit.added or edit.removed:
            self._choose_label()

    def _show(self, windows: Iterable[Window]) -> None:
        """Show the labels of the scene where the layer has others."""
        for window in windows:
            shown, true = self._layer.data[window], self._scene.labels[window]
            differs = shown != true
            if not differs.any():
                continue
            if self._layer.visible and np.count_nonzero(differs) <= MANY:
                rows, columns = np.nonzero(differs)
                place = rows + window[0].start, columns + window[1].start
                self._layer.data_setitem(place, true[differs])
            else:
                shown[...] = true
                self._layer.refresh(thumbnail=False, highlight=False, extent=False)
        if not _is_stroke(self._layer):
            _forget(self._layer)

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before


def _is_stroke(layer: Labels) -> bool:
    """Return whether a button is down with which labels are painted."""
    return bool(layer._block_history)


def _forget(layer: Labels) -> None:
    """Let the layer keep no history of its own: undo is the scene's."""
    layer._reset_history()
