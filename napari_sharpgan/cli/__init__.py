"""The command ``sharpgan``: one sub-command a task.

To add one, write a module of its name (``train-segmenter`` lies in ``train_segmenter.py``) with
``add_arguments(parser)`` and ``run(options) -> int``, and name it in ``COMMANDS``. Only the module of the
command that was called for is imported.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module, metadata
from typing import Any, NoReturn

from napari_sharpgan.cli._manners import guarded

COMMANDS: dict[str, str] = {
    "nuclei": "draw random nuclei",
    "convert": "convert nuclei from one kind of file to another",
    "maps": "turn nuclei into binary, distance and contour maps",
    "render": "render nuclei as synthetic H&E tissue",
    "synthesize": "make labeled synthetic tissue: many tiles, or a slide of any size",
    "measure": "measure size, form, stain and sharpness of each nucleus",
    "sharpness": "measure how sharp the contours of nuclei are in an image",
    "train": "train a generator on real tissue",
    "train-segmenter": "train a segmenter on real and synthetic tissue",
    "runs": "list trainings, let one wait, go on or stop",
    "segment": "find the nuclei of an image",
    "score": "score masks or images against true ones",
    "table1": "make the paper's table 1: train its generators, score their tissue",
    "table2": "make the paper's table 2: train segmenters on real and synthetic tissue, score them",
    "doctor": "say what is installed, what runs where, and what is missing",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``sharpgan``.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments after the command's name; by default those of the process.

    Returns
    -------
    int
        0 when all went well, 1 when `doctor` found something missing, 2 after a mistake that one sentence on
        stderr names, 128 + n when signal n stopped it (130 for Ctrl-C).
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in arguments
    return guarded(lambda: _run([word for word in arguments if word != "--debug"]), debug=debug)


def _run(arguments: list[str]) -> int:
    """Parse the arguments and run the sub-command."""
    chosen = next((word for word in arguments if not word.startswith("-")), None)
    parser = _Parser(prog="sharpgan", description="Draw nuclei, get tissue.")
    parser.add_argument("--version", action=_Version, help="say the version and end")
    parser.add_argument("--debug", action="store_true", help="show where an error came from")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == chosen:
            _module(name).add_arguments(command)
    try:
        options = parser.parse_args(arguments)
    except SystemExit as end:
        return int(end.code or 0)
    status: int = _module(options.command).run(options)
    return status


def _module(command: str) -> Any:
    """Return the module of a sub-command."""
    return import_module(f"{__name__}.{command.replace('-', '_')}")


class _Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations and says a mistake in one sentence."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        """End with status 2."""
        self.exit(2, f"sharpgan: {message}; '{self.prog} --help' shows what is expected\n")


class _Version(argparse.Action):
    """Say the version, which is looked up only then."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings, nargs=0)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        """End with status 0."""
        print(f"napari-sharpgan {metadata.version('napari-sharpgan')}")
        parser.exit()
