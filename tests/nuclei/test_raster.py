import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.draw import polygon as paint

from napari_sharpgan.nuclei import polygon_mask, rasterize


def painted(polygon, shape):
    """Return what scikit-image paints: an independent reference."""
    image = np.zeros(shape, dtype=bool)
    image[paint(*np.transpose(polygon), shape)] = True
    return image


def whole(polygon, shape):
    window, mask = polygon_mask(polygon, shape)
    image = np.zeros(shape, dtype=bool)
    image[window] = mask
    return image


def test_a_square_around_pixel_centers_covers_them():
    window, mask = polygon_mask([[1.5, 2.5], [1.5, 4.5], [4.5, 4.5], [4.5, 2.5]], (10, 10))
    assert window == (slice(2, 5), slice(3, 5))
    assert mask.shape == (3, 2)
    assert mask.all()


def test_centers_on_the_outline_belong_to_it():
    assert whole([[2, 2], [2, 5], [5, 5], [5, 2]], (8, 8)).sum() == 16
    assert whole([[0, 0], [0, 4], [4, 0]], (8, 8)).sum() == 15


def test_a_figure_eight_fills_by_the_even_odd_rule():
    bowtie = [[0.5, 0.5], [0.5, 6.5], [8.5, 0.5], [8.5, 6.5]]
    assert (whole(bowtie, (10, 8)) == painted(bowtie, (10, 8))).all()
    inner_loop = [[-0.5, -0.5], [-0.5, 8.5], [8.5, 8.5], [8.5, -0.5]] * 2
    assert not whole(inner_loop, (9, 9)).any()


def test_a_zero_width_cut_through_pixel_centers_paints_nothing():
    outer, hole = [[0, 0], [0, 8], [8, 8], [8, 0]], [[2.5, 2.5], [2.5, 5.5], [5.5, 5.5], [5.5, 2.5]]
    two_parts = [*outer, outer[0], [20, 20], [20, 22], [22, 22], [22, 20], [20, 20]]
    assert whole(two_parts, (30, 30)).sum() == 81 + 9
    assert whole([*outer, outer[0], *hole, hole[0]], (30, 30)).sum() == 81 - 9


@settings(deadline=None, max_examples=300)
@given(st.integers(3, 12), st.sampled_from([(20, 25), (1, 30), (25, 1)]), st.integers(0, 2**32 - 1))
def test_random_outlines_fill_as_in_scikit_image(vertices, shape, seed):
    polygon = np.random.default_rng(seed).uniform(-8, 32, (vertices, 2))
    assert (whole(polygon, shape) == painted(polygon, shape)).all()


@pytest.mark.parametrize("polygon", [[[0, 0], [0, 6], [6, 6], [6, 0]], [[3, 0], [6, 3], [3, 6], [0, 3]]])
@pytest.mark.parametrize("shift", [0, 1, 0.5, 2.5])
def test_outlines_on_the_grid_fill_as_in_scikit_image(polygon, shift):
    moved = np.add(polygon, shift, dtype=float)
    assert (whole(moved, (12, 12)) == painted(moved, (12, 12))).all()


@pytest.mark.parametrize("shift", [(-100, 0), (0, 100), (1e8, -1e8)])
def test_an_outline_beyond_the_image_has_an_empty_window(shift):
    window, mask = polygon_mask(np.add([[0, 0], [0, 5], [5, 5]], shift), (20, 20))
    assert mask.size == 0
    assert np.zeros((20, 20))[window].shape == mask.shape


def test_an_outline_cut_by_the_border_keeps_what_lies_inside():
    window, mask = polygon_mask([[-50, -50], [-50, 2.5], [3.5, 2.5], [3.5, -50]], (20, 20))
    assert window == (slice(0, 4), slice(0, 3))
    assert mask.all()


def test_later_outlines_lie_on_top_and_get_the_next_label():
    below = [[-0.5, -0.5], [-0.5, 3.5], [3.5, 3.5], [3.5, -0.5]]
    labels = rasterize([below, np.add(below, [0, 2])], (4, 6))
    assert labels.dtype == np.int32
    assert (labels == [[1, 1, 2, 2, 2, 2]] * 4).all()


def test_no_outlines_give_an_empty_label_image():
    assert not rasterize([], (3, 4)).any()


def test_a_bad_outline_is_named_by_its_place():
    good = [[0, 0], [0, 3], [3, 3]]
    with pytest.raises(ValueError, match=r"polygons\[1\]: .* three distinct points, got 2"):
        rasterize([good, [[0, 0], [1, 1]]], (5, 5))


@pytest.mark.parametrize("shape", [(0, 5), (5,), (2.5, 3)])
def test_an_unusable_shape_is_refused(shape):
    with pytest.raises(ValueError, match="shape must be two whole numbers"):
        rasterize([], shape)
