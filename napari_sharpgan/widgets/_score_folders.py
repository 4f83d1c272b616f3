"""Score two folders beside the window, with progress; and open a pair of their files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_error
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from napari_sharpgan.scoring.pairs import Arrays, Pair, read_pair
from napari_sharpgan.widgets._activity import Activity
from napari_sharpgan.widgets._parts import button
from napari_sharpgan.widgets._run import Background, Run
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
        self._run: Run | None = None
        self._activity: Activity | None = None
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
        self.cancel()
        run = self._run = Run(score_folders, folders, parent=self)
        run.progressed.connect(self._show_step)
        run.succeeded.connect(self._finish)
        run.failed.connect(lambda _: self.cancel())  # napari shows what is wrong with us
        self.bar.setRange(0, 0)
        self.show()
        self._activity = Activity("scoring", self.stop)
        self.destroyed.connect(self._activity.close)
        self.progressed.emit("Scoring …")
        run.start()

    def stop(self) -> None:
        """Stop, and show what is scored until then."""
        if self._run is not None:
            self._run.stop()

    def cancel(self) -> None:
        """Stop, and show nothing."""
        self.stop()
        self._end()

    def _end(self) -> None:
        self._run = None
        self.hide()
        if self._activity is not None:
            self._activity.close()
            self._activity = None

    def open(self, pair: Pair, are_masks: bool) -> None:
        """Open both files of a pair as layers."""
        kind = MASKS if are_masks else IMAGES
        self._reading.submit(lambda: (pair, kind, read_pair(pair, kind)))

    def _show_step(self, step: ScoreStep) -> None:
        if self.sender() is self._run:
            self.bar.setRange(0, step.total)
            self.bar.setValue(step.done)
            self.progressed.emit(f"{step.done:,} of {step.total:,}: {step.scored.name}")
            if self._activity is not None:  # last, for it turns the event loop
                self._activity.show(step.done, step.total)

    def _finish(self, found: FolderResult | str) -> None:
        if self.sender() is not self._run:
            return
        self._end()
        if isinstance(found, str):
            self.failed.emit(found)
        elif not found.scored:
            self.failed.emit("stopped before an image was scored")
        else:
            done, total = len(found.scored), len(found.pairs)
            what = f"Mean of {done:,} images" if done > 1 else "1 image"
            self.progressed.emit(what if done == total else f"{what}: stopped, there are {total:,}")
            self.scored.emit(found)

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
