"""The record of a set of tiles, to read: what was asked for, and which shards are finished."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

MANIFEST = "manifest.json"
SHARDS = "manifest-shards.jsonl"
Noted = TypeVar("Noted")


@dataclass(frozen=True)
class Shard:
    """Tiles that are made and written together.

    Parameters
    ----------
    number : int
        Of the shard, from 0 on.
    first, count : int
        Number of its first tile, and how many there are.
    """

    number: int
    first: int
    count: int

    def __str__(self) -> str:
        """Name it."""
        return f"shard {self.number} (tiles {self.first:,} to {self.first + self.count - 1:,})"


@dataclass(frozen=True)
class Finished:
    """A shard that is there.

    Parameters
    ----------
    shard, first, count : int
        See `Shard`.
    sha256 : str
        Hash of its file; of several that of the lines ``HASH  NAME``.
    rendered : str
        Device, engine and number format: others give tiles that differ by a few gray levels.
    nuclei : int or None
        How many its tiles have; None where it was not noted.
    """

    shard: int
    first: int
    count: int
    sha256: str
    rendered: str
    nuclei: int | None = None

    @property
    def as_shard(self) -> Shard:
        """What was asked for."""
        return Shard(self.shard, self.first, self.count)


def read_manifest(out: Path) -> dict[str, Any]:
    """Return the manifest of a set; empty if there is none.

    Raises
    ------
    ValueError
        If it is no manifest of a set of tiles.
    """
    path = out / MANIFEST
    if not path.is_file():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(kept, dict) or not {"plan", "tiles", "complete"} <= kept.keys():
        raise ValueError(f"{path} is no manifest of a set of synthetic tiles; choose another folder")
    return kept


def read_finished(out: Path) -> list[Finished]:
    """Return the shards that are noted as finished; a line that was cut off does not count."""
    found = read_lines(out / SHARDS, lambda facts: Finished(**facts))
    return list({one.shard: one for one in found}.values())


def read_lines(path: Path, taken: Callable[[Any], Noted]) -> list[Noted]:
    """Return what ``taken`` makes of the JSON of each line, of no lines if there is no file.

    Lines that a kill cut off, and what ``taken`` cannot take, do not count.
    """
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            found.append(taken(json.loads(line)))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue
    return found
