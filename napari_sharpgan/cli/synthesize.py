"""``sharpgan synthesize``: labeled synthetic tissue, as many tiles or as large a slide as one asks for."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from napari_sharpgan.cli import _slide, _tile_set
from napari_sharpgan.cli._likeness import NOT_OF_NUCLEI
from napari_sharpgan.cli._options import add_config_arguments, given_settings
from napari_sharpgan.nuclei import NucleiConfig

BOTH = ("generator", "seed")  # settings of tiles and slides


def add_arguments(parser: ArgumentParser) -> None:
    """Add the folder, what the tiles are like, who makes them, and the settings of `NucleiConfig`."""
    parser.add_argument(
        "out",
        metavar="OUT",
        type=Path,
        help="folder of the tiles, or a slide, which ends in .ome.zarr; new or begun before: what is there "
        "is not made again",
    )
    parser.add_argument(
        "--generator",
        default="",
        metavar="NAME|PATH",
        help="a generator in resources/ or a .safetensors file (default: the shipped one)",
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="all that is made follows from it and the settings, whoever makes it (default: 0)",
    )
    _add_models(parser)
    _add_workers(parser)
    _tile_set.add_arguments(parser.add_argument_group("tiles"))
    _slide.add_arguments(parser.add_argument_group("a slide"))
    add_config_arguments(parser, NucleiConfig, leave_out=NOT_OF_NUCLEI)


def _add_models(parser: ArgumentParser) -> None:
    """Add what the tissue is to be like."""
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
        "--stain",
        type=float,
        nargs=6,
        metavar="X",
        help="the same as numbers: means of R, G and B, then their standard deviations, 0 to 1",
    )


def _add_workers(parser: ArgumentParser) -> None:
    """Add who makes it, and who reads along."""
    parser.add_argument(
        "--device", default="auto", help="auto, cuda, mps or cpu (default: auto, the first that is there)"
    )
    parser.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes on this machine (default: 1)"
    )
    parser.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="a dask.distributed scheduler whose workers do the work, such as tcp://10.0.0.1:8786; "
        "they must see OUT and the generator's file under the same path",
    )
    parser.add_argument(
        "--json", action="store_true", help="say how far it is as lines of JSON, for a program to read along"
    )


def run(options: Namespace) -> int:
    """Make what is not there yet."""
    is_slide = options.out.name.lower().endswith(".ome.zarr")
    _refuse_others(options, is_slide)
    return _slide.run(options) if is_slide else _tile_set.run(options)


def _refuse_others(options: Namespace, is_slide: bool) -> None:
    """Refuse options that act on the other kind alone."""
    from napari_sharpgan.synthesis import SlideSettings, TileSettings

    given = given_settings(options, TileSettings if is_slide else SlideSettings)
    others = ", ".join(f"--{name.replace('_', '-')}" for name in given if name not in BOTH)
    if others and is_slide:
        raise ValueError(f"{others} is for tiles, and {options.out} names a slide")
    if others:
        raise ValueError(f"{others} is for a slide, which is called ….ome.zarr, and {options.out} is none")


_LIKE = (
    "make tiles like a real image, or like those to train on in a data folder: nuclei fitted to its labels, "
    "in its stain, but for the settings given here (default: random nuclei of the density classes 0 to 4)"
)
