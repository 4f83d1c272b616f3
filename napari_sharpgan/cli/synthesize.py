"""``sharpgan synthesize``: labeled synthetic tissue, as many tiles as one asks for."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from napari_sharpgan.cli import _tile_set
from napari_sharpgan.cli._options import add_config_arguments
from napari_sharpgan.nuclei import NucleiConfig

OWN = ("count", "seed")  # of the nuclei: options of that name are the tiles'


def add_arguments(parser: ArgumentParser) -> None:
    """Add the folder, what the tiles are like, who makes them, and the settings of `NucleiConfig`."""
    parser.add_argument(
        "out",
        metavar="OUT",
        type=Path,
        help="folder of the tiles, new or begun before: what is there is not made again",
    )
    parser.add_argument("--like", type=Path, metavar="IMAGE|DATA", help=_LIKE)
    parser.add_argument(
        "--nuclei-from",
        type=Path,
        metavar="MASK",
        help="fit the nuclei to those in this file; with --like IMAGE its labels",
    )
    parser.add_argument(
        "--stain-of",
        type=Path,
        metavar="IMAGE",
        help="render all tiles in the colors of this image (default: as --like, else the generator's own)",
    )
    parser.add_argument(
        "--device", default="auto", help="auto, cuda, mps or cpu (default: auto, the first that is there)"
    )
    _tile_set.add_arguments(parser)
    add_config_arguments(parser, NucleiConfig, leave_out=OWN)


def run(options: Namespace) -> int:
    """Make the tiles that are not there yet."""
    return _tile_set.run(options)


_LIKE = (
    "make tiles like a real image, or like those to train on in a data folder: nuclei fitted to its labels, "
    "in its stain, but for the settings given here (default: random nuclei of the density classes 0 to 4)"
)
