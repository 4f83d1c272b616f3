"""The camera goes to the nucleus, wherever its layer lies in the world."""

import numpy as np
import pytest
from napari.components import ViewerModel

from napari_sharpgan.widgets._fly import LARGEST, SMALLEST, Flight, box_of_label, view_of_box


@pytest.fixture
def labels():
    labels = np.zeros((100, 200), np.int32)
    labels[40:50, 100:120] = 6
    return labels


def test_the_box_of_a_label(labels):
    assert box_of_label(labels, 6).tolist() == [[40, 100], [49, 119]]
    assert box_of_label(labels, 7) is None


def test_the_view_honors_scale_and_translation(labels):
    viewer = ViewerModel()
    layer = viewer.add_labels(labels, scale=(0.5, 0.25), translate=(1000, -300))
    center, _ = view_of_box(viewer, layer, box_of_label(labels, 6))
    np.testing.assert_allclose(center, [1000 + 44.5 * 0.5, -300 + 109.5 * 0.25])


def test_the_view_honors_dimensions_that_change_places(labels):
    viewer = ViewerModel()
    layer = viewer.add_labels(labels)
    viewer.dims.order = (1, 0)
    center, _ = view_of_box(viewer, layer, box_of_label(labels, 6))
    np.testing.assert_allclose(center, [109.5, 44.5])


def test_the_view_stands_in_the_last_dimensions_of_a_stack(labels):
    viewer = ViewerModel()
    viewer.add_image(np.zeros((5, 100, 200)))
    layer = viewer.add_labels(labels)
    center, _ = view_of_box(viewer, layer, box_of_label(labels, 6))
    np.testing.assert_allclose(center, [44.5, 109.5])


@pytest.mark.parametrize(("zoom", "part"), [(0.01, SMALLEST), (1000, LARGEST)])
def test_the_nucleus_fills_a_fair_part_of_the_canvas(labels, zoom, part):
    viewer = ViewerModel()
    layer = viewer.add_labels(labels, scale=(2, 2))
    viewer.scene.camera.zoom = zoom
    _, zoom = view_of_box(viewer, layer, box_of_label(labels, 6))
    assert zoom * 20 * 2 == pytest.approx(part * min(viewer.canvas.size))


def test_a_zoom_that_is_fine_stays(labels):
    viewer = ViewerModel()
    layer = viewer.add_labels(labels)
    viewer.scene.camera.zoom = fine = 0.25 * min(viewer.canvas.size) / 20
    assert view_of_box(viewer, layer, box_of_label(labels, 6))[1] == pytest.approx(fine)


def test_a_flight_ends_at_the_nucleus_and_none_begins_where_none_is(qtbot, labels):
    viewer = ViewerModel()
    layer = viewer.add_labels(labels)
    flight = Flight(viewer)
    assert not flight.to_label(layer, 5)
    assert flight.to_label(layer, 6)
    qtbot.waitUntil(lambda: np.allclose(viewer.scene.camera.center[-2:], [44.5, 109.5]), timeout=20_000)
