"""What one can ask of a run: a button that leads on, one that stops; below, what to do with the result."""

from __future__ import annotations

from qtpy.QtCore import QObject, Signal

from napari_sharpgan.widgets._parts import button, row
from napari_sharpgan.widgets._run_state import RunState
from napari_sharpgan.widgets._training_kinds import GENERATOR, LOOKS

STOP = "Save a checkpoint and the network, then end."
REPORT = "Open the run's report, with curves, samples and scores, in the browser; it is written at the end."
COPY = "Copy the command that does what Start does."


class RunButtons(QObject):  # type: ignore[misc]
    """Two rows: ``above`` leads a run, ``below`` uses it."""

    led_on = Signal()  # by the main button
    stopped = Signal()
    used = Signal()
    reported = Signal()
    copied = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.main = button("Start", RunState.NEW.help, self.led_on.emit)
        self.stop = button("Stop", STOP, self.stopped.emit)
        self.use = button("Use this generator", GENERATOR.use_help, self.used.emit)
        self.report = button("Report", REPORT, self.reported.emit)
        self.copy = button("Copy command", COPY, self.copied.emit)
        self.above = row(self.main, self.stop)
        self.below = row(self.report, self.copy)
        for made in (self.main, self.stop, self.use, self.report, self.copy):
            made.setEnabled(False)

    def show_kind(self, kind: str) -> None:
        """Say what is trained."""
        self.use.setText(f"Use this {kind}")
        self.use.setToolTip(LOOKS[kind].use_help)

    def show_state(self, state: RunState, *, can_start: bool, has_network: bool, has_report: bool) -> None:
        """Offer what can be done now."""
        waits = state in (RunState.STARTING, RunState.SAVING, RunState.STOPPING)
        begins = state in (RunState.NEW, RunState.RESTING)
        self.main.setText(state.words)
        self.main.setToolTip(state.help)
        self.main.setEnabled(can_start if begins else not waits)
        self.stop.setEnabled(state.can_stop)
        self.use.setEnabled(has_network)
        self.report.setEnabled(has_report)
