"""Train a network on a folder of real tissue, in a process of its own, and watch what it learns."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_error, show_info
from qtpy.compat import isalive
from qtpy.QtCore import Signal
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import QApplication

from napari_sharpgan.widgets._remembered import remember, remembered
from napari_sharpgan.widgets._run import Background
from napari_sharpgan.widgets._run_folder import free_run_folder
from napari_sharpgan.widgets._run_follower import RunFollower, in_words
from napari_sharpgan.widgets._run_state import Ending, RunState, ending, state_of
from napari_sharpgan.widgets._thumbnails import TileOpener
from napari_sharpgan.widgets._train_parts import TrainParts
from napari_sharpgan.widgets._trained import has_network, has_report, open_report, use_network
from napari_sharpgan.widgets._training_process import training_arguments
from napari_sharpgan.widgets.session import session_of

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_sharpgan.run_folders.status import RunStatus
    from napari_sharpgan.widgets._training_settings import TrainingSettings

STARTING = "Starting: loading PyTorch, reading images, making maps…"
SAVING = "All steps are done: writing the network and the report…"
STOPPING = "Stopping: saving the run and writing its network…"


class TrainDock(TrainParts):
    """Choose data, recipe and run; start, pause, stop and watch a training; use what it learned.

    Parameters
    ----------
    napari_viewer : napari ViewerModel
        Where samples are shown, and whose theme the curves follow.
    """

    ready = Signal()  # PyTorch is loaded and all controls are there

    settings: TrainingSettings
    follower: RunFollower | None = None

    def __init__(self, napari_viewer: ViewerModel) -> None:
        super().__init__(napari_viewer)
        self._viewer = napari_viewer
        self._opener = TileOpener(napari_viewer, self)
        self._session = session_of(napari_viewer)
        self._training: Any = None  # the module, once it is loaded
        self._suggested: Path | None = None
        self._begun: Any = None  # settings of the run, once it has begun
        self._preferred = ""  # what to train, said before all is loaded
        self._came_back = False  # to what was set, and to a run that goes on
        self.buttons.led_on.connect(self._lead_on)
        self.buttons.stopped.connect(self._stop)
        self.buttons.used.connect(self._use)
        self.buttons.reported.connect(self._open_report)
        self.buttons.copied.connect(self._copy)
        self._viewer.events.theme.connect(self._follow_theme)
        self._follow_theme()
        self._loader = Background(self)
        self._loader.done.connect(self._complete)
        self._loader.failed.connect(self._say_error)
        self._session.tissue.when_there(self, partial(self._loader.submit, _load))
        self.watch.say("Loading PyTorch…")
        self._refresh()

    def prefer(self, kind: str) -> None:
        """Offer a new run of a kind of network, a name in `KINDS`, unless it is one already."""
        self._preferred = kind
        if self._training is not None and kind != self.settings.kind.name:
            self._choose_run(None)
            self.settings.prefer(kind)

    # Data

    def _after_survey(self) -> None:
        """Suggest where to keep a run on data that can be trained on."""
        data = self.data.folder
        if self.data.fits and data is not None:
            remember("train/data", str(data))
            self.settings.show_amount(self.data.crops_per_epoch)
            if self.run.path in (None, self._suggested):
                self._suggest_run(data)
        self._refresh()

    def _suggest_run(self, data: Path) -> None:
        self._suggested = free_run_folder(data)
        self.run.suggest(self._suggested)

    # Run

    def _choose_run(self, folder: Path | None) -> None:
        """Watch another run, or begin a new one."""
        if folder is not None:
            self.run.suggest(folder)
        elif self.data.folder is not None:
            self._suggest_run(self.data.folder)
        else:
            self.run.clear()

    def _look_at_run(self, folder: Path | None) -> None:
        """Follow another run folder."""
        if self.follower is not None:
            self.follower.deleteLater()
            self.follower = None
        self._read_begun(folder)
        self._show_kind(folder)
        if folder is not None:
            self.follower = RunFollower(folder, self)
            self.follower.renewed.connect(self._renew)
            self.follower.stepped.connect(self._show_steps)
            self.follower.ended.connect(self._after_end)
            self.follower.turned.connect(self._after_turn)
            self.follower.look()
        self.runs.mark(folder if self._begun is not None else None)
        remember("train/run", "" if self._begun is None else str(folder))
        self.fold_away(self._begun is not None)
        self._refresh()

    def _after_turn(self) -> None:
        """Say that someone, perhaps elsewhere, paused it or let it go on."""
        if self.state is RunState.PAUSED:
            self._say_paused()
        self._refresh()

    def _renew(self) -> None:
        assert self.follower is not None
        self._show_kind(self.follower.folder)

    def _show_kind(self, folder: Path | None) -> None:
        """Begin with the curves of a run of what is trained."""
        self.watch.follow(folder, self.settings.kind.name)
        self.buttons.show_kind(self.settings.kind.name)

    def _read_begun(self, folder: Path | None) -> None:
        """Read settings and data of a run, which are fixed once it has begun."""
        record = None
        try:
            record = None if folder is None else self._training.read_record(folder)
        except (OSError, ValueError) as error:
            show_error(str(error))
        self._begun = None if record is None else record.config
        self.settings.freeze(record is not None)
        if record is None:
            return
        self.settings.show_config(record.config, record.recipe)
        if record.data is not None and Path(record.data.folder) != self.data.folder:
            self.data.show_known(record.data)

    def _lead_on(self) -> None:
        """Do what the main button says."""
        deeds: dict[RunState, Callable[[], None]] = {
            RunState.NEW: self._start,
            RunState.RESTING: self._start,
            RunState.TRAINING: self._pause,
            RunState.PAUSED: self._go_on,
            RunState.FINISHED: partial(self._choose_run, None),
        }
        if self.state in deeds:
            deeds[self.state]()
            self._refresh()

    def _start(self) -> None:
        """Start or go on with the training."""
        assert self.follower is not None
        if self.data.folder is None or not self.data.folder.is_dir():
            show_error(f"the data folder {self.data.folder} is not there any more; choose it anew")
            return
        try:
            self.follower.start(self.arguments())
        except OSError as error:
            reason = f"cannot be written to ({error.strerror})"
            show_error(f"{self.follower.folder} {reason}; choose another folder")
            return
        remember("train/recipe", self.settings.recipe)
        remember("train/device", self.settings.place)
        remember("train/run", str(self.follower.folder))
        self._begun = self.settings.config
        self.settings.freeze(True)
        self.run_watch.more.add(self.follower.folder)
        self.fold_away(True)
        self.watch.say(STARTING)

    def _pause(self) -> None:
        assert self.follower is not None
        self.follower.pause()
        self._say_paused()

    def _say_paused(self) -> None:
        assert self.follower is not None
        self.watch.say(f"Paused after step {self.follower.step:,}")

    def _go_on(self) -> None:
        assert self.follower is not None
        self.follower.go_on()
        self.watch.say("Going on…")

    def _stop(self) -> None:
        """Ask the process to save and end."""
        assert self.follower is not None
        self.follower.stop()
        self.watch.say(STOPPING)
        self._refresh()

    def arguments(self) -> list[str]:
        """Return the arguments of ``sharpgan`` that do what *Start* does."""
        data, run = self.data.folder or Path("DATA"), self.run.path or Path("RUN")
        place, command = self.settings.place, self.settings.kind.command
        if self._begun is not None:
            return training_arguments(data, run, None, {}, place, command=command)
        changes = self.settings.changes
        return training_arguments(data, run, self.settings.recipe, changes, place, command=command)

    @property
    def state(self) -> RunState:
        """What the run is doing."""
        return state_of(self.follower, None if self._begun is None else self._begun.steps)

    def _show_steps(self, events: list[dict[str, Any]]) -> None:
        assert self.follower is not None
        self.watch.add(events)
        if self.state is RunState.SAVING:
            self.watch.say(SAVING)
        elif self.state is RunState.PAUSED:
            self._say_paused()
        elif self.state not in (RunState.STARTING, RunState.STOPPING):
            self.watch.say(in_words(events[-1], self.settings.config.steps, self.follower.seconds_a_step))
        self._refresh()

    def _after_end(self, status: int | None) -> None:
        """Say how the process ended."""
        follower = self.follower
        assert follower is not None
        self._read_begun(follower.folder)
        step = f"step {follower.step:,} of {self.settings.config.steps:,}"
        how = ending(status, follower, is_complete=self.state is RunState.FINISHED)
        if how is Ending.FINISHED:
            show_info(f"Training has finished in {follower.folder}")
        if how is Ending.FAILED:
            self._say_error(follower.last_words())
        elif how is Ending.KILLED:
            self._say_error(how.value.format(step=step))
        else:
            self.watch.say(how.value.format(step=step))
        self._refresh()
        self.run_watch.look()

    def _use(self) -> None:
        assert self.follower is not None
        use_network(self._session, self.follower.folder, self.settings.kind.name)

    def _open_report(self) -> None:
        assert self.follower is not None
        open_report(self.follower.folder)

    def _copy(self) -> None:
        """Put the command that does what *Start* does on the clipboard."""
        QApplication.clipboard().setText(shlex.join(["sharpgan", *self.arguments()]))
        self._viewer.status = "Copied the command"

    # Look

    def _say_error(self, error: str | BaseException) -> None:
        self.watch.say(str(error))
        show_error(str(error))

    def _refresh(self, _chosen: object = None) -> None:
        """Show what can be done now, and how far the run is."""
        state, follower = self.state, self.follower
        folder = None if follower is None else follower.folder
        self.buttons.show_state(
            state,
            can_start=folder is not None and (self.data.fits or self._begun is not None),
            has_network=has_network(folder),
            has_report=has_report(folder),
        )
        steps = None if self._begun is None else self._begun.steps
        step = 0 if follower is None else follower.step
        self.watch.show_progress(step, steps, is_starting=state is RunState.STARTING)
        self._ask_for_estimate()

    def _after_settings(self) -> None:
        if self.settings.kind.name != self.watch.kind:
            self._show_kind(None if self.follower is None else self.follower.folder)
        self.data.hold_out(self.settings.config.validation)
        self._ask_for_estimate()

    def _ask_for_estimate(self) -> None:
        """Let time and memory be measured, where there is something to start."""
        can_start = self.state is RunState.NEW and self.data.fits
        others_train = any(run.is_alive for run in self.runs.runs)
        self.estimate.ask(self.arguments() if can_start else None, by_itself=not others_train)

    def _follow_theme(self, _event: object = None) -> None:
        if isalive(self):  # the viewer may change its theme when the dock is gone
            self.watch.follow_theme(self._viewer.theme)

    # Coming back

    def _complete(self, loaded: tuple[Any, dict[str, str]]) -> None:
        """Add what needs PyTorch, now that it is loaded."""
        from napari_sharpgan.widgets._training_settings import TrainingSettings

        self._training, devices = loaded
        self.settings = TrainingSettings()
        self.settings.show_devices(devices)
        self.settings.choose(remembered("train/recipe"), remembered("train/device"))
        self.settings.prefer(self._preferred)
        self.add_settings(self.settings)
        self.settings.changed.connect(self._after_settings)
        self.data.begin(self._training.survey)
        self.data.chosen.connect(self._refresh)
        self.data.surveyed.connect(self._after_survey)
        self.data.picked.connect(self._opener.open)
        self.run.chosen.connect(self._look_at_run)
        self.runs.chosen.connect(self._choose_run)
        self.run_watch.seen.connect(self._show_runs)
        self._show_kind(None)
        self.watch.say("")
        if self.isVisible():
            self.run_watch.start()
        self.ready.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Look at the runs while someone sees the dock."""
        super().showEvent(event)
        if self._training is not None:
            self.run_watch.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the runs be while nobody sees the dock."""
        super().hideEvent(event)
        self.run_watch.stop()

    def _show_runs(self, runs: list[RunStatus]) -> None:
        """List the runs; the first time come back to one that goes on, or to the data chosen last."""
        self.runs.show_runs(runs)
        if self.follower is not None and self._begun is not None:
            self.runs.mark(self.follower.folder)  # a run begun here stands in the list only now
        if self._came_back:
            return
        self._came_back = True
        if self.run.path is not None or self.data.folder is not None:
            return
        data, last = remembered("train/data"), remembered("train/run")
        if runs and runs[0].is_alive:
            last = str(runs[0].folder)
        if not self._preferred and any(str(run.folder) == last for run in runs):
            self._choose_run(Path(last))
        elif data and Path(data).is_dir():
            self.data.choose(Path(data))


def _load() -> tuple[Any, dict[str, str]]:
    """Load what needs PyTorch, and see which devices there are; in a thread."""
    from napari_sharpgan import training
    from napari_sharpgan.widgets._training_settings import device_choices

    return training, device_choices()
