import time

import psutil
import pytest
from qtpy.QtWidgets import QWidget

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.widgets import _estimate_line
from napari_sharpgan.widgets._estimate_line import BUSY, MEASURING, EstimateLine, in_words, measured

LONG = 240_000  # milliseconds: a process loads PyTorch first
FOUND = {"seconds": 7800, "memory": 1_500_000_000, "images_per_second": 10.02, "device": "cpu (2 threads)"}


@pytest.fixture
def line(qtbot, monkeypatch):
    monkeypatch.setattr(_estimate_line, "PAUSE", 10)
    line = EstimateLine()
    qtbot.addWidget(line)
    return line


def test_an_estimate_is_one_line():
    said = "about 2 h 10 min · 1.9 GB · 10.0 images/s on cpu (2 threads)"
    assert in_words(FOUND | {"memory_of_images": 400_000_000}) == said
    assert in_words(FOUND | {"memory_of_images": None}).startswith("about 2 h 10 min · 1.5 GB")


def test_where_nothing_can_be_started_it_takes_no_place(qtbot):
    dock = QWidget()
    qtbot.addWidget(dock)
    line = EstimateLine(dock)
    dock.show()
    assert line.isHidden()
    line.ask(["train"], by_itself=False)
    assert not line.isHidden()
    line.ask(None)
    assert line.isHidden()


def test_beside_a_training_it_measures_only_when_asked(line, qtbot):
    line.ask(["train"], by_itself=False)
    qtbot.wait(100)
    assert line.says.text() == BUSY
    assert line.button.isEnabled()


def test_equal_settings_are_not_measured_again(line):
    line.ask(["train"], by_itself=False)
    line.says.setText("what was measured")
    line.ask(["train"], by_itself=False)
    assert line.says.text() == "what was measured"


def test_a_process_that_is_not_wanted_any_more_ends_at_once():
    wishes = iter([False, True])
    began = time.monotonic()
    run_to_end(measured(["train", "--estimate"], should_stop=lambda: next(wishes)))
    assert time.monotonic() - began < 20
    left = [child for child in psutil.Process().children() if "--estimate" in child.cmdline()]
    assert left == []


@pytest.mark.slow
def test_the_newest_settings_are_measured(line, tissue_folder, qtbot):
    settings = ["train", str(tissue_folder), "--width", "2", "--batch-size", "2", "--steps"]
    line.ask([*settings, "10"])
    qtbot.waitUntil(lambda: line.says.text() == MEASURING)
    line.ask([*settings, "1000000"])
    qtbot.waitUntil(lambda: "images/s on" in line.says.text(), timeout=LONG)
    assert line.says.text().startswith("about ")
    assert " h " in line.says.text(), "a million steps take hours, ten do not"
    assert line.button.isEnabled()


@pytest.mark.slow
def test_what_cannot_be_trained_on_is_said(line, tmp_path, qtbot):
    line.ask(["train", str(tmp_path / "nowhere")])
    qtbot.waitUntil(lambda: line.says.text().startswith("⚠"), timeout=LONG)
    assert "nowhere is no folder" in line.says.text()
