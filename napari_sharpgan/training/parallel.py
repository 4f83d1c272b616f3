"""One training on several devices or machines: each process computes its share of every batch.

Started by torchrun, a process joins the group of all; alone it is a group of one, and nothing here acts.
torch's own wrappers do not fit: ``DistributedDataParallel`` wants a network to be used once between two
updates, and a step uses the discriminator three times; ``SyncBatchNorm`` knows no CPU. So gradients are
averaged after each backward pass, and batch norms count over all processes.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn

from napari_sharpgan._tasks import ShouldStop

SILENCE = timedelta(minutes=10)  # after which a step counts as hung
PAUSE = timedelta(days=365)  # how long the first process may pause, look at held-out images or save
_SIGNS = "/gloo/", "Connection closed", "Connection reset", "Broken pipe", "NCCL"  # of a loss, in its words
_decisions: dist.ProcessGroup | None = None  # a group of its own, for the longer patience


def world_size() -> int:
    """Return how many processes train together."""
    return dist.get_world_size() if _is_joined() else 1


def rank() -> int:
    """Return the number of this process: the first, 0, is the one that decides and writes."""
    return dist.get_rank() if _is_joined() else 0


def is_first() -> bool:
    """Return whether this is the process that decides and writes."""
    return rank() == 0


@contextmanager
def process_group(device: torch.device) -> Iterator[torch.device]:
    """Train together with the other processes that torchrun started; yields this one's own device."""
    if int(os.environ.get("WORLD_SIZE", 1)) == 1 or _is_joined():
        yield device
        return
    if device.type == "mps":
        raise ValueError("several processes train on cuda or cpu, got mps; add --device cpu")
    if device.type == "cuda":
        device = _own_gpu(int(os.environ["LOCAL_RANK"]))
        torch.cuda.set_device(device)
    global _decisions
    dist.init_process_group("cpu:gloo,cuda:nccl" if device.type == "cuda" else "gloo", timeout=SILENCE)
    _decisions = dist.new_group(backend="gloo", timeout=PAUSE)
    try:
        with _losses_told():
            yield device
    finally:
        dist.destroy_process_group()


@contextmanager
def _losses_told() -> Iterator[None]:
    """Turn what is seen of another process that has gone, mostly a `RuntimeError`, into one sentence."""
    try:
        yield
    except RuntimeError as error:
        reason = str(error)
        if not isinstance(error, dist.DistError) and not any(sign in reason for sign in _SIGNS):
            raise
        short = reason.splitlines()[0].partition("] ")[2] or reason  # without the place in the source
        raise ConnectionError(
            f"another process of this training ended ({short.partition('. ')[0]}); "
            "the same command goes on from the last checkpoint"
        ) from error


def share(crops: int) -> range:
    """Return which of the crops of a joint batch are this process's.

    Raises
    ------
    ValueError
        If they cannot be shared evenly.
    """
    each, left = divmod(crops, world_size())
    if left:
        raise ValueError(f"batch_size must be a multiple of the {world_size()} processes, got {crops}")
    return range(rank() * each, (rank() + 1) * each)


def average_gradients(parameters: Iterable[nn.Parameter]) -> None:
    """Give every process the mean of all processes' gradients."""
    if world_size() == 1:
        return
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    joined = mean_of_all(torch.cat([gradient.flatten() for gradient in gradients]))
    parts = torch.split(joined, [gradient.numel() for gradient in gradients])
    for gradient, part in zip(gradients, parts, strict=True):
        gradient.copy_(part.view_as(gradient))


def mean_of_all(values: Tensor) -> Tensor:
    """Return the mean of all processes' values, which it takes the place of."""
    if world_size() > 1:
        dist.all_reduce(values)
        values /= world_size()
    return values


def agreed(should_stop: ShouldStop) -> bool:
    """Return what the first process's ``should_stop()`` says, however long that takes."""
    if world_size() == 1:
        return should_stop()
    answer = torch.tensor(is_first() and should_stop())
    dist.broadcast(answer, src=0, group=_decisions)
    return bool(answer)


def from_first(state: dict[str, Any], device: torch.device) -> dict[str, Any]:
    """Return the first process's state, on this one's device."""
    buffer = io.BytesIO()
    if is_first():
        torch.save(state, buffer)
    message = [buffer.getvalue()]
    dist.broadcast_object_list(message, group=_decisions)
    received: dict[str, Any] = torch.load(io.BytesIO(message[0]), map_location=device, weights_only=True)
    return received


def synchronize(network: nn.Module) -> None:
    """Let the batch norms of a network count over all processes; its parameters stay as they are."""
    if world_size() > 1:
        for module in network.modules():
            if type(module) is nn.BatchNorm2d:
                module.__class__ = SynchronizedBatchNorm2d


class SynchronizedBatchNorm2d(nn.BatchNorm2d):
    """A batch norm over the shares of all processes, on any device, with the names of ``nn.BatchNorm2d``."""

    def forward(self, features: Tensor) -> Tensor:
        """Return normalized features (N, C, H, W), in their number format."""
        if not self.training or world_size() == 1:
            return super().forward(features)
        exact = features.float()
        mean, variance = _joint_statistics(exact)
        self._follow(mean.detach(), variance.detach(), exact.numel() // len(mean) * world_size())
        scale = self.weight * torch.rsqrt(variance + self.eps)
        centered = exact - mean.view(-1, 1, 1)
        return (centered * scale.view(-1, 1, 1) + self.bias.view(-1, 1, 1)).to(features.dtype)

    @torch.no_grad()
    def _follow(self, mean: Tensor, variance: Tensor, count: int) -> None:
        """Move the running statistics towards those of this batch."""
        running = dict(self.named_buffers())
        running["num_batches_tracked"] += 1
        momentum = 0.1 if self.momentum is None else self.momentum
        running["running_mean"].lerp_(mean, momentum)
        running["running_var"].lerp_(variance * (count / (count - 1)), momentum)


def _joint_statistics(features: Tensor) -> tuple[Tensor, Tensor]:
    """Return mean and variance (C,) over the shares of all processes; gradients flow to each of them."""
    variance, mean = torch.var_mean(features, dim=(0, 2, 3), correction=0)
    mine = torch.arange(world_size(), device=features.device) == rank()
    spread = mine[:, None] * torch.stack([mean, variance])[:, None]  # (2, processes, C), 0 but for this one
    means, variances = _SumOfAll.apply(spread).unbind()  # type: ignore[no-untyped-call]
    return means.mean(dim=0), variances.mean(dim=0) + means.var(dim=0, correction=0)


class _SumOfAll(torch.autograd.Function):
    """The sum over all processes; each value's gradient is the sum of theirs."""

    @staticmethod
    def forward(_context: Any, values: Tensor) -> Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(_context: Any, gradient: Tensor) -> Tensor:
        return _SumOfAll.forward(None, gradient)


def _own_gpu(number: int) -> torch.device:
    """Return the GPU of a process, of as many as this machine has."""
    if number >= torch.cuda.device_count():
        raise ValueError(
            f"each process wants a GPU of its own, and this machine has {torch.cuda.device_count()}; "
            "start as many with --nproc-per-node, or train with --device cpu"
        )
    return torch.device("cuda", number)


def _is_joined() -> bool:
    """Return whether there is a group of processes, and this is one of it."""
    return dist.is_available() and dist.is_initialized()
