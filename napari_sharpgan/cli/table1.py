"""``sharpgan table1``: the paper's table 1 on a data folder, resumable row by row."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from napari_sharpgan.cli._tables import add_table_arguments, make_table
from napari_sharpgan.experiments import GENERATORS, table1
from napari_sharpgan.training import GanConfig


def add_arguments(parser: ArgumentParser) -> None:
    """Add what all tables have, and the settings of `GanConfig`."""
    add_table_arguments(parser, GanConfig, GENERATORS)


def run(options: Namespace) -> int:
    """Make the rows that are not there yet, and print the table."""
    return make_table(options, GanConfig, table1)
