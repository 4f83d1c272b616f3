"""The Train dock as it trains segmenters."""

import json
from argparse import ArgumentParser
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.cli import train_segmenter
from napari_sharpgan.cli._options import given_settings
from napari_sharpgan.training import (
    RECIPES,
    SEGMENTER_RECIPES,
    GanConfig,
    RunRecord,
    SegmenterConfig,
    plan_run,
    survey,
)
from napari_sharpgan.training.record import keep_record
from napari_sharpgan.widgets._run_state import RunState


@pytest.fixture
def dock(open_train_dock, tmp_path, monkeypatch):
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SHARPGAN_RUNS", str(tmp_path / "runs"))
    return open_train_dock()


@pytest.fixture
def begun_segmenter(tissue_folder, tmp_path):
    """A run of a segmenter, four steps out of nine, with two looks."""
    run = tmp_path / "segmenter"
    (run / "samples").mkdir(parents=True)
    (run / "checkpoints").mkdir()
    manifest = run_to_end(survey(tissue_folder)).manifest
    keep_record(RunRecord(SegmenterConfig(width=8, steps=9), "segnet", manifest), run)
    for name, level in {"real": 30, "masks": 60, "000002": 90, "000004": 120}.items():
        Image.fromarray(np.full((256, 1024, 3), level, np.uint8)).save(run / "samples" / f"{name}.png")
    with (run / "events.jsonl").open("w") as file:
        for step in (2, 4):
            losses = {"loss_segmenter": 1.0, "loss_foreground": 0.5, "loss_distance": 0.5}
            pq = step * 0.15625
            look = {"held_out_score": 1 - pq, "held_out_pq": pq, "held_out_aji": 0.5}
            event = {"step": step, "time": float(step), "sample": f"{step:06d}.png", **losses, **look}
            file.write(json.dumps(event) + "\n")
    return run


def test_no_recipe_of_a_generator_is_called_like_one_of_a_segmenter():
    assert not RECIPES.keys() & SEGMENTER_RECIPES.keys()


@pytest.mark.parametrize("recipe", SEGMENTER_RECIPES)
def test_a_recipe_of_a_segmenter_trains_one_with_the_settings_that_the_dock_shows(dock, recipe, tmp_path):
    dock.run.suggest(tmp_path / "run")
    dock.settings.recipes.setCurrentText(recipe)
    assert dock.buttons.use.text() == "Use this segmenter"
    assert not dock.settings.forms["segmenter"].first.native.isHidden()
    assert dock.settings.forms["generator"].first.native.isHidden()
    for form, name, value in (("first", "steps", 12), ("first", "target", "contour"), ("rest", "ema", 0.5)):
        getattr(dock.settings, form).rows[name].value = value
    assert dock.settings.config == replace(SEGMENTER_RECIPES[recipe], steps=12, target="contour", ema=0.5)
    parser = ArgumentParser()
    train_segmenter.add_arguments(parser)
    command, *arguments = dock.arguments()
    options = parser.parse_args(arguments)
    given = plan_run(
        options.run, options.recipe, kind="segmenter", **given_settings(options, SegmenterConfig)
    )
    assert (command, given.config) == ("train-segmenter", dock.settings.config)
    dock.settings.recipes.setCurrentText("gan-dist")
    assert dock.buttons.use.text() == "Use this generator"
    assert dock.arguments()[0] == "train"


def test_a_run_of_a_segmenter_shows_how_well_it_finds_nuclei(
    dock, begun_segmenter, tissue_folder, tmp_path, qtbot
):
    dock.run.suggest(begun_segmenter)
    assert dock.settings.config == SegmenterConfig(width=8, steps=9)
    assert dock.settings.recipe == "segnet"
    assert dock.arguments() == ["train-segmenter", str(tissue_folder), "--run", str(begun_segmenter)]
    assert dock.watch.best.text() == "Best so far: step 4, PQ 0.625"
    assert dock.watch.curves.held_out.legend["pq"].text() == "PQ ↑ 0.625"
    assert dock.watch.curves.losses.legend["distance"].text() == "distance 0.500"
    assert dock.buttons.use.text() == "Use this segmenter"
    with qtbot.waitSignal(dock.watch.strip.shown) as shown:
        dock.watch.strip.back.click()
    above, sample = shown.args
    assert (above[0, 0, 0], sample[0, 0, 0]) == (60, 90)  # true outlines, and those that were found
    (tmp_path / "gan" / "checkpoints").mkdir(parents=True)
    keep_record(RunRecord(GanConfig(width=8, steps=9), "gan-dist"), tmp_path / "gan")
    dock.run.suggest(tmp_path / "gan")
    assert dock.settings.config == GanConfig(width=8, steps=9)
    assert dock.buttons.use.text() == "Use this generator"
    dock.prefer("segmenter")
    assert dock.state is RunState.NEW
    assert dock.settings.recipe == "unet"
