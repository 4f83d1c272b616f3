"""Files and folders that are written whole or not at all, and what they are known by."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary path beside ``path``; move it there when the block ends without an error.

    The temporary file has the same suffix, is flushed to the disk before the move, and is removed after an
    error, so ``path`` holds either what it held before or all of the new content.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} does not exist; {target.name} was not written")
    suffix = "".join(target.suffixes[-2:])
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.stem[:40]}-", suffix=suffix, dir=target.parent)
    except OSError as error:
        reason = f"the folder {target.parent} cannot be written to ({error.strerror})"
        raise type(error)(f"{reason}; {target.name} was not written") from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    """Return the mask that new files get; it can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def folder_written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a new, empty folder beside ``path``; move it there when the block ends without an error.

    A folder that lay at ``path`` is moved aside for the moment of the change and removed after it, so
    ``path`` holds either what it held before or all of the new content.
    """
    target = Path(path)
    if not target.parent.is_dir():
        raise FileNotFoundError(f"the folder {target.parent} does not exist; {target.name} was not written")
    try:
        place = Path(tempfile.mkdtemp(prefix=f".{target.stem[:40]}-", dir=target.parent))
    except OSError as error:
        reason = f"the folder {target.parent} cannot be written to ({error.strerror})"
        raise type(error)(f"{reason}; {target.name} was not written") from error
    new, old = place / target.name, place / "old"
    new.mkdir()
    try:
        yield new
        if target.exists():
            target.replace(old)
        try:
            new.replace(target)
        except OSError:
            if old.exists():
                old.replace(target)
            raise
    finally:
        shutil.rmtree(place, ignore_errors=True)
