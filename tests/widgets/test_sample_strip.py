import numpy as np
import pytest
from PIL import Image

from napari_sharpgan.widgets._sample_strip import SampleStrip


def write(run, name, value):
    (run / "samples").mkdir(exist_ok=True)
    Image.fromarray(np.full((32, 128, 3), value, np.uint8)).save(run / "samples" / name)


@pytest.fixture
def run(tmp_path):
    write(tmp_path, "real.png", 10)
    for step in (5, 10, 15):
        write(tmp_path, f"{step:06d}.png", 100 + step)
    return tmp_path


@pytest.fixture
def strip(qtbot, run):
    strip = SampleStrip()
    qtbot.addWidget(strip)
    strip.follow(run)
    return strip


def events(*steps):
    return [{"step": step, "sample": f"{step:06d}.png"} for step in steps]


def shown(qtbot, strip, act):
    with qtbot.waitSignal(strip.shown) as signal:
        act()
    real, sample = signal.args
    return real.mean(), sample.mean()


def test_the_newest_sample_is_shown_below_the_real_one(qtbot, strip):
    assert strip.isHidden()
    assert shown(qtbot, strip, lambda: strip.add([{"step": 4}, *events(5)])) == (10, 105)
    assert shown(qtbot, strip, lambda: strip.add(events(10))) == (10, 110)
    assert not strip.isHidden()
    assert strip.says.text() == "step 10 · 2 of 2"


def test_who_goes_back_stays_there_while_new_samples_come(qtbot, strip):
    shown(qtbot, strip, lambda: strip.add(events(5, 10)))
    assert shown(qtbot, strip, strip.back.click) == (10, 105)
    assert not strip.back.isEnabled()
    assert shown(qtbot, strip, lambda: strip.add(events(15))) == (10, 105)
    assert strip.says.text() == "step 5 · 1 of 3"
    strip.forth.click()
    assert shown(qtbot, strip, strip.forth.click) == (10, 115)


def test_a_picture_keeps_its_shape_in_any_width(qtbot, strip):
    shown(qtbot, strip, lambda: strip.add(events(5)))
    strip.resize(320, 400)
    strip.show()
    assert (strip.sample.width(), strip.sample.height()) == (320, 80)


def test_a_picture_that_is_missing_is_said_and_the_next_is_shown(qtbot, strip):
    strip.add([{"step": 7, "sample": "000007.png"}])
    qtbot.waitUntil(lambda: strip.says.text() == "this sample cannot be read")
    assert shown(qtbot, strip, lambda: strip.add(events(10))) == (10, 110)


def test_another_run_begins_with_none(qtbot, strip, tmp_path):
    shown(qtbot, strip, lambda: strip.add(events(5)))
    strip.follow(tmp_path / "other")
    assert strip.isHidden()
    assert strip.step is None


def test_only_files_of_the_run_are_read(qtbot, strip, run):
    Image.fromarray(np.zeros((32, 128, 3), np.uint8)).save(run / "outside.png")
    strip.add([{"step": 7, "sample": "../outside.png"}])
    qtbot.waitUntil(lambda: strip.says.text() == "this sample cannot be read")
