"""``sharpgan convert``: nuclei from one kind of file to another."""

from __future__ import annotations

import warnings
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import check_shape
from napari_sharpgan.cli._manners import say
from napari_sharpgan.cli._paths import check_output
from napari_sharpgan.formats import (
    NUCLEI_FORMATS,
    Nuclei,
    NucleiFormat,
    NucleusInfo,
    read_nuclei,
    write_nuclei,
)
from napari_sharpgan.formats.paths import by_suffix

WORDS = {
    "class_name": "classes",
    "class_color": "colors of classes",
    "name": "names",
    "color": "colors",
    "is_locked": "locks",
    "measurements": "measurements",
    "metadata": "texts",
}


def add_arguments(parser: ArgumentParser) -> None:
    """Add the two files and what the first may not say."""
    written = ", ".join(suffix for suffix, kind in NUCLEI_FORMATS.items() if kind.write)
    parser.add_argument("source", metavar="IN", type=Path, help=f"read: {', '.join(NUCLEI_FORMATS)}")
    parser.add_argument("out", metavar="OUT", type=Path, help=f"written: {written}")
    parser.add_argument(
        "--shape",
        type=int,
        nargs=2,
        metavar=("ROWS", "COLUMNS"),
        help="size of the image of the outlines (default: what the file says, else what holds them all)",
    )
    parser.add_argument(
        "--micrometers-per-pixel",
        type=float,
        metavar="X",
        help="size of a pixel, written where the format has a place for it (default: what the file says)",
    )


def run(options: Namespace) -> int:
    """Read, say what had to be changed and what is lost, and write."""
    kind = by_suffix(options.out, NUCLEI_FORMATS)
    by_suffix(options.source, NUCLEI_FORMATS)
    if kind.write is None:
        raise ValueError(f"{kind.title} is only read, not written; choose another ending for {options.out}")
    check_output(options.out, NUCLEI_FORMATS, inputs=(options.source,))
    nuclei = read_nuclei(options.source)
    for note in nuclei.notes:
        say(note)
    try:
        nuclei = _as_asked(nuclei, options)
        nuclei = nuclei if "polygons" in kind.keeps else _painted(nuclei, options.out)
    except ValueError as error:
        raise ValueError(f"{options.source.name}: {error}") from error
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always", UserWarning)
        write_nuclei(nuclei, options.out)
    for warning in said:
        say(str(warning.message))
    _say_what_is_lost(nuclei, kind, options.out)
    count = len(nuclei.numbers) if nuclei.labels is None else _numbers(nuclei).size
    print(f"{options.out}: {count} nuclei, {kind.title}")
    return 0


def _as_asked(nuclei: Nuclei, options: Namespace) -> Nuclei:
    """Return the nuclei with the shape and the size of a pixel that were asked for."""
    size = options.micrometers_per_pixel
    if size is not None:
        nuclei = replace(nuclei, micrometers_per_pixel=size)
    if options.shape is None:
        return nuclei
    shape = check_shape(options.shape)
    if nuclei.labels is not None and nuclei.labels.shape != shape:
        raise ValueError(f"the labels must have the shape {shape}, got {nuclei.labels.shape}")
    return replace(nuclei, shape=shape)


def _painted(nuclei: Nuclei, out: Path) -> Nuclei:
    """Return outlines as pixels, and say which nuclei have none of their own."""
    if nuclei.labels is not None:
        return nuclei
    painted = Nuclei(
        labels=nuclei.to_labels(), info=nuclei.info, micrometers_per_pixel=nuclei.micrometers_per_pixel
    )
    missing = len(nuclei.numbers) - _numbers(painted).size
    if missing:
        say(f"{missing} of {len(nuclei.numbers)} nuclei have no pixel of their own and are not in {out.name}")
    return painted


def _numbers(nuclei: Nuclei) -> NDArray[np.int32]:
    numbers: NDArray[np.int32] = np.unique(nuclei.to_labels())
    return numbers[numbers > 0]


def _say_what_is_lost(nuclei: Nuclei, kind: NucleiFormat, out: Path) -> None:
    """Name what the nuclei have that the format has no place for."""
    plain = NucleusInfo()
    lost = [
        word
        for name, word in WORDS.items()
        if name not in kind.keeps
        and any(getattr(info, name) != getattr(plain, name) for info in nuclei.info.values())
    ]
    if nuclei.micrometers_per_pixel is not None and "micrometers_per_pixel" not in kind.keeps:
        lost.append("the size of a pixel")
    if lost:
        say(f"{out.name} has no place for {', '.join(lost)}; they are not in it")
