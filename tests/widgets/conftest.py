"""A real window with a real mouse, whose events go the way that Qt's do."""

import time
from dataclasses import dataclass

import numpy as np
import pytest


@dataclass
class Window:
    """A shown viewer, its session, and hands and eyes for it; points are (row, column) of the canvas."""

    viewer: object
    session: object
    held: str = ""  # a key that is held while the mouse acts: Alt, Shift or Control

    @property
    def native(self):
        return self.viewer.window._qt_viewer.canvas.native

    def turn(self, seconds=0.0):
        """Turn the event loop for a while."""
        self.until(lambda: False, seconds, must=False)

    def until(self, condition, seconds=60.0, must=True):
        """Turn the event loop until a condition holds; return how long it took."""
        from qtpy.QtWidgets import QApplication

        start = time.monotonic()
        while True:
            QApplication.processEvents()
            if condition():
                return time.monotonic() - start
            if time.monotonic() - start > seconds:
                assert not must, f"not within {seconds} s"
                return seconds
            time.sleep(0.001)

    def on_screen(self, point):
        """Return x and y, in pixels of the canvas widget, of a point in the nuclei layer."""
        world = np.asarray(self.session.layers.nuclei.data_to_world(point))
        camera, size = self.viewer.scene.camera, self.native.size()
        row, column = (world - np.asarray(camera.center)[-2:]) * camera.zoom
        return round(size.width() / 2 + column), round(size.height() / 2 + row)

    def _send(self, kind, point, button, buttons):
        from qtpy.QtCore import QEvent, QPointF, Qt
        from qtpy.QtGui import QMouseEvent
        from qtpy.QtWidgets import QApplication

        if kind == "MouseMove":
            time.sleep(0.011)  # as a hand does: vispy leaves out moves that come within 10 ms
        place = QPointF(*self.on_screen(point))
        everywhere = QPointF(self.native.mapToGlobal(place.toPoint()))
        held = getattr(Qt.KeyboardModifier, f"{self.held or 'No'}Modifier")
        event = QMouseEvent(getattr(QEvent.Type, kind), place, everywhere, button, buttons, held)
        QApplication.sendEvent(self.native, event)
        QApplication.processEvents()

    def press(self, point):
        from qtpy.QtCore import Qt

        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        self._send("MouseMove", point, none, none)
        self._send("MouseButtonPress", point, left, left)

    def move(self, *points, down=True):
        from qtpy.QtCore import Qt

        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        for point in points:
            self._send("MouseMove", point, none, left if down else none)

    def release(self, point):
        from qtpy.QtCore import Qt

        self._send("MouseButtonRelease", point, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton)

    def drag(self, *points):
        self.press(points[0])
        self.move(*points[1:])
        self.release(points[-1])

    def key(self, key, *modifiers):
        from qtpy.QtCore import Qt
        from qtpy.QtTest import QTest

        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= getattr(Qt.KeyboardModifier, f"{modifier}Modifier")
        QTest.keyClick(self.native, getattr(Qt.Key, f"Key_{key}"), held)
        self.turn()

    def sampled(self):
        """Wait until the sample is there, but for its tissue."""
        self.until(lambda: self.session.documents.current is not None and len(self.session.scene) > 0)

    def rendered(self):
        """Wait until all tissue is rendered."""
        self.until(lambda: self.session.tissue.is_done)

    def look(self, name):
        """Return the canvas of the scene as it is seen on the screen with one layer only, (H, W, 3)."""
        layers = self.session.layers
        before = {layer: layer.opacity for layer in self.viewer.layers}
        shown = {layer.name: layer.visible for layer in layers.maps}
        for layer in layers.maps:
            layer.visible = True
        for layer in before:  # not by their eye, that would end a drawing
            layer.opacity = float(layer.name == name)
        self.turn(0.05)
        shot = self.viewer.screenshot(flash=False, canvas_only=True)
        for layer, opacity in before.items():
            layer.opacity = opacity
        for layer in layers.maps:
            layer.visible = shown[layer.name]
        size = self.native.size()
        scale = np.array(shot.shape[:2]) / (size.height(), size.width())
        rows, columns = np.indices(layers.tissue.data.shape[:2])
        corner = np.array(self.on_screen((0, 0))[::-1]) * scale
        step = self.viewer.scene.camera.zoom * np.asarray(layers.nuclei.scale) * scale
        picked = np.rint(corner[0] + rows * step[0]), np.rint(corner[1] + columns * step[1])
        limits = np.array(shot.shape[:2]) - 1
        return shot[
            np.clip(picked[0], 0, limits[0]).astype(int), np.clip(picked[1], 0, limits[1]).astype(int), :3
        ]


