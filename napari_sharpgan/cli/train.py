"""``sharpgan train``: a training run in a folder, which can be stopped and gone on with."""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.cli._manners import say, sentence
from napari_sharpgan.cli._options import add_config_arguments, given_settings
from napari_sharpgan.cli._progress import ProgressLine, in_words
from napari_sharpgan.cli._signals import Stop, stopped_by_signals
from napari_sharpgan.data import memory_of_images, search, tile_set_in
from napari_sharpgan.rendering import choose_device
from napari_sharpgan.run_folders import run_status
from napari_sharpgan.run_folders.control import check_free
from napari_sharpgan.run_folders.names import REPORT
from napari_sharpgan.run_folders.words import gigabytes
from napari_sharpgan.training import (
    DEFAULT_RECIPE,
    RECIPES,
    GanConfig,
    RunPlan,
    SavePolicy,
    Survey,
    TrainStep,
    carry_out,
    choose_config,
    generator_path,
    plan_run,
    survey,
)
from napari_sharpgan.training.estimate import estimate

ENDINGS = """exit status:
  0    all steps are done
  2    a mistake, said in one sentence
  130  stopped by Ctrl-C, with a checkpoint (143: by a request to end); the same command goes on
"""


def add_arguments(parser: ArgumentParser) -> None:
    """Add data, run folder, recipe, estimate and the settings of `GanConfig`."""
    parser.add_argument(
        "--estimate",
        action="store_true",
        help="measure a few steps, say how much time and memory the training will take, and train nothing",
    )
    parser.add_argument("--json", action="store_true", help="say the estimate as JSON")
    add_run_arguments(parser, GanConfig, RECIPES, DEFAULT_RECIPE)


def add_run_arguments(
    parser: ArgumentParser, config: type, recipes: Mapping[str, Any], default_recipe: str
) -> None:
    """Add data, run folder, recipe and the settings of any training."""
    parser.epilog, parser.formatter_class = ENDINGS, RawDescriptionHelpFormatter
    parser.add_argument(
        "data",
        metavar="DATA",
        type=Path,
        nargs="?",
        help="folder with images and labels; with a split.json, its train list is used; or a set of tiles; "
        "a run begun before knows its own",
    )
    parser.add_argument(
        "--run",
        type=Path,
        help="folder for settings, losses and checkpoints; a run begun there before is gone on with",
    )
    parser.add_argument(
        "--recipe",
        choices=tuple(recipes),
        metavar="NAME",
        help=f"settings by name: {', '.join(recipes)} (default: those of the run, if it was begun before, "
        f"else {default_recipe}, whose settings are the defaults below)",
    )
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu (default: auto)")
    parser.add_argument(
        "--checkpoint-every",
        type=int,
        default=0,
        metavar="N",
        help="save each N steps too, not only once a minute and at the end (default: 0, not)",
    )
    add_config_arguments(parser, config)


def run(options: Namespace) -> int:
    """Train; after Ctrl-C or a signal to end, save and return 128 + its number."""
    return _estimate(options) if options.estimate else train_in_folder(options, GanConfig, "generator")


def train_in_folder(options: Namespace, config: type, kind: str) -> int:
    """Train in a run folder with the settings that were given, and return the exit status."""
    if options.checkpoint_every < 0:
        raise ValueError(f"--checkpoint-every must be at least 0, got {options.checkpoint_every}")
    if options.run is None:
        raise ValueError("--run is required: the folder to keep the training in")
    plan = plan_run(options.run, options.recipe, kind=kind, **given_settings(options, config))
    check_free(options.run)
    if _is_complete(options.run):
        _say_end(options.run, plan.config.steps, plan.config.steps)
        return 0
    with stopped_by_signals() as stop:
        return _train(options, plan, stop)


def _train(options: Namespace, plan: RunPlan, stop: Stop) -> int:
    """Train, saying how it goes, and return the exit status."""
    line, is_first = ProgressLine(options.run), os.environ.get("RANK", "0") == "0"

    def say_survey(found: Survey) -> None:
        say(str(found))

    def watch(step: TrainStep) -> None:
        if is_first and not stop.saves and step.step > 1:
            say(f"going on from step {step.step - 1:,}")
        stop.saves = True
        if is_first:
            line.show(step)

    task = carry_out(
        plan,
        options.data,
        device=options.device,
        save=SavePolicy(steps=options.checkpoint_every),
        should_stop=stop.is_asked,
        on_survey=say_survey if is_first else None,
    )
    try:
        result = run_to_end(task, watch)
    except ConnectionError as error:  # said at once, as torchrun is about to end this process too
        say(sentence(error))
        return 2
    finally:
        line.end()
    if is_first:
        _say_end(options.run, result.step, result.steps)
    return 128 + stop.signal if result.stopped and stop.signal else 0


def _is_complete(run: Path) -> bool:
    """Return whether all steps of a run are done and its report, which comes last, is written."""
    status, report = run_status(run), run / REPORT
    is_reported = report.is_file() and report.stat().st_mtime >= status.last_active
    return status.state == "finished" and status.has_weights and is_reported


def _say_end(run: Path, step: int, steps: int) -> None:
    """Say what the training came to and where it lies."""
    status = run_status(run)
    print(f"{generator_path(run)}: after {step} of {steps} steps")
    if (run / REPORT).is_file():
        print(f"{run / REPORT}: how it went")
    if status.best is not None and status.last is not None:
        print(f"held out: {in_words(status.best)} (best)")
        if status.last != status.best:
            print(f"          {in_words(status.last)} (last)")


def _estimate(options: Namespace) -> int:
    """Say how much time and memory the training will take."""
    settings, data = given_settings(options, GanConfig), options.data
    if options.run is None:
        config = replace(RECIPES[options.recipe or DEFAULT_RECIPE], **settings)
    else:
        config = choose_config(options.run, options.recipe, **settings)
        plan = plan_run(options.run, options.recipe, **settings)
        if options.data is None and plan.before is not None:
            data = plan.data_folder()
    if data is not None and tile_set_in(data) is None:
        search(data, config.validation)  # a mistake is said before the time is spent
    found = estimate(config, choose_device(options.device))
    images = None
    if data is not None:  # after the measurement, which they must not count in
        surveyed = run_to_end(survey(data, validation=config.validation))
        images = memory_of_images(surveyed.train, config.crop)
    if options.json:
        print(json.dumps(found.as_json() | {"memory_of_images": images, "in_words": str(found)}))
    else:
        more = "" if images is None else f"; the images take {gigabytes(images)} of memory on top"
        print(f"{found}{more}")
    return 0
