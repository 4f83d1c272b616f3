"""Score two folders beside the window, with progress; and open a pair of their files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_error
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from napari_sharpgan.scoring.pairs import Arrays, Pair, read_pair
from napari_sharpgan.widgets._one_run import OneRun
from napari_sharpgan.widgets._parts import button
from napari_sharpgan.widgets._run import Background
from napari_sharpgan.widgets._score_work import FILE, IMAGES, MASKS, FolderResult, Folders, score_folders

if TYPE_CHECKING:
    from napari_sharpgan.scoring.folders import ScoreStep
    from napari_sharpgan.widgets.session import Session

CANCEL = "Stop; what is scored until then is shown."


class FolderScores(QWidget):  # type: ignore[misc]
    """A bar that shows how far folders are scored, and a button that stops.

    Attributes
    ----------
    progressed : Qt signal
        A sentence about how far it is.
    scored : Qt signal
        `FolderResult` of all pairs, or of those until a stop.
    failed : Qt signal
        What is wrong with the folders, in a sentence.
    opened : Qt signal
        A pair of files was opened: "masks" or "images", and both layers.
    """

    progressed = Signal(str)
    scored = Signal(object)
    failed = Signal(str)
    opened = Signal(str, object, object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._run = OneRun(self)
        self._run.progressed.connect(self._show_step)
        self._run.succeeded.connect(self._finish)
        self._run.failed.connect(self._fail)
        self.bar = QProgressBar()
        self.cancel_button = button("Cancel", CANCEL, self.stop)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.bar, self.cancel_button):
            layout.addWidget(part)
        self.hide()
        self._reading = Background(self)
        self._reading.done.connect(self._add)
        self._reading.failed.connect(lambda error: show_error(str(error)))

    def score(self, folders: Folders) -> None:
        """Score two folders, in the place of a run that goes on."""
        self.bar.setRange(0, 0)
        self.show()
        self.progressed.emit("Scoring …")
        self._run.begin("scoring", score_folders, folders, canceled=self.stop)

    def stop(self) -> None:
        """Stop, and show what is scored until then."""
        self._run.stop()

    def cancel(self) -> None:
        """Stop, and show nothing."""
        self._run.leave()
        self.hide()

    def open(self, pair: Pair, are_masks: bool) -> None:
        """Open both files of a pair as layers."""
        kind = MASKS if are_masks else IMAGES
        self._reading.submit(lambda: (pair, kind, read_pair(pair, kind)))

    def _show_step(self, step: ScoreStep) -> None:
        self.bar.setRange(0, step.total)
        self.bar.setValue(step.done)
        self.progressed.emit(f"{step.done:,} of {step.total:,}: {step.scored.name}")

    def _finish(self, found: FolderResult | str) -> None:
        self.hide()
        if isinstance(found, str):
            self.failed.emit(found)
        elif not found.scored:
            self.failed.emit("stopped before an image was scored")
        else:
            self.scored.emit(found)

    def _fail(self, error: BaseException) -> None:
        """Say what is wrong with us, which napari shows as well."""
        self.hide()
        self.failed.emit(f"the folders could not be scored: {error}")

    def _add(self, opened: tuple[Pair, str, Arrays]) -> None:
        """Add what was read as layers."""
        pair, kind, arrays = opened
        sides = ((f"{pair.name} true", pair.true, arrays.true), (pair.name, pair.predicted, arrays.predicted))
        layers = [self._layer(kind, name, path, pixels) for name, path, pixels in sides]
        self.opened.emit(kind, *layers)

    def _layer(self, kind: str, name: str, path: Path, pixels: Any) -> Any:
        viewer = self._session.viewer
        add = viewer.add_labels if kind == MASKS else viewer.add_image
        is_picture = kind == IMAGES  # masks are seen as errors
        return add(pixels, name=name, metadata={FILE: str(path)}, visible=is_picture)
