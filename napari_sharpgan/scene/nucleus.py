"""What the scene knows of one nucleus: its outline, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.nuclei import check_polygon, repair
from napari_sharpgan.scene.rasters import Outline

PLAIN = NucleusInfo()  # of a nucleus of which nothing is said

T = TypeVar("T")


class Nucleus(NamedTuple):
    """One nucleus, as it is between two edits; both parts are never changed, only replaced."""

    outline: Outline
    info: NucleusInfo = PLAIN


Changes = Mapping[int, Nucleus | None]  # nuclei by key; None where there is no such nucleus


Accepted = tuple[Outline, str | None]  # an outline, and a note if it is not the one that was given


def plain(outlines: Mapping[int, Accepted]) -> Changes:
    """Return new nuclei of which nothing is said."""
    return {key: Nucleus(outline) for key, (outline, _) in outlines.items()}


def notes_of(outlines: Mapping[int, Accepted]) -> dict[int, str | None]:
    """Return what had to be done to outlines."""
    return {key: note for key, (_, note) in outlines.items()}


def same(first: Nucleus | None, second: Nucleus | None) -> bool:
    """Return whether two nuclei are equal."""
    if first is None or second is None:
        return first is second
    return first.info == second.info and np.array_equal(first.outline, second.outline)


def kept(points: Outline) -> Outline:
    """Return an outline as an array of our own that nobody can write to."""
    outline = points.copy()
    outline.flags.writeable = False
    return outline


def accepted(polygon: ArrayLike, *, live: bool) -> Accepted:
    """Return an outline as the scene keeps it, and a note if it had to be repaired.

    Parameters
    ----------
    polygon : array of shape (N, 2)
        Rows before columns.
    live : bool
        Whether it is still being dragged; then it is not yet repaired.

    Raises
    ------
    ValueError
        If it has fewer than three distinct points or is not finite or, when not live, encloses no area.
    """
    points, note = (check_polygon(polygon), None) if live else repair(polygon)
    return kept(points), note


def numbered(polygons: Iterable[ArrayLike], first: int, *, live: bool = False) -> dict[int, Accepted]:
    """Return outlines under the keys from ``first`` on, or say which of them cannot be one."""
    new = {}
    for index, polygon in enumerate(polygons):
        try:
            new[first + index] = accepted(polygon, live=live)
        except ValueError as error:
            raise ValueError(f"polygons[{index}]: {error}") from error
    return new


def checked(nuclei: Mapping[int, Nucleus]) -> Changes:
    """Return nuclei in drawing order as the scene keeps them, or say which cannot be kept."""
    if nuclei and min(nuclei) < 1:
        raise ValueError(f"a key must be at least 1, got {min(nuclei)}")
    return {
        int(key): Nucleus(accepted(nucleus.outline, live=True)[0], nucleus.info)
        for key, nucleus in sorted(nuclei.items())
    }


def dropped(outline: Outline, before: Outline | None) -> tuple[Outline | None, str | None]:
    """Return the outline that a drag ends with, and a note if it is not ``outline``.

    What encloses no area goes back to what it was ``before`` the drag, or away if it is new.
    """
    try:
        return accepted(outline, live=False)
    except ValueError as error:
        return before, f"{'Not kept' if before is None else 'Put back as it was'}: {error}."


class Parts(Mapping[int, T]):
    """A live read-only view of one part of each nucleus, by key."""

    def __init__(self, nuclei: Mapping[int, Nucleus], part: Callable[[Nucleus], T]) -> None:
        self._nuclei, self._part = nuclei, part

    def __getitem__(self, key: int) -> T:
        """Return the part of one nucleus."""
        return self._part(self._nuclei[key])

    def __contains__(self, key: object) -> bool:
        """Return whether there is such a nucleus."""
        return key in self._nuclei

    def __iter__(self) -> Iterator[int]:
        """Go through the keys in drawing order."""
        return iter(self._nuclei)

    def __len__(self) -> int:
        """Return the number of nuclei."""
        return len(self._nuclei)
