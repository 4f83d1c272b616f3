"""The dock *Nuclei*: canvases, random nuclei, drawing."""

from __future__ import annotations

import shlex
from dataclasses import fields, replace
from typing import TYPE_CHECKING

import numpy as np
from napari.utils.notifications import show_error, show_info
from qtpy.QtWidgets import QApplication, QWidget

from napari_sharpgan.nuclei import NucleiConfig, NucleiStatistics
from napari_sharpgan.widgets._document_part import DocumentPart
from napari_sharpgan.widgets._edit_part import EditPart
from napari_sharpgan.widgets._form import ConfigForm
from napari_sharpgan.widgets._generating import SAMPLE
from napari_sharpgan.widgets._keys import as_words
from napari_sharpgan.widgets._likeness_part import LikenessPart
from napari_sharpgan.widgets._measures_part import MeasuresPart
from napari_sharpgan.widgets._parts import button, column, fold, heading, note, row
from napari_sharpgan.widgets.session import session_of

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
    "elongation": "Elongation",
    "rounding": "Rounding",
    "vertices_min": "Vertices from",
    "vertices_max": "Vertices to",
    "min_area": "Area above, px",
    "alike": "Neighbors alike",
    "tries": "Tries",
}


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
        self.document = DocumentPart(self._session)
        more = [field.name for field in fields(NucleiConfig) if field.name not in FIRST]
        self.form = ConfigForm(SAMPLE, FIRST, WORDS)
        self.more = ConfigForm(SAMPLE, more, WORDS)
        for form in (self.form, self.more):
            form.changed.connect(self._redraw)
        self.edit = EditPart(self._session)
        self.measures = MeasuresPart(self._session)
        self.likeness = LikenessPart(self._session, seed=lambda: self.config.seed)
        self.likeness.fitted.connect(self._take_fit)
        keys = fold("Keys", note(as_words()), tooltip="They act on the layer that is chosen in the list.")
        column(self, self.document.head, self.statistics, self.edit, *self._generating(), self.document, keys)
        self._session.counted.connect(self._show_statistics)
        self._session.generated.connect(self._show_generated)

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
            self.likeness,
            self.measures,
            row(
                button(
                    "Side by side", "Tissue and maps in a grid, or one above the other.", self._side_by_side
                ),
            ),
        ]

    @property
    def config(self) -> NucleiConfig:
        """The settings of random nuclei that the dock shows."""
        first, rest = self.form.value, self.more.value
        return replace(rest, **{name: getattr(first, name) for name in FIRST})

    # What the buttons do

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

    def _take_fit(self, config: NucleiConfig) -> None:
        """Fill the canvas with what fits, and let the sliders say what that is."""
        self.form.value = self.more.value = config
        self._session.generate(config, keep=False)

    def _another(self) -> None:
        self.form.value = replace(self.form.value, seed=int(np.random.default_rng().integers(10_000)))
        self._generate(keep=False)

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
