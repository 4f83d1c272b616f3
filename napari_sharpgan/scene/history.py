"""Undo and redo: steps, each of which holds the nuclei before and after it."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from napari_sharpgan.scene.nucleus import Changes, Nucleus, same
from napari_sharpgan.scene.packing import pack, unpack

LONGEST = 1000  # steps; older ones are forgotten
HELD = 128 * 2**20  # bytes of outlines that steps hold in memory; the oldest of more lie on the disk


class Step:
    """What one undo takes back: the nuclei that differ, before and after."""

    def __init__(self, before: Changes, after: Changes) -> None:
        self._changes: tuple[Changes, Changes] | None = (before, after)
        self._file: Path | None = None
        self.size = sum(n.outline.nbytes for part in (before, after) for n in part.values() if n is not None)

    @property
    def is_held(self) -> bool:
        """Whether it lies in memory."""
        return self._changes is not None

    @property
    def before(self) -> Changes:
        """The nuclei before the step."""
        return self._both()[0]

    @property
    def after(self) -> Changes:
        """The nuclei after the step."""
        return self._both()[1]

    def store(self, path: Path) -> None:
        """Move it out of memory into two files."""
        for number, part in enumerate(self._both()):
            path.with_suffix(f".{number}").write_bytes(pack(part))
        self._file, self._changes = path, None

    def discard(self) -> None:
        """Take its files away."""
        if self._file is not None:
            for number in (0, 1):
                self._file.with_suffix(f".{number}").unlink(missing_ok=True)

    def _both(self) -> tuple[Changes, Changes]:
        if self._changes is None:
            assert self._file is not None
            first, second = (unpack(self._file.with_suffix(f".{n}").read_bytes())[0] for n in (0, 1))
            return first, second
        return self._changes


class History:
    """The step that is going on, the steps that can be undone, and those that can be redone.

    Parameters
    ----------
    held : int
        Bytes of outlines that are held in memory.
    """

    def __init__(self, held: int = HELD) -> None:
        self._before: dict[int, Nucleus | None] = {}
        self._done: deque[Step] = deque()
        self._undone: list[Step] = []
        self._limit = held
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._stored = 0

    def note(self, key: int, nucleus: Nucleus | None) -> None:
        """Take in what a nucleus was before a change; within one step the first word counts."""
        self._before.setdefault(key, nucleus)

    def before(self, key: int) -> Nucleus | None:
        """Return what a nucleus was before the step that is going on changed it."""
        return self._before[key]

    @property
    def changed(self) -> tuple[int, ...]:
        """Keys of the nuclei that the step which is going on has changed."""
        return tuple(self._before)

    def close(self, nuclei: Mapping[int, Nucleus]) -> bool:
        """End the step that is going on at these nuclei; return whether it came to anything."""
        before, self._before = self._before, {}
        after = {key: nuclei.get(key) for key in before}
        differing = [key for key in before if not same(before[key], after[key])]
        if differing:
            self._done.append(
                Step({key: before[key] for key in differing}, {key: after[key] for key in differing})
            )
            for step in self._undone:
                step.discard()
            self._undone.clear()
            self._make_room()
        return bool(differing)

    def undo(self) -> Changes:
        """Return the changes that take the last step back; empty if there is none."""
        if not self._done:
            return {}
        self._undone.append(self._done.pop())
        return self._undone[-1].before

    def redo(self) -> Changes:
        """Return the changes that do the step again that was undone last; empty if there is none."""
        if not self._undone:
            return {}
        self._done.append(self._undone.pop())
        return self._done[-1].after

    @property
    def is_open(self) -> bool:
        """Whether a step is going on."""
        return bool(self._before)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back, one that is going on included."""
        return bool(self._before or self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._undone)

    def _make_room(self) -> None:
        """Forget the oldest step of too many, and move the oldest of too large ones to the disk."""
        if len(self._done) > LONGEST:
            self._done.popleft().discard()
        total = sum(step.size for step in self._done if step.is_held)
        for step in self._done:
            if total <= self._limit:
                return
            if step.is_held:
                if self._folder is None:
                    self._folder = tempfile.TemporaryDirectory(prefix="sharpgan-undo-")
                self._stored += 1
                step.store(Path(self._folder.name) / f"{self._stored}")
                total -= step.size
