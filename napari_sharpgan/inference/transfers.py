"""To a device and back without waiting more than must be."""

from __future__ import annotations

import torch
from torch import Tensor


def surroundings(device: torch.device) -> torch.device:
    """Return where to compute all but the network: on the same device if it is CUDA, else the CPU.

    Maps, noise and blending want numbers of 64 bits and atomic sums, which not every kind of device has.
    """
    return device if device.type == "cuda" else torch.device("cpu")


def upload(tensor: Tensor, device: torch.device) -> Tensor:
    """Return a tensor on a device; towards CUDA from pinned memory, so that nobody waits."""
    if device.type == "cuda" and tensor.device.type == "cpu":
        tensor = tensor.pin_memory()  # itself, if it is there already
    return tensor.to(device, non_blocking=device.type == "cuda")


def download(tensor: Tensor) -> Tensor:
    """Return a tensor on the CPU; from CUDA through pinned memory, once all before it is done."""
    if tensor.device.type != "cuda":
        return tensor.cpu()
    there = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
    there.copy_(tensor, non_blocking=True)
    torch.cuda.current_stream(tensor.device).synchronize()
    return there
