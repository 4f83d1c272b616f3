"""The text masks of CPM-15: a line ``width height``, then one label a line, row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from napari_sharpgan._checks import check_labels
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.record import Nuclei

_AT_ONCE = 2**20


def read(path: Path) -> Nuclei:
    """Read the mask of one image."""
    with understood(path, "a CPM-15 mask (whole numbers: width, height, then one label a pixel)"):
        numbers = np.array(path.read_bytes().split()).astype(np.int64)
    if len(numbers) < 2 or numbers[:2].min() < 1:
        raise ValueError(
            f"{path.name} must begin with width and height, both at least 1, got {numbers[:2].tolist()}"
        )
    width, height = numbers[:2].tolist()
    if len(numbers) - 2 != width * height:
        raise ValueError(
            f"{path.name} must hold {width} × {height} = {width * height} labels, got {len(numbers) - 2}"
        )
    labels = check_labels(numbers[2:].reshape(height, width), f"the labels in {path.name}")
    return Nuclei(labels=labels)


def write(nuclei: Nuclei, path: Path) -> None:
    """Write the mask of one image."""
    labels = nuclei.to_labels()
    height, width = labels.shape
    with path.open("wb") as file:
        file.write(b"%d %d\n" % (width, height))
        for start in range(0, labels.size, _AT_ONCE):
            values, places = np.unique(labels.ravel()[start : start + _AT_ONCE], return_inverse=True)
            lines = np.char.add(values.astype(bytes), b"\n")[places].view(np.uint8)
            file.write(lines[lines > 0].tobytes())
