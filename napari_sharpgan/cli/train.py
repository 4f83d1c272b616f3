"""``sharpgan train``: a training run in a folder, which can be stopped and gone on with."""

from __future__ import annotations

import signal
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.cli._manners import say
from napari_sharpgan.cli._options import add_config_arguments, given_settings
from napari_sharpgan.training import (
    DEFAULT_RECIPE,
    RECIPES,
    GanConfig,
    GanStep,
    SavePolicy,
    choose_config,
    train,
)

SECONDS_A_LINE = 10.0  # where the output is no terminal


def add_arguments(parser: ArgumentParser) -> None:
    """Add data, run folder, recipe and the settings of `GanConfig`."""
    parser.add_argument(
        "data",
        metavar="DATA",
        type=Path,
        help="folder with images and labels; with a split.json, its train list is used",
    )
    parser.add_argument(
        "--run",
        required=True,
        type=Path,
        help="folder for settings, losses and checkpoints; a run begun there before is gone on with",
    )
    parser.add_argument(
        "--recipe",
        choices=tuple(RECIPES),
        metavar="NAME",
        help=f"settings by name: {', '.join(RECIPES)} (default: those of the run, if it was begun before, "
        f"else {DEFAULT_RECIPE}, whose settings are the defaults below)",
    )
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu (default: auto)")
    parser.add_argument(
        "--checkpoint-every",
        type=int,
        default=0,
        metavar="N",
        help="save each N steps too, not only once a minute and at the end (default: 0, not)",
    )
    add_config_arguments(parser, GanConfig)


def run(options: Namespace) -> int:
    """Train; after Ctrl-C or a signal to end, save and return 128 + its number."""
    if options.checkpoint_every < 0:
        raise ValueError(f"--checkpoint-every must be at least 0, got {options.checkpoint_every}")
    config = choose_config(options.run, options.recipe, **given_settings(options, GanConfig))
    line = _ProgressLine()
    with _stopped_by_signals() as stop:

        def watch(step: GanStep) -> None:
            stop.saves = True
            line.show(step)

        save = SavePolicy(steps=options.checkpoint_every)
        task = train(
            options.data, options.run, config, device=options.device, save=save, should_stop=stop.is_asked
        )
        result = run_to_end(task, watch)
    line.end()
    print(f"{result.generator}: after {result.step} of {result.steps} steps")
    return 128 + stop.signal if result.stopped and stop.signal else 0


class _Stop:
    """Whether a signal asked to stop; before the first step there is nothing to save, so it ends at once."""

    def __init__(self) -> None:
        self.signal = 0
        self.saves = False

    def is_asked(self) -> bool:
        """Return whether to end after this step."""
        return self.signal != 0

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Note a signal; the second one ends at once."""
        if self.signal or not self.saves:
            raise KeyboardInterrupt
        self.signal = number
        say("stopping: saving what was learned; once more ends at once")


@contextmanager
def _stopped_by_signals() -> Iterator[_Stop]:
    """Let Ctrl-C and a request to end stop the run in good order."""
    stop = _Stop()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _ProgressLine:
    """How the run goes: on a terminal one line that renews itself, else a line each ten seconds."""

    def __init__(self) -> None:
        self._renews = sys.stderr.isatty()
        self._next = 0.0

    def show(self, step: GanStep) -> None:
        """Say where the run is, if it is time to."""
        if time.monotonic() < self._next and step.step < step.steps:
            return
        self._next = time.monotonic() + (0.2 if self._renews else SECONDS_A_LINE)
        text = progress(step)
        sys.stderr.write(f"\r\x1b[K{text}" if self._renews else f"{text}\n")
        sys.stderr.flush()

    def end(self) -> None:
        """Leave the line as it is."""
        if self._renews:
            sys.stderr.write("\n")


def progress(step: GanStep) -> str:
    """Return step, losses, speed and the time left, in one line."""
    losses = "  ".join(f"{name} {value:.3f}" for name, value in step.losses.items())
    left = (step.steps - step.step) * step.seconds
    clock = f"{left / 3600:.1f} h" if left >= 3600 else f"{left / 60:.0f} min"
    speed = f"{step.images_per_second:.1f} images/s"
    return f"{step.step}/{step.steps} ({step.step / step.steps:.0%})  {losses}  {speed}  {clock} left"
