"""Nuclei as bytes and back: quick, exact, without running code. For undo on disk and for autosaves."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.formats import NucleusInfo
from napari_sharpgan.scene.nucleus import PLAIN, Changes, Nucleus, kept

_SAID_OF_ANY = vars(PLAIN)
_GONE = -1  # in place of the number of points of a nucleus that is not there


def pack(nuclei: Changes, about: Mapping[str, Any] | None = None) -> bytes:
    """Return nuclei by key, and facts about them all that JSON can hold, as the bytes of an ``.npz`` file."""
    outlines = [np.empty((0, 2)) if nucleus is None else nucleus.outline for nucleus in nuclei.values()]
    sizes = [
        _GONE if nucleus is None else len(outline)
        for nucleus, outline in zip(nuclei.values(), outlines, strict=True)
    ]
    said = {str(key): _told(n.info) for key, n in nuclei.items() if n is not None and n.info is not PLAIN}
    words = json.dumps({"about": dict(about or {}), "info": said}, default=dict).encode()
    file = BytesIO()
    np.savez(
        file,
        keys=np.array(list(nuclei), np.int64),
        sizes=np.array(sizes, np.int64),
        points=np.concatenate([np.empty((0, 2)), *outlines]),
        words=np.frombuffer(words, np.uint8),
    )
    return file.getvalue()


def unpack(content: bytes) -> tuple[dict[int, Nucleus | None], dict[str, Any]]:
    """Return the nuclei and the facts that `pack` packed.

    Raises
    ------
    ValueError
        If these are no such bytes, or not all of them.
    """
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            words = json.loads(arrays["words"].tobytes())
            keys, sizes, points = (arrays[name] for name in ("keys", "sizes", "points"))
        infos = {int(key): _info(said) for key, said in words["info"].items()}
        return dict(_nuclei(keys, sizes, points, infos)), words["about"]
    except Exception as error:  # zip, numpy and json each have errors of their own for cut or foreign bytes
        raise ValueError(f"these are no packed nuclei: {error}") from error


def glance(path: str | os.PathLike[str]) -> tuple[int, dict[str, Any]]:
    """Return how many nuclei a file of `pack` has, and the facts about them, without reading the outlines.

    Raises
    ------
    ValueError
        If it is no such file, or not all of it.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            return len(arrays["keys"]), json.loads(arrays["words"].tobytes())["about"]
    except Exception as error:
        raise ValueError(f"these are no packed nuclei: {error}") from error


def _nuclei(
    keys: NDArray[np.int64],
    sizes: NDArray[np.int64],
    points: NDArray[np.float64],
    infos: Mapping[int, NucleusInfo],
) -> Any:
    """Yield each key with its nucleus."""
    ends = np.maximum(sizes, 0).cumsum()
    if points.shape != (int(ends[-1]) if len(ends) else 0, 2):
        raise ValueError("the outlines do not have as many points as is said")
    for key, size, end in zip(keys.tolist(), sizes.tolist(), ends.tolist(), strict=True):
        yield key, None if size < 0 else Nucleus(kept(points[end - size : end]), infos.get(key, PLAIN))


def _told(info: NucleusInfo) -> dict[str, Any]:
    """Return what is said of a nucleus, but for what is said of any; `asdict` takes ten times as long."""
    return {name: told for name, told in vars(info).items() if told != _SAID_OF_ANY[name]}


def _info(said: Mapping[str, Any]) -> NucleusInfo:
    """Return what was said of a nucleus; JSON made lists of its colors."""
    colors = {name: tuple(said[name]) for name in ("color", "class_color") if said.get(name)}
    return NucleusInfo(**{**said, **colors})
