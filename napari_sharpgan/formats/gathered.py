"""Nuclei as they are met one by one in a file of outlines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import LARGEST_LABEL, check_shape
from napari_sharpgan.formats.record import Nuclei, NucleusInfo


@dataclass
class Gathered:
    """What was found in the file at ``path`` so far."""

    path: Path
    polygons: list[NDArray[np.float64]] = field(default_factory=list)
    infos: list[NucleusInfo] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(
        self,
        ring: NDArray[np.float64] | None,
        info: NucleusInfo,
        *,
        number: object = "",
        note: str | None = None,
        where: str = "",
    ) -> None:
        """Take a nucleus; without a ring only the note, which says what is wrong ``where`` in the file."""
        if note:
            self.notes.append(f"{where} of {self.path.name}: {note}")
        if ring is not None:
            self.polygons.append(ring)
            self.infos.append(info)
            self.wanted.append(str(number))

    def nuclei(self, shape: Any = None, micrometers_per_pixel: Any = None) -> Nuclei:
        """Return the nuclei: each has its own number if it is the first to have it, else the next free one.

        Raises
        ------
        TypeError, ValueError
            If the file's words for the shape of the image or the size of its pixels are none.
        """
        numbers = _numbers(self.wanted)
        return Nuclei(
            polygons=self.polygons,
            numbers=numbers,
            info=dict(zip(numbers, self.infos, strict=True)),
            shape=None if shape is None else check_shape(shape, "the shape of the image"),
            notes=self.notes,
            micrometers_per_pixel=micrometers_per_pixel,
        )


def _numbers(texts: Sequence[str]) -> list[int]:
    """Return a number for each text: its own where it has one of its own, else the next free one."""
    wanted = [int(text) if text.isdecimal() and len(text) <= len(str(LARGEST_LABEL)) else 0 for text in texts]
    wanted = [number if number <= LARGEST_LABEL else 0 for number in wanted]
    taken = set(wanted)
    free = (number for number in count(1) if number not in taken)
    given: set[int] = {0}
    numbers = []
    for number in wanted:
        numbers.append(next(free) if number in given else number)
        given.add(number)
    return numbers
