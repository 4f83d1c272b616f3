"""Contours as cv2.findContours (OpenCV 5.0, RETR_TREE, CHAIN_APPROX_SIMPLE) traces them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from napari_sharpgan.formats.contours import contour_region, pixel_contour
from napari_sharpgan.formats.geometry import CENTER, closed_rings, to_areas
from napari_sharpgan.nuclei import polygonize

TRACED = [  # rows of pixels, and x and y as OpenCV lists them
    ("1", [[0, 0]]),
    ("111", [[0, 0], [2, 0]]),
    ("11 11", [[0, 0], [0, 1], [1, 1], [1, 0]]),
    ("100 110 111", [[0, 0], [0, 2], [2, 2]]),
    (
        "00100 00100 11111 01110",
        [[2, 0], [2, 1], [1, 2], [0, 2], [1, 3], [3, 3], [4, 2], [3, 2], [2, 1]],
    ),
    ("1111100 1111111", [[0, 0], [0, 1], [6, 1], [5, 1], [4, 0]]),
    ("0110 1111 0110", [[1, 0], [0, 1], [1, 2], [2, 2], [3, 1], [2, 0]]),
]
traced = pytest.mark.parametrize(("rows", "contour"), TRACED)


def pixels(rows):
    return np.array([[digit == "1" for digit in row] for row in rows.split()])


def outer_ring(mask):
    """Return the outline of the only part of a mask, its holes left out."""
    ((rings,),) = [closed_rings(area) for area in to_areas(polygonize(mask.astype(int)))]
    return rings[0][:-1, ::-1] - CENTER


@traced
def test_a_region_has_the_contour_that_opencv_traces(rows, contour):
    assert pixel_contour(outer_ring(pixels(rows)))[:, ::-1].tolist() == contour


def test_the_direction_of_the_ring_does_not_matter():
    ring = outer_ring(pixels("100 110 111"))
    np.testing.assert_array_equal(pixel_contour(ring), pixel_contour(ring[::-1]))


@traced
def test_a_contour_gives_the_region_that_it_was_traced_from(rows, contour):
    region = contour_region(np.array(contour)[:, ::-1])
    assert (region.row, region.column) == (0, 0)
    np.testing.assert_array_equal(region.mask, pixels(rows))


def test_the_hole_of_a_contour_is_filled_as_opencv_fills_it():
    region = contour_region(np.array([[0, 0], [2, 0], [2, 3], [1, 3], [0, 2]]))
    np.testing.assert_array_equal(region.mask, pixels("1110 1111 1111"))


@settings(max_examples=60, deadline=None)
@given(mask=arrays(bool, st.tuples(st.integers(1, 8), st.integers(1, 8))).filter(np.any))
def test_every_connected_region_without_holes_comes_back(mask):
    parts, _ = ndimage.label(mask)
    one = ndimage.binary_fill_holes(parts == 1)  # background is 4-connected
    region = contour_region(pixel_contour(outer_ring(one)))
    image = np.zeros_like(one)
    height, width = region.mask.shape
    image[region.row : region.row + height, region.column : region.column + width] = region.mask
    np.testing.assert_array_equal(image, one)


def test_a_contour_around_half_the_world_is_refused():
    with pytest.raises(ValueError, match="too large to be painted"):
        contour_region(np.array([[0, 0], [10**8, 0], [0, 10**8]]))
