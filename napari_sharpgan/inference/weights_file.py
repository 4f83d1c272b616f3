"""Networks to and from safetensors: all that a load needs stands in the header, so no code is ever run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from napari_sharpgan._files import written_whole

HEADER = "napari-sharpgan"  # one entry for all that we say: safetensors shuffles entries from file to file


def write_weights(
    state: Mapping[str, Tensor], header: Mapping[str, Any], path: str | Path, *, half: bool = False
) -> None:
    """Write tensors and a header (JSON, with ``format``) as safetensors, whole or not at all.

    With ``half`` floats are stored as float16.
    """
    tensors = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    if half:
        tensors = {name: v.half() if v.is_floating_point() else v for name, v in tensors.items()}
    with written_whole(path) as temporary:
        save_file(tensors, temporary, metadata={HEADER: json.dumps(header)})


def read_weights(
    path: Path, kind: str, wanted: Callable[[str], bool] = lambda name: True
) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Return the header of a safetensors file of ours and its ``wanted`` tensors, in float32.

    Parameters
    ----------
    path : Path
        The file.
    kind : str
        What it has to hold, as its ``format`` says: "generator" for ``napari-sharpgan generator 1``.
    wanted : callable
        Says of the name of a tensor whether to read it.

    Raises
    ------
    ValueError
        If the file is cut short, no safetensors file, or holds something else.
    """
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get(HEADER, "{}"))
            state = {name: file.get_tensor(name) for name in filter(wanted, file.keys())}
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} is no whole safetensors file: {error}") from error
    told = header.get("format") if isinstance(header, dict) else header
    if told != format_of(kind):
        raise ValueError(
            f"{path.name} is no {kind} of napari-sharpgan: its header says {told!r}, "
            f"expected {format_of(kind)!r}"
        )
    return header, {name: v.float() if v.is_floating_point() else v for name, v in state.items()}


def card_of(path: Path, kind: str) -> dict[str, Any]:
    """Return what the header of a file says of a network, beside its settings."""
    card: dict[str, Any] = read_weights(path, kind, lambda name: False)[0].get("card", {})
    return card


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


@torch.no_grad()
def round_to_half(network: torch.nn.Module) -> None:
    """Round weights and statistics to float16, so that what is scored is what ``half`` saves."""
    for value in (*network.parameters(), *network.buffers()):
        if value.is_floating_point():
            value.copy_(value.half())
