"""Nothing is lost in a real window: closed, killed, replaced; opened and saved."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from napari.layers import Image
from qtpy.QtCore import Qt, QTimer
from qtpy.QtWidgets import QApplication, QMessageBox, QPushButton

from napari_sharpgan.formats import Nuclei, NucleusInfo, read_nuclei, write_nuclei
from napari_sharpgan.scene.recovery import found
from napari_sharpgan.widgets import _safety
from napari_sharpgan.widgets._parts import WIDEST
from napari_sharpgan.widgets.nuclei_dock import NucleiDock
from tests.scene.test_autosave import EDITS

pytestmark = pytest.mark.gui

FREE = np.array([[30, 30], [30, 70], [70, 70], [70, 30], [35, 30]])
SQUARE = np.array([[10.0, 10], [10, 30], [30, 30], [30, 10]])


@pytest.fixture(autouse=True)
def _own_state(monkeypatch, tmp_path):
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))


@pytest.fixture
def on_image(open_window):
    """A function that opens a window with a small image and the dock; what is drawn lies on its pixels."""

    natives = []

    def opened():
        """Open it; napari's settings stay as they are, and a closed window stays to be looked at."""
        pixels = np.full((100, 120, 3), 200, np.uint8)
        window = open_window(
            Image(pixels, name="tile_07.png", scale=(0.25, 0.25), units="um"), size=(1200, 800)
        )
        natives.append(window.viewer.window._qt_window)
        natives[-1].setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        natives[-1]._save_current_window_settings = lambda: None
        dock = NucleiDock(window.viewer)
        window.viewer.window.add_dock_widget(dock, name="Nuclei")
        window.session.from_image(window.viewer.layers[0])
        window.turn(0.1)
        return window, dock

    yield opened
    while natives:
        natives.pop().setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, True)


def draw(window):
    """Draw a nucleus with the mouse."""
    window.session.edit("add_polygon_lasso")
    window.press(FREE[0])
    window.move(*FREE[1:])
    window.release(FREE[-1])
    assert len(window.session.scene) == 1


def click(parent, text):
    next(button for button in parent.findChildren(QPushButton) if button.text() == text).click()


def close(window, answer=None):
    """Close the window as its user does, and answer; return what was asked, and whether it closed."""
    asked = []

    def click_answer():
        box = QApplication.activeModalWidget()
        if not isinstance(box, QMessageBox):
            return
        asked.append(box.text())
        click(box, answer)

    timer = QTimer(interval=20)
    timer.timeout.connect(click_answer)
    timer.start()
    closed = window.viewer.window._qt_window.close()
    timer.stop()
    return asked, closed


def test_a_window_in_which_nothing_was_edited_by_hand_closes_at_once(on_image):
    window, dock = on_image()
    window.session.generate(dock.config, keep=False)
    window.until(lambda: len(window.session.scene) > 0)
    assert close(window) == ([], True)


def test_unsaved_nuclei_are_named_once_and_recovered_even_without_saving(on_image, told):
    window, dock = on_image()
    draw(window)
    assert "tile_07.png" in dock.document.title.text()
    assert "not saved" in dock.document.title.text()
    assert window.viewer.title.startswith("• tile_07.png")
    assert close(window, "Cancel") == (["Save the nuclei of tile_07.png before closing?"], False)
    assert window.viewer.window._qt_window.isVisible()
    asked, closed = close(window, "Close without saving")
    assert (len(asked), closed) == (1, True)
    drawn = window.session.scene.labels.copy()

    window, dock = on_image()
    window.turn(0.3)
    assert not dock.document.bar.isVisible(), "its user knows of it"
    dock.document._list()
    (left,) = dock.document.menu.actions()
    assert left.text().endswith("(1 nucleus, tile_07.png)")
    left.trigger()
    window.until(lambda: len(window.session.scene) == 1)
    np.testing.assert_array_equal(window.session.scene.labels, drawn)
    np.testing.assert_array_equal(window.session.layers.nuclei.scale, (0.25, 0.25))
    assert window.session.documents.is_unsaved
    assert not told


