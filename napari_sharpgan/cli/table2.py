"""``sharpgan table2``: the paper's table 2 on a data folder, resumable row by row."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from napari_sharpgan.cli._tables import add_table_arguments, make_table
from napari_sharpgan.experiments import SEGMENTERS, SyntheticSets, table2
from napari_sharpgan.training import SegmenterConfig


def add_arguments(parser: ArgumentParser) -> None:
    """Add what all tables have, the generator and number of synthetic tiles, and `SegmenterConfig`."""
    add_table_arguments(parser, SegmenterConfig, SEGMENTERS)
    parser.add_argument(
        "--generator",
        required=True,
        metavar="NAME|PATH",
        help="weights that the synthetic tiles are rendered with; for numbers to report those of a row of "
        "table1, OUT/runs/sharp-gan-s1/checkpoints/best.safetensors",
    )
    parser.add_argument(
        "--tiles",
        nargs="+",
        type=int,
        default=[3000],
        metavar="N",
        help="numbers of synthetic tiles of 256 × 256 that S has; the paper has 3000 10000 (default: 3000)",
    )
    parser.add_argument("--tiles-seed", type=int, default=0, metavar="N", help="of the tiles (default: 0)")


def run(options: Namespace) -> int:
    """Make the tiles and rows that are not there yet, and print the table."""
    sets = SyntheticSets(options.generator, options.tiles, options.tiles_seed)
    return make_table(options, SegmenterConfig, table2, sets)
