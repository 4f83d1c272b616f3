"""The runs that there are, looked at every few seconds beside the window, as a list to choose from."""

from __future__ import annotations

from pathlib import Path

from qtpy.QtCore import QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import QComboBox, QWidget

from napari_sharpgan.run_folders.registry import known_runs
from napari_sharpgan.run_folders.status import RunStatus, run_status
from napari_sharpgan.widgets._run import Background

INTERVAL = 2500  # ms between two looks
MOST = 50  # runs in the list
NEW = "New run"
HELP = "Runs of this computer, those going on first; choose one to watch it, go on with it, or use it."


class RunWatch(QObject):  # type: ignore[misc]
    """Look at all known runs every few seconds, in a thread, as long as someone looks."""

    seen = Signal(object)  # list of RunStatus, those going on first, else the newest first

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.more: set[Path] = set()  # folders to look at as well
        self._is_busy = False
        self._thread = Background(self)
        self._thread.done.connect(self._tell)
        self._thread.failed.connect(self._tell)
        self._timer = QTimer(self, interval=INTERVAL)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Look now, and from now on."""
        self._timer.start()
        self.look()

    def stop(self) -> None:
        """Look no more."""
        self._timer.stop()

    def look(self) -> None:
        """Look once, unless a look is going on."""
        if not self._is_busy:
            self._is_busy = True
            more = sorted(self.more)
            self._thread.submit(lambda: look_at_runs(more))

    def _tell(self, found: object) -> None:
        self._is_busy = False
        if isinstance(found, list):
            self.seen.emit(found)


def look_at_runs(more: list[Path]) -> list[RunStatus]:
    """Return how all known runs are, those going on first."""
    folders = list(dict.fromkeys([*known_runs(), *more]))
    found = [run_status(folder) for folder in folders[:MOST]]
    readable = [one for one in found if one.state != "broken"]
    return sorted(readable, key=lambda one: not one.is_alive)


class RunList(QComboBox):  # type: ignore[misc]
    """*New run* and all that there are; what is chosen stays chosen while the list follows the runs."""

    chosen = Signal(object)  # the folder of a run, or None for a new one; by a person

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs: list[RunStatus] = []
        self.setToolTip(HELP)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        self.addItem(NEW, None)
        self.activated.connect(self._choose)

    def show_runs(self, runs: list[RunStatus]) -> None:
        """Offer these runs."""
        self.runs = runs
        if self.view().isVisible():
            return  # not under the hand of a person who is choosing
        before, offered = self.currentData(), [run.folder for run in runs]
        kept = before if before is None or before in offered else None
        if [self.itemData(index) for index in range(1, self.count())] != offered:
            self.blockSignals(True)
            self.clear()
            self.addItem(NEW, None)
            for run in runs:
                self.addItem("", run.folder)
            self.blockSignals(False)
        for index, run in enumerate(runs, start=1):
            what = "" if run.kind == "generator" else f" · {run.kind}"
            self.setItemText(index, words_of(run) + what)
            self.setItemData(index, str(run.folder), Qt.ItemDataRole.ToolTipRole)
        self.mark(kept)

    def mark(self, folder: Path | None) -> None:
        """Show that a run is chosen, without a signal."""
        places = [None, *(run.folder for run in self.runs)]
        self.setCurrentIndex(places.index(folder) if folder in places else 0)

    def _choose(self, index: int) -> None:
        self.chosen.emit(self.itemData(index))


def words_of(run: RunStatus) -> str:
    """Return a run in one line: name, state, how far."""
    share = f"{run.step / run.steps:.0%}" if run.steps else ""
    at = {"running": f"training, {share}", "paused": f"paused at {share}", "stopped": f"stopped at {share}"}
    return f"{run.folder.name} · {at.get(run.state, run.state)}"