def test_saving_on_close_writes_the_file_and_leaves_nothing_behind(on_image, monkeypatch, tmp_path):
    window, _ = on_image()
    draw(window)
    path = tmp_path / "drawn.geojson"
    monkeypatch.setattr(_safety.QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    asked, closed = close(window, "Save…")
    assert (len(asked), closed) == (1, True)
    saved = read_nuclei(path)
    np.testing.assert_array_equal(saved.to_labels((100, 120)), window.session.scene.labels)
    assert saved.micrometers_per_pixel == 0.25
    window.session.documents.current.autosave.close()
    assert found() == []


def test_another_canvas_puts_aside_what_was_drawn_and_says_so(on_image, told):
    window, dock = on_image()
    draw(window)
    drawn = window.session.scene.labels.copy()
    click(dock, "New canvas")
    assert len(told) == 1
    assert "Recover…" in told[0]
    assert not window.session.documents.is_unsaved
    window.until(lambda: len(found()) == 1)
    window.session.documents.restore(found()[0])
    window.until(lambda: len(window.session.scene) == 1)
    np.testing.assert_array_equal(window.session.scene.labels, drawn)


def test_what_is_opened_keeps_numbers_and_all_that_is_said_until_it_is_saved_again(on_image, told, tmp_path):
    window, dock = on_image()
    info = {7: NucleusInfo(class_name="Tumor", class_color=(200, 0, 0), is_locked=True)}
    polygons = [SQUARE, SQUARE + 40]
    write_nuclei(
        Nuclei(polygons=polygons, numbers=(3, 7), shape=(100, 120), info=info), tmp_path / "a.geojson"
    )
    documents = window.session.documents
    documents.open(tmp_path / "a.geojson")
    window.until(lambda: len(window.session.scene) == 2)
    assert list(window.session.scene.polygons) == [3, 7]
    assert dock.document.title.text() == "<b>a.geojson</b>"
    window.session.scene.move(3, SQUARE + 5)
    assert "not saved" in dock.document.title.text()
    window.session.undo()
    assert "not saved" not in dock.document.title.text()
    window.session.redo()
    click(dock, "Save")
    window.until(lambda: not documents.is_busy)
    again = read_nuclei(tmp_path / "a.geojson")
    assert again.numbers == (3, 7)
    assert again.info[7].is_locked
    assert again.info[7].class_name == "Tumor"
    assert again.micrometers_per_pixel == 0.25
    np.testing.assert_allclose(again.polygons[0].min(axis=0), SQUARE.min(axis=0) + 5)
    assert not documents.is_unsaved
    write_nuclei(Nuclei(labels=np.eye(50, dtype=np.int32)), tmp_path / "other.tif")
    documents.open(tmp_path / "other.tif")
    window.until(lambda: told)
    assert "other.tif must hold nuclei of an image of 100 × 120 pixels" in told[0]
    assert list(window.session.scene.polygons) == [3, 7]
    assert dock.minimumSizeHint().width() <= WIDEST


WINDOW = """
import time
import napari
from qtpy.QtCore import QTimer
from napari_sharpgan.widgets.session import session_of

viewer = napari.Viewer()
viewer.add_labels(np.zeros((8, 8), int))  # so that no sample is made
session = session_of(viewer)
session.tissue.live = False
session.new_canvas((64, 64))
numbers = edited(session.scene)
timer = QTimer(interval=2)
timer.timeout.connect(lambda: print(next(numbers), time.time(), flush=True))
timer.start()
napari.run()
"""


@pytest.mark.slow
def test_a_window_killed_amid_edits_loses_at_most_the_last_second(on_image):
    script = [sys.executable, "-c", EDITS + WINDOW]
    with subprocess.Popen(script, stdout=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stdout:
            lines.append(line)
            if len(lines) == 200:
                process.send_signal(signal.SIGKILL)
                break
        killed = time.time()
        lines += process.stdout.readlines()
    said = [line.split() for line in lines if line[0].isdigit() and line.endswith("\n")]
    done = {int(number): float(at) for number, at in said}

    window, dock = on_image()
    window.until(lambda: dock.document.bar.isVisible())
    assert dock.document.offer.text().startswith("Unsaved nuclei of ")
    assert dock.document.offer.text().endswith("(12 nuclei)")
    click(dock, "Restore")
    window.until(lambda: len(window.session.scene) == 12)
    assert not dock.document.bar.isVisible()

    space, states = {}, {}
    exec(EDITS, space)  # the same edits in the same order
    from napari_sharpgan.scene import Scene

    scene = Scene((64, 64))
    for number in space["edited"](scene):
        states[scene.labels.tobytes()] = number
        if number > max(done):
            break
    kept = states[window.session.scene.labels.tobytes()]
    lost = [at for number, at in done.items() if number > kept]
    assert killed - min(lost, default=killed) <= 1.0
