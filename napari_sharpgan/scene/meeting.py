"""What happens where an outline that was drawn, dragged or painted meets other nuclei."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from napari_sharpgan.nuclei import subtract_from_outline
from napari_sharpgan.scene.nucleus import Nucleus, kept
from napari_sharpgan.scene.rasters import Outline

INSIDE_OTHERS = "Not kept: all of it lay in other nuclei."
COVERED = "Taken away: another nucleus was drawn over all of it."

Met = tuple[dict[int, Outline | None], dict[int, str]]  # outlines that differ now, and notes, by key
Rule = Callable[[Mapping[int, Nucleus], Iterable[int], Callable[[int], Iterable[int]]], Met]


def keep_existing(
    nuclei: Mapping[int, Nucleus], changed: Iterable[int], near: Callable[[int], Iterable[int]]
) -> Met:
    """Cut other nuclei out of those that changed.

    Parameters
    ----------
    nuclei : mapping of int to Nucleus
        All nuclei.
    changed : iterable of int
        Keys of those that an edit changed; among each other they may overlap.
    near : callable
        Returns the keys of the nuclei whose pixels may meet those of a nucleus, itself included.
    """
    own = set(changed)
    outlines: dict[int, Outline | None] = {}
    notes: dict[int, str] = {}
    for key in own:
        left = _without(
            nuclei[key].outline, (nuclei[other].outline for other in near(key) if other not in own)
        )
        if left is not nuclei[key].outline:
            outlines[key] = left
        if left is None:
            notes[key] = INSIDE_OTHERS
    return outlines, notes


def overwrite(
    nuclei: Mapping[int, Nucleus], changed: Iterable[int], near: Callable[[int], Iterable[int]]
) -> Met:
    """Cut those that changed out of other nuclei, but locked ones out of them; see `keep_existing`."""
    own = set(changed)
    outlines: dict[int, Outline | None] = {}
    notes: dict[int, str] = {}
    for key in own:
        others = [other for other in near(key) if other not in own]
        locked = (nuclei[other].outline for other in others if nuclei[other].info.is_locked)
        mine = _without(nuclei[key].outline, locked)
        if mine is not nuclei[key].outline:
            outlines[key] = mine
        if mine is None:
            notes[key] = INSIDE_OTHERS
            continue
        for other in others:
            there = outlines.get(other, nuclei[other].outline)
            if there is None or nuclei[other].info.is_locked:
                continue
            left = _without(there, [mine])
            if left is not there:
                outlines[other] = left
            if left is None:
                notes[other] = COVERED
    return outlines, notes


MEETINGS: dict[str, Rule | None] = {"overlap": None, "keep existing": keep_existing, "overwrite": overwrite}


def _without(outline: Outline, others: Iterable[Outline]) -> Outline | None:
    """Return what is left of an outline; itself where it meets none of the others."""
    left: Outline | None = outline
    for other in others:
        if left is None:
            return None
        after = subtract_from_outline(left, other)
        if after is None:
            return None
        if not np.array_equal(after, left):
            left = kept(after)
    return left
