"""How the command ends: mistakes as one sentence, signals and closed pipes in good order."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

MISTAKES = (ValueError, TypeError, OSError, MemoryError, RuntimeError, ImportError)


def guarded(command: Callable[[], int], *, debug: bool = False) -> int:
    """Run a command and return its exit status, whatever happens in it.

    Parameters
    ----------
    command : callable
        Returns an exit status.
    debug : bool
        Show where a mistake came from, before it is said in one sentence.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        with _warnings_said():
            status = command()
        sys.stdout.flush()
    except KeyboardInterrupt:
        say("stopped")
        return 130
    except BrokenPipeError:
        return _leave_pipe()
    except MISTAKES as error:
        if debug:
            traceback.print_exc()
        say(sentence(error))
        return 2
    return status


def say(message: str) -> None:
    """Say something on stderr in the name of the command."""
    print(f"sharpgan: {message}", file=sys.stderr)


def sentence(error: BaseException) -> str:
    """Return an error as one sentence on one line."""
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.filename}: {error.strerror}"
    said = " ".join(str(error).split())
    if isinstance(error, MemoryError):
        return f"not enough memory ({said})" if said else "not enough memory"
    return said or type(error).__name__


def _leave_pipe() -> int:
    """End quietly when nobody reads the output any more, as after ``| head``."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


@contextmanager
def _warnings_said() -> Iterator[None]:
    """Say what the package logs as a warning in the name of the command."""
    logger, handler = logging.getLogger("napari_sharpgan"), logging.StreamHandler()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(logging.Formatter("sharpgan: %(message)s"))
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
