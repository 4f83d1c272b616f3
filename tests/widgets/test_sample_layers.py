import numpy as np
import pytest
from napari.components import ViewerModel
from qtpy.QtWidgets import QApplication

from napari_sharpgan.widgets._sample_layers import GAP, SampleLayers

REAL, FIRST, SECOND = (np.full((256, 1024, 3), value, np.uint8) for value in (9, 1, 2))


@pytest.fixture
def viewer():
    viewer = ViewerModel()
    viewer.add_image(np.zeros((512, 600)), name="scene")
    return viewer


class AtOnce(SampleLayers):
    """Layers that are all added before `show` returns."""

    def show(self, real, sample):
        super().show(real, sample)
        while self._waiting:
            QApplication.processEvents()


@pytest.fixture
def tiles(viewer, qapp):
    tiles = AtOnce(viewer)
    yield tiles
    tiles.deleteLater()


def test_they_stand_right_of_the_scene_above_each_other(viewer, tiles):
    tiles.show(REAL, FIRST)
    real, sample = viewer.layers["real tile"], viewer.layers["training sample"]
    assert real.extent.world[0][1] == pytest.approx(599.5 + GAP - 0.5, abs=1)
    assert sample.extent.world[0][0] > real.extent.world[1][0]
    assert (real.rgb, sample.rgb) == (True, True)
    np.testing.assert_array_equal(real.data, REAL)


def test_they_have_the_pixel_size_of_the_scene(tiles, viewer):
    viewer.layers["scene"].scale = (0.5, 0.5)
    tiles.show(REAL, FIRST)
    assert tuple(tiles.sample.scale) == (0.5, 0.5)
    assert tiles.sample.extent.world[0][1] > 300


def test_a_new_sample_swaps_pixels_and_leaves_all_else(viewer, tiles):
    tiles.show(REAL, FIRST)
    layer, order = tiles.sample, list(viewer.layers)
    camera = viewer.scene.camera.center, viewer.scene.camera.zoom
    layer.translate = (5, 5)
    tiles.show(REAL, SECOND)
    assert tiles.sample is layer
    np.testing.assert_array_equal(layer.data, SECOND)
    assert list(viewer.layers) == order
    assert tuple(layer.translate) == (5, 5)
    assert camera == (viewer.scene.camera.center, viewer.scene.camera.zoom)


def test_the_layer_in_the_hands_of_a_person_stays_there(viewer, tiles):
    active = viewer.layers.selection.active
    tiles.show(REAL, FIRST)
    assert viewer.layers.selection.active is active
    assert [layer.name for layer in viewer.layers] == ["real tile", "training sample", "scene"]


def test_in_the_grid_each_is_seen_where_the_scene_is(viewer, tiles):
    viewer.canvas.grid.enabled = True
    tiles.show(REAL, FIRST)
    for name in ("real tile", "training sample"):
        assert viewer.layers[name].extent.world[0] == pytest.approx(
            viewer.layers["scene"].extent.world[0], abs=1
        )
    viewer.canvas.grid.enabled = False
    assert tiles.sample.extent.world[0][1] > 600


def test_the_camera_flies_there_when_asked_only(viewer, tiles):
    tiles.show(REAL, FIRST)
    tiles.fly_there()
    row, column = viewer.scene.camera.center[-2:]
    assert 600 < column < 600 + GAP + 1024
    assert 200 < row < 350


def test_a_layer_that_is_taken_away_takes_the_other_with_it_and_is_told(viewer, tiles, qtbot):
    tiles.show(REAL, FIRST)
    with qtbot.waitSignal(tiles.taken_away):
        viewer.layers.remove("real tile")
    assert [layer.name for layer in viewer.layers] == ["scene"]
    assert tiles.sample is None


def test_without_any_other_layer_they_are_shown_too(qapp):
    viewer = ViewerModel()
    tiles = AtOnce(viewer)
    tiles.show(REAL, FIRST)
    assert len(viewer.layers) == 2
    tiles.remove()
    assert len(viewer.layers) == 0
    tiles.deleteLater()


def test_each_layer_is_added_in_a_turn_of_its_own(viewer, qapp):
    tiles = SampleLayers(viewer)
    tiles.show(REAL, FIRST)
    assert [layer.name for layer in viewer.layers] == ["training sample", "scene"]
    tiles.show(REAL, SECOND)
    QApplication.processEvents()
    assert [layer.name for layer in viewer.layers] == ["real tile", "training sample", "scene"]
    np.testing.assert_array_equal(tiles.sample.data, SECOND)
    tiles.deleteLater()


def test_they_can_be_hidden(viewer, tiles):
    tiles.show(REAL, FIRST)
    tiles.set_visible(False)
    assert not viewer.layers["real tile"].visible
    assert not tiles.sample.visible
    tiles.set_visible(True)
    assert tiles.sample.visible
