"""The part of ``sharpgan synthesize`` that makes sets of tiles."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from napari_sharpgan._tasks import ShouldStop, run_to_end
from napari_sharpgan.cli._likeness import asked_stain, given_nuclei, samples_to_imitate
from napari_sharpgan.cli._options import add_config_arguments, config_from
from napari_sharpgan.cli._progress import FactLines, RenewedLine
from napari_sharpgan.cli._signals import stopped_by_signals
from napari_sharpgan.run_folders.words import clock

if TYPE_CHECKING:
    from napari_sharpgan.synthesis import TilePlan, TileSettings, TilesStep


def add_arguments(parser: Any) -> None:
    """Add how many tiles there are to be, in which format, who makes them, and `TileSettings`."""
    from napari_sharpgan.synthesis import TileSettings

    parser.add_argument(
        "--count",
        type=int,
        metavar="N",
        help="tiles that there are to be; more can be asked for later: those that are there stay",
    )
    add_config_arguments(parser, TileSettings, leave_out=("generator", "seed"))


def run(options: Namespace) -> int:
    """Make the tiles that are not there yet, saying how far it is."""
    if options.count is None:
        raise ValueError(
            "--count must say how many tiles to make, such as --count 10000; a slide is called ….ome.zarr"
        )
    if options.shape is not None:
        raise ValueError("--shape is for slides, which are called ….ome.zarr; tiles have --size")

    from napari_sharpgan.synthesis import TileSettings, Workers, synthesize_tiles

    settings, workers = config_from(options, TileSettings), Workers(options.workers, options.scheduler)
    line = FactLines() if options.json else RenewedLine()
    with stopped_by_signals(saving="what is finished stays") as stop:
        stop.saves = True
        try:
            plan, source = _plan(options, settings, line, stop.is_asked)
            if plan is None:
                return 128 + stop.signal
            task = synthesize_tiles(
                options.out,
                plan,
                options.count,
                source=source,
                workers=workers,
                device=options.device,
                should_stop=stop.is_asked,
            )
            done = run_to_end(task, _Progress(line))
        finally:
            line.end()
    print(f"{options.out}: {done:,} of {options.count:,} tiles, {settings.format}")
    return 128 + stop.signal if stop.signal and done < options.count else 0


class _Progress:
    """Says how many tiles there are, how many a second are made, and how long it still takes."""

    def __init__(self, line: RenewedLine) -> None:
        self._line = line
        self._start = time.monotonic()

    def __call__(self, step: TilesStep) -> None:
        if self._line.is_due() or step.done == step.total:
            seconds = time.monotonic() - self._start
            self._line.say(in_words(step, seconds), {**asdict(step), "seconds": seconds})


def in_words(step: TilesStep, seconds: float) -> str:
    """Return how far it is, in one line."""
    said = f"{step.done:,} of {step.total:,} tiles ({step.done / step.total:.0%})"
    if not step.made or seconds <= 0:
        return said
    speed = step.made / seconds
    left = (step.total - step.done) / speed
    return f"{said}  {speed:.1f} tiles/s  about {clock(left)} left"


def _plan(
    options: Namespace, settings: TileSettings, line: RenewedLine, should_stop: ShouldStop
) -> tuple[TilePlan | None, dict[str, Any]]:
    """Return what the tiles follow from, and what that was made from; no plan if it was stopped."""
    from napari_sharpgan.synthesis import TilePlan, imitated, random_models

    stain, given, samples = asked_stain(options), given_nuclei(options), samples_to_imitate(options)
    if samples:
        fitting = imitated(samples, options.out, given, stain=stain, should_stop=should_stop)
        models, source = run_to_end(fitting, line.say_if_due)
    else:
        models, source = random_models(given), {}
    if not models:
        return None, {}
    if not samples or options.like is None:  # nothing that is imitated has a stain
        models = [replace(model, stain=stain) for model in models]
    return TilePlan.of(settings, models), source
