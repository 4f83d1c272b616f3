"""The Sharpness dock in a real window: what is seen, and how long the window is kept waiting."""

import time

import numpy as np
import pytest

from napari_sharpgan.formats import read_image, read_nuclei
from napari_sharpgan.losses import contour_sharpness
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.widgets.sharpness_dock import SharpnessDock

PATIENCE = 120_000  # ms: the first measurement loads torch
pytestmark = pytest.mark.gui


def wait_for(qtbot, dock, text):
    qtbot.waitUntil(lambda: text in dock.numbers.text(), timeout=PATIENCE)


def test_real_contours_glow_in_a_real_window(qtbot, make_napari_viewer, real_data):
    tile = read_image(real_data / "cpm15" / "image12.png")
    nuclei = read_nuclei(real_data / "cpm15" / "image12_mask.txt").to_labels()
    viewer = make_napari_viewer(show=True)
    viewer.add_image(tile, name="image12")
    viewer.add_labels(nuclei, name="image12_mask", visible=False)
    dock = SharpnessDock(viewer)
    viewer.window.add_dock_widget(dock, name="Sharpness")
    wait_for(qtbot, dock, "131 nuclei")
    dock.next_button.click()
    blurriest = dock.table.chosen
    expected = contour_sharpness(tile, nuclei)
    assert blurriest == expected.keys[expected.means.argmax()]
    inside = np.argwhere(nuclei == blurriest)
    middle = (inside.min(0) + inside.max(0)) / 2
    qtbot.waitUntil(lambda: np.allclose(viewer.scene.camera.center[-2:], middle), timeout=PATIENCE)
    qtbot.wait(200)
    shown = viewer.screenshot(flash=False)[..., :3].astype(int)
    viewer.layers["sharpness"].visible = False
    glow = np.abs(shown - viewer.screenshot(flash=False)[..., :3]).sum(2) > 60
    height, width = glow.shape
    rows, columns = np.nonzero(glow)
    near = np.hypot(rows - height / 2, columns - width / 2) < min(height, width) / 4
    assert near.sum() > 50, "its contour glows in the middle of the canvas"
    red, green, blue = np.median(shown[rows[near], columns[near]], axis=0)
    assert min(red, green) > blue + 60, "in yellow, for it is blurry"


@pytest.mark.slow
@pytest.mark.timed
def test_the_window_never_waits_for_a_thousand_nuclei(qtbot, make_napari_viewer):
    shape = (2048, 2048)
    nuclei = rasterize(random_nuclei(shape, 1000, seed=1), shape)
    viewer = make_napari_viewer(show=True)
    viewer.add_image(np.random.default_rng(0).integers(0, 255, (*shape, 3), np.uint8), name="image")
    viewer.add_labels(nuclei, name="labels", visible=False)
    dock = SharpnessDock(viewer)
    viewer.window.add_dock_widget(dock, name="Sharpness")
    wait_for(qtbot, dock, "nuclei")
    busy = []
    show = dock._show

    def timed(result):
        start = time.thread_time()
        show(result)
        busy.append(time.thread_time() - start)

    dock._newest.done.disconnect(dock._show)
    dock._newest.done.connect(timed)
    for contrast in (0.2, 0.3, 0.4):
        dock.form.rows["contrast"].value = contrast
        number = len(busy)
        qtbot.waitUntil(lambda number=number: len(busy) > number, timeout=PATIENCE)
    assert min(busy) < 0.1


def test_the_outlines_box_follows_another_canvas(window):
    dock = SharpnessDock(window.viewer)
    window.viewer.window.add_dock_widget(dock, name="Sharpness")
    window.session.layers.nuclei.visible = False
    window.turn(0.1)
    assert not dock.outlines.isChecked()
    window.session.from_labels(np.pad(np.ones((9, 9), int), 20))
    window.session.layers.nuclei.visible = True
    window.turn(0.1)
    assert dock.outlines.isChecked()
