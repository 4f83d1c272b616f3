"""A real window with three thousand nuclei: outlines where the camera is near, contours where it is far."""

import numpy as np
import pytest
from napari.layers import Labels

pytestmark = pytest.mark.gui
ROWS, COLUMNS, STEP, SIDE = 50, 60, 12, 8


@pytest.fixture
def crowd(open_window):
    """A window in which all of three thousand nuclei are in sight."""
    labels = np.zeros((ROWS * STEP, COLUMNS * STEP), np.int32)
    blocks = labels.reshape(ROWS, STEP, COLUMNS, STEP)
    blocks[:, :SIDE, :, :SIDE] = np.arange(1, ROWS * COLUMNS + 1).reshape(ROWS, 1, COLUMNS, 1)
    layer = Labels(labels, scale=(0.5, 0.5), translate=(3, 4))
    window = open_window(layer)
    window.session.from_labels(layer.data, layer)
    window.turn(0.3)
    return window


def fly(window, point, zoom):
    layer, camera = window.session.layers.labels, window.viewer.scene.camera
    camera.zoom, camera.center = zoom, (0, *layer.data_to_world(point))


def test_outlines_follow_the_camera_and_contours_stand_in_for_them(crowd):
    session, contour = crowd.session, crowd.session.layers.maps[1]
    assert session.layers.nuclei.nshapes == 0
    assert contour.visible
    fly(crowd, (300, 360), 8)
    seen = session._overview.window(session.layers.labels)
    keys = set(session.scene.keys_in(seen))
    assert 10 < len(keys) < 400
    assert session.scene.key_at(303, 363) in keys
    crowd.until(lambda: keys <= set(session._outlines.keys))
    assert not contour.visible
    contour.visible = True
    crowd.viewer.reset_view()
    crowd.until(lambda: session._outlines.is_crowded)
    fly(crowd, (100, 100), 8)
    crowd.until(lambda: not session._outlines.is_crowded)
    assert contour.visible, "it was not us who let it be seen"
