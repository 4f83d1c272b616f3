"""A table of nuclei: a row a nucleus, a column a measure."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._files import written_whole


@dataclass(frozen=True, eq=False)
class NucleusTable:
    """Measures of nuclei.

    Parameters
    ----------
    keys : ndarray of shape (K,), int32
        Labels of the nuclei, rising.
    columns : dict of ndarray of shape (K,)
        The measures, by their names in ``MEASURES``.
    """

    keys: NDArray[np.int32]
    columns: dict[str, NDArray[Any]]

    def __len__(self) -> int:
        """Return the number of nuclei."""
        return len(self.keys)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return a column."""
        return self.columns[name]

    def updated(self, fresh: NucleusTable, gone: Iterable[int] = ()) -> NucleusTable:
        """Return the table with the rows of ``fresh`` in place of older ones, and without those of ``gone``.

        Raises
        ------
        ValueError
            If the tables have different columns.
        """
        if list(self.columns) != list(fresh.columns):
            raise ValueError(
                f"both tables must have the same columns, got {list(self.columns)} and {list(fresh.columns)}"
            )
        kept = ~np.isin(self.keys, [*fresh.keys.tolist(), *gone])
        keys = np.concatenate((self.keys[kept], fresh.keys))
        order = np.argsort(keys, kind="stable")
        columns = {
            name: np.concatenate((values[kept], fresh.columns[name]))[order]
            for name, values in self.columns.items()
        }
        return NucleusTable(keys[order], columns)


def write_table(table: NucleusTable, path: str | os.PathLike[str]) -> None:
    """Write a table as CSV, whole or not at all: ``nucleus`` and the measures, an empty cell for NaN.

    Raises
    ------
    OSError
        If the folder is missing or cannot be written to; an older file at ``path`` is then as it was.
    """
    texts = [[_text(value) for value in values.tolist()] for values in (table.keys, *table.columns.values())]
    with written_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("nucleus", *table.columns))
        rows.writerows(zip(*texts, strict=True))


def _text(value: float) -> str:
    """Return a number as it stands in a cell."""
    if isinstance(value, int):
        return str(value)
    return "" if np.isnan(value) else f"{value:.6g}"
