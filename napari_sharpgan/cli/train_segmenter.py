"""``sharpgan train-segmenter``: train a segmenter in a run folder, which can be stopped and gone on with."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from napari_sharpgan.cli.train import add_run_arguments, train_in_folder
from napari_sharpgan.training import DEFAULT_SEGMENTER_RECIPE, SEGMENTER_RECIPES, SegmenterConfig


def add_arguments(parser: ArgumentParser) -> None:
    """Add data, run folder, recipe and the settings of `SegmenterConfig`."""
    add_run_arguments(parser, SegmenterConfig, SEGMENTER_RECIPES, DEFAULT_SEGMENTER_RECIPE)


def run(options: Namespace) -> int:
    """Train; after Ctrl-C or a signal to end, save and return 128 + its number."""
    return train_in_folder(options, SegmenterConfig, "segmenter")
