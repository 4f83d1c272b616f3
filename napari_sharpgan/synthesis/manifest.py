"""The record of a set of tiles: what it follows from, and which shards are finished, with their hashes."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from napari_sharpgan._files import written_whole
from napari_sharpgan.synthesis.formats import Shard

MANIFEST = "manifest.json"
SHARDS = "manifest-shards.jsonl"
Noted = TypeVar("Noted")
FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True)
class Finished:
    """A shard that is there.

    Parameters
    ----------
    shard, first, count : int
        See `Shard`.
    sha256 : str
        See `TileFormat.sha256`.
    rendered : str
        Device, engine and number format: others give tiles that differ by a few gray levels.
    """

    shard: int
    first: int
    count: int
    sha256: str
    rendered: str

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


def write_manifest(
    out: Path,
    plan: Mapping[str, Any],
    source: Mapping[str, Any],
    count: int,
    finished: Iterable[Finished] = (),
) -> None:
    """Write the manifest of a set, whole or not at all.

    Parameters
    ----------
    out : Path
        The set.
    plan, source : mapping
        What all tiles follow from, and what that was made from.
    count : int
        Tiles asked for.
    finished : iterable of Finished
        All shards, if the set is complete; their lines are written in order, and hashed.
    """
    lines = "".join(f"{_line(one)}\n" for one in sorted(finished, key=lambda one: one.shard))
    facts: dict[str, Any] = {"synthetic": True, "tiles": count, "complete": bool(lines)}
    if lines:
        write_whole(out / SHARDS, lines)
        facts["shards_sha256"] = hashlib.sha256(lines.encode()).hexdigest()
    facts |= {"shards": SHARDS, "plan": plan, "source": source}
    write_whole(out / MANIFEST, json.dumps(facts, indent=1, allow_nan=False) + "\n")


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


def note_finished(out: Path, one: Finished) -> None:
    """Note a shard as finished; all lines before must be whole."""
    with (out / SHARDS).open("a", encoding="utf-8") as file:
        file.write(f"{_line(one)}\n")


def keep_finished(out: Path, finished: Iterable[Finished]) -> None:
    """Write the lines of some shards anew, in order."""
    lines = (f"{_line(one)}\n" for one in sorted(finished, key=lambda one: one.shard))
    write_whole(out / SHARDS, "".join(lines))


def write_whole(path: Path, text: str) -> None:
    """Write a text, whole or not at all."""
    with written_whole(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


@contextmanager
def explained(out: Path) -> Iterator[None]:
    """Let a full disk be told with what to do."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise OSError(
            f"{out} cannot be written to ({error.strerror}); what is finished stands: make room and go on"
        ) from error


def _line(one: Finished) -> str:
    return json.dumps(asdict(one))
