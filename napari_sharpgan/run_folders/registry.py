"""Which runs there are: a file of the user names each folder that a training was begun in."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from napari_sharpgan._state import state_folder
from napari_sharpgan.run_folders.names import CHECKPOINTS, CONFIG

RUNS = "SHARPGAN_RUNS"  # environment variable: where new runs are suggested to lie
FILE = "runs.txt"

_log = logging.getLogger(__name__)


def remember(folder: Path) -> None:
    """Note that a run was begun, or gone on with, in a folder; a failure to write is only logged."""
    path = _file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        line = f"{folder.resolve()}\n".encode(errors="surrogateescape")
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            os.write(handle, line)  # in one piece, so that processes do not write into each other's lines
        finally:
            os.close(handle)
    except OSError as error:
        _log.info("%s does not remember %s: %s", path, folder, error)


def known_runs() -> list[Path]:
    """Return the remembered run folders that still hold a run, each once, the newest first."""
    try:
        text = _file().read_bytes().decode(errors="surrogateescape")
    except OSError:
        return []
    folders = dict.fromkeys(Path(line) for line in reversed(text.splitlines()) if line)
    return [folder for folder in folders if is_run(folder)]


def runs_below(folder: Path) -> list[Path]:
    """Return the run folders in a folder, itself included, the one begun last first."""
    found = [path for path in folder.rglob(CONFIG) if is_run(path.parent)]
    return [path.parent for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]


def is_run(folder: Path) -> bool:
    """Return whether a training was begun in a folder."""
    try:
        return (folder / CONFIG).is_file() and (folder / CHECKPOINTS).is_dir()
    except OSError:
        return False


def default_runs_folder() -> Path:
    """Return where new runs are suggested to lie: ``~/sharpgan-runs``, or the folder in SHARPGAN_RUNS."""
    return Path(os.environ.get(RUNS) or Path.home() / "sharpgan-runs")


def _file() -> Path:
    """Return the file that names the runs."""
    return state_folder() / FILE
