import shlex

import numpy as np
import pytest
from napari.layers import Image, Labels
from qtpy.QtWidgets import QApplication, QPushButton

from napari_sharpgan.formats import read_image, read_nuclei
from napari_sharpgan.widgets._parts import WIDEST
from napari_sharpgan.widgets.nuclei_dock import NucleiDock

pytestmark = pytest.mark.gui


def opened(window):
    """The dock in the window, as the menu opens it."""
    dock = NucleiDock(window.viewer)
    window.viewer.window.add_dock_widget(dock, name="Nuclei")
    window.turn()
    return dock


def click(dock, text):
    next(button for button in dock.findChildren(QPushButton) if button.text() == text).click()


@pytest.fixture
def dock(window):
    return opened(window)


def test_the_dock_is_narrow_and_shows_the_numbers(window, dock):
    assert dock.minimumSizeHint().width() <= WIDEST
    window.session.scene.remove(next(iter(window.session.scene.polygons)))
    window.until(lambda: dock.statistics.text().startswith("98 nuclei · "))
    assert "covered" in dock.statistics.text()
    assert "touching" in dock.statistics.text()


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("Freehand", "add_polygon_lasso"),
        ("Points", "add_polygon"),
        ("Reshape", "direct"),
        ("Move", "select"),
    ],
)
def test_a_tool_is_one_click(window, dock, text, mode):
    window.viewer.layers.selection.active = window.session.layers.tissue
    click(dock, text)
    assert window.session.layers.nuclei.mode == mode
    assert window.viewer.layers.selection.active is window.session.layers.nuclei


def test_a_slider_redraws_at_once_and_is_one_step(window, dock):
    scene = window.session.scene
    before = list(scene.polygons)
    for share in (0.3, 0.6, 0.9):
        dock.form.rows["max_overlap"].value = share
        window.until(lambda: not window.session.is_generating)
    assert set(scene.polygons).isdisjoint(before)
    click(dock, "Undo")
    window.until(lambda: list(scene.polygons) == before)
    click(dock, "Redo")
    window.until(lambda: set(scene.polygons).isdisjoint(before))


def test_another_throws_the_dice_and_add_keeps_what_is_there(window, dock):
    seed, keys = dock.config.seed, set(window.session.scene.polygons)
    click(dock, "Add")
    window.until(lambda: len(window.session.scene) > len(keys))
    assert keys < set(window.session.scene.polygons)
    click(dock, "Another")
    window.until(lambda: keys.isdisjoint(window.session.scene.polygons))
    assert dock.config.seed != seed


def test_the_copied_command_draws_the_same_nuclei(window, dock, tmp_path):
    from napari_sharpgan.cli import main

    dock.form.rows["seed"].value = 3
    window.until(lambda: not window.session.is_generating)
    click(dock, "Copy command")
    command = shlex.split(QApplication.clipboard().text())
    assert command[:3] == ["sharpgan", "nuclei", "nuclei.geojson"]
    main(["nuclei", str(tmp_path / "nuclei.geojson"), *command[3:]])
    drawn = read_nuclei(tmp_path / "nuclei.geojson").polygons
    for one, other in zip(drawn, window.session.scene.polygons.values(), strict=True):
        np.testing.assert_allclose(one, other, atol=0.01)


def test_a_new_canvas_has_the_size_that_was_asked_for(window, dock):
    dock.document.rows.setValue(300)
    dock.document.columns.setValue(400)
    click(dock, "New canvas")
    assert window.session.scene.shape == window.session.layers.tissue.data.shape[:2] == (300, 400)
    assert len(window.session.scene) == 0


def test_an_image_and_its_mask_become_nuclei_that_can_be_edited(open_window, real_data):
    folder = real_data / "cpm15"
    labels = read_nuclei(folder / "image12_mask.txt").labels
    image, mask = Image(read_image(folder / "image12.png"), name="image12"), Labels(labels, name="mask")
    window = open_window(image, mask)
    dock = opened(window)
    click(dock, "From labels")
    window.until(lambda: len(window.session.scene) == 131)
    assert not mask.visible
    window.until(lambda: dock.statistics.text().startswith("131 nuclei"))
    click(dock, "From image")
    assert len(window.session.scene) == 0
    assert window.session.scene.shape == image.data.shape[:2]


@pytest.mark.parametrize(
    ("text", "layer", "sentence"),
    [
        ("From labels", None, "no labels layer is there"),
        ("From image", None, "no image layer is there"),
        ("From labels", Labels(np.zeros((3, 9, 9), int)), "must have shape (H, W)"),
        ("From labels", Labels(-np.eye(9, dtype=int)), "must lie between 0"),
        ("From image", Image(np.zeros((3, 9, 9)), rgb=False, name="stack"), "expected a 2-D image"),
    ],
)
def test_what_cannot_be_is_one_sentence(window, dock, told, text, layer, sentence):
    before = list(window.session.scene.polygons)
    if layer is not None:
        window.viewer.add_layer(layer)
    click(dock, text)
    assert len(told) == 1
    assert sentence in told[0]
    assert list(window.session.scene.polygons) == before
