"""A whole training in one call: data folder in, run folder out; the door of the command and of the dock."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from napari_sharpgan._tasks import ShouldStop, never, run_to_end
from napari_sharpgan.inference import choose_device
from napari_sharpgan.run_folders.control import claimed, waiting_while_paused
from napari_sharpgan.run_folders.registry import remember
from napari_sharpgan.training.kinds import KINDS, kind_of
from napari_sharpgan.training.memory import keep_memory
from napari_sharpgan.training.parallel import is_first, process_group
from napari_sharpgan.training.plan import RunPlan, plan_run
from napari_sharpgan.training.record import read_record
from napari_sharpgan.training.run import SavePolicy, generator_path, train_run
from napari_sharpgan.training.shortage import fitting_into_memory
from napari_sharpgan.training.survey import survey
from napari_sharpgan.training.surveyed import Survey
from napari_sharpgan.training.trainer import Config, TrainStep, train_steps


@dataclass(frozen=True)
class TrainResult:
    """What a training came to: the file of its best network, after ``step`` of ``steps`` steps."""

    weights: Path
    step: int
    steps: int

    @property
    def stopped(self) -> bool:
        """Whether it was stopped before its last step."""
        return self.step < self.steps


def train(
    data: str | Path | None,
    run: str | Path,
    config: Config | None = None,
    *,
    recipe: str | None = None,
    device: str = "auto",
    save: SavePolicy | None = None,
    should_stop: ShouldStop = never,
    on_survey: Callable[[Survey], object] | None = None,
) -> Generator[TrainStep, None, TrainResult]:
    """Train a generator or a segmenter on a data folder, going on where the run folder left off.

    Parameters
    ----------
    data : path or None
        Folder with images and labels; see `napari_sharpgan.data.search` for which are trained on and which
        are held out. None takes the folder of a run begun before. It may lie elsewhere than then, with the
        same files.
    run : path
        Run folder, made if missing; see `train_run` for what is in it.
    config : GanConfig or SegmenterConfig, optional
        Says what is trained. By default that of a run begun before, else the recipe.
    recipe : str, optional
        Name of the recipe that the settings were made from, for ``config.json`` of a new run; without
        ``config`` its settings are taken, by default those of "sharp-gan", of a generator.
    device : str
        "auto", "cuda", "mps" or "cpu".
    save : SavePolicy, optional
        When to write checkpoints; by default once a minute and at the end.
    should_stop : callable
        Asked before each step; when it says yes the run is saved, exported and ends.
    on_survey : callable, optional
        Told, before any step, what the data folder holds.

    Raises
    ------
    OSError, TypeError, ValueError
        Before any time is spent on training: if the data cannot be trained on, the run was begun with other
        settings or other data, another process trains in it, or its folder cannot be written to.
    """
    run = Path(run)
    plan = _plan_again(run, recipe) if config is None else RunPlan(run, config, recipe, read_record(run))
    task = carry_out(plan, data, device=device, save=save, should_stop=should_stop, on_survey=on_survey)
    return (yield from task)


def carry_out(
    plan: RunPlan,
    data: str | Path | None,
    *,
    device: str = "auto",
    save: SavePolicy | None = None,
    should_stop: ShouldStop = never,
    on_survey: Callable[[Survey], object] | None = None,
) -> Generator[TrainStep, None, TrainResult]:
    """Train as planned; see `train`."""
    config, place = plan.config, choose_device(device)
    kind = KINDS[kind_of(config)]
    folder = plan.data_folder() if data is None else Path(data)
    found = run_to_end(survey(folder, validation=config.validation))
    more = [run_to_end(survey(path, validation=0.0)) for path in kind.more_data(config)]
    plan = plan.on(found.manifest.joined([one.manifest for one in more]))
    if on_survey is not None:
        for one in (found, *more):
            on_survey(one)
    with (
        process_group(place) as place,
        claimed(plan.run) if is_first() else nullcontext(),
        fitting_into_memory(config, place),
    ):
        keep_memory()
        trainer, images = kind.prepare(config, found, more, place)
        if is_first():
            remember(plan.run)
            asked = waiting_while_paused(plan.run, should_stop)
            yield from train_run(trainer, plan.run, plan=plan, save=save, should_stop=asked, held_out=images)
        else:  # the run folder is the first process's, and so are its decisions
            yield from train_steps(trainer)
    return TrainResult(generator_path(plan.run), trainer.step, config.steps)


def _plan_again(run: Path, recipe: str | None) -> RunPlan:
    """Return the plan for a run of whatever kind it was begun with, by default of a generator."""
    before = read_record(run)
    return plan_run(run, recipe, kind="generator" if before is None else before.kind)
