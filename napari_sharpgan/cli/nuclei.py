"""``sharpgan nuclei``: random nuclei in a file, if wanted like those of a mask."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import check_shape
from napari_sharpgan.cli._options import add_config_arguments, config_from, given_settings
from napari_sharpgan.cli._paths import check_output, read_labels
from napari_sharpgan.formats import NUCLEI_FORMATS, Nuclei, write_nuclei
from napari_sharpgan.nuclei import (
    NucleiConfig,
    compare_nuclei,
    fit_nuclei,
    nuclei_statistics,
    random_nuclei,
    rasterize,
)

DEFAULT_SHAPE = (512, 512)


def add_arguments(parser: ArgumentParser) -> None:
    """Add file, shape and the settings of `NucleiConfig`."""
    parser.add_argument("out", metavar="OUT", type=Path, help=f"written: {', '.join(NUCLEI_FORMATS)}")
    parser.add_argument(
        "--shape",
        type=int,
        nargs=2,
        metavar=("ROWS", "COLUMNS"),
        help="size of the canvas in pixels (default: that of MASK, else 512 512)",
    )
    parser.add_argument(
        "--like",
        type=Path,
        metavar="MASK",
        help="take the settings that fit the nuclei in a file, but for those given here: "
        f"{', '.join(NUCLEI_FORMATS)}",
    )
    add_config_arguments(parser, NucleiConfig)


def run(options: Namespace) -> int:
    """Draw nuclei, write them, and say how many they are and, with ``--like``, how like."""
    check_output(options.out, NUCLEI_FORMATS, inputs=(options.like,))
    mask = None if options.like is None else read_labels(options.like)
    shape = check_shape(options.shape or (DEFAULT_SHAPE if mask is None else mask.shape))
    config = config_from(options, NucleiConfig) if mask is None else _fitted(mask, options)
    polygons = random_nuclei(shape, **asdict(config))
    write_nuclei(Nuclei(polygons=polygons, shape=shape), options.out)
    labels = rasterize(polygons, shape)
    print(f"{options.out}: {nuclei_statistics(labels)}")
    if mask is not None:
        said = [f"{name.replace('_', '-')} {value:g}" for name, value in changed_settings(config).items()]
        print(f"settings: {', '.join(said)}")
        print(f"like {options.like}: {compare_nuclei(mask, labels)}; 0 is the same")
    return 0


def _fitted(mask: NDArray[np.int32], options: Namespace) -> NucleiConfig:
    """Return the settings that fit a mask, in place of which those stand that are given as options."""
    given = given_settings(options, NucleiConfig)
    try:
        return replace(fit_nuclei(mask, seed=given.get("seed", 0)), **given)
    except ValueError as error:
        raise ValueError(f"{options.like.name}: {error}") from error


def changed_settings(config: NucleiConfig) -> dict[str, float]:
    """Return the settings that are not the defaults."""
    return {name: value for name, value in asdict(config).items() if value != getattr(NucleiConfig(), name)}
