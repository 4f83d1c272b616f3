"""The Segment dock in a real window, on real tissue, with a segmenter to which nuclei are what is dark."""

import json
import shlex
from argparse import ArgumentParser
from dataclasses import replace

import numpy as np
import pytest
from napari.layers import Image, Labels
from napari.utils.progress import progress
from qtpy.QtCore import QEvent, Qt
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QPushButton

from napari_sharpgan.cli import segment as segment_command
from napari_sharpgan.formats import read_image, read_nuclei, write_image
from napari_sharpgan.run_folders import remember
from napari_sharpgan.segmentation import segment
from napari_sharpgan.segmentation import segmenter as segmenters
from napari_sharpgan.training import RunRecord, SegmenterConfig
from napari_sharpgan.training.record import keep_record
from napari_sharpgan.widgets import segment_dock
from napari_sharpgan.widgets._activity import Activity
from napari_sharpgan.widgets._run_list import look_at_runs
from napari_sharpgan.widgets._segment_work import Wish
from napari_sharpgan.widgets._segmenter_choice import SegmenterChoice
from napari_sharpgan.widgets._segmenting import Segmenting
from napari_sharpgan.widgets.segment_dock import ADD, NO_IMAGE, NO_SEGMENTER, READY, TAKEN, VIEW

pytestmark = pytest.mark.gui
BOX = np.array([[0, 0], [0, 30], [30, 30], [30, 0]])


@pytest.fixture(autouse=True)
def _alone(tmp_path, monkeypatch):
    """Let runs and choices of a test be its own, and no segmenter come with us."""
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(segmenters, "shipped_segmenters", dict)
    monkeypatch.setattr("napari_sharpgan._resources.shipped_segmenters", dict)


@pytest.fixture(scope="module")
def tile(real_data):
    return read_image(real_data / "gbm" / "images" / "01.png")[:300, :420]


@pytest.fixture
def open_dock(open_window):
    """A function that opens a window with images, and the dock beside them."""

    def opened(*images):
        window = open_window(*images, size=(1000, 620))
        _, dock = window.viewer.window.add_plugin_dock_widget("napari-sharpgan", "Segment")
        window.until(lambda: dock.segmenter.is_known)
        return window, dock

    return opened


def click(widget):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def finish(window, dock):
    window.until(lambda: not dock._work.is_busy)
    window.turn()


def same_regions(first, second):
    pairs = np.unique(np.stack([np.ravel(first), np.ravel(second)], 1), axis=0)
    return all(len(np.unique(pairs[:, side])) == len(pairs) for side in (0, 1))


def test_a_real_tile_is_segmented_corrected_and_segmented_again(open_dock, tile, dark_segmenter, tmp_path):
    window, dock = open_dock(Image(tile, name="tile"))
    session = window.session
    assert dock.status.text() == NO_SEGMENTER
    assert not dock.main.isEnabled()
    dock.use_segmenter(dark_segmenter)
    assert dock.status.text() == READY
    click(dock.main)
    assert dock.cancel.isVisible()
    finish(window, dock)
    # all of it: what the Python API finds, as nuclei on the pixels of the image
    expected = segment(tile, dark_segmenter, device="cpu")
    count = int(expected.max())
    assert count > 20
    assert same_regions(session.scene.labels, expected)
    assert session.documents.image is dock.image.layer
    assert not session.layers.tissue.visible
    assert window.viewer.layers.selection.active is session.layers.nuclei
    assert dock.numbers.text().startswith(f"{count} nuclei found · ")
    assert dock.numbers.text().split(" · ")[-1].startswith("cpu (")
    assert dock.status.text() == TAKEN
    assert not session.documents.is_unsaved
    # corrected by hand: all go, two are drawn, of which one is locked
    session.scene.clear()
    session.scene.add_many([BOX + 100, BOX + np.array([5, 200])])
    drawn = session.scene.labels[115, 115]
    session.scene.inform({drawn: replace(session.scene.info[drawn], is_locked=True)})
    before = session.scene.labels.copy()
    click(dock.main)
    finish(window, dock)
    labels = session.scene.labels
    np.testing.assert_array_equal(labels[before == drawn], drawn)
    apart = [n for n in range(1, count + 1) if not (before[expected == n] == drawn).any()]
    for number in apart:
        assert len(np.unique(labels[expected == number])) == 1
    assert "1 replaced · 1 stayed" in dock.status.text()
    session.undo()
    np.testing.assert_array_equal(session.scene.labels, before)
    # only where nothing is yet
    dock.there.setCurrentText(ADD)
    click(dock.main)
    finish(window, dock)
    np.testing.assert_array_equal(session.scene.labels[before > 0], before[before > 0])
    assert "2 stayed" in dock.status.text()


