"""Which format a file has, and one sentence when it cannot be read."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


def by_suffix(path: str | os.PathLike[str], table: Mapping[str, T]) -> T:
    """Return the entry of ``table`` whose key is the longest end of the file's name, in any case."""
    name = Path(path).name
    ends = [suffix for suffix in table if name.lower().endswith(suffix)]
    if not ends:
        kind = f"file type {Path(path).suffix!r} of {name}" if Path(path).suffix else f"file type of {name}"
        raise ValueError(f"unknown {kind}; use one of {', '.join(table)}")
    return table[max(ends, key=len)]


def existing(path: str | os.PathLike[str], *, folder: bool = False) -> Path:
    """Return ``path`` if a file (or, where a folder is expected, a folder) lies there."""
    found = Path(path)
    if folder and found.is_file():
        raise NotADirectoryError(f"{path} is a file, not a folder")
    if not folder and found.is_dir():
        raise FileNotFoundError(f"{path} is a folder, not a file")
    if not (found.is_dir() if folder else found.is_file()):
        raise FileNotFoundError(f"{path} does not exist")
    return found


@contextmanager
def understood(path: Path, kind: str) -> Iterator[None]:
    """Turn whatever a library says of a damaged file into one sentence with the file's name.

    Decoders raise errors of every type on damaged files; each becomes the cause of a ValueError.
    """
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ValueError(f"{path.name} cannot be read as {kind}: {reason}") from error
