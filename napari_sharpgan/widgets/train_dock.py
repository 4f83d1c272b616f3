"""Train a generator on a folder of real tissue, in a process of its own."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_error, show_info
from qtpy.compat import isalive
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QApplication, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.widgets._loss_curves import LossCurves
from napari_sharpgan.widgets._parts import button, column, heading, note, row
from napari_sharpgan.widgets._path_row import FolderRow
from napari_sharpgan.widgets._run import Background, Run
from napari_sharpgan.widgets._training_process import STOPPED, differences, training_arguments
from napari_sharpgan.widgets.session import session_of

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_sharpgan.training import Survey, SurveyStep
    from napari_sharpgan.widgets._run_follower import RunFollower
    from napari_sharpgan.widgets._training_settings import TrainingSettings

DATA_HELP = "Folder with images and their nuclei: images/ + labels/, CPM-15, CPM-17, or one with a split.json"
RUN_HELP = "Folder for settings, losses and checkpoints; one that was begun before is gone on with"
EXPECTED = "Choose a folder with images/ and labels/, or CPM-15 or CPM-17 as handed out."
RUNS = Path.home() / "sharpgan-runs"  # where runs are suggested to lie
OWN_PROCESS = (
    "Training runs in a process of its own and goes on when this window closes. "
    "To watch it again, choose its run folder."
)


class TrainDock(QWidget):  # type: ignore[misc]
    """Choose data, run folder and recipe; start, watch and stop a training; use what it learned.

    Parameters
    ----------
    napari_viewer : napari ViewerModel
        Whose theme the curves follow.
    """

    ready = Signal()  # PyTorch is loaded and all controls are there

    settings: TrainingSettings
    follower: RunFollower | None = None

    def __init__(self, napari_viewer: ViewerModel) -> None:
        super().__init__()
        self._viewer = napari_viewer
        self._tissue = session_of(napari_viewer).tissue
        self._training: Any = None  # the module, once it is loaded
        self._survey: Run | None = None
        self._crops_per_epoch = 0  # of data that can be trained on
        self._suggested: Path | None = None
        self._begun: Any = None  # GanConfig of the run, once it has begun
        self._is_stopping = False
        self._make_controls()
        self._lay_out()
        self._viewer.events.theme.connect(self._follow_theme)
        self._follow_theme()
        self._loader = Background(self)
        self._loader.done.connect(self._complete)
        self._loader.failed.connect(self._say)
        self._loader.submit(lambda: import_module("napari_sharpgan.training"))

    # Data

    def _look_at_data(self, folder: Path | None) -> None:
        """Say what a data folder holds, or what is wrong with it."""
        if self._survey is not None:
            self._survey.stop()
            self._survey = None
        self._crops_per_epoch = 0
        self.data_says.setText(EXPECTED if folder is None else "Looking…")
        if folder is not None:
            run = self._survey = Run(_survey_or_mistake, self._training.survey, folder, parent=self)
            run.progressed.connect(self._show_survey_step)
            run.succeeded.connect(self._show_survey)
            run.start()
        self._refresh()

    def _show_survey_step(self, step: SurveyStep) -> None:
        if self.sender() is self._survey:  # no other folder was chosen meanwhile
            self.data_says.setText(f"Reading image {step.done:,} of {step.total:,}…")

    def _show_survey(self, found: Survey | str) -> None:
        if self.sender() is not self._survey:
            return
        self._survey = None
        self.data_says.setText(f"⚠ {found}" if isinstance(found, str) else f"{found}.")
        if not isinstance(found, str):
            self._crops_per_epoch = found.crops_per_epoch
            self.settings.show_amount(found.crops_per_epoch)
            data = self.data.path
            if data is not None and self.run.path in (None, self._suggested):
                self._suggested = _free_run_folder(data)
                self.run.suggest(self._suggested)
        self._refresh()

    # Run

    def _look_at_run(self, folder: Path | None) -> None:
        """Follow another run folder."""
        if self.follower is not None:
            self.follower.deleteLater()
            self.follower = None
        self.curves.clear()
        self._say("")
        self._is_stopping = False
        self._read_begun(folder)
        if folder is not None:
            from napari_sharpgan.widgets._run_follower import RunFollower

            self.follower = RunFollower(folder, self)
            self.follower.renewed.connect(self.curves.clear)
            self.follower.stepped.connect(self._show_steps)
            self.follower.ended.connect(self._after_end)
            self.follower.look()
        self._refresh()

    def _read_begun(self, folder: Path | None) -> None:
        """Read the settings of a run, which are fixed once it has begun."""
        self._begun = None
        try:
            self._begun = None if folder is None else self._training.read_config(folder)
        except (OSError, ValueError) as error:
            show_error(str(error))
        self.settings.freeze(self._begun is not None)
        if self._begun is not None:
            self.settings.show_config(self._begun)

    def _start(self) -> None:
        """Start or go on with the training."""
        assert self.follower is not None
        try:
            self.follower.start(self.arguments())
        except OSError as error:
            show_error(
                f"{self.follower.folder} cannot be written to ({error.strerror}); choose another folder"
            )
            return
        self._begun = self.settings.config
        self.settings.freeze(True)
        self._say("Starting: loading PyTorch, reading images, making maps…")
        self._refresh()

    def _stop(self) -> None:
        """Ask the process to save and end."""
        assert self.follower is not None
        self._is_stopping = True
        self.follower.stop()
        self._say("Stopping: saving the run and writing its generator…")
        self._refresh()

    def arguments(self) -> list[str]:
        """Return the arguments of ``sharpgan`` that do what *Start* does."""
        data, run = self.data.path or Path("DATA"), self.run.path or Path("RUN")
        if self._begun is not None:
            return training_arguments(data, run, None, {})
        recipe = self.settings.recipe
        changed = differences(self.settings.config, self._training.RECIPES[recipe])
        return training_arguments(data, run, recipe, changed)

    def _show_steps(self, events: list[dict[str, Any]]) -> None:
        from napari_sharpgan.widgets._run_follower import in_words

        assert self.follower is not None
        self.curves.add(events)
        if not self._is_stopping:
            steps = self.settings.config.steps
            self._say(in_words(events[-1], steps, self.follower.seconds_a_step))
        self._refresh()

    def _after_end(self, status: int | None) -> None:
        """Say how the process ended."""
        assert self.follower is not None
        self._is_stopping = False
        self._read_begun(self.follower.folder)
        step = f"step {self.follower.step:,} of {self.settings.config.steps:,}"
        if status == 0:
            self._say(f"Finished: {step}")
            show_info(f"Training has finished in {self.follower.folder}")
        elif status in (None, STOPPED):
            self._say(f"Stopped and saved at {step}")
        else:
            self._say(self.follower.last_words())
            show_error(self.follower.last_words())
        self._refresh()

    def _use(self) -> None:
        """Render with the generator of the run from now on."""
        assert self.follower is not None
        self._tissue.choose(generator=str(self._training.generator_path(self.follower.folder)))

    def _copy(self) -> None:
        """Put the command that does what *Start* does on the clipboard."""
        QApplication.clipboard().setText(shlex.join(["sharpgan", *self.arguments()]))
        self._viewer.status = "Copied the command"

    # Look

    def _say(self, text: str | BaseException) -> None:
        """Say how the run goes; nothing to say takes no place."""
        self.status.setText(str(text))
        self.status.setVisible(bool(str(text)))

    def _refresh(self) -> None:
        """Show what can be done now, and how far the run is."""
        follower, begun = self.follower, self._begun is not None
        running = follower is not None and follower.is_running
        step = 0 if follower is None else follower.step
        finished = begun and step >= self._begun.steps
        self.start.setText("Go on" if begun else "Start")
        self.start.setEnabled(
            follower is not None and self._crops_per_epoch > 0 and not (running or finished)
        )
        self.stop.setEnabled(running and not self._is_stopping)
        self.use.setEnabled(follower is not None and self._training.generator_path(follower.folder).is_file())
        self.bar.setMaximum(0 if running and not step else (self._begun.steps if begun else 1))
        self.bar.setValue(step)
        self.run_says.setText(_about_run(begun, running, finished, step))

    def _follow_theme(self, _event: object = None) -> None:
        if isalive(self):  # the viewer may change its theme when the dock is gone
            self.curves.follow_theme(self._viewer.theme)

    def _make_controls(self) -> None:
        """Make all that needs no PyTorch."""
        self.data = FolderRow(DATA_HELP, "folder with images and labels")
        self.run = FolderRow(RUN_HELP, "folder to keep the run in")
        self.data_says, self.run_says, self.status = _words(EXPECTED), _words(), _words("Loading PyTorch…")
        self.start = button(
            "Start", "Start a training process, or go on from the last checkpoint.", self._start
        )
        self.stop = button("Stop", "Save a checkpoint and the generator, then end.", self._stop)
        self.use = button("Use this generator", "Render tissue with what this run has learned.", self._use)
        self.copy = button("Copy command", "Copy the command that does what Start does.", self._copy)
        self.bar = QProgressBar(toolTip="Steps of the run that are done.")
        self.curves = LossCurves()
        self._place = QVBoxLayout()  # of the settings
        for part in (self.data, self.run, self.start, self.stop, self.use, self.copy):
            part.setEnabled(False)

    def _lay_out(self) -> None:
        settings = QWidget()
        settings.setLayout(self._place)
        self._place.setContentsMargins(0, 0, 0, 0)
        column(
            self,
            heading("Data"),
            self.data,
            self.data_says,
            heading("Run"),
            self.run,
            self.run_says,
            heading("Recipe"),
            settings,
            row(self.start, self.stop),
            self.bar,
            self.status,
            self.curves,
            row(self.use, self.copy),
            _words(OWN_PROCESS),
        )

    def _complete(self, training: Any) -> None:
        """Add what needs PyTorch, now that it is loaded."""
        from napari_sharpgan.widgets._training_settings import TrainingSettings

        self._training = training
        self.settings = TrainingSettings()
        self._place.addWidget(self.settings)
        self.data.chosen.connect(self._look_at_data)
        self.run.chosen.connect(self._look_at_run)
        for part in (self.data, self.run, self.copy):
            part.setEnabled(True)
        self._say("")
        self.ready.emit()


def _survey_or_mistake(
    survey: Callable[..., Generator[SurveyStep, None, Survey]], folder: Path, should_stop: ShouldStop
) -> Generator[SurveyStep, None, Survey | str]:
    """Survey a folder; what is wrong with it is a result, to be said beside it."""
    try:
        return (yield from survey(folder, should_stop=should_stop))
    except (OSError, TypeError, ValueError) as error:
        return str(error)  # superqt would raise an error that is a result


def _free_run_folder(data: Path) -> Path:
    """Return the first folder for a new run on this data that is not there yet."""
    return next(path for n in count(1) if not (path := RUNS / f"{data.resolve().name}-{n}").exists())


def _about_run(begun: bool, running: bool, finished: bool, step: int) -> str:
    """Return in which state a run folder is."""
    if running:
        return "A process trains in this folder."
    if finished:
        return f"This run is finished after {step:,} steps."
    return f"Begun before, {step:,} steps done; with its data it can go on." if begun else "A new run."


def _words(text: str = "") -> QLabel:
    """Return words that wrap, a long path too, instead of making the dock wider; none take no place."""
    made: QLabel = note(text)
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return made
