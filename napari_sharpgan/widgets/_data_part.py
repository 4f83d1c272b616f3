"""Choose a folder of tissue, and see what is in it: a sentence, and tiles with outlines of their nuclei."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.widgets._parts import words
from napari_sharpgan.widgets._path_row import FolderRow
from napari_sharpgan.widgets._run import Run
from napari_sharpgan.widgets._run_folder import in_words
from napari_sharpgan.widgets._thumbnails import Thumbnail, Thumbnails, thumbnails

if TYPE_CHECKING:
    from napari_sharpgan.data import Manifest
    from napari_sharpgan.training import Survey, SurveyStep

HELP = "Folder with images and their nuclei: images/ + labels/, CPM-15, CPM-17, split.json, or a set of tiles"
EXPECTED = "Choose a folder with images/ and labels/, or CPM-15 or CPM-17 as handed out."

Surveyor = Callable[..., Generator[Any, None, Any]]


class DataPart(QWidget):  # type: ignore[misc]
    """A row for the folder, what it holds in words, and up to six of its tiles."""

    chosen = Signal(object)  # the folder, or None
    surveyed = Signal()  # it is known whether the folder can be trained on
    picked = Signal(object)  # the Thumbnail that was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._surveyor: Surveyor | None = None
        self._share = 0.1  # of the images, held out
        self._survey: Run | None = None
        self._pictures: Run | None = None
        self.crops_per_epoch = 0  # of data that can be trained on
        self.row = FolderRow(HELP, "folder with images and labels")
        self.row.setEnabled(False)
        self.row.chosen.connect(self._look)
        self.says = words(EXPECTED)
        self.tiles = Thumbnails()
        self.tiles.picked.connect(self.picked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (self.row, self.says, self.tiles):
            layout.addWidget(part)

    @property
    def folder(self) -> Path | None:
        """The folder, or None while none is chosen."""
        path: Path | None = self.row.path
        return path

    @property
    def fits(self) -> bool:
        """Whether the folder is known to be fit to train on."""
        return self.crops_per_epoch > 0

    def begin(self, surveyor: Surveyor) -> None:
        """Let folders be chosen, now that there is a task that looks into them."""
        self._surveyor = surveyor
        self.row.setEnabled(True)
        if self.folder is not None:  # chosen by a script, which need not wait
            self._look(self.folder)

    def choose(self, folder: Path) -> None:
        """Choose a folder as a person would."""
        self.row.suggest(folder)

    def hold_out(self, share: float) -> None:
        """Say how the images would be divided if this share of them was held out."""
        if share != self._share:
            self._share = share
            if self.fits:
                self._look(self.folder)

    def show_known(self, data: Manifest) -> None:
        """Show data of which a run has written down what it holds."""
        self._forget()
        self.row.show_path(Path(data.folder))
        self.says.setText(in_words(data))
        self._show_tiles(data)

    def _look(self, folder: Path | None) -> None:
        """Say what a data folder holds, or what is wrong with it."""
        self._forget()
        self.says.setText(EXPECTED if folder is None else "Looking…")
        if folder is not None and self._surveyor is not None:
            run = self._survey = Run(_survey_or_mistake, self._surveyor, folder, self._share, parent=self)
            run.progressed.connect(self._show_step)
            run.succeeded.connect(self._show_survey)
            run.start()
        self.chosen.emit(folder)

    def _forget(self) -> None:
        for run in (self._survey, self._pictures):
            if run is not None:
                run.stop()
        self._survey = self._pictures = None
        self.crops_per_epoch = 0
        self.tiles.clear()

    def _show_step(self, step: SurveyStep) -> None:
        if self.sender() is self._survey:  # no other folder was chosen meanwhile
            self.says.setText(f"Reading image {step.done:,} of {step.total:,}…")

    def _show_survey(self, found: Survey | str) -> None:
        if self.sender() is not self._survey:
            return
        self._survey = None
        self.says.setText(f"⚠ {found}" if isinstance(found, str) else f"{found}.")
        if not isinstance(found, str):
            self.crops_per_epoch = found.crops_per_epoch
            self._show_tiles(found.manifest)
        self.surveyed.emit()

    def _show_tiles(self, data: Manifest) -> None:
        run = self._pictures = Run(thumbnails, data, interval=0.0, parent=self)
        run.progressed.connect(self._add_tile)
        run.start()

    def _add_tile(self, tile: Thumbnail) -> None:
        if self.sender() is self._pictures:
            self.tiles.add(tile)


def _survey_or_mistake(
    survey: Surveyor, folder: Path, share: float, should_stop: ShouldStop
) -> Generator[SurveyStep, None, Survey | str]:
    """Survey a folder; what is wrong with it is a result, to be said beside it."""
    try:
        found: Survey = yield from survey(folder, validation=share, should_stop=should_stop)
    except (OSError, TypeError, ValueError) as error:
        return str(error)  # superqt would raise an error that is a result
    return found
