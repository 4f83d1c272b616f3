"""Networks to and from safetensors: all that a load needs stands in the header, so no code is ever run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from napari_sharpgan._files import written_whole
from napari_sharpgan.light.tensors_file import HEADER, read_tensors


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
    """Return what `read_tensors` does, as tensors of torch, in float32; by default all of them."""
    header, state = read_tensors(path, kind, wanted, framework="pt")
    return header, {name: v.float() if v.is_floating_point() else v for name, v in state.items()}


def card_of(path: Path, kind: str) -> dict[str, Any]:
    """Return what the header of a file says of a network, beside its settings."""
    card: dict[str, Any] = read_weights(path, kind, lambda name: False)[0].get("card", {})
    return card


@torch.no_grad()
def round_to_half(network: torch.nn.Module) -> None:
    """Round weights and statistics to float16, so that what is scored is what ``half`` saves."""
    for value in (*network.parameters(), *network.buffers()):
        if value.is_floating_point():
            value.copy_(value.half())
