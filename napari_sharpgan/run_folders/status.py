"""What a run folder is like: running or not, how far, how fast, how good; for lists, looked at often."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from threading import Lock
from typing import Any

from napari_sharpgan.run_folders.control import is_paused, running_process
from napari_sharpgan.run_folders.events import EVENTS, Event, parsed
from napari_sharpgan.run_folders.names import BEST, CHECKPOINTS, CONFIG

TAIL = 2**15  # bytes at the end of the events, about the last hundred steps
RECENT = 50  # steps whose median is the speed
_LOOK = b'"held_out_score"'


@dataclass(frozen=True)
class HeldOut:
    """How a network did on the held-out images at a step; of ``score`` and ``gmsd`` lower is better.

    A generator has ``ssim`` and ``gmsd``, a segmenter ``pq`` and ``aji``, of which its score is 1 − PQ.
    """

    step: int
    score: float
    ssim: float | None = None
    gmsd: float | None = None
    pq: float | None = None
    aji: float | None = None


@dataclass(frozen=True)
class RunStatus:
    """What a run folder is like.

    Parameters
    ----------
    folder : Path
        The run folder.
    state : str
        "running", "paused", "stopped" (before its last step: it can go on), "finished" or "broken".
    why : str
        What is wrong with a broken one, in one sentence.
    kind : str
        What it trains: "generator" or "segmenter".
    recipe : str or None
        Name of its recipe.
    step, steps : int
        Steps done, and asked for.
    images_per_second : float or None
        The median of the last steps.
    seconds_left : float or None
        Until its last step; None where it does not run or no speed is known.
    last, best : HeldOut or None
        The newest look at held-out images, and the best one.
    has_weights : bool
        Whether there is a network to use.
    last_active : float
        When it was last written to, in seconds since 1970.
    """

    folder: Path
    state: str
    why: str = ""
    kind: str = "generator"
    recipe: str | None = None
    step: int = 0
    steps: int = 0
    images_per_second: float | None = None
    seconds_left: float | None = None
    last: HeldOut | None = None
    best: HeldOut | None = None
    has_weights: bool = False
    last_active: float = 0.0

    @property
    def best_step(self) -> int | None:
        """The step of the best look at held-out images."""
        return None if self.best is None else self.best.step

    @property
    def is_alive(self) -> bool:
        """Whether a process trains in it, or waits."""
        return self.state in ("running", "paused")

    def as_json(self) -> dict[str, Any]:
        """Return all of it in words, numbers and None."""
        return asdict(self) | {"folder": str(self.folder)}


def run_status(folder: Path) -> RunStatus:
    """Return what a run folder is like now; a folder that holds no run is "broken", never an error."""
    has_weights = (folder / CHECKPOINTS / BEST).is_file()
    active = max(_modified(folder / EVENTS), _modified(folder / CONFIG))
    try:
        kind, recipe, steps = _settings(folder / CONFIG)
    except (OSError, ValueError, TypeError, KeyError) as error:
        why = f"{folder / CONFIG} cannot be read ({_reason(error)}); expected the settings of a training"
        return RunStatus(folder, "broken", why, has_weights=has_weights, last_active=active)
    recent = _tail(folder / EVENTS)
    step = recent[-1]["step"] if recent else 0
    state = _state(folder, step, steps)
    pace = _seconds_a_step(recent)
    is_alive = state in ("running", "paused")
    looks = _looks(folder / EVENTS)
    return RunStatus(
        folder,
        state,
        kind=kind,
        recipe=recipe,
        step=step,
        steps=steps,
        images_per_second=_median(event.get("images_per_second") for event in recent),
        seconds_left=pace * max(0, steps - step) if is_alive and pace is not None else None,
        last=looks[-1] if looks else None,
        best=min(looks, key=lambda look: look.score, default=None),
        has_weights=has_weights,
        last_active=active,
    )


def _state(folder: Path, step: int, steps: int) -> str:
    """Return whether a run with readable settings runs, waits, has stopped or is finished."""
    if running_process(folder) is not None:
        return "paused" if is_paused(folder) else "running"
    return "finished" if step >= steps else "stopped"


def _settings(path: Path) -> tuple[str, str | None, int]:
    """Return kind, recipe and steps of a run; older ones, all of generators, do not name their kind."""
    facts = json.loads(path.read_bytes())
    if not isinstance(facts, dict):
        raise TypeError(f"it holds a {type(facts).__name__}")
    recipe, steps = facts.get("recipe"), int(facts["config"]["steps"])
    return str(facts.get("kind", "generator")), (recipe if isinstance(recipe, str) else None), steps


def _tail(path: Path) -> list[Event]:
    """Return the newest events; a line that is half written, at either end, is left out."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL))
            text = file.read()
    except OSError:
        return []
    return [event for _, event in parsed(text)][-RECENT:]


class _LookReader:
    """Finds the looks at held-out images among the events, reading each byte of the file once."""

    def __init__(self) -> None:
        self._file, self._offset = 0, 0
        self.looks: list[HeldOut] = []

    def read(self, path: Path) -> list[HeldOut]:
        """Return all looks up to now."""
        with path.open("rb") as file:
            facts = path.stat()
            if (
                facts.st_ino != self._file or facts.st_size < self._offset
            ):  # a resume put another in its place
                self._file, self._offset, self.looks = facts.st_ino, 0, []
            file.seek(self._offset)
            for line in file:
                if not line.endswith(b"\n"):  # half written: the next time
                    break
                self._offset += len(line)
                if _LOOK in line:
                    self.looks += [look for _, event in parsed(line) if (look := _look(event)) is not None]
        return list(self.looks)


_readers: dict[Path, _LookReader] = {}
_one_at_a_time = Lock()


def _looks(path: Path) -> list[HeldOut]:
    """Return all looks at held-out images of a run, in order."""
    with suppress(OSError), _one_at_a_time:
        return _readers.setdefault(path.absolute(), _LookReader()).read(path)
    return []


def _look(event: Event) -> HeldOut | None:
    """Return what an event tells of held-out images; None if it has no score."""
    names = ("score", "ssim", "gmsd", "pq", "aji")
    score, *others = (_number(event.get(f"held_out_{name}")) for name in names)
    return None if score is None else HeldOut(event["step"], score, *others)


def _seconds_a_step(events: list[Event]) -> float | None:
    """Return the median time from one event to the next: pauses and checkpoints do not count."""
    times = [time for event in events if (time := _number(event.get("time"))) is not None]
    gaps = [after - before for before, after in pairwise(times)]
    return median(gaps) if gaps else _median(event.get("seconds") for event in events)


def _median(values: Iterable[object]) -> float | None:
    """Return the median of those that are numbers; None if none is."""
    numbers = [number for value in values if (number := _number(value)) is not None]
    return median(numbers) if numbers else None


def _number(value: object) -> float | None:
    """Return a finite number, or None for anything else."""
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def _modified(path: Path) -> float:
    """Return when a file was last written to; 0 if there is none."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _reason(error: Exception) -> str:
    """Return in a few words why settings could not be read."""
    if isinstance(error, KeyError):
        return "no steps"
    return getattr(error, "strerror", None) or " ".join(str(error).split())
