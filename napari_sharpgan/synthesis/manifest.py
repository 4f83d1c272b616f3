"""Writes the record of a set of tiles: what it follows from, and which shards are finished, with hashes."""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from napari_sharpgan._files import written_whole
from napari_sharpgan.data.tile_sets import MANIFEST, SHARDS, Finished

FULL = (errno.ENOSPC, errno.EDQUOT)


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