def test_in_view_only_nuclei_in_view_change_and_the_command_finds_the_same(
    open_dock, tile, dark_segmenter, tmp_path
):
    write_image(tile, tmp_path / "my tile.png")
    window, dock = open_dock()
    assert dock.status.text() == NO_IMAGE
    (layer,) = window.viewer.open(tmp_path / "my tile.png", layer_type="image")
    dock.use_segmenter(dark_segmenter)
    dock.device.setCurrentText("cpu")
    dock.part.setCurrentText(VIEW)
    camera = window.viewer.scene.camera
    camera.center, camera.zoom = (0, 130, 180), 3.0
    window.turn(0.05)
    view = window.session.in_view(layer)
    rows, columns = view
    assert 40 < rows.stop - rows.start < 260
    click(dock.main)
    finish(window, dock)
    scene = window.session.scene
    assert camera.zoom == 3.0
    assert scene.shape == tile.shape[:2]
    centers = np.array([np.argwhere(scene.labels == key).mean(axis=0) for key in scene.polygons])
    assert len(centers) > 2
    assert (
        (centers >= [rows.start - 0.5, columns.start - 0.5]) & (centers < [rows.stop, columns.stop])
    ).all()
    # the command
    command = shlex.split(dock.wish.command)
    assert command[:4] == ["sharpgan", "segment", str(tmp_path / "my tile.png"), "my tile.geojson"]
    parser = ArgumentParser()
    segment_command.add_arguments(parser)
    options = parser.parse_args([command[2], str(tmp_path / "out.tif"), *command[4:]])
    assert segment_command.run(options) == 0
    assert same_regions(read_nuclei(options.out).labels, scene.labels)
    # another view, in which one nucleus lies that crosses the edge of the first
    before, polygons = scene.labels.copy(), dict(scene.polygons)
    camera.center = (0, 160, 240)
    window.turn(0.05)
    rows, columns = window.session.in_view(layer)
    click(dock.main)
    finish(window, dock)
    outside = np.ones_like(before, bool)
    outside[rows, columns] = False
    np.testing.assert_array_equal(scene.labels[outside & (before > 0)], before[outside & (before > 0)])
    crossing = [key for key in polygons if outside[before == key].any() and not outside[before == key].all()]
    assert set(crossing) <= set(scene.polygons)
    window.session.undo()
    np.testing.assert_array_equal(scene.labels, before)


def test_layers_of_the_sample_are_not_offered_while_it_comes_nor_later(open_window):
    window = open_window()
    _, dock = window.viewer.window.add_plugin_dock_widget("napari-sharpgan", "Segment")
    offered = []
    dock.image.layer_changed.connect(offered.append)
    assert not window.viewer.layers
    window.sampled()
    assert offered == []


