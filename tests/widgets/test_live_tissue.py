"""What renders live: OpenVINO alone where that is enough, else torch; the pictures are the same."""

import numpy as np
import pytest
from qtpy.QtCore import QObject

from napari_sharpgan.light import LightRenderer, engine
from napari_sharpgan.rendering import Renderer
from napari_sharpgan.scene import Scene
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
