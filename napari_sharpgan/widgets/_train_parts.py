"""What stands in the dock *Train*, as far as it needs no PyTorch, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import QVBoxLayout, QWidget

from napari_sharpgan.widgets._data_part import DataPart
from napari_sharpgan.widgets._estimate_line import EstimateLine
from napari_sharpgan.widgets._parts import column, fold, labeled
from napari_sharpgan.widgets._path_row import FolderRow
from napari_sharpgan.widgets._run_buttons import RunButtons
from napari_sharpgan.widgets._run_list import RunList, RunWatch
from napari_sharpgan.widgets._watch_part import WatchPart

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_sharpgan.widgets._training_settings import TrainingSettings

RUN_HELP = "Folder for settings, losses, samples and checkpoints; one that was begun before is gone on with"


class TrainParts(QWidget):  # type: ignore[misc]
    """The controls of the dock, one below the other.

    Parameters
    ----------
    viewer : napari ViewerModel
        Where samples are shown.
    """

    def __init__(self, viewer: ViewerModel) -> None:
        super().__init__()
        self.data = DataPart()
        self.runs = RunList()
        self.run_watch = RunWatch(self)
        self.run = FolderRow(RUN_HELP, "folder to keep the run in")
        self.estimate = EstimateLine()
        self.watch = WatchPart(viewer)
        self.buttons = RunButtons(self)
        for part in (self.runs, self.run):
            part.setEnabled(False)
        self._place = QVBoxLayout()  # of the settings
        self._place.setContentsMargins(0, 0, 0, 0)
        settings = QWidget()
        settings.setLayout(self._place)
        self.data_fold = fold("Data", self.data, tooltip="What to train on.")
        self.settings_fold = fold("Settings", settings, tooltip="How to train, and where to keep the run.")
        column(
            self,
            labeled("Run", self.runs),
            self.data_fold,
            self.settings_fold,
            self.estimate,
            self.buttons.above,
            self.watch,
            self.buttons.use,
            self.buttons.below,
        )
        self.fold_away(False)

    def add_settings(self, settings: TrainingSettings) -> None:
        """Add what needed PyTorch, and let all be used."""
        from napari_sharpgan.widgets._training_settings import LABEL_WIDTH

        self._place.addWidget(settings)
        self._place.addWidget(labeled("Keep in", self.run, LABEL_WIDTH))
        for part in (self.runs, self.run, self.buttons.copy):
            part.setEnabled(True)

    def fold_away(self, away: bool) -> None:
        """Make place for the curves of a run, or for the settings of a new one."""
        for part in (self.data_fold, self.settings_fold):
            (part.collapse if away else part.expand)(animate=False)
