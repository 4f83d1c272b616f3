"""A training that does not fit into memory says what to lower."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from napari_sharpgan.inference import device_name
from napari_sharpgan.training.trainer import Config


@contextmanager
def fitting_into_memory(config: Config, device: torch.device) -> Iterator[None]:
    """Turn a lack of memory into one sentence that says what to lower."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        is_full = isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error)
        if not is_full:
            raise
        raise MemoryError(
            f"batch_size {config.batch_size} with width {config.width} and crops of {config.crop} pixels "
            f"does not fit into that of {device_name(device)}; lower one of them"
        ) from error
