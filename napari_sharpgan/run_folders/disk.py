"""Writing into a run folder: a full disk or a forbidden folder is one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a failure to write into an `OSError` that says what stands and what to do.

    torch reports a full disk as `RuntimeError`, so nothing but writing belongs into the block.
    """
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise OSError(
            f"the run folder {folder} cannot be written to ({reason}); its last whole checkpoint stands: "
            "make room or choose another folder, then start again"
        ) from error
