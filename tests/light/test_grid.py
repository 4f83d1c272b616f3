import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.light.grid import OVERLAP, SIZE, STRIDE, WindowGrid, blend_weights, mirrored

SIDES = st.integers(1, 900)


def covered(grid, places):
    """Count how many windows cover each pixel."""
    count = np.zeros(grid.shape, int)
    for place in places:
        count[grid.extent(place)] += 1
    return count


@given(SIDES, SIDES)
@settings(deadline=None)
def test_windows_cover_every_pixel_and_the_last_one_is_needed(height, width):
    grid = WindowGrid((height, width))
    places = list(grid)
    assert len(places) == len(grid)
    assert covered(grid, places).min() == 1
    assert covered(grid, places[:-1]).min() == 0


@given(SIDES, SIDES, st.data())
@settings(deadline=None)
def test_touching_windows_are_those_that_share_pixels(height, width, data):
    grid = WindowGrid((height, width))
    rows, columns = (
        sorted(data.draw(st.lists(st.integers(0, side), min_size=2, max_size=2, unique=True)))
        for side in (height, width)
    )
    window = slice(*rows), slice(*columns)
    marked = np.zeros((height, width), bool)
    marked[window] = True
    expected = [place for place in grid if marked[grid.extent(place)].any()]
    assert grid.touching(window) == expected


def test_up_to_256_pixels_are_one_window():
    assert len(WindowGrid((256, 256))) == len(WindowGrid((1, 7))) == 1
    assert WindowGrid((257, 256)).counts == (2, 1)


def test_where_a_window_lies_does_not_hang_on_the_canvas():
    small, large = WindowGrid((700, 700)), WindowGrid((5000, 1000))
    assert small.extent((1, 2)) == large.extent((1, 2)) == (slice(192, 448), slice(384, 640))


def test_extents_are_the_box_around_several_windows():
    assert WindowGrid((600, 600)).extents([(0, 1), (2, 0)]) == (slice(0, 600), slice(0, 448))


def test_weights_of_neighbors_sum_to_1_where_they_overlap():
    weights = blend_weights()
    assert weights.shape == (SIZE, SIZE)
    np.testing.assert_allclose(weights[STRIDE:, 128] + weights[:OVERLAP, 128], 1, atol=1e-6)
    corner = sum(
        weights[rows, columns]
        for rows in (np.s_[STRIDE:], np.s_[:OVERLAP])
        for columns in (np.s_[STRIDE:], np.s_[:OVERLAP])
    )
    np.testing.assert_allclose(corner, 1, atol=1e-6)


def test_weights_fall_smoothly_towards_the_frame_and_never_reach_0():
    weights = blend_weights()
    assert weights.min() > 0
    assert np.abs(np.diff(weights[128])).max() < 0.03
    np.testing.assert_array_equal(weights, weights.T)
    np.testing.assert_allclose(weights, weights[::-1], atol=1e-6)


@pytest.mark.parametrize("shape", [(256, 256), (300, 700)])
def test_places_go_row_by_row(shape):
    places = list(WindowGrid(shape))
    assert places == sorted(places)


@given(st.integers(1, 256), st.integers(1, 256))
@settings(deadline=None, max_examples=20)
def test_arrays_and_tensors_are_mirrored_alike(height, width):
    part = np.arange(height * width).reshape(height, width)
    full = mirrored(part)
    np.testing.assert_array_equal(mirrored(torch.from_numpy(part)).numpy(), full)
    np.testing.assert_array_equal(full, np.pad(part, [(0, 256 - height), (0, 256 - width)], mode="symmetric"))


def test_colors_are_mirrored_with_their_pixels():
    part = np.random.default_rng(0).random((100, 256, 3))
    np.testing.assert_array_equal(mirrored(part)[100:200], part[::-1])
