"""``events.jsonl`` of a run folder: one JSON object a step, cut back by a resume, followed while it grows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from napari_sharpgan._files import written_whole

EVENTS = "events.jsonl"

Event = dict[str, Any]


def cut_events(path: Path, step: int) -> None:
    """Keep the events up to ``step``: what came after the last checkpoint is done again."""
    if not path.is_file():
        return
    kept = [line for line, event in parsed(path.read_bytes()) if event["step"] <= step]
    with written_whole(path) as temporary:
        temporary.write_bytes(b"".join(line + b"\n" for line in kept))


def read_events(path: Path) -> list[Event]:
    """Return all events of a file, none if there is no file."""
    return [event for _, event in parsed(path.read_bytes())] if path.is_file() else []


def add_to_last_event(path: Path, facts: Event) -> None:
    """Write the last event again, with more facts, and those before it as they are."""
    *before, (_, last) = parsed(path.read_bytes())
    lines = [line for line, _ in before] + [json.dumps(last | facts).encode()]
    with written_whole(path) as temporary:
        temporary.write_bytes(b"".join(line + b"\n" for line in lines))


class EventReader:
    """Follow the events of a run, reading each byte of the file once.

    Parameters
    ----------
    folder : Path
        The run folder; it may not be there yet.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / EVENTS
        self._file: int | None = None  # which file was read: a resume puts a shorter one in its place
        self._offset = 0

    def read(self, limit: int = 2**20) -> tuple[bool, list[Event]]:
        """Return whether the file is another than before (so that all begins anew), and its next events.

        At most ``limit`` bytes are read, so that a window that follows a long run stays fluent.
        """
        try:
            with self.path.open("rb") as file:
                status = self.path.stat()
                renewed = status.st_ino != self._file or status.st_size < self._offset
                self._file, self._offset = status.st_ino, 0 if renewed else self._offset
                file.seek(self._offset)
                text = file.read(limit)
        except OSError:
            return False, []
        whole = text[: text.rfind(b"\n") + 1]  # the last line may be half written
        self._offset += len(whole)
        return renewed, [event for _, event in parsed(whole)]


def parsed(text: bytes) -> list[tuple[bytes, Event]]:
    """Return lines and their events, without lines that a kill cut in the middle."""
    found = []
    for line in text.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, dict) and isinstance(event.get("step"), int):
            found.append((line, event))
    return found
