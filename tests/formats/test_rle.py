"""Run lengths against values from pycocotools 2.0 and a literal decoder."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from napari_sharpgan.formats.regions import Region
from napari_sharpgan.formats.rle import counts_to_text, decode, encode, text_to_counts

masks = arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 7)))


def painted(region, shape):
    """Return a region on an image."""
    image = np.zeros(shape, bool)
    if region is not None:
        rows, columns = np.nonzero(region.mask)
        image[rows + region.row, columns + region.column] = True
    return image


def literal(segmentation):
    """Fill an image run by run, column by column."""
    image, value = [], False
    for run in text_to_counts(segmentation["counts"]):
        image += [value] * run
        value = not value
    return np.array(image, bool).reshape(segmentation["size"], order="F")


@pytest.mark.parametrize(
    ("counts", "text"),
    [([0, 4], "04"), ([6, 1, 40, 5], "61X14"), ([16], "`0"), ([31, 1], "o01"), ([5, 100, 200], "5T3X6")],
)
def test_numbers_become_the_text_worked_out_by_hand(counts, text):
    assert counts_to_text(counts) == text
    assert text_to_counts(text) == counts


@given(counts=st.lists(st.integers(0, 10**7), max_size=12))
def test_numbers_come_back_from_text(counts):
    assert text_to_counts(counts_to_text(counts)) == counts


@settings(max_examples=60, deadline=None)
@given(mask=masks)
def test_a_region_fills_the_same_pixels_as_a_literal_decoder(mask):
    segmentation = encode(Region(0, 0, mask), mask.shape)
    np.testing.assert_array_equal(literal(segmentation), mask)
    np.testing.assert_array_equal(painted(decode(segmentation), mask.shape), mask)
    assert (decode(segmentation) is None) == (not mask.any())


def test_a_window_lies_where_it_belongs_and_ends_at_the_border():
    segmentation = encode(Region(1, -1, np.ones((3, 3), bool)), (3, 4))
    assert segmentation["size"] == [3, 4]
    expected = np.zeros((3, 4), bool)
    expected[1:3, 0:2] = True
    np.testing.assert_array_equal(literal(segmentation), expected)


def test_numbers_may_stand_as_they_are():
    np.testing.assert_array_equal(
        painted(decode({"size": [2, 3], "counts": [1, 2, 3]}), (2, 3)), [[0, 1, 0], [1, 0, 0]]
    )


@pytest.mark.parametrize(
    "segmentation",
    [
        {"size": [2, 2], "counts": [1, 2]},
        {"size": [2, 2], "counts": [5, -1]},
        {"size": [2, 2], "counts": [1.5, 2.5]},
        {"size": [2, 2], "counts": "~"},
        {"size": [2, 2], "counts": "o"},
        {"size": [2, 2], "counts": "o" * 99},
        {"size": [0, 2], "counts": []},
        {"size": [10**9, 10**9], "counts": [0, 10**18]},
    ],
)
def test_what_is_no_run_length_is_an_error(segmentation):
    with pytest.raises((ValueError, TypeError)):
        decode(segmentation)
