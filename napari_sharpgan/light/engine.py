"""OpenVINO on a CPU, and whether it is enough: decided without torch, whose import takes seconds."""

from __future__ import annotations

import os
import sys
from ctypes.util import find_library
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from napari_sharpgan._checks import choose

ENGINES = ("auto", "torch", "openvino")
VARIABLE = "SHARPGAN_ENGINE"  # of the environment: what "auto" takes

_DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")  # NVIDIA, AMD, either in Windows' Linux


def is_enough(generator: Any, device: str) -> bool:
    """Return whether OpenVINO alone renders here what is wished for, as it would with torch loaded.

    Parameters
    ----------
    generator : str, path, None or a module
        As for `Renderer`; a module is torch's.
    device : str
        "auto" is a CPU where torch can have no other device.
    """
    if not (generator is None or isinstance(generator, str | Path)):
        return False
    if os.environ.get(VARIABLE, "auto") not in ("", "auto", "openvino") or find_spec("openvino") is None:
        return False
    return device == "cpu" or (device == "auto" and not may_have_gpu())


def may_have_gpu() -> bool:
    """Return whether torch may find a device that is no CPU; False is sure."""
    try:
        if version("torch").endswith("+cpu"):
            return False
    except PackageNotFoundError:
        return False
    if sys.platform == "win32":
        return find_library("nvcuda") is not None
    return sys.platform == "darwin" or any(Path(driver).exists() for driver in _DRIVERS)


def choose_name(engine: str) -> str:
    """Return the name of the engine that is asked for, by the caller or else the environment."""
    choose("engine", engine, dict.fromkeys(ENGINES))
    asked = os.environ.get(VARIABLE, "") or "auto"
    choose(f"{VARIABLE} in the environment,", asked, dict.fromkeys(ENGINES))
    return asked if engine == "auto" else engine


def thread_count() -> int:
    """Return how many threads compute: OMP_NUM_THREADS if it says so, else one a core."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    if told.isdecimal() and int(told) > 0:
        return int(told)
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(psutil.cpu_count(logical=False) or usable, usable)


def import_openvino() -> Any:
    """Import OpenVINO without its telemetry, which would tell its makers of every import."""
    if "openvino" not in sys.modules:
        sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # as if not installed
    import openvino

    return openvino


def prefers_bfloat16() -> bool:
    """Return whether OpenVINO computes in bfloat16 if nobody says otherwise, as the CPU is faster with it."""
    openvino = import_openvino()
    return bool(openvino.Core().get_property("CPU", "INFERENCE_PRECISION_HINT") == openvino.Type.bf16)


def compiled(model: Any, *, bfloat16: bool, threads: int) -> Any:
    """Return what runs an OpenVINO model on the CPU, each picture in as little time as may be."""
    settings = {
        "INFERENCE_PRECISION_HINT": "bf16" if bfloat16 else "f32",
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
    }
    return import_openvino().Core().compile_model(model, "CPU", settings).create_infer_request()
