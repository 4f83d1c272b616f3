"""What ``sharpgan table1`` and ``table2`` have in common: options, progress, Ctrl-C, the end."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.cli._options import add_config_arguments, given_settings
from napari_sharpgan.cli._progress import RenewedLine
from napari_sharpgan.cli._signals import stopped_by_signals
from napari_sharpgan.run_folders.words import clock

if TYPE_CHECKING:
    from napari_sharpgan.experiments import Table, TableStep

ENDINGS = """exit status:
  0    all rows are done
  2    a mistake, said in one sentence
  130  stopped by Ctrl-C; the same command goes on, and does no finished row again
"""
FIXED = ("start", "seed", "synthetic", "synthetic_share")  # settings that a table gives its rows itself


def add_table_arguments(parser: ArgumentParser, config: type, names: Mapping[str, Any]) -> None:
    """Add data, place, rows, seeds, device and the settings that may differ from those of the rows."""
    parser.epilog, parser.formatter_class = ENDINGS, RawDescriptionHelpFormatter
    parser.add_argument(
        "data",
        metavar="DATA",
        type=Path,
        help="folder with images and labels, and a split.json with lists train and test",
    )
    parser.add_argument(
        "out", metavar="OUT", type=Path, help="folder for trainings, results of rows, table and figures"
    )
    parser.add_argument(
        "--rows",
        nargs="+",
        choices=tuple(names),
        metavar="NAME",
        help=f"only these: {', '.join(names)} (default: all)",
    )
    parser.add_argument(
        "--seeds",
        nargs="+",
        type=int,
        default=[1],
        metavar="N",
        help="a training for each (default: 1)",
    )
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu (default: auto)")
    add_config_arguments(parser, config, leave_out=FIXED, default="that of each row")


def make_table(
    options: Namespace, config: type, task: Callable[..., Generator[TableStep, None, Table]], *more: Any
) -> int:
    """Make a table, saying how it goes, print it, and return the exit status."""
    line = RenewedLine()

    def show(step: TableStep) -> None:
        if line.is_due():
            line.say(in_words(step))

    with stopped_by_signals() as stop:
        stop.saves = True
        settings = {"rows": options.rows, "seeds": options.seeds, "device": options.device}
        settings |= given_settings(options, config)
        try:
            made = task(options.data, options.out, *more, should_stop=stop.is_asked, **settings)
            table = run_to_end(made, show)
        finally:
            line.end()
    if table.lines:
        print(table.to_markdown())
        print(f"{options.out / table.form.name}.json, .md: {len(table.lines)} lines")
    return 128 + stop.signal if stop.signal else 0


def in_words(step: TableStep) -> str:
    """Return where a table is, in one line."""
    row = f"row {step.number} of {step.total}, {step.title}" if step.number else step.title
    training = step.training
    if training is None:
        return f"{row}: {step.doing}"
    left = clock((training.steps - training.step) * training.seconds)
    speed = f"{training.images_per_second:.1f} images/s"
    return f"{row}: step {training.step} of {training.steps}, {speed}, about {left} left"
