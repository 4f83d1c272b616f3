import gc
import json
import shutil
from argparse import ArgumentParser
from types import SimpleNamespace

import pytest
from napari.components import ViewerModel
from qtpy.QtCore import QObject
from qtpy.QtWidgets import QApplication, QComboBox, QPushButton, QToolButton

from napari_sharpgan.cli._options import given_settings
from napari_sharpgan.cli.train import add_arguments
from napari_sharpgan.rendering import load_generator
from napari_sharpgan.training import RECIPES, GanConfig, ask_to_stop, choose_config, running_process
from napari_sharpgan.widgets import train_dock
from napari_sharpgan.widgets._live_tissue import LiveTissue
from napari_sharpgan.widgets.train_dock import TrainDock

LONG = 120_000  # milliseconds: a process loads PyTorch first


@pytest.fixture
def open_dock(qtbot, monkeypatch, tmp_path):
    """Return a function that opens a dock which is ready, with no run folder suggested in the user's home."""
    monkeypatch.setattr(train_dock, "RUNS", tmp_path / "runs")
    window = QObject()  # stands for the window: a bare viewer model has none to hang a session on
    session = SimpleNamespace(tissue=LiveTissue(window))
    monkeypatch.setattr(train_dock, "session_of", lambda viewer: session)

    def open_one():
        dock = TrainDock(ViewerModel())
        qtbot.addWidget(dock)
        qtbot.waitUntil(lambda: hasattr(dock, "settings"), timeout=LONG)
        return dock

    yield open_one
    window.deleteLater()


@pytest.fixture
def dock(open_dock):
    return open_dock()


@pytest.fixture
def errors(monkeypatch):
    said = []
    monkeypatch.setattr(train_dock, "show_error", said.append)
    return said


def choose_data(dock, folder, qtbot):
    dock.data.suggest(folder)
    qtbot.waitUntil(lambda: dock._survey is None, timeout=LONG)


def settle_for(dock, **settings):
    for name, value in settings.items():
        form = dock.settings.first if name in dock.settings.first.rows else dock.settings.rest
        form.rows[name].value = value


# ---- data and run folders


def test_it_says_what_a_data_folder_holds_and_suggests_a_run(dock, tissue_folder, tmp_path, qtbot):
    assert not dock.start.isEnabled()
    choose_data(dock, tissue_folder, qtbot)
    assert dock.data_says.text().startswith("2 images with 4 nuclei")
    assert dock.run.path == tmp_path / "runs" / f"{tissue_folder.name}-1"
    assert dock.run_says.text() == "A new run."
    assert "epochs" in dock.settings.amount.text()
    assert dock.start.isEnabled()


def test_the_next_run_gets_the_next_number(dock, tissue_folder, tmp_path, qtbot):
    (tmp_path / "runs" / f"{tissue_folder.name}-1").mkdir(parents=True)
    choose_data(dock, tissue_folder, qtbot)
    assert dock.run.path.name == f"{tissue_folder.name}-2"


def test_it_says_what_is_wrong_with_a_data_folder(dock, tmp_path, qtbot):
    choose_data(dock, tmp_path / "nowhere", qtbot)
    assert "nowhere is no folder; expected one with images" in dock.data_says.text()
    assert not dock.start.isEnabled()


def test_of_two_folders_the_newer_counts(dock, tissue_folder, tmp_path, qtbot):
    dock.data.suggest(tmp_path / "nowhere")
    choose_data(dock, tissue_folder, qtbot)
    qtbot.wait(300)
    assert dock.data_says.text().startswith("2 images")


def test_real_tissue_is_counted(dock, real_data, qtbot):
    choose_data(dock, real_data, qtbot)
    assert dock.data_says.text().startswith("51 images with 7,")


def test_a_run_that_was_begun_shows_its_settings_and_keeps_them(dock, tissue_folder, tmp_path, qtbot):
    run = tmp_path / "begun"
    run.mkdir()
    (run / "config.json").write_text(json.dumps({"width": 8, "steps": 9}))
    (run / "events.jsonl").write_text('{"step": 4, "time": 1.0, "loss_l1": 0.5}\n')
    choose_data(dock, tissue_folder, qtbot)
    dock.run.suggest(run)
    assert dock.settings.config == GanConfig(width=8, steps=9)
    assert not dock.settings.first.native.isEnabled()
    assert dock.start.text() == "Go on"
    assert dock.start.isEnabled()
    assert dock.bar.value() == 4
    assert dock.status.text() == "step 4 of 9"
    assert dock.arguments() == ["train", str(tissue_folder), "--run", str(run)]
    dock.run.suggest(tmp_path / "new")
    assert dock.settings.first.native.isEnabled()


