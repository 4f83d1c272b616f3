"""Work on a CUDA device that is recorded once and then started as a whole, not kernel by kernel."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Work = Callable[..., Tensor]

_recording = threading.Lock()  # CUDA records one thing at a time


class Recorded:
    """Do work on tensors of a CUDA device; what comes a second time in the same shapes is recorded.

    A U-Net of a few windows takes a GPU less time than it takes the CPU to start its hundreds of kernels one
    after the other. A CUDA graph starts them all at once.

    Parameters
    ----------
    work : callable
        From tensors to a tensor, all on one device. What it does hangs on their shapes alone; it waits for
        nothing and takes nothing from the CPU.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._seen: set[tuple[torch.Size, ...]] = set()
        self._tapes: dict[tuple[torch.Size, ...], _Tape] = {}
        self._pool: Any = None  # one for all: each takes its output away before another is played
        self._refused = False
        self._lock = threading.Lock()

    def __call__(self, *inputs: Tensor) -> Tensor:
        """Return what the work makes of tensors."""
        shapes = tuple(tensor.shape for tensor in inputs)
        with self._lock, torch.cuda.device(inputs[0].device):
            if shapes in self._seen and shapes not in self._tapes and not self._refused:
                self._record(shapes, inputs)
            self._seen.add(shapes)
            tape = self._tapes.get(shapes)
            return self._work(*inputs) if tape is None else tape.played(inputs)

    def _record(self, shapes: tuple[torch.Size, ...], inputs: tuple[Tensor, ...]) -> None:
        """Record the work, or never again."""
        try:
            with _recording:
                tape = _Tape(self._work, inputs, self._pool)
        except RuntimeError as error:
            self._refused = True
            warnings.warn(
                f"the GPU does not record what it does, which goes on, but slower: {error}",
                RuntimeWarning,
                stacklevel=4,
            )
        else:
            self._tapes[shapes], self._pool = tape, tape.pool


class _Tape:
    """A recording, and the tensors that it reads and writes."""

    def __init__(self, work: Work, inputs: tuple[Tensor, ...], pool: Any) -> None:
        self._inputs = [tensor.clone(memory_format=torch.contiguous_format) for tensor in inputs]
        self._graph = torch.cuda.CUDAGraph()
        stream = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            work(*self._inputs)  # what is set up at the first call on a stream cannot be recorded
        torch.cuda.current_stream().wait_stream(stream)
        # other threads may go on: a training that makes its next batch, say
        with torch.cuda.graph(self._graph, pool, stream, capture_error_mode="thread_local"):
            self._output = work(*self._inputs)
        self.pool = self._graph.pool()

    def played(self, inputs: tuple[Tensor, ...]) -> Tensor:
        """Return what comes of other inputs."""
        for mine, given in zip(self._inputs, inputs, strict=True):
            mine.copy_(given)
        self._graph.replay()
        return self._output.clone()
