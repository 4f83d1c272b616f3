"""A training in a process of its own, which goes on when the window that started it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_sharpgan.widgets._run import NICE

if TYPE_CHECKING:
    from napari_sharpgan.training.trainer import Config

LOG = "log.txt"  # in the run folder: what the process says
STOPPED = 130, 143  # its exit statuses after it was asked to stop

_started: list[subprocess.Popen[bytes]] = []  # outlive the docks that started them


def training_arguments(
    data: Path,
    run: Path,
    recipe: str | None,
    changed: dict[str, object],
    device: str = "auto",
    *,
    command: str = "train",
) -> list[str]:
    """Return the arguments of ``sharpgan`` that train.

    Parameters
    ----------
    data, run : Path
        Data folder and run folder.
    recipe : str or None
        A name in the recipes of what is trained; None goes on with the settings of the run.
    changed : dict
        Settings that differ from the recipe.
    device : str
        Where it trains.
    command : str
        The sub-command that trains it, see `Kind`.
    """
    arguments = [command, str(data), "--run", str(run)]
    if recipe is not None:
        arguments += ["--recipe", recipe]
    for name, value in changed.items():
        option = name.replace("_", "-")
        if isinstance(value, bool):
            arguments.append(f"--{'' if value else 'no-'}{option}")
        else:
            arguments += [f"--{option}", str(value)]
    return arguments if device == "auto" else [*arguments, "--device", device]


def command(arguments: list[str]) -> list[str]:
    """Return the command that calls ``sharpgan`` of this very installation."""
    return [sys.executable, "-P", "-m", "napari_sharpgan.cli", *arguments]


def differences(config: Config, recipe: Config) -> dict[str, object]:
    """Return the fields of a config that differ from a recipe."""
    before = asdict(recipe)
    return {name: value for name, value in asdict(config).items() if value != before[name]}


class TrainingProcess:
    """One call of ``sharpgan`` in a session of its own, its words in ``log.txt``.

    Parameters
    ----------
    run : Path
        Run folder, made if missing; an `OSError` says if it cannot be.
    arguments : list of str
        See `training_arguments`.
    """

    def __init__(self, run: Path, arguments: list[str]) -> None:
        run.mkdir(parents=True, exist_ok=True)
        self._log = run / LOG
        with self._log.open("wb") as log:
            self._process = begin(command(arguments), log.fileno())
        _started[:] = [process for process in _started if process.poll() is None] + [self._process]

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._process.poll()

    def interrupt(self) -> None:
        """Ask it to save and end."""
        if sys.platform == "win32":
            self._process.terminate()
        else:
            self._process.send_signal(signal.SIGINT)

    def last_words(self) -> str:
        """Return the last line that it said."""
        with suppress(OSError):
            lines = self._log.read_text(errors="replace").replace("\r", "\n").split("\n")
            said = [line.strip() for line in lines if line.strip()]
            if said:
                return said[-1].removeprefix("sharpgan: ")
        return "it ended without a word"


def begin(command: list[str], log: int) -> subprocess.Popen[bytes]:
    """Start a process that no signal to this one reaches, at a lower priority."""
    options: dict[str, Any] = {"start_new_session": True}
    if sys.platform == "win32":
        apart = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        options = {"creationflags": apart | subprocess.BELOW_NORMAL_PRIORITY_CLASS}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, **options
    )
    if sys.platform != "win32":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, process.pid, NICE)  # windows stay fluent
    return process
