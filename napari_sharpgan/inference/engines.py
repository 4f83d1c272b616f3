"""Which engine runs the networks, in which number format, and why: decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec

import torch

from napari_sharpgan._checks import choose
from napari_sharpgan.inference.devices import device_name, is_faster_in_bfloat16
from napari_sharpgan.light.engine import choose_name

PRECISIONS = ("auto", "float32", "bfloat16")


@dataclass(frozen=True)
class Engine:
    """What runs a network.

    Parameters
    ----------
    name : {"torch", "openvino"}
        The library.
    device : torch.device
        Where it runs.
    bfloat16 : bool
        Whether in bfloat16, else in float32.
    why : str
        The reason, as an end of a sentence.
    """

    name: str
    device: torch.device
    bfloat16: bool
    why: str

    @property
    def dtype(self) -> torch.dtype:
        """The number format."""
        return torch.bfloat16 if self.bfloat16 else torch.float32

    @property
    def words(self) -> str:
        """Device, library and number format, such as ``cpu (2 threads), OpenVINO, bfloat16``."""
        library = {"torch": "PyTorch", "openvino": "OpenVINO"}[self.name]
        return f"{device_name(self.device)}, {library}, {'bfloat16' if self.bfloat16 else 'float32'}"


def choose_engine(
    device: torch.device, *, precision: str = "auto", engine: str = "auto", known: bool = True
) -> Engine:
    """Return what is to run a network.

    Parameters
    ----------
    device : torch.device
        Where.
    precision : {"auto", "float32", "bfloat16"}
        "auto" is bfloat16 where the device is faster with it. Another one asks for torch, if ``engine`` is
        "auto": its float32 is what others are measured against.
    engine : {"auto", "torch", "openvino"}
        "auto" is OpenVINO where it is installed and the device is a CPU, on which it is about twice as fast,
        else torch. The variable SHARPGAN_ENGINE of the environment stands for "auto" if it is set.
    known : bool
        Whether the network is one of ours. Others run in torch, in float32, if nothing else is asked for.

    Raises
    ------
    ValueError
        If a name is unknown, or OpenVINO is asked for where it cannot be.
    """
    choose("precision", precision, dict.fromkeys(PRECISIONS))
    asked = choose_name(engine)
    bfloat16 = computes_in_bfloat16(precision, device) and (known or precision == "bfloat16")
    if asked == "torch":
        return Engine("torch", device, bfloat16, "as was asked for")
    if asked == "openvino":
        if find_spec("openvino") is None or device.type != "cpu":
            raise ValueError(
                f"OpenVINO runs networks on CPUs, where it is installed; the device is {device} and it is "
                f"{'not ' if find_spec('openvino') is None else ''}installed"
            )
        return Engine("openvino", device, bfloat16, "as was asked for")
    return _automatic(device, bfloat16, exact=precision != "auto", known=known)


def _automatic(device: torch.device, bfloat16: bool, *, exact: bool, known: bool) -> Engine:
    """Return the fastest of what is there."""
    if not known:
        return Engine("torch", device, bfloat16, "since the network is none of ours")
    if exact:
        return Engine("torch", device, bfloat16, "since the number format was asked for")
    if device.type != "cpu":
        return Engine("torch", device, bfloat16, f"since the device is {device.type}")
    if find_spec("openvino") is None:
        return Engine("torch", device, bfloat16, "since OpenVINO, twice as fast on CPUs, is not installed")
    return Engine("openvino", device, bfloat16, "since it is installed and twice as fast as PyTorch on CPUs")


def computes_in_bfloat16(precision: str, device: torch.device) -> bool:
    """Return whether to compute in bfloat16: asked for, or "auto" on a device that is faster with it."""
    return precision == "bfloat16" or (precision == "auto" and is_faster_in_bfloat16(device))
