import numpy as np
import pytest

from napari_sharpgan.metrics import panoptic_quality
from napari_sharpgan.segmentation import TARGETS
from napari_sharpgan.segmentation.targets import contour, foreground


def as_predicted(name, labels):
    """Return the probabilities of a segmenter that is never wrong."""
    plane = TARGETS[name].plane(labels)
    on = plane > 0
    layers = {"foreground": [on], "contour": [on, plane == 0.5, plane == 1], "distance": [on, plane]}[name]
    return np.stack(layers).astype(np.float32)


@pytest.mark.parametrize("name", TARGETS)
def test_touching_nuclei_come_apart(name, labels):
    found = TARGETS[name].instances(as_predicted(name, labels))
    assert found.max() == 6
    assert panoptic_quality(labels, found).sq > 0.97


def test_a_foreground_all_over_is_one_nucleus():
    assert (foreground.instances(np.ones((1, 30, 40), np.float32)) == 1).all()


def test_the_rim_is_two_pixels_wide_and_thin_nuclei_keep_an_inside():
    labels = np.zeros((16, 24), np.int32)
    labels[2:10, 2:10] = 1  # 8 × 8: rims of 2 leave 4 × 4
    labels[2:10, 10:18] = 2  # touches it
    labels[13:15, 2:20] = 3  # 2 high: all rim, so all is its deepest
    plane = contour.plane(labels)
    assert (plane[4:8, 4:8] == 1).all()
    assert np.count_nonzero(plane[2:10, 2:10] == 1) == 16
    assert (plane[4:8, 8:12] == 0.5).all()  # the last two columns of one, the first two of the other
    assert (plane[13:15, 2:20] == 1).all()


def test_a_nucleus_that_the_border_cuts_has_no_rim_there():
    labels = np.zeros((10, 20), np.int32)
    labels[:, :10] = 1
    plane = contour.plane(labels)
    assert (plane[:, :8] == 1).all()
    assert (plane[:, 8:10] == 0.5).all()


@pytest.mark.parametrize(("name", "least"), [("foreground", 0.9), ("contour", 0.96), ("distance", 0.96)])
def test_true_nuclei_survive_the_way_there_and_back(name, least, real_data):
    from napari_sharpgan.formats import read_labels

    labels = read_labels(next(iter(sorted((real_data / "gbm" / "labels").glob("*.tif")))))[:256, :256]
    assert panoptic_quality(labels, TARGETS[name].instances(as_predicted(name, labels))).pq > least