def test_a_broken_run_folder_is_said(dock, tmp_path, errors):
    (tmp_path / "config.json").write_text("{")
    dock.run.suggest(tmp_path)
    assert "config.json is no config of a training" in errors[0]


def test_a_run_folder_that_cannot_be_made_is_said(dock, tissue_folder, tmp_path, errors, qtbot):
    (tmp_path / "file").touch()
    choose_data(dock, tissue_folder, qtbot)
    dock.run.suggest(tmp_path / "file" / "run")
    dock.start.click()
    assert "cannot be written to" in errors[0]
    assert not dock.follower.is_running


# ---- settings


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_command_has_the_settings_that_the_dock_shows(dock, recipe, tmp_path):
    dock.run.suggest(tmp_path / "run")
    dock.settings.recipes.setCurrentText(recipe)
    assert dock.settings.config == RECIPES[recipe]
    settle_for(dock, steps=12, noise=not RECIPES[recipe].noise, contrast=0.25, adversarial="log")
    parser = ArgumentParser()
    add_arguments(parser)
    options = parser.parse_args(dock.arguments()[1:])
    given = choose_config(options.run, options.recipe, **given_settings(options, GanConfig))
    assert given == dock.settings.config
    assert (given.steps, given.contrast) == (12, 0.25)


def test_the_command_can_be_copied(dock, tmp_path):
    dock.run.suggest(tmp_path / "my run")
    settle_for(dock, steps=12)
    dock.copy.click()
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
        lightness = dock.curves.plot.backgroundBrush().color().lightness()
        assert (lightness > 128) == (theme == "light")


def test_a_dock_that_is_gone_makes_no_trouble(open_dock, tissue_folder, qtbot):
    dock = open_dock()
    viewer = dock._viewer
    dock.data.suggest(tissue_folder)
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
    dock.start.click()
    assert not dock.start.isEnabled()
    assert dock.stop.isEnabled()
    qtbot.waitUntil(lambda: not dock.follower.is_running, timeout=3 * LONG)
    assert dock.status.text() == "Finished: step 3 of 3"
    assert dock.curves.history.steps == [1, 2, 3]
    assert not dock.start.isEnabled()
    with qtbot.waitSignal(dock._tissue.chosen) as chosen:
        dock.use.click()
    assert load_generator(chosen.args[0]["generator"]).settings["width"] == 2


@pytest.mark.slow
def test_a_training_outlives_its_window_and_another_window_can_stop_it(
    open_dock, tissue_folder, tmp_path, qtbot
):
    first, run = open_dock(), tmp_path / "run"
    choose_data(first, tissue_folder, qtbot)
    first.run.suggest(run)
    settle_for(first, steps=100_000, width=2, batch_size=2)
    first.start.click()
    try:
        qtbot.waitUntil(lambda: first.follower.step > 0, timeout=3 * LONG)
        first.close()
        first.deleteLater()
        qtbot.wait(50)
        assert running_process(run) is not None

        second = open_dock()
        second.run.suggest(run)
        assert second.follower.is_running
        qtbot.waitUntil(lambda: second.follower.step > 0)
        assert second.settings.config.steps == 100_000
        second.stop.click()
        assert not second.stop.isEnabled()
        qtbot.waitUntil(lambda: not second.follower.is_running, timeout=3 * LONG)
    finally:
        ask_to_stop(run)
    assert second.status.text().startswith("Stopped and saved at step")
    assert second.use.isEnabled()


@pytest.mark.slow
def test_the_last_words_of_a_process_that_fails_are_shown(dock, tissue_folder, tmp_path, errors, qtbot):
    data = shutil.copytree(tissue_folder, tmp_path / "data")
    choose_data(dock, data, qtbot)
    dock.run.suggest(tmp_path / "run")
    shutil.rmtree(data)
    dock.start.click()
    qtbot.waitUntil(lambda: not dock.follower.is_running, timeout=LONG)
    assert errors == [f"{data} is no folder; expected one with images and their labels"]
    assert dock.status.text() == errors[0]
    assert dock.start.text() == "Start"
