"""Files that sub-commands read and write, checked before any work is done."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.cli._manners import say
from napari_sharpgan.formats import NUCLEI_FORMATS, read_nuclei
from napari_sharpgan.formats.paths import by_suffix


def add_nuclei_arguments(parser: argparse.ArgumentParser, *, nargs: str | None = None) -> None:
    """Add the file of nuclei, and the shape that outlines are painted on."""
    parser.add_argument(
        "nuclei", metavar="NUCLEI", type=Path, nargs=nargs, help=f"nuclei: {', '.join(NUCLEI_FORMATS)}"
    )
    parser.add_argument(
        "--shape",
        type=int,
        nargs=2,
        metavar=("ROWS", "COLUMNS"),
        help="size of the image of the outlines (default: what the file says, else what holds them all)",
    )


def read_labels(path: Path, shape: tuple[int, ...] | None = None) -> NDArray[np.int32]:
    """Read a file of nuclei as a label image (H, W) and say what had to be changed in reading."""
    nuclei = read_nuclei(path)
    for note in nuclei.notes:
        say(note)
    try:
        return nuclei.to_labels(None if shape is None else (shape[0], shape[1]))
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def check_output(path: Path, kinds: Mapping[str, Any], *, inputs: tuple[Path | None, ...] = ()) -> None:
    """Raise now, not after the work, if ``path`` cannot be written or would replace what is read."""
    kind = by_suffix(path, kinds)
    if path.is_dir() and not getattr(kind, "folder", False):
        raise IsADirectoryError(f"{path} is a folder, expected the name of a file")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"the folder {path.parent} does not exist, so {path.name} cannot be written")
    for source in inputs:
        if source is not None and source.exists() and path.exists() and path.samefile(source):
            raise ValueError(f"{path} is what is read; choose another name for what is written")
