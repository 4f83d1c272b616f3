"""Save what the Score dock shows as CSV, with the rows that the command writes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari.utils.notifications import show_error, show_info
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from napari_sharpgan.widgets._parts import button
from napari_sharpgan.widgets._remembered import remember, remembered
from napari_sharpgan.widgets._run import Background

if TYPE_CHECKING:
    from napari_sharpgan.scoring.score import Scored

FOLDER = "score/folder"
NUCLEI, SCORES = "nuclei", "scores"
HELP = {
    NUCLEI: "Save a row a nucleus, as sharpgan score --csv does.",
    SCORES: "Save a row an image, and of several the mean, as sharpgan score --per-image does.",
}


class ScoreSaving(QWidget):  # type: ignore[misc]
    """Two buttons that save tables.

    Attributes
    ----------
    wanted : Qt signal
        Asks for scores of things as they are, before they are written.
    """

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scored: Sequence[Scored] = ()
        self._is_stale = False
        self._targets: dict[str, Path] = {}  # what is to be written as soon as there are scores
        self.nuclei = button("Save nuclei…", HELP[NUCLEI], lambda: self._ask(NUCLEI))
        self.scores = button("Save scores…", HELP[SCORES], lambda: self._ask(SCORES))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.nuclei, self.scores):
            layout.addWidget(part)
        self._writing = Background(self)
        self._writing.done.connect(lambda path: show_info(f"{path.name} is written"))
        self._writing.failed.connect(lambda error: show_error(str(error)))
        self.offer([], False)

    def offer(self, scored: Sequence[Scored], is_stale: bool) -> None:
        """Offer to save scores, and save those that are waited for; without any go on waiting."""
        self._scored, self._is_stale = scored, is_stale
        self.nuclei.setEnabled(bool(scored) and bool(scored[0].nuclei))
        self.scores.setEnabled(bool(scored))
        if scored:
            targets, self._targets = self._targets, {}
            for what, path in targets.items():
                self._write(what, path)

    def give_up(self) -> None:
        """Wait no more for scores, and say which files are not written."""
        targets, self._targets = self._targets, {}
        for path in targets.values():
            show_error(f"{path.name} is not written: what is chosen was not scored")

    def tell_stale(self) -> None:
        """Let what is saved next be scored again before."""
        self._is_stale = True

    def save(self, what: str, path: Path) -> None:
        """Write a table, "nuclei" or "scores", as soon as it is of things as they are."""
        if self._is_stale:
            self._targets[what] = path
            self.wanted.emit()
        else:
            self._write(what, path)

    def _ask(self, what: str) -> None:
        place = str(Path(remembered(FOLDER)) / f"{what}.csv")
        name, _ = QFileDialog.getSaveFileName(self.window(), f"Save {what}", place, "Table (*.csv)")
        if name:
            path = Path(name)
            remember(FOLDER, str(path.parent))
            self.save(what, path if path.suffix.lower() == ".csv" else path.with_name(f"{path.name}.csv"))

    def _write(self, what: str, path: Path) -> None:
        scored = self._scored

        def write() -> Path:
            from napari_sharpgan.scoring.table import image_table, nuclei_table, write_rows

            write_rows(nuclei_table(scored) if what == NUCLEI else image_table(scored), path)
            return path

        self._writing.submit(write)