def test_it_can_be_canceled_here_and_in_the_activity_dock_and_the_newest_wish_wins(
    open_dock, tile, dark_segmenter
):
    large = Image(np.tile(tile[:256, :256], (16, 16, 1)), name="large")
    window, dock = open_dock(large, Image(tile, name="tile"))
    dock.use_segmenter(dark_segmenter)
    dock.image.choose(large)
    click(dock.main)
    window.until(lambda: dock.progress.value() > 0)
    assert "left" in dock.status.text()
    (bar,) = [one for one in progress._all_instances if isinstance(one, Activity)]
    assert (bar.desc.split(":")[0], bar.total) == ("Segmenting large", dock.progress.maximum())
    click(dock.cancel)
    assert dock.status.text() == segment_dock.CANCELED
    assert not any(isinstance(one, Activity) for one in progress._all_instances)
    assert dock.main.isEnabled()
    assert window.session.documents.current is None
    click(dock.main)
    window.until(lambda: dock.progress.value() > 0)
    next(one for one in progress._all_instances if isinstance(one, Activity)).cancel()
    assert dock.status.text() == segment_dock.CANCELED
    click(dock.main)
    window.until(lambda: dock.progress.value() > 0)
    dock.image.choose(window.viewer.layers["tile"])
    click(dock.main)
    finish(window, dock)
    assert window.session.scene.shape == tile.shape[:2]
    assert window.session.documents.image is window.viewer.layers["tile"]
    window.turn(0.5)
    assert window.session.scene.shape == tile.shape[:2]
    dock.image.choose(large)
    click(dock.main)
    window.until(lambda: dock.progress.value() > 0)
    window.viewer.window.remove_dock_widget(dock)
    dock.deleteLater()
    QApplication.sendPostedEvents(dock, QEvent.Type.DeferredDelete)
    assert not any(isinstance(one, Activity) for one in progress._all_instances)
    window.turn(0.2)
    assert window.session.scene.shape == tile.shape[:2]


def test_what_goes_wrong_is_one_sentence_and_changes_nothing(open_dock, tile, told, tmp_path):
    window, dock = open_dock(Image(tile, name="tile"), Image(tile.astype(np.float32) / 255, name="floats"))
    assert [dock.image.itemText(index) for index in range(dock.image.count())] == ["tile"]
    (tmp_path / "broken.safetensors").write_bytes(b"no weights")
    dock.use_segmenter(tmp_path / "broken.safetensors")
    click(dock.main)
    finish(window, dock)
    assert "broken.safetensors" in told[-1]
    assert "\n" not in told[-1]
    assert dock.status.text().startswith(told[-1][:1].upper() + told[-1][1:])
    dock.part.setCurrentText(VIEW)
    window.viewer.scene.camera.center = (0, 9000, 9000)
    window.turn(0.05)
    click(dock.main)
    assert told[-1] == segment_dock.OUT_OF_VIEW
    assert window.session.documents.current is None
    assert dock.main.isEnabled()


def test_of_a_slide_the_first_level_is_segmented_in_its_place(open_dock, tile, dark_segmenter):
    rgba = np.dstack([tile, np.full(tile.shape[:2], 255, np.uint8)])
    levels = Image([rgba, rgba[::2, ::2]], multiscale=True, rgb=True, scale=(0.5, 0.5), name="slide")
    window, dock = open_dock(levels)
    dock.use_segmenter(dark_segmenter)
    click(dock.main)
    finish(window, dock)
    assert same_regions(window.session.scene.labels, segment(tile, dark_segmenter, device="cpu"))
    np.testing.assert_allclose(window.session.layers.nuclei.scale, 0.5)


