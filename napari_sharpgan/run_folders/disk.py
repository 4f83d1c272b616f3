"""Writing into a run folder: a full disk or a forbidden folder is one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError

from napari_sharpgan.run_folders.names import BEFORE, CHECKPOINTS, RESUME


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a failure to write into an `OSError` that says what stands and what to do.

    torch reports a full disk as `RuntimeError`, so nothing but writing belongs into the block.
    """
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        stands = any((folder / CHECKPOINTS / name).is_file() for name in (RESUME, BEFORE))
        raise OSError(
            f"the run folder {folder} cannot be written to ({_reason(error)}); "
            f"{'its last whole checkpoint stands: ' if stands else ''}"
            "make room or choose another folder, then start again"
        ) from error


def _reason(error: Exception) -> str:
    """Return in a few words why something could not be written."""
    said = getattr(error, "strerror", None) or str(error).splitlines()[0]
    is_short = "unexpected pos" in said or "PytorchStreamWriter" in said  # torch's words for a short write
    return "not all of it could be written, as on a full disk" if is_short else said
