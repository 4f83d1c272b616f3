"""The part of ``sharpgan synthesize`` that makes slides."""

from __future__ import annotations

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
    from napari_sharpgan.synthesis import SlideStep, TileModel


def add_arguments(parser: Any) -> None:
    """Add the size of the slide, and `SlideSettings`."""
    from napari_sharpgan.synthesis import SlideSettings

    parser.add_argument(
        "--shape", type=int, nargs=2, metavar=("ROWS", "COLUMNS"), help="of the slide in pixels of 0.25 µm"
    )
    add_config_arguments(parser, SlideSettings, leave_out=("generator", "seed"))


def run(options: Namespace) -> int:
    """Make the blocks that are not there yet, saying how far it is."""
    if options.shape is None:
        raise ValueError("--shape must say rows and columns of the slide, such as --shape 16384 16384")
    if options.count is not None:
        raise ValueError(
            "--count is for tiles; how many nuclei a slide has follows from --density or --level"
        )

    from napari_sharpgan.synthesis import SlideSettings, Workers, synthesize_slide

    settings, workers = config_from(options, SlideSettings), Workers(options.workers, options.scheduler)
    line = FactLines() if options.json else RenewedLine()
    with stopped_by_signals(saving="what is finished stays") as stop:
        stop.saves = True

        def show(step: SlideStep) -> None:
            if line.is_due() or step.done == step.total:
                line.say(in_words(step), asdict(step))

        try:
            model = _model(options, line, stop.is_asked)
            if model is None:
                return 128 + stop.signal
            task = synthesize_slide(
                options.out,
                tuple(options.shape),
                settings,
                model,
                workers=workers,
                device=options.device,
                should_stop=stop.is_asked,
            )
            facts = run_to_end(task, show)
        finally:
            line.end()
    rows, columns = options.shape
    said = f"{rows:,} × {columns:,} pixels" if facts["complete"] else "not complete, the same command goes on"
    print(f"{options.out}: {said}, {facts['nuclei']:,} nuclei")
    return 128 + stop.signal if stop.signal and not facts["complete"] else 0


def in_words(step: SlideStep) -> str:
    """Return how far it is, in one line."""
    said = f"{step.done:,} of {step.total:,} blocks ({step.done / step.total:.0%})"
    if not step.made:
        return said
    left = (step.total - step.done) * step.seconds / step.made
    return f"{said}  {step.pixels / step.seconds / 1e6:.2f} megapixels/s  about {clock(left)} left"


def _model(options: Namespace, line: RenewedLine, should_stop: ShouldStop) -> TileModel | None:
    """Return what the slide is like; None if it was stopped."""
    from napari_sharpgan.synthesis import fitted_models, imitable, slide_model

    if options.like is not None and options.like.is_dir():
        raise ValueError(f"a slide is like one image, and {options.like} is a folder; name one image in it")
    stain, given, samples = asked_stain(options), given_nuclei(options), samples_to_imitate(options)
    if not samples:
        return slide_model(given, stain)
    models = run_to_end(fitted_models(imitable(samples), given, should_stop=should_stop), line.say_if_due)
    if not models:
        return None
    return replace(models[0], stain=stain) if stain is not None or options.like is None else models[0]
