import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage.draw import polygon as paint

from napari_sharpgan.nuclei import polygonize, rasterize

label_images = st.integers(1, 5).flatmap(
    lambda most: arrays(
        np.int32, array_shapes(min_dims=2, max_dims=2, max_side=14), elements=st.integers(0, most)
    )
)


def renumbered(labels):
    """Return the labels as 1, 2, 3, … in their order."""
    numbers = np.unique(np.append(labels.ravel(), 0), return_inverse=True)[1]
    return numbers[:-1].reshape(labels.shape)


def signed_area(ring):
    """Return the area of a ring, positive where it runs clockwise on the screen."""
    rows, columns = ring.T
    return (np.roll(rows, -1) * columns - rows * np.roll(columns, -1)).sum() / 2


def read_mask(path):
    width_height, *values = path.read_text().split("\n", 1)
    width, height = map(int, width_height.split())
    return np.array(values[0].split(), dtype=np.int64).reshape(height, width)


@settings(deadline=None, max_examples=200)
@given(label_images)
def test_every_region_comes_back_exactly(labels):
    rings = polygonize(labels)
    assert len(rings) == len(np.unique(labels[labels > 0]))
    assert (rasterize(rings, labels.shape) == renumbered(labels)).all()


@settings(deadline=None, max_examples=100)
@given(label_images)
def test_cuts_meet_no_pixel_center_so_that_other_programs_agree(labels):
    for label, ring in enumerate(polygonize(labels), start=1):
        image = np.zeros(labels.shape, dtype=bool)
        image[paint(*ring.T, labels.shape)] = True
        assert (image == (renumbered(labels) == label)).all()


@settings(deadline=None, max_examples=100)
@given(label_images)
def test_holes_run_against_their_parts_so_that_the_signed_area_is_the_pixel_count(labels):
    counts = np.bincount(renumbered(labels).ravel())[1:]
    assert [signed_area(ring) for ring in polygonize(labels)] == counts.tolist()


def test_one_pixel_is_the_square_around_its_center():
    (ring,) = polygonize(np.pad([[1]], 2))
    assert ring.tolist() == [[1.5, 1.5], [1.5, 2.5], [2.5, 2.5], [2.5, 1.5]]


def test_points_on_straight_edges_are_left_out():
    (ring,) = polygonize(np.ones((5, 9), int))
    assert ring.tolist() == [[-0.5, -0.5], [-0.5, 8.5], [4.5, 8.5], [4.5, -0.5]]


def test_pixels_that_meet_at_a_corner_are_two_parts_of_one_ring():
    for labels in (np.eye(2, dtype=int), np.eye(2, dtype=int)[::-1]):
        (ring,) = polygonize(labels)
        assert rasterize([ring], (2, 2)).tolist() == labels.tolist()


def test_touching_nuclei_with_gaps_between_their_labels_stay_apart():
    labels = np.array([[2_000_000_000, 7, 7], [2_000_000_000, 0, 7]])
    seven, large = polygonize(labels)
    assert (rasterize([large], labels.shape) == (labels == 2_000_000_000)).all()
    assert (rasterize([seven], labels.shape) == (labels == 7)).all()


def test_an_empty_image_has_no_outlines():
    assert polygonize(np.zeros((4, 5), np.uint8)) == []


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.int64, np.uint64])
def test_every_integer_type_is_read(dtype):
    labels = np.array([[0, 1], [1, 1]], dtype=dtype)
    assert (rasterize(polygonize(labels), labels.shape) == labels).all()


@pytest.mark.parametrize(
    ("labels", "error"),
    [(np.zeros((3, 3)), TypeError), (np.zeros((2, 3, 3), int), ValueError), (np.array([[-1]]), ValueError)],
)
def test_what_is_no_label_image_is_refused(labels, error):
    with pytest.raises(error, match="labels must"):
        polygonize(labels)


def test_masks_of_real_tissue_come_back_exactly(real_data):
    paths = sorted((real_data / "cpm15").glob("*_mask.txt"))
    assert len(paths) == 15
    for path in paths:
        labels = read_mask(path)
        assert (rasterize(polygonize(labels), labels.shape) == renumbered(labels)).all(), path.name
