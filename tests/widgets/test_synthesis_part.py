"""Tiles and a slide made from the dock *Tissue* of a real window, by real processes."""

import json
import shlex
from dataclasses import replace

import numpy as np
import pytest
from qtpy.QtCore import Qt
from qtpy.QtWidgets import QApplication
from superqt import QCollapsible

from napari_sharpgan.cli import main
from napari_sharpgan.synthesis import what_is_there
from napari_sharpgan.widgets import _training_process
from napari_sharpgan.widgets._parts import WIDEST
from napari_sharpgan.widgets._synthesis_job import BUSY, SynthesisJob, in_words
from napari_sharpgan.widgets.tissue_dock import TissueDock

pytestmark = [pytest.mark.gui, pytest.mark.timeout(300)]


LONG = 200  # seconds, on a machine that does a lot else


@pytest.fixture(autouse=True)
def _state(tmp_path, monkeypatch):
    monkeypatch.setenv("SHARPGAN_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(_training_process, "NICE", 0)  # a busy machine would keep the tests waiting


@pytest.fixture
def opened(open_window, tiny_generator):
    """A window whose dock *Tissue* is unfolded, and a way to open another."""

    def open_one():
        window = open_window(size=(1100, 800))
        window.session.tissue.choose(generator=str(tiny_generator))
        dock = TissueDock(window.viewer)
        window.viewer.window.add_dock_widget(dock, name="Tissue")
        dock.findChild(QCollapsible).expand(animate=False)
        window.until(lambda: dock.many.is_ready)
        window.sampled()
        return window, dock

    return open_one


def choose(part, out, *, size=None, **values):
    """Set some values by hand."""
    part.settings.where.suggest(out)
    if size is not None:
        part.settings.tiles.rows["size"].value = size
    for name, value in values.items():
        getattr(part.settings, name).setValue(value)


def turn_to(part, kind):
    """Choose what to make."""
    part.settings.kind.setCurrentIndex(part.settings.kind.findData(kind))
    part.settings.kind.activated.emit(part.settings.kind.currentIndex())


def click(qtbot, button):
    assert button.isEnabled(), button.text()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def ended(window, part):
    window.until(lambda: not part._job.is_running, LONG)
    window.until(lambda: part._there is not None and part._there.done > 0)


def contents(out):
    files = (path for path in out.rglob("*") if path.is_file() and path.name != ".lock")
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


def test_tiles_are_made_seen_to_go_on_and_are_those_of_the_command(opened, qtbot, tmp_path, told):
    window, dock = opened()
    part, out = dock.many, tmp_path / "tiles"
    assert not part.start_button.isEnabled()
    choose(part, out, size=32, count=30)
    assert part.says.text() == "About 0 MB to make."
    click(qtbot, part.copy_button)
    command = QApplication.clipboard().text()
    click(qtbot, part.start_button)
    assert (part.status.text(), part.cancel_button.isVisible(), part.bar.isVisible()) == (
        "Starting…",
        True,
        True,
    )
    assert not part.settings.isEnabled()
    part.start()
    assert told[-1] == BUSY
    seen = []
    part._job.progressed.connect(lambda _: seen.append((part.status.text(), part.bar.value())))
    ended(window, part)
    assert seen[0] == ("0 of 30 tiles", 0)
    assert seen[-1][0].startswith("30 of 30 tiles · ")
    assert told[-1] == f"{out} is finished"
    assert (part.start_button.text(), part.says.text()) == ("Start", "30 of 30 tiles are there.")
    other = shlex.split(command.replace(str(out), str(tmp_path / "by_hand")))
    assert main(other[1:]) == 0
    assert contents(out) == contents(tmp_path / "by_hand")
    camera = window.viewer.scene.camera.center
    click(qtbot, part.open_button)
    window.until(lambda: "tiles" in window.viewer.layers)
    sheet, labels = window.viewer.layers["tiles"], window.viewer.layers["labels of tiles"]
    assert sheet.data.shape[:2] == labels.data.shape
    left, right = sheet.extent.world[0][1], window.session.layers.nuclei.data_to_world((0, 512))[1]
    assert left > right, "beside the canvas"
    assert window.viewer.scene.camera.center != camera
    assert window.viewer.layers.selection.active is window.session.layers.nuclei


def test_canceled_in_the_middle_it_goes_on_and_so_does_another_window(opened, qtbot, tmp_path):
    window, dock = opened()
    part, out = dock.many, tmp_path / "tiles"
    choose(part, out, size=32, count=1000)
    click(qtbot, part.start_button)
    window.until(lambda: part._job.facts.get("done", 0) > 0, LONG)
    assert "tiles/s · about" in part.status.text()
    click(qtbot, part.cancel_button)
    assert part.status.text().startswith("Canceling")
    ended(window, part)
    there = what_is_there(out)
    assert 0 < there.done < 1000
    assert part.status.text() == "Canceled; what is finished stays."
    assert part.start_button.text() == "Go on"
    assert part.says.text().startswith(f"{there.done:,} of 1,000 tiles are there. About ")

    part.start()  # and the window is closed while it goes on
    job = part._job
    window.until(lambda: job.facts.get("made", 0) > 0, LONG)
    process = job._process._process
    window.viewer.close()
    window.until(lambda: process.poll() is not None, LONG)
    assert process.returncode == 130, "it ended in good order"
    stopped = what_is_there(out)
    assert there.done < stopped.done < 1000
    assert not json.loads((out / "manifest.json").read_text())["complete"]

    window, dock = opened()
    window.until(lambda: dock.many._there is not None)
    settings = dock.many.settings
    assert (settings.out, settings.count.value(), settings.tiles.value.size) == (out, 1000, 32)
    assert dock.many.start_button.text() == "Go on"


def test_a_slide_is_made_and_opened_with_its_nuclei(opened, qtbot, tmp_path):
    window, dock = opened()
    part = dock.many
    turn_to(part, "slide")
    choose(part, tmp_path / "made", rows=520, columns=1024)
    assert part.settings.out == tmp_path / "made.ome.zarr"
    assert part.settings.extent.text() == "0.1 × 0.3 mm at 0.25 µm/px"
    click(qtbot, part.start_button)
    ended(window, part)
    assert part.says.text() == "4 of 4 blocks are there."
    before = list(window.viewer.layers)
    click(qtbot, part.open_button)
    image, labels = (layer for layer in window.viewer.layers if layer not in before)
    assert image.rgb
    assert [layer.name for layer in window.viewer.layers if layer.visible] == [image.name]
    assert np.asarray(image.data[0] if image.multiscale else image.data).shape == (520, 1024, 3)
    assert np.asarray(labels.data[0] if labels.multiscale else labels.data).max() > 0


def test_a_folder_with_something_else_is_told_in_one_sentence_and_left_alone(opened, qtbot, tmp_path, told):
    window, dock = opened()
    part, out = dock.many, tmp_path / "mine"
    out.mkdir()
    (out / "letter.txt").write_text("keep me")
    choose(part, out, size=32, count=10)
    click(qtbot, part.start_button)
    window.until(lambda: not part._job.is_running, LONG)
    assert part.status.text() == told[-1]
    assert str(out) in told[-1]
    assert len(told) == 1
    assert [path.name for path in out.iterdir()] == ["letter.txt"]
    assert part.start_button.isEnabled()


def test_a_generator_without_a_file_is_told_before_anything_is_begun(opened, qtbot, ink, tmp_path, told):
    window, dock = opened()
    window.session.tissue.choose(generator=ink)
    choose(dock.many, tmp_path / "tiles", count=10)
    for button in (dock.many.start_button, dock.many.copy_button):
        click(qtbot, button)
        assert "lies in no file" in told[-1]
    assert not dock.many._job.is_running


def test_it_is_narrow_and_says_what_the_nuclei_are_like(opened):
    window, dock = opened()
    part, session = dock.many, window.session
    assert part.like.text() == (
        "Nuclei as in the dock Nuclei (density class 2), in the generator's own stain, variation 0."
    )
    session.generate(replace(session.random, density=3000.0), keep=False)
    window.until(lambda: "(3,000 a mm²)" in part.like.text())
    dock.seed.setValue(4)
    assert part.wish.look.seed == 4
    assert "variation 4" in part.like.text()
    for kind in ("slide", "tiles"):
        turn_to(part, kind)
        window.turn(0.1)
        assert part.visibleRegion().boundingRect().width() == part.width(), "nothing is cut off"
    assert part.parentWidget().width() <= WIDEST


def test_two_docks_of_a_window_have_one_job(opened):
    window, dock = opened()
    assert TissueDock(window.viewer).many._job is dock.many._job is SynthesisJob.of(window.session)


def test_speed_and_time_left_are_those_since_it_was_gone_on_with():
    tiles = {"done": 120, "total": 1000, "made": 82, "seconds": 10.0}
    assert in_words(tiles, "tiles") == "120 of 1,000 tiles · 8.2 tiles/s · about 2 min left"
    assert in_words(tiles | {"made": 0}, "tiles") == "120 of 1,000 tiles"
    slide = {"done": 16, "total": 16, "made": 8, "seconds": 4.0, "pixels": 8_000_000}
    assert in_words(slide, "blocks") == "16 of 16 blocks · 2.0 megapixels/s"
    assert in_words({"says": "fitting nuclei, image 1 of 3"}, "tiles") == "fitting nuclei, image 1 of 3"
