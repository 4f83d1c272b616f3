"""Headers and tensors of safetensors files of ours: no code is ever run by reading them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

HEADER = "napari-sharpgan"  # one entry for all that we say: safetensors shuffles entries from file to file


def read_tensors(
    path: Path, kind: str, wanted: Callable[[str], bool], *, framework: str = "np"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the header of a safetensors file of ours and its ``wanted`` tensors, as they are stored.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        What it has to hold, as its ``format`` says: "generator" for ``napari-sharpgan generator 1``.
    wanted : callable
        Says of the name of a tensor whether to read it.
    framework : {"np", "pt"}
        Whose tensors they are: NumPy's or torch's.

    Raises
    ------
    ValueError
        If the file is cut short, no safetensors file, or holds something else.
    """
    try:
        with safe_open(path, framework=framework) as file:
            header = json.loads((file.metadata() or {}).get(HEADER, "{}"))
            tensors = {name: file.get_tensor(name) for name in filter(wanted, file.keys())}
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} is no whole safetensors file: {error}") from error
    told = header.get("format") if isinstance(header, dict) else header
    if told != format_of(kind):
        raise ValueError(
            f"{path.name} is no {kind} of napari-sharpgan: its header says {told!r}, "
            f"expected {format_of(kind)!r}"
        )
    return header, tensors


def format_of(kind: str) -> str:
    """Return what the header of a file of this kind of network says that it is."""
    return f"napari-sharpgan {kind} 1"


@contextmanager
def fitting(path: Path, network: str) -> Iterator[None]:
    """Turn what tensors that do not fit the header raise into one sentence."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"{path.name} does not fit the {network} that its header describes: {error}"
        ) from error
