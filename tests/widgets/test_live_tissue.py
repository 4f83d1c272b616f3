"""What renders live: OpenVINO alone where that is enough, else torch; the pictures are the same."""

import shutil
import threading

import numpy as np
import pytest
from qtpy.QtCore import QObject
from torch import nn

from napari_sharpgan.light import LightRenderer, engine
from napari_sharpgan.models import TissueGenerator
from napari_sharpgan.rendering import Renderer, save_generator, weights_hash
from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets import _live_tissue
from napari_sharpgan.widgets._live_tissue import FIRST, LiveTissue

BOX = np.array([[40, 60], [40, 90], [70, 90], [70, 60]])


class Layers:
    """The part of the layers of a scene that live tissue knows."""

    class tissue:
        data = np.zeros((120, 150, 3), np.uint8)

    def show_tissue(self, image):
        self.tissue.data = image


class Session(QObject):
    def __init__(self):
        super().__init__()
        self.layers = Layers()


@pytest.fixture
def rendered(qtbot, monkeypatch):
    """A function that renders a scene with an engine, and returns its tissue and the renderer."""

    def render_with(name):
        monkeypatch.setenv(engine.VARIABLE, name)
        session = Session()
        live = LiveTissue(session)
        live.choose(**FIRST | {"device": "cpu"})
        scene = Scene((120, 150))
        scene.add(BOX)
        live.expect()
        live.begin(scene)
        qtbot.waitUntil(lambda: live.is_done, timeout=60_000)
        assert live.device_words
        return session.layers.tissue.data, live._made.renderer

    return render_with


@pytest.fixture
def live(qtbot, tiny_generator):
    """Live tissue of a scene, rendered with a tiny generator."""
    live = LiveTissue(Session())
    live.choose(generator=str(tiny_generator), device="cpu")
    live.begin(Scene((120, 150)))
    qtbot.waitUntil(lambda: live.is_whole, timeout=60_000)
    return live


@pytest.fixture
def errors(live):
    """What it says went wrong."""
    told = []
    live.failed.connect(told.append)
    return told


@pytest.fixture
def gate(monkeypatch):
    """What each loading of a generator waits for."""
    gate, load = threading.Event(), _live_tissue._load

    def held(**wanted):
        assert gate.wait(60)
        return load(**wanted)

    monkeypatch.setattr(_live_tissue, "_load", held)
    return gate


@pytest.fixture
def other_generator(tmp_path):
    """Weights of another tiny generator."""
    path = tmp_path / "other.safetensors"
    save_generator(TissueGenerator("distance", 1, resize_levels=2), path)
    return path


def test_openvino_renders_what_torch_does(rendered):
    pytest.importorskip("openvino", reason="the extra 'fast' is not installed")
    light, with_openvino = rendered("openvino")
    assert isinstance(with_openvino, LightRenderer)
    tissue, with_torch = rendered("torch")
    assert isinstance(with_torch, Renderer)
    assert np.ptp(tissue) > 100
    assert np.abs(light.astype(int) - tissue).max() <= 8
    assert np.abs(light.astype(int) - tissue).mean() < 0.5


def test_an_engine_that_is_none_is_one_sentence(qtbot, monkeypatch):
    monkeypatch.setenv(engine.VARIABLE, "abacus")
    session = Session()
    live = LiveTissue(session)
    told = []
    live.failed.connect(told.append)
    live.begin(Scene((120, 150)))
    qtbot.waitUntil(lambda: bool(told), timeout=60_000)
    assert "SHARPGAN_ENGINE" in told[0]
    assert "\n" not in told[0]
    assert not live.is_ready


def test_a_newer_wish_outlives_one_that_fails(qtbot, live, errors, gate, other_generator):
    live.choose(generator="no-such-generator")
    live.choose(generator=str(other_generator))
    gate.set()
    qtbot.waitUntil(lambda: live.is_whole, timeout=60_000)
    assert len(errors) == 1
    assert "no-such-generator" in errors[0]
    assert live.settings["generator"] == str(other_generator)
    assert live.note["generator"] == "other"
    assert not live.trouble


def test_what_was_held_is_back_when_the_newer_wish_fails_too(qtbot, live, errors, gate):
    held = live.settings
    live.choose(generator="no-such-generator")
    live.choose(generator="nor-such-a-one")
    gate.set()
    qtbot.waitUntil(lambda: live.is_whole, timeout=60_000)
    assert ["no-such-generator" in errors[0], "nor-such-a-one" in errors[1]] == [True, True]
    assert live.settings == held
    assert live.note["generator"] == "tiny"


def test_a_wish_outlives_a_rendering_that_fails(qtbot, live, errors, other_generator):
    begun, gate = threading.Event(), threading.Event()

    class Failing(nn.Module):
        def forward(self, _):
            begun.set()
            gate.wait(60)
            raise ValueError("no tissue today")

    live.choose(generator=Failing())
    qtbot.waitUntil(begun.is_set, timeout=60_000)
    live.choose(generator=str(other_generator))
    gate.set()
    qtbot.waitUntil(lambda: live.is_whole, timeout=60_000)
    assert errors == ["no tissue today"]
    assert live.note["generator"] == "other"


def test_a_rendering_that_fails_is_not_tried_again_unasked_and_is_not_whole(qtbot, live, errors):
    class Failing(nn.Module):
        def forward(self, _):
            raise ValueError("no tissue today")

    with qtbot.waitSignal(live.settled, timeout=60_000):
        live.choose(generator=Failing())
    assert errors == ["no tissue today"]
    assert live.is_done
    assert not live.is_whole
    with qtbot.waitSignal(live.settled, timeout=60_000):
        live.finish()
    assert errors == ["no tissue today"] * 2


def test_what_was_canceled_is_not_whole_until_it_is_finished(qtbot, live):
    live.live = False
    live.follow([(slice(0, 120), slice(0, 150))])
    live.cancel()
    assert live.is_done
    assert not live.is_whole
    live.finish()
    qtbot.waitUntil(lambda: live.is_whole, timeout=60_000)


def test_the_hash_is_that_of_the_weights_it_renders_with(
    qtbot, live, monkeypatch, tmp_path, tiny_generator, other_generator
):
    path, make, notes = tmp_path / "best.safetensors", _live_tissue._make, []
    shutil.copy(tiny_generator, path)

    def overtaken(wanted, note):
        made = make(wanted, note)
        if not notes:
            shutil.copy(other_generator, path)
        notes.append(note)
        return made

    monkeypatch.setattr(_live_tissue, "_make", overtaken)
    live.choose(generator=str(path))
    qtbot.waitUntil(lambda: live.is_whole, timeout=60_000)
    assert [note["weights_sha256"] for note in notes] == [
        weights_hash(tiny_generator),
        weights_hash(other_generator),
    ]
    path.unlink()
    assert live.note == notes[1]
