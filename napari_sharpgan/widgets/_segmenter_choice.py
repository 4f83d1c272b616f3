"""Which segmenter: one that comes with us, the best of a run, or a file."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QComboBox, QWidget

from napari_sharpgan.run_folders.names import BEST, CHECKPOINTS
from napari_sharpgan.run_folders.status import RunStatus
from napari_sharpgan.widgets._run_list import words_of

HELP = "The trained network that finds nuclei: one that comes with us, the best of a training, or a file."
LOADING, NONE = "looking for segmenters…", "no segmenter yet"


class SegmenterChoice(QComboBox):  # type: ignore[misc]
    """A list of segmenters; what is chosen stays chosen while the list follows the runs.

    Attributes
    ----------
    is_known : bool
        Whether it is known what there is.
    """

    chosen_changed = Signal(str)  # the segmenter that is chosen now; empty for none

    def __init__(self, wanted: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_known = False
        self._wanted, self._told = wanted, ""
        self._shipped: list[str] = []
        self._files: list[str] = []
        self._runs: list[RunStatus] = []
        self.setToolTip(HELP)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.activated.connect(self._choose)
        self._fill()

    @property
    def segmenter(self) -> str:
        """Name or path of the segmenter that is chosen; empty for none."""
        return str(self.currentData() or "")

    def use(self, name_or_path: str) -> None:
        """Choose a segmenter, which is added to the list if it is not in it."""
        if name_or_path.endswith(".safetensors") and name_or_path not in self._files:
            self._files.append(name_or_path)
        self._wanted = name_or_path
        self._fill()

    def show_shipped(self, names: list[str]) -> None:
        """Offer what comes with us."""
        self._shipped, self.is_known = names, True
        if self._wanted.endswith(".safetensors") and Path(self._wanted).is_file():
            self.use(self._wanted)
        self._fill()

    def show_runs(self, runs: list[RunStatus]) -> None:
        """Offer the best segmenters of these runs, as far as they have one."""
        self._runs = [run for run in runs if run.kind == "segmenter" and run.has_weights]
        if not self.view().isVisible():  # not under the hand of a person who is choosing
            self._fill()

    def _fill(self) -> None:
        """Offer what there is, and show what is wanted, else the first."""
        offered = {name: (name, "") for name in self._shipped}
        offered |= {str(best_of(run.folder)): (_told(run), str(run.folder)) for run in self._runs}
        for path in self._files:
            offered.setdefault(path, (name_of(path), path))
        self.blockSignals(True)
        self.clear()
        for segmenter, (text, tooltip) in offered.items():
            self.addItem(text, segmenter)
            self.setItemData(self.count() - 1, tooltip, Qt.ItemDataRole.ToolTipRole)
        if not offered:
            self.addItem(NONE if self.is_known else LOADING, "")
        self.setCurrentIndex(max(0, self.findData(self._wanted)))
        self.setEnabled(bool(offered))
        self.blockSignals(False)
        self._tell()

    def _choose(self, _index: int) -> None:
        self._wanted = self.segmenter
        self._tell()

    def _tell(self) -> None:
        if self.segmenter != self._told:
            self._told = self.segmenter
            self.chosen_changed.emit(self._told)


def best_of(run: Path) -> Path:
    """Return where a run keeps its best network."""
    return run / CHECKPOINTS / BEST


def name_of(segmenter: str) -> str:
    """Return what to call a segmenter: the run of its file, or the file."""
    path = Path(segmenter)
    return path.parents[1].name if path.parent.name == CHECKPOINTS else path.stem


def _told(run: RunStatus) -> str:
    quality = "" if run.best is None or run.best.pq is None else f" · PQ {run.best.pq:.2f}"
    return f"{words_of(run)}{quality}"
