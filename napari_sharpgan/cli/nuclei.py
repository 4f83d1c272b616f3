"""``sharpgan nuclei``: random nuclei in a file."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import asdict
from pathlib import Path

from napari_sharpgan._checks import check_shape
from napari_sharpgan.cli._options import add_config_arguments, config_from
from napari_sharpgan.cli._paths import check_output
from napari_sharpgan.formats import NUCLEI_FORMATS, Nuclei, write_nuclei
from napari_sharpgan.nuclei import NucleiConfig, nuclei_statistics, random_nuclei, rasterize


def add_arguments(parser: ArgumentParser) -> None:
    """Add file, shape and the settings of `NucleiConfig`."""
    parser.add_argument("out", metavar="OUT", type=Path, help=f"written: {', '.join(NUCLEI_FORMATS)}")
    parser.add_argument(
        "--shape",
        type=int,
        nargs=2,
        default=(512, 512),
        metavar=("ROWS", "COLUMNS"),
        help="size of the canvas in pixels (default: 512 512)",
    )
    add_config_arguments(parser, NucleiConfig)


def run(options: Namespace) -> int:
    """Draw nuclei, write them, and say how many they are."""
    check_output(options.out, NUCLEI_FORMATS)
    shape = check_shape(options.shape)
    polygons = random_nuclei(shape, **asdict(config_from(options, NucleiConfig)))
    write_nuclei(Nuclei(polygons=polygons, shape=shape), options.out)
    print(f"{options.out}: {nuclei_statistics(rasterize(polygons, shape))}")
    return 0
