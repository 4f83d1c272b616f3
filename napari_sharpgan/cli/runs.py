"""``sharpgan runs``: which trainings there are, how far each is; let one wait, go on or stop."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from napari_sharpgan.cli._manners import say
from napari_sharpgan.run_folders import (
    RunStatus,
    ask_to_stop,
    go_on,
    known_runs,
    pause,
    run_status,
    running_process,
    runs_below,
)
from napari_sharpgan.run_folders.registry import is_run
from napari_sharpgan.run_folders.words import clock

HEADS = ("run", "kind", "state", "step", "images/s", "left", "best score", "folder")
NONE = "no runs yet; 'sharpgan train DATA --run RUN' starts one"
COMMANDS = {"generator": "train", "segmenter": "train-segmenter"}  # that train


def add_arguments(parser: ArgumentParser) -> None:
    """Add the folders to look into, the form of the list, and what to do with one run."""
    parser.add_argument(
        "folders",
        metavar="FOLDER",
        type=Path,
        nargs="*",
        help="list the runs in these folders (default: all that were trained by this user)",
    )
    parser.add_argument("--json", action="store_true", help="say all that is known, as JSON")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--pause", metavar="RUN", help="let a training wait before its next step")
    what.add_argument("--go-on", metavar="RUN", help="end the pause of a training")
    what.add_argument("--stop", metavar="RUN", help="let a training save and end")


def run(options: Namespace) -> int:
    """List the runs, or do what is asked with one of them."""
    for action in (_pause, _go_on, _stop):
        asked = getattr(options, action.__name__.removeprefix("_"))
        if asked is not None:
            print(action(_found(asked)))
            return 0
    folders = (
        [run for folder in options.folders for run in _below(folder)] if options.folders else known_runs()
    )
    found = [run_status(folder) for folder in dict.fromkeys(folders)]
    if options.json:
        print(json.dumps([status.as_json() for status in found], indent=1))
    elif found:
        print(table([HEADS, *map(_row, found)]))
        for status in found:
            if status.why:
                say(status.why)
    else:
        print(NONE)
    return 0


def table(rows: list[tuple[str, ...]]) -> str:
    """Return rows as lines whose columns are aligned: the first three and the last to the left."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [
            cell.ljust(width) if number < 3 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row[:-1], widths, strict=False))
        ]
        lines.append("  ".join([*cells, row[-1]]))
    return "\n".join(lines)


def _row(status: RunStatus) -> tuple[str, ...]:
    """Return what the table says of a run."""
    speed, left, best = status.images_per_second, status.seconds_left, status.best
    return (
        status.folder.name,
        "" if status.state == "broken" else status.kind,
        status.state,
        f"{status.step}/{status.steps}" if status.steps else "",
        "" if speed is None or not status.is_alive else f"{speed:.1f}",
        "" if left is None else clock(left),
        "" if best is None else f"{best.score:.3f}",
        str(status.folder),
    )


def _below(folder: Path) -> list[Path]:
    """Return the runs in a folder, which must be there."""
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is no folder; expected one that holds runs")
    return runs_below(folder.resolve())


def _found(asked: str) -> Path:
    """Return the run folder of this path, or the one known run of this name."""
    if is_run(Path(asked)):
        return Path(asked)
    named = [folder for folder in known_runs() if folder.name == asked]
    if len(named) > 1:
        raise ValueError(
            f"{len(named)} runs are called {asked}: {', '.join(map(str, named))}; say the folder"
        )
    if not named:
        raise ValueError(f"{asked} is no run folder and no run's name; 'sharpgan runs' lists them")
    return named[0]


def _pause(folder: Path) -> str:
    if not pause(folder):
        raise ValueError(_nobody(folder))
    return f"process {running_process(folder)} waits before its next step in {folder}"


def _go_on(folder: Path) -> str:
    if running_process(folder) is None:
        raise ValueError(_nobody(folder))
    return f"{folder} goes on" if go_on(folder) else f"{folder} was not paused and goes on"


def _stop(folder: Path) -> str:
    process = running_process(folder)
    if process is None or not ask_to_stop(folder):
        raise ValueError(_nobody(folder))
    return f"process {process} was asked to save and end in {folder}"


def _nobody(folder: Path) -> str:
    """Return that nothing can be done, and what can."""
    command = COMMANDS.get(run_status(folder).kind, "train")
    return f"no process trains in {folder}; 'sharpgan {command} --run {folder}' goes on with it"
