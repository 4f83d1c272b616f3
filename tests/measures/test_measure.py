import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.formats import read_image, read_labels
from napari_sharpgan.measures import measure_nuclei
from napari_sharpgan.nuclei import random_nuclei, rasterize


@pytest.fixture(scope="module")
def scattered():
    rng = np.random.default_rng(3)
    labels = rasterize(random_nuclei((150, 180), 25, seed=3, touching=0.5), (150, 180))
    labels[5, 5] = labels[140, 170]  # a nucleus with a part far away
    return labels, rng.integers(0, 256, (150, 180, 3), dtype=np.uint8)


def assert_rows_of(some, whole):
    places = np.searchsorted(whole.keys, some.keys)
    np.testing.assert_array_equal(whole.keys[places], some.keys)
    for name, values in some.columns.items():
        np.testing.assert_allclose(values, whole[name][places], rtol=1e-6, atol=1e-9, err_msg=name)


def test_some_nuclei_have_the_values_that_they_have_among_all(scattered):
    labels, image = scattered
    some = measure_nuclei(labels, image, keys=[3, 7, 999, 0])
    assert some.keys.tolist() == [3, 7]
    assert_rows_of(some, measure_nuclei(labels, image))


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 149), st.integers(0, 179))
def test_a_window_measures_what_lies_in_it_or_beside_it(scattered, row, column):
    labels, image = scattered
    some = measure_nuclei(labels, image, window=(slice(row, row + 9), slice(column, column + 9)))
    there = labels[max(row - 1, 0) : row + 10, max(column - 1, 0) : column + 10]
    assert some.keys.tolist() == sorted(set(there.ravel().tolist()) - {0})
    assert_rows_of(some, measure_nuclei(labels, image))


def test_a_table_that_follows_an_edit_is_that_of_the_edited_image(scattered):
    labels, image = scattered
    before = measure_nuclei(labels, image)
    window = (slice(40, 90), slice(50, 110))
    edited = labels.copy()
    edited[window][20:35, 20:45] = 4
    gone = set(np.unique(labels)) - set(np.unique(edited))
    after = before.updated(measure_nuclei(edited, image, window=window), gone)
    whole = measure_nuclei(edited, image)
    np.testing.assert_array_equal(after.keys, whole.keys)
    assert_rows_of(after, whole)


def test_tables_of_different_columns_do_not_mix(scattered):
    labels, image = scattered
    with pytest.raises(ValueError, match="same columns"):
        measure_nuclei(labels).updated(measure_nuclei(labels, image))


def test_real_nuclei_are_darker_in_hematoxylin_than_the_tissue_around(real_data):
    folder = real_data / "cpm15"
    labels, image = read_labels(folder / "image08_mask.txt"), read_image(folder / "image08.png")
    inside, around = measure_nuclei(labels, image), measure_nuclei((labels == 0).astype(int), image)
    assert np.median(inside["hematoxylin"]) > 1.5 * around["hematoxylin"][0]
    assert not any(np.isnan(values).any() for values in inside.columns.values())


@pytest.mark.slow
def test_ten_thousand_nuclei_are_measured_in_three_seconds_of_computing():
    labels = rasterize(random_nuclei((4096, 4096), 10_000, seed=0), (4096, 4096))
    measure_nuclei(labels[:256])
    start = time.process_time()
    assert len(measure_nuclei(labels)) > 9500
    assert time.process_time() - start < 3


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"image": np.zeros((4, 4, 3), np.uint8)}, ValueError, r"same size, got \(4, 4\) and \(9, 9\)"),
        ({"image": np.zeros((9, 9), np.uint16)}, TypeError, "floats in .* or uint8, got uint16"),
        ({"image": np.zeros((9, 9, 2), np.uint8)}, ValueError, r"shape \(H, W\) or \(H, W, 3\)"),
        ({"image": np.full((9, 9), np.nan)}, ValueError, "finite"),
        ({"labels": np.zeros((9, 9))}, TypeError, "must hold integers"),
        ({"micrometers_per_pixel": 0}, ValueError, "micrometers_per_pixel must be a number above 0"),
        ({"contrast": -1}, ValueError, "must be a number above 0, got -1"),
    ],
)
def test_what_cannot_be_measured_is_said(change, error, message):
    labels = np.ones((9, 9), int)
    with pytest.raises(error, match=message):
        measure_nuclei(**{"labels": labels, **change})
