"""The dock *Nuclei*: canvases, random nuclei, drawing."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import fields, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels
from napari.utils.notifications import show_error, show_info
from qtpy.QtWidgets import QApplication, QSpinBox, QWidget

from napari_sharpgan.nuclei import NucleiConfig, NucleiStatistics
from napari_sharpgan.widgets._form import ConfigForm
from napari_sharpgan.widgets._parts import button, column, fold, heading, note, row
from napari_sharpgan.widgets.session import SAMPLE, session_of

if TYPE_CHECKING:
    from napari.components import ViewerModel

FIRST = ("level", "max_overlap", "touching", "irregularity", "seed")
WORDS = {
    "level": "Density class",
    "max_overlap": "Overlap, share",
    "touching": "Touching",
    "irregularity": "Irregularity",
    "seed": "Seed",
    "count": "Count (−1: density)",
    "density": "Nuclei/mm² (0: class)",
    "radius_min": "Radius from, px",
    "radius_max": "Radius to, px",
    "size_spread": "Size spread",
    "spikiness": "Spikiness",
    "rounding": "Rounding",
    "vertices_min": "Vertices from",
    "vertices_max": "Vertices to",
    "min_area": "Area above, px",
    "alike": "Neighbors alike",
    "tries": "Tries",
}
KEYS = (
    "<b>Ctrl+Z</b> undo · <b>Ctrl+Shift+Z</b> redo · <b>Delete</b> remove · <b>P</b> points · "
    "<b>Shift+P</b> freehand · <b>D</b> move a point · <b>S</b> move a nucleus · <b>Space</b> move the view"
)


class NucleiDock(QWidget):  # type: ignore[misc]
    """Make canvases, fill them with random nuclei, draw and correct nuclei.

    Parameters
    ----------
    napari_viewer : napari Viewer
        Where the layers are.
    """

    def __init__(self, napari_viewer: ViewerModel) -> None:
        super().__init__()
        self._session = session_of(napari_viewer)
        self.statistics = note("")
        self.rows, self.columns = _side(512), _side(512)
        more = [field.name for field in fields(NucleiConfig) if field.name not in FIRST]
        self.form = ConfigForm(SAMPLE, FIRST, WORDS)
        self.more = ConfigForm(SAMPLE, more, WORDS)
        for form in (self.form, self.more):
            form.changed.connect(self._redraw)
        column(self, self.statistics, *self._drawing(), *self._generating(), *self._canvas(), note(KEYS))
        self._session.counted.connect(self._show_statistics)
        self._session.generated.connect(self._show_generated)
        self._session.scene_replaced.connect(self._show_size)
        self._show_size()

    def _drawing(self) -> list[QWidget]:
        """Return the tools of the layer, undo and redo."""
        return [
            heading("Draw"),
            row(
                button(
                    "Freehand", "Draw a nucleus with the mouse held down.", self._mode("add_polygon_lasso")
                ),
                button("Points", "Click point after point; double-click ends.", self._mode("add_polygon")),
                button("Reshape", "Drag the points of a nucleus.", self._mode("direct")),
                button("Move", "Drag whole nuclei; select many with a box.", self._mode("select")),
            ),
            row(
                button("Undo", "Take the last step back (Ctrl+Z).", lambda: self._session.undo()),
                button("Redo", "Do it again (Ctrl+Shift+Z).", lambda: self._session.redo()),
                button(
                    "Side by side", "Tissue and maps in a grid, or one above the other.", self._side_by_side
                ),
            ),
        ]

    def _generating(self) -> list[QWidget]:
        """Return the settings of random nuclei."""
        return [
            heading("Random nuclei"),
            self.form.native,
            row(
                button("Another", "Throw the dice for another seed.", self._another),
                button("Add", "Put as many on top of what is there.", lambda: self._generate(keep=True)),
                button("Copy command", "Copy the command that draws these nuclei.", self._copy_command),
            ),
            fold("More", self.more.native),
        ]

    def _canvas(self) -> list[QWidget]:
        """Return the ways to begin with another canvas."""
        empty, image = "Begin with an empty canvas of so many rows and columns.", "Begin on the pixels of"
        labels = "Make nuclei that can be edited of the chosen labels layer."
        return [
            heading("Canvas"),
            row(self.rows, self.columns, button("New canvas", empty, self._new_canvas)),
            row(
                button("From image", f"{image} the chosen image layer.", self._from_image),
                button("From labels", labels, self._from_labels),
            ),
        ]

    @property
    def config(self) -> NucleiConfig:
        """The settings of random nuclei that the dock shows."""
        first, rest = self.form.value, self.more.value
        return replace(rest, **{name: getattr(first, name) for name in FIRST})

    # What the buttons do

    def _mode(self, mode: str) -> Callable[[], None]:
        return partial(self._session.edit, mode)

    def _side_by_side(self) -> None:
        self._session.side_by_side(not self._session.viewer.canvas.grid.enabled)

    def _redraw(self) -> None:
        self._generate(keep=False, live=True)

    def _generate(self, *, keep: bool, live: bool = False) -> None:
        try:
            config = self.config
        except ValueError as error:
            show_error(str(error))
            return
        self._session.generate(config, keep=keep, live=live)

    def _another(self) -> None:
        self.form.value = replace(self.form.value, seed=int(np.random.default_rng().integers(10_000)))
        self._generate(keep=False)

    def _new_canvas(self) -> None:
        self._session.new_canvas((self.rows.value(), self.columns.value()))

    def _from_image(self) -> None:
        layer = self._chosen(Image)
        if layer is None:
            show_error("no image layer is there; open an H&E image first")
            return
        try:
            self._session.from_image(layer)
        except ValueError as error:
            show_error(str(error))

    def _from_labels(self) -> None:
        layer = self._chosen(Labels)
        if layer is None:
            show_error("no labels layer is there; open a mask of nuclei first")
            return
        try:
            self._session.from_labels(layer.data, layer)
        except (ValueError, TypeError) as error:
            show_error(str(error))
            return
        layer.visible = False

    def _chosen(self, kind: type) -> Any:
        """Return the selected layer of a kind that is not ours, else the topmost one."""
        layers = self._session.viewer.layers
        ours = self._session.layers.own
        candidates = [layer for layer in layers if isinstance(layer, kind) and layer not in ours]
        active = layers.selection.active
        return active if active in candidates else next(reversed(candidates), None)

    def _copy_command(self) -> None:
        given = {
            field.name: getattr(self.config, field.name)
            for field in fields(NucleiConfig)
            if getattr(self.config, field.name) != field.default
        }
        shape = " ".join(str(side) for side in self._session.scene.shape)
        options = " ".join(f"--{name.replace('_', '-')} {shlex.quote(str(v))}" for name, v in given.items())
        QApplication.clipboard().setText(f"sharpgan nuclei nuclei.geojson --shape {shape} {options}".strip())
        show_info("the command is on the clipboard")

    # What the session tells

    def _show_statistics(self, statistics: NucleiStatistics) -> None:
        self.statistics.setText(str(statistics))

    def _show_generated(self, wanted: int, placed: int) -> None:
        if 0 <= placed < wanted:
            show_info(f"{placed} of {wanted} nuclei found room; allow more overlap or take a larger canvas")

    def _show_size(self) -> None:
        for box, side in zip((self.rows, self.columns), self._session.scene.shape, strict=True):
            box.setValue(side)


def _side(value: int) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, 32_768)
    box.setValue(value)
    box.setSuffix(" px")
    box.setToolTip("Rows and columns of a new canvas, in pixels of 0.25 µm.")
    return box
