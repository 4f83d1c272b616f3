"""The part of ``sharpgan synthesize`` that makes sets of tiles."""

from __future__ import annotations

import time
from argparse import Namespace
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_sharpgan._tasks import ShouldStop, run_to_end
from napari_sharpgan.cli._options import add_config_arguments, config_from, given_settings
from napari_sharpgan.cli._paths import read_labels
from napari_sharpgan.cli._progress import FactLines, RenewedLine
from napari_sharpgan.cli._signals import stopped_by_signals
from napari_sharpgan.formats import read_image
from napari_sharpgan.nuclei import NucleiConfig
from napari_sharpgan.run_folders.words import clock

OF_TILES = ("count", "seed")  # options of that name are the tiles', not the nuclei's

if TYPE_CHECKING:
    from napari_sharpgan.data import Sample
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


def asked_stain(options: Namespace) -> tuple[float, ...] | None:
    """Return the stain of --stain, or of --stain-of, if it was given."""
    from napari_sharpgan.data import stain_of
    from napari_sharpgan.rendering import read_settings

    if options.stain_of is None and options.stain is None:
        return None
    if options.stain_of is not None and options.stain is not None:
        raise ValueError("--stain and --stain-of both say the colors; give one of them")
    name = "--stain-of" if options.stain is None else "--stain"
    if read_settings(options.generator or None)["stain"] is None:
        raise ValueError(f"this generator was trained without stains, so {name} has nothing to act on")
    if options.stain is not None:
        return tuple(options.stain)
    return tuple(round(float(value), 4) for value in stain_of(read_image(options.stain_of)))


def given_nuclei(options: Namespace) -> dict[str, Any]:
    """Return the settings of nuclei that were given."""
    given = given_settings(options, NucleiConfig)
    return {name: value for name, value in given.items() if name not in ("count", "seed")}


def samples_to_imitate(options: Namespace) -> list[Sample]:
    """Return the images to imitate; of a mask alone one without colors."""
    from napari_sharpgan.data import Sample, read_sample, read_samples
    from napari_sharpgan.data.layouts import labels_of

    like, mask = options.like, options.nuclei_from
    if like is not None and like.is_dir() and mask is None:
        return read_samples(like)
    if like is not None and like.is_dir():
        raise ValueError("--nuclei-from goes with --like IMAGE; a data folder has labels of its own")
    if like is not None:
        if not like.is_file():
            raise FileNotFoundError(f"{like} does not exist; expected an image or a data folder")
        labels = mask or labels_of(like.resolve())
        if labels is None:
            raise ValueError(f"the labels of {like} are not beside it; name them with --nuclei-from")
        return [read_sample(like, labels)]
    if mask is None:
        return []
    numbers = read_labels(mask)
    return [Sample(mask.name, np.zeros((*numbers.shape, 3), np.uint8), numbers)]
