import gc
import json
import os
import shutil
import signal
from argparse import ArgumentParser

import numpy as np
import pytest
from PIL import Image
from qtpy.QtWidgets import QApplication, QComboBox, QPushButton, QToolButton

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.cli import train
from napari_sharpgan.cli._options import given_settings
from napari_sharpgan.rendering import load_generator
from napari_sharpgan.run_folders import ask_to_stop, is_paused, remember, run_status, running_process
from napari_sharpgan.training import (
    RECIPES,
    GanConfig,
    RunRecord,
    choose_config,
    survey,
)
from napari_sharpgan.training.record import keep_record
from napari_sharpgan.widgets import train_dock
from napari_sharpgan.widgets._data_part import DataPart
from napari_sharpgan.widgets._run_state import RunState

LONG = 240_000  # milliseconds: a process loads PyTorch first


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    """Let what is remembered, and suggested, lie in a folder of the test."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("SHARPGAN_RUNS", str(tmp_path / "runs"))


@pytest.fixture
def dock(open_train_dock):
    return open_train_dock()


@pytest.fixture
def errors(monkeypatch):
    said = []
    monkeypatch.setattr(train_dock, "show_error", said.append)
    return said


@pytest.fixture
def begun(tissue_folder, tmp_path):
    """A run of four steps out of nine, with two looks, on data that it has written down."""
    run = tmp_path / "begun"
    (run / "samples").mkdir(parents=True)
    (run / "checkpoints").mkdir()
    manifest = run_to_end(survey(tissue_folder)).manifest
    keep_record(RunRecord(GanConfig(width=8, steps=9), "gan-dist", manifest), run)
    for name in ("real", "000002", "000004"):
        Image.fromarray(np.full((256, 1024, 3), 90, np.uint8)).save(run / "samples" / f"{name}.png")
    with (run / "events.jsonl").open("w") as file:
        for step in range(1, 5):
            look = {"sample": f"{step:06d}.png", "held_out_ssim": 0.2, "held_out_gmsd": 0.3}
            more = look | {"held_out_score": 1 / step} if step % 2 == 0 else {}
            file.write(json.dumps({"step": step, "time": float(step), "loss_l1": 0.5, **more}) + "\n")
    remember(run)
    return run


def choose_data(dock, folder, qtbot):
    dock.data.choose(folder)
    qtbot.waitUntil(lambda: not dock.data.says.text().startswith(("Looking", "Reading")), timeout=LONG)


def settle_for(dock, **settings):
    for name, value in settings.items():
        form = dock.settings.first if name in dock.settings.first.rows else dock.settings.rest
        form.rows[name].value = value


# ---- data and run folders


def test_it_says_what_a_data_folder_holds_and_suggests_a_run(dock, tissue_folder, tmp_path, qtbot):
    assert not dock.buttons.main.isEnabled()
    choose_data(dock, tissue_folder, qtbot)
    assert dock.data.says.text().startswith("2 images with 4 nuclei")
    assert dock.run.path == tmp_path / "runs" / f"{tissue_folder.name}-1"
    assert dock.state is RunState.NEW
    assert "epochs" in dock.settings.amount.text()
    assert dock.buttons.main.isEnabled()


def test_the_next_run_gets_the_next_number(dock, tissue_folder, tmp_path, qtbot):
    (tmp_path / "runs" / f"{tissue_folder.name}-1").mkdir(parents=True)
    choose_data(dock, tissue_folder, qtbot)
    assert dock.run.path.name == f"{tissue_folder.name}-2"


def test_it_says_what_is_wrong_with_a_data_folder(dock, tmp_path, qtbot):
    choose_data(dock, tmp_path / "nowhere", qtbot)
    assert "nowhere is no folder; expected one with images" in dock.data.says.text()
    assert not dock.buttons.main.isEnabled()


def test_of_two_folders_the_newer_counts(dock, tissue_folder, tmp_path, qtbot):
    dock.data.choose(tmp_path / "nowhere")
    choose_data(dock, tissue_folder, qtbot)
    qtbot.wait(300)
    assert dock.data.says.text().startswith("2 images")


def test_real_tissue_is_counted(dock, real_data, qtbot):
    choose_data(dock, real_data, qtbot)
    assert dock.data.says.text().startswith("51 images with 7,")


def test_a_run_that_was_begun_shows_its_settings_and_keeps_them(dock, begun, tissue_folder, tmp_path):
    dock.run.suggest(begun)
    assert dock.settings.config == GanConfig(width=8, steps=9)
    assert dock.settings.recipe == "gan-dist"
    assert not dock.settings.first.native.isEnabled()
    assert dock.state is RunState.RESTING
    assert dock.buttons.main.text() == "Go on"
    assert dock.buttons.main.isEnabled()
    assert dock.watch.bar.value() == 4
    assert dock.watch.status.text() == "step 4 of 9 · 5 s left"
    assert dock.arguments() == ["train", str(tissue_folder), "--run", str(begun)]
    dock.run.suggest(tmp_path / "new")
    assert dock.settings.first.native.isEnabled()


def test_a_run_shows_its_data_scores_and_samples(dock, begun, tissue_folder, qtbot):
    dock.run.suggest(begun)
    assert dock.data.folder == tissue_folder
    assert dock.data.says.text() == "2 images with 4 nuclei, 1 of them held out."
    qtbot.waitUntil(lambda: len(dock.data.tiles.buttons) == 2, timeout=LONG)
    assert dock.watch.best.text().startswith("Best so far: step 4, score 0.250")
    qtbot.waitUntil(lambda: len(dock._viewer.layers) == 2)
    assert [layer.name for layer in dock._viewer.layers] == ["real tile", "training sample"]


def test_samples_stay_away_once_a_person_took_them_away_and_come_back_when_asked(dock, begun, qtbot):
    dock.run.suggest(begun)
    qtbot.waitUntil(lambda: len(dock._viewer.layers) == 2)
    dock._viewer.layers.remove("training sample")
    assert not dock.watch.show_layers.isChecked()
    with qtbot.waitSignal(dock.watch.strip.shown):
        dock.watch.strip.back.click()
    assert len(dock._viewer.layers) == 0
    dock.watch.show_layers.click()
    qtbot.waitUntil(lambda: len(dock._viewer.layers) == 2)
    dock.watch.show_layers.click()
    assert not any(layer.visible for layer in dock._viewer.layers)


def test_a_run_whose_data_is_gone_says_so_and_does_not_start(dock, begun, tissue_folder, errors):
    text = (begun / "config.json").read_text()
    (begun / "config.json").write_text(text.replace(tissue_folder.name, "gone"))
    dock.run.suggest(begun)
    assert "not there any more" in dock.data.says.text()
    dock.buttons.main.click()
    assert "is not there any more; choose it anew" in errors[0]
    assert dock.state is RunState.RESTING


def test_a_finished_run_leads_to_a_new_one_with_settings_that_can_be_changed(dock, begun, tmp_path, qtbot):
    with (begun / "events.jsonl").open("a") as file:
        file.writelines(json.dumps({"step": step, "time": 9.0}) + "\n" for step in range(5, 10))
    dock.run.suggest(begun)
    assert dock.state is RunState.FINISHED
    assert dock.buttons.main.text() == "New run"
    dock.buttons.main.click()
    assert dock.state is RunState.NEW
    assert dock.run.path.parent == tmp_path / "runs"
    assert dock.settings.first.native.isEnabled()


# ---- coming back


def test_what_was_set_is_there_the_next_time(open_train_dock, tissue_folder, qtbot):
    first = open_train_dock()
    choose_data(first, tissue_folder, qtbot)
    second = open_train_dock()
    second.show()
    qtbot.waitUntil(lambda: second.data.folder == tissue_folder, timeout=LONG)


def test_the_last_run_is_watched_again_and_chosen_in_the_list(open_train_dock, begun, qtbot):
    first = open_train_dock()
    first.run.suggest(begun)
    second = open_train_dock()
    second.show()
    qtbot.waitUntil(lambda: second.follower is not None, timeout=LONG)
    assert second.run.path == begun
    assert second.runs.currentText() == "begun · stopped at 44%"
    second.runs.activated.emit(0)
    assert second.state is RunState.NEW
    assert second.runs.currentText() == "New run"


def test_a_run_begun_here_is_chosen_in_the_list_as_soon_as_it_stands_there(dock, begun):
    dock.run.suggest(begun)
    dock.runs.mark(None)
    dock._show_runs([run_status(begun)])
    assert dock.runs.currentData() == begun


def test_a_script_may_choose_data_before_all_is_loaded(tissue_folder, qtbot):
    part = DataPart()
    qtbot.addWidget(part)
    part.choose(tissue_folder)
    with qtbot.waitSignal(part.surveyed, timeout=LONG):
        part.begin(survey)
    assert part.fits


def test_a_broken_run_folder_is_said(dock, tmp_path, errors):
    (tmp_path / "config.json").write_text("{")
    dock.run.suggest(tmp_path)
    assert "config.json is no config of a training" in errors[0]


def test_a_run_folder_that_cannot_be_made_is_said(dock, tissue_folder, tmp_path, errors, qtbot):
    (tmp_path / "file").touch()
    choose_data(dock, tissue_folder, qtbot)
    dock.run.suggest(tmp_path / "file" / "run")
    dock.buttons.main.click()
    assert "cannot be written to" in errors[0]
    assert not dock.follower.is_running


# ---- settings


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_command_has_the_settings_that_the_dock_shows(dock, recipe, tmp_path):
    dock.run.suggest(tmp_path / "run")
    dock.settings.recipes.setCurrentText(recipe)
    assert dock.settings.config == choose_config(tmp_path / "run", recipe)
    network = {} if RECIPES[recipe].start else {"noise": not RECIPES[recipe].noise}
    settle_for(dock, steps=12, contrast=0.25, adversarial="log", **network)
    parser = ArgumentParser()
    train.add_arguments(parser)
    options = parser.parse_args(dock.arguments()[1:])
    given = choose_config(options.run, options.recipe, **given_settings(options, GanConfig))
    assert given == dock.settings.config
    assert (given.steps, given.contrast) == (12, 0.25)


def test_the_command_can_be_copied(dock, tmp_path):
    dock.run.suggest(tmp_path / "my run")
    settle_for(dock, steps=12)
    dock.buttons.copy.click()
    command = QApplication.clipboard().text()
    assert command == f"sharpgan train DATA --run '{tmp_path / 'my run'}' --recipe sharp-gan --steps 12"


def test_it_is_narrow_and_everything_says_what_it_does(dock):
    dock.resize(360, 900)
    assert dock.minimumSizeHint().width() <= 360
    kinds = (QPushButton, QToolButton, QComboBox)
    controls = [
        part for kind in kinds for part in dock.findChildren(kind) if not part.parent().inherits("QTabBar")
    ]
    assert [part.objectName() or part.text() for part in controls if not _tooltip(part)] == []


def _tooltip(part):
    return part.toolTip() or part.parent().toolTip()


def test_curves_follow_the_theme(dock):
    for theme in ("light", "dark"):
        dock._viewer.theme = theme
        lightness = dock.watch.curves.plot.backgroundBrush().color().lightness()
        assert (lightness > 128) == (theme == "light")


def test_a_dock_that_is_gone_makes_no_trouble(open_train_dock, tissue_folder, qtbot):
    dock = open_train_dock()
    viewer = dock._viewer
    dock.data.choose(tissue_folder)
    dock.run.suggest(tissue_folder)
    dock.deleteLater()
    qtbot.wait(50)
    viewer.theme = "light"
    del dock
    gc.collect()
    viewer.theme = "dark"
    qtbot.wait(300)


# ---- the process


@pytest.mark.slow
def test_it_trains_in_a_process_and_offers_the_generator(dock, tissue_folder, qtbot):
    choose_data(dock, tissue_folder, qtbot)
    settle_for(dock, steps=3, width=2, batch_size=2)
    dock.buttons.main.click()
    assert not dock.buttons.main.isEnabled()
    assert dock.buttons.stop.isEnabled()
    qtbot.waitUntil(lambda: not dock.follower.is_running, timeout=3 * LONG)
    assert dock.watch.status.text() == "Finished: step 3 of 3"
    assert dock.watch.curves.history.steps == [1, 2, 3]
    assert dock.buttons.main.text() == "New run"
    with qtbot.waitSignal(dock._session.tissue.chosen) as chosen:
        dock.buttons.use.click()
    assert load_generator(chosen.args[0]["generator"]).settings["width"] == 2


@pytest.mark.slow
def test_a_process_that_is_killed_is_said_and_can_be_gone_on_with(
    dock, tissue_folder, tmp_path, errors, qtbot
):
    choose_data(dock, tissue_folder, qtbot)
    settle_for(dock, steps=100_000, width=2, batch_size=2, samples=0)
    run = dock.run.path
    dock.buttons.main.click()
    try:
        qtbot.waitUntil(lambda: dock.follower.step > 0, timeout=3 * LONG)
        assert dock.state is RunState.TRAINING
        dock.buttons.main.click()
        assert is_paused(run)
        assert dock.state is RunState.PAUSED
        os.kill(running_process(run), signal.SIGKILL)
        qtbot.waitUntil(lambda: dock.state is RunState.RESTING, timeout=LONG)
    finally:
        ask_to_stop(run)
    assert "was killed after step" in errors[0]
    assert errors[0].endswith("Go on continues from its last checkpoint")
    assert dock.watch.status.text() == errors[0]
    assert dock.buttons.main.text() == "Go on"


@pytest.mark.slow
def test_the_last_words_of_a_process_that_fails_are_shown(dock, tissue_folder, tmp_path, errors, qtbot):
    data = shutil.copytree(tissue_folder, tmp_path / "data")
    choose_data(dock, data, qtbot)
    dock.run.suggest(tmp_path / "run")
    shutil.rmtree(data / "labels")
    dock.buttons.main.click()
    qtbot.waitUntil(lambda: not dock.follower.is_running, timeout=LONG)
    assert len(errors) == 1
    assert "labels" in errors[0]
    assert str(data) in errors[0]
    assert dock.watch.status.text() == errors[0]
    assert dock.buttons.main.text() == "Start"
