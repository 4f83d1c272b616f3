"""Run folders as seen from outside: which there are, how far each is, who trains in it; without torch.

`known_runs` lists them and `run_status` tells what one is like. `pause`, `go_on` and `ask_to_stop` reach the
process that trains in it, and `EventReader` follows its losses.
"""

from napari_sharpgan.run_folders.control import ask_to_stop, go_on, is_paused, pause, running_process
from napari_sharpgan.run_folders.events import EventReader
from napari_sharpgan.run_folders.registry import default_runs_folder, known_runs, remember, runs_below
from napari_sharpgan.run_folders.status import HeldOut, RunStatus, run_status

__all__ = [
    "EventReader",
    "HeldOut",
    "RunStatus",
    "ask_to_stop",
    "default_runs_folder",
    "go_on",
    "is_paused",
    "known_runs",
    "pause",
    "remember",
    "run_status",
    "running_process",
    "runs_below",
]
