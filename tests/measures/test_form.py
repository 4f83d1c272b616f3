import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import regionprops_table

from napari_sharpgan.formats import read_labels
from napari_sharpgan.measures import MEASURES, measure_nuclei

THEIRS = {
    "row": "centroid-0",
    "column": "centroid-1",
    "area": "area",
    "perimeter": "perimeter",
    "diameter": "equivalent_diameter_area",
    "eccentricity": "eccentricity",
    "solidity": "solidity",
}


def random_labels(seed, shape=(14, 17), step=1):
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 4, (5, 6)) * rng.integers(0, 2, (5, 6))
    fine = np.kron(coarse, np.ones((3, 3), int))[: shape[0], : shape[1]]
    return np.where(rng.random(shape) < 0.2, rng.integers(0, 5, shape), fine).astype(np.int32) * step


def neighbors_by_hand(labels, key):
    found = set()
    for row, column in np.argwhere(labels == key):
        found |= set(labels[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2].ravel().tolist())
    return len(found - {0, key})


def assert_theirs(labels, table):
    expected = regionprops_table(labels, properties=("label", "centroid", *list(THEIRS.values())[2:]))
    np.testing.assert_array_equal(table.keys, expected["label"])
    for ours, theirs in THEIRS.items():
        np.testing.assert_allclose(table[ours], expected[theirs], rtol=1e-9, atol=1e-6, err_msg=ours)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_form_is_that_of_regionprops(seed):
    labels = random_labels(seed)
    assert_theirs(labels, measure_nuclei(labels))


def test_form_of_real_nuclei_is_that_of_regionprops(real_data):
    labels = read_labels(real_data / "cpm15" / "image08_mask.txt")
    assert_theirs(labels, measure_nuclei(labels))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 500_000_000]))
def test_neighbors_are_counted_corners_included(seed, step):
    labels = random_labels(seed, step=step)
    table = measure_nuclei(labels)
    assert table["neighbors"].tolist() == [neighbors_by_hand(labels, key) for key in table.keys.tolist()]


def test_a_rectangle_by_hand():
    labels = np.zeros((300, 300), np.uint8)
    labels[250:260, 100:140] = 7
    table = measure_nuclei(labels, micrometers_per_pixel=0.5)
    row = {name: float(values[0]) for name, values in table.columns.items()}
    assert table.keys.tolist() == [7]
    assert (row["row"], row["column"], row["area"], row["area_um2"]) == (254.5, 119.5, 400, 100)
    assert row["perimeter"] == 2 * (9 + 39)
    assert row["perimeter_um"] == 48
    assert row["diameter_um"] == pytest.approx(np.sqrt(400 / np.pi))
    assert row["eccentricity"] == pytest.approx(np.sqrt(1 - (10**2 - 1) / (40**2 - 1)))
    assert (row["solidity"], row["neighbors"]) == (1, 0)


def test_columns_come_in_the_order_of_their_names():
    labels = random_labels(1)
    image = np.zeros((*labels.shape, 3), np.uint8)
    assert list(measure_nuclei(labels, image, micrometers_per_pixel=0.25).columns) == list(MEASURES)


def test_an_image_without_nuclei_has_no_rows():
    table = measure_nuclei(np.zeros((5, 6), int), np.zeros((5, 6, 3), np.uint8))
    assert len(table) == 0
    assert all(len(values) == 0 for values in table.columns.values())