def test_runs_with_a_segmenter_are_offered_and_a_choice_stays(qtbot, tmp_path):
    for name, kind, weights in (
        ("seg", "segmenter", True),
        ("new", "segmenter", False),
        ("gan", "generator", True),
    ):
        run = tmp_path / name
        (run / "checkpoints").mkdir(parents=True)
        if weights:
            (run / "checkpoints" / "best.safetensors").touch()
        record = {"format": 1, "kind": kind, "recipe": "unet", "config": vars(SegmenterConfig(steps=8))}
        (run / "config.json").write_text(json.dumps(record | {"code": {}, "data": None}))
        look = {"step": 4, "time": 1.0, "held_out_score": 0.375, "held_out_pq": 0.625}
        (run / "events.jsonl").write_text(json.dumps(look) + "\n")
        remember(run)
    best = str(tmp_path / "seg" / "checkpoints" / "best.safetensors")
    choice = SegmenterChoice(best)
    qtbot.addWidget(choice)
    assert (choice.segmenter, choice.currentText()) == ("", "looking for segmenters…")
    choice.show_shipped([])
    assert (choice.segmenter, choice.currentText()) == (best, "seg")
    choice.show_runs(look_at_runs([]))
    texts = [choice.itemText(index) for index in range(choice.count())]
    assert texts == ["seg · stopped at 50% · PQ 0.62"]
    choice.show_shipped(["ours"])
    assert (choice.segmenter, choice.count()) == (best, 2)
    choice.use("ours")
    choice.show_runs([])
    assert choice.segmenter == "ours"


def test_a_mask_that_lies_on_the_image_is_one_step_of_undo_away(open_window, tile, dark_segmenter):
    image, mask = Image(tile, name="tile"), np.zeros(tile.shape[:2], np.int32)
    mask[20:60, 30:70] = 5
    window = open_window(image, Labels(mask, name="mask"), show=False)
    session = window.session
    session.from_labels(mask, window.viewer.layers["mask"])
    scene = session.scene
    work = Segmenting(session)
    work.ask(Wish(image, None, str(dark_segmenter), "cpu"))
    window.until(lambda: not work.is_busy)
    assert session.scene is scene
    assert session.documents.image is image
    assert not session.layers.tissue.visible
    assert len(scene) > 20
    session.undo()
    assert same_regions(scene.labels, mask)
    # a canvas without a name has nothing to do with the image: it is put aside
    session.new_canvas(tile.shape[:2])
    blank = session.scene
    work.ask(Wish(image, None, str(dark_segmenter), "cpu"))
    window.until(lambda: not work.is_busy)
    assert session.scene is not blank
    assert len(session.scene) > 20


def test_training_a_segmenter_is_a_click_away_and_so_is_using_it(open_dock, tile, dark_segmenter, tmp_path):
    run = tmp_path / "mine"
    (run / "checkpoints").mkdir(parents=True)
    keep_record(RunRecord(SegmenterConfig(width=1, steps=9), "unet"), run)
    best = run / "checkpoints" / "best.safetensors"
    best.write_bytes(dark_segmenter.read_bytes())
    window, dock = open_dock(Image(tile, name="tile"))
    click(next(b for b in dock.findChildren(QPushButton) if b.text().startswith("Train a seg")))
    _, train = window.viewer.window.add_plugin_dock_widget("napari-sharpgan", "Train")
    window.until(lambda: hasattr(train, "settings"))
    assert train.settings.recipe == "unet"
    assert train.isVisible()
    train.run.suggest(run)
    assert train.buttons.use.text() == "Use this segmenter"
    train.buttons.use.click()
    window.until(dock.isVisible)
    assert (dock.segmenter.segmenter, dock.segmenter.currentText()) == (str(best), "mine")
    assert dock.main.isEnabled()


def test_where_segmenters_cannot_be_looked_for_that_is_said_once_and_a_file_can_be_opened(
    open_dock, tile, dark_segmenter, told, monkeypatch
):
    def broken():
        raise OSError("the disk is gone")

    monkeypatch.setattr("napari_sharpgan._resources.shipped_segmenters", broken)
    _, dock = open_dock(Image(tile, name="tile"))
    assert dock.status.text() == NO_SEGMENTER
    assert dock.segmenter.currentText() == "no segmenter yet"
    assert "the disk is gone" in told[-1]
    dock.use_segmenter(dark_segmenter)
    assert dock.status.text() == READY
