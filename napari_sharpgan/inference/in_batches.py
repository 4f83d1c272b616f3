"""A stack of windows a few at a time, fewer when the memory of the device is full."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import torch

Result = TypeVar("Result")

AT_ONCE = {"cuda": 32, "mps": 8}  # windows; elsewhere 4: a GPU is not filled by few


class InBatches:
    """Work through a stack, and take half as many at once, for good, when the device runs out of memory.

    Parameters
    ----------
    batch_size : int, optional
        Windows at once, at least 1; by default 4, on a GPU more.
    device : torch.device
        Where the work is done.
    """

    def __init__(self, batch_size: int | None, device: torch.device) -> None:
        if batch_size is None:
            batch_size = AT_ONCE.get(device.type, 4)
        if batch_size < 1:
            raise ValueError(f"batch_size must be at least 1, got {batch_size}")
        self.batch_size = batch_size
        self.device = device

    def in_batches(self, count: int, work: Callable[[slice], Result]) -> list[Result]:
        """Return what ``work`` makes of each part of a stack of ``count``."""
        done = 0
        results: list[Result] = []
        while done < count:
            try:
                results.append(work(slice(done, done + self.batch_size)))
            except torch.OutOfMemoryError:
                self._halve()
                continue
            done += self.batch_size
        return results

    def _halve(self) -> None:
        """Take half as many from now on, or give up at one."""
        if self.batch_size == 1:
            raise MemoryError(f"one window of 256 × 256 does not fit into the memory of {self.device}")
        self.batch_size //= 2
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
