"""Which devices there are, and what they are good at."""

from __future__ import annotations

import torch

DEVICES = ("auto", "cuda", "mps", "cpu")


def choose_device(name: str = "auto") -> torch.device:
    """Return the device called ``name``; "auto" is the first that is there of cuda, mps, cpu.

    Raises
    ------
    ValueError
        If the name is unknown or this machine has no such device.
    """
    kind = name.split(":")[0]
    if kind not in DEVICES:
        raise ValueError(f"unknown device {name!r}; choose one of {', '.join(DEVICES)}")
    if kind == "auto":
        return torch.device(next(kind for kind in DEVICES[1:] if _is_there(kind)))
    if not _is_there(kind):
        raise ValueError(f"this machine has no device {name!r}; 'auto' takes what it has")
    return torch.device(name)


def device_name(device: torch.device) -> str:
    """Return the device in words, such as ``cuda (NVIDIA H100)`` or ``cpu (2 threads)``."""
    if device.type == "cuda":
        return f"{device} ({torch.cuda.get_device_name(device)})"
    return f"cpu ({torch.get_num_threads()} threads)" if device.type == "cpu" else str(device)


def is_faster_in_bfloat16(device: torch.device) -> bool:
    """Return whether the device computes in bfloat16 faster than in float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and bool(torch.cpu._is_avx512_bf16_supported())


def _is_there(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    return kind == "cpu" or torch.backends.mps.is_available()