@pytest.fixture
def bare_viewer(qapp):
    """A viewer without a canvas, but with a window that a session can live in."""
    from types import SimpleNamespace

    from napari.components import ViewerModel
    from pydantic import PrivateAttr
    from qtpy.QtWidgets import QWidget

    class WindowedModel(ViewerModel):
        _main_window: QWidget = PrivateAttr(default_factory=QWidget)

        @property
        def window(self):
            return SimpleNamespace(_qt_window=self._main_window)

    viewer = WindowedModel()
    yield viewer
    viewer.layers.clear()
    viewer.window._qt_window.deleteLater()


@pytest.fixture
def ink():
    """A generator whose tissue is the distance map that it sees, in gray."""
    from torch import nn

    class Ink(nn.Module):
        def forward(self, distance):
            return distance.repeat(1, 3, 1, 1)

    return Ink()


@pytest.fixture
def open_window(make_napari_viewer, ink, monkeypatch):
    """A function that opens a window, with layers in it or empty, whose session renders with ink."""
    from napari_sharpgan.widgets import _live_tissue
    from napari_sharpgan.widgets.session import session_of

    monkeypatch.setattr(_live_tissue, "FIRST", {**_live_tissue.FIRST, "generator": ink})

    def opened(*layers, size=(700, 560), show=True):
        viewer = make_napari_viewer(show=show)
        viewer.window.resize(*size)
        for layer in layers:
            viewer.add_layer(layer)
        return Window(viewer, session_of(viewer))

    return opened


@pytest.fixture
def open_train_dock(qtbot, monkeypatch):
    """A function that opens a dock Train which is ready, in no window."""
    from types import SimpleNamespace

    from napari.components import ViewerModel
    from qtpy.QtCore import QObject

    from napari_sharpgan.widgets import _estimate_line, train_dock
    from napari_sharpgan.widgets._live_tissue import LiveTissue

    window = QObject()  # stands for the window: a bare viewer model has none to hang a session on
    session = SimpleNamespace(tissue=LiveTissue(window))
    monkeypatch.setattr(train_dock, "session_of", lambda viewer: session)
    monkeypatch.setattr(_estimate_line, "PAUSE", 10**7)  # only when it is asked for

    def open_one():
        dock = train_dock.TrainDock(ViewerModel())
        qtbot.addWidget(dock)
        qtbot.waitUntil(lambda: hasattr(dock, "settings"), timeout=240_000)
        return dock

    yield open_one
    window.deleteLater()


@pytest.fixture
def window(open_window):
    """A window with the sample scene, rendered."""
    window = open_window()
    window.sampled()
    window.rendered()
    window.turn(0.2)
    return window


@pytest.fixture
def save(monkeypatch):
    """Return a function that saves a table of the Score dock, "nuclei" or "scores", as a person does."""
    from qtpy.QtWidgets import QFileDialog

    def press(dock, what, path):
        monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
        getattr(dock.saving, what).click()

    return press


@pytest.fixture
def told():
    """What napari tells the user meanwhile."""
    from napari.utils.notifications import notification_manager

    messages = []

    def keep(notification):
        messages.append(notification.message)

    notification_manager.notification_ready.connect(keep)
    yield messages
    notification_manager.notification_ready.disconnect(keep)


class Mouse:
    """A mouse over a layer without a window; one pixel of the screen is one of the canvas."""

    def __init__(self, layer):
        self.layer = layer

    def _do(self, kind, point, dragging):
        from napari.utils import interactions
        from napari.utils._proxies import ReadOnlyWrapper

        class Event:
            type = kind
            position = tuple(point)
            pos = np.array(point[::-1])
            is_dragging = dragging
            dims_displayed = (0, 1)
            dims_point = (0, 0)
            view_direction = up_direction = None
            modifiers = ()
            button = buttons = 1
            handled = False
            native = None

        callbacks = getattr(interactions, f"{kind}_callbacks")
        callbacks(self.layer, ReadOnlyWrapper(Event, exceptions=("handled",)))

    def press(self, point):
        self._do("mouse_press", point, False)

    def move(self, point, down=True):
        self._do("mouse_move", point, down)

    def release(self, point):
        self._do("mouse_release", point, False)

    def click(self, point):
        self.move(point, down=False)
        self.press(point)
        self.release(point)

    def double_click(self, point):
        self.click(point)
        self._do("mouse_double_click", point, False)

    def drag(self, *points):
        self.press(points[0])
        for point in points[1:]:
            self.move(point)
        self.release(points[-1])


@pytest.fixture
def mouse(layer):
    return Mouse(layer)
