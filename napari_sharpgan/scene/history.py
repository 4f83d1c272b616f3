"""Undo and redo: steps, each of which holds the outlines before and after it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from napari_sharpgan.scene.rasters import Outline

Changes = Mapping[int, Outline | None]  # outlines by key; None where there is no such nucleus

LONGEST = 1000  # steps; older ones are forgotten


@dataclass(frozen=True)
class Step:
    """What one undo takes back: the outlines that differ, before and after."""

    before: Changes
    after: Changes


class History:
    """The step that is going on, the steps that can be undone, and those that can be redone."""

    def __init__(self) -> None:
        self._before: dict[int, Outline | None] = {}
        self._done: deque[Step] = deque(maxlen=LONGEST)
        self._undone: list[Step] = []

    def note(self, key: int, outline: Outline | None) -> None:
        """Take in what a nucleus was before a change; within one step the first word counts."""
        self._before.setdefault(key, outline)

    def before(self, key: int) -> Outline | None:
        """Return what a nucleus was before the step that is going on changed it."""
        return self._before[key]

    def close(self, outlines: Mapping[int, Outline]) -> None:
        """End the step that is going on at these outlines; one that came to nothing is not kept."""
        before, self._before = self._before, {}
        after = {key: outlines.get(key) for key in before}
        differing = [key for key in before if not _same(before[key], after[key])]
        if differing:
            self._done.append(
                Step({key: before[key] for key in differing}, {key: after[key] for key in differing})
            )
            self._undone.clear()

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


def _same(first: Outline | None, second: Outline | None) -> bool:
    if first is None or second is None:
        return first is second
    return np.array_equal(first, second)
