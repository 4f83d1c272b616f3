import numpy as np
import pytest
from shapely import Polygon

from napari_sharpgan.nuclei import check_polygon, join_rings, rasterize


def square(row, column, side):
    ring = [[0, 0], [0, side], [side, side], [side, 0]]
    return np.add(ring, [row + 0.5, column + 0.5])


@pytest.mark.parametrize(
    ("polygon", "message"),
    [
        ([[0, 0], [1, 1]], "at least three distinct points, got 2"),
        ([[0, 0], [1, 1], [0, 0], [1, 1]], "at least three distinct points, got 2"),
        ([[4, 4]] * 9, "at least three distinct points, got 1"),
        (np.zeros((0, 2)), "at least three distinct points, got 0"),
        ([[0, 0], [1, np.nan], [2, 0]], "finite points"),
        ([[0, 0], [1, np.inf], [2, 0]], "finite points"),
        ([[0, 0], [1, 1e12], [2, 0]], "within 1e\\+09 px"),
        ([[0, 0, 0], [1, 1, 0], [2, 0, 0]], r"shape \(N, 2\), rows and columns, got \(3, 3\)"),
        ([0, 1, 2], r"shape \(N, 2\), rows and columns, got \(3,\)"),
    ],
)
def test_what_is_no_polygon_is_refused_in_one_sentence(polygon, message):
    with pytest.raises(ValueError, match=message):
        check_polygon(polygon)


def test_whole_numbers_become_float64():
    points = check_polygon([[0, 0], [0, 3], [3, 3]])
    assert points.dtype == np.float64
    assert points.shape == (3, 2)


def test_a_single_ring_comes_back_as_it_is():
    ring = square(0, 0, 4)
    assert join_rings([ring]) is ring


def test_joined_rings_enclose_parts_without_holes():
    outer, hole, part = square(0, 0, 9), square(2, 2, 3), square(12, 4, 5)
    for rings in ([outer, hole, part], [part, outer, hole], [hole, part, outer]):
        joined = join_rings(rings)
        assert rasterize([joined], (30, 30)).sum() == 81 - 9 + 25
        assert (joined[0] == rings[0][0]).all()


def test_cuts_run_along_rows_and_columns_and_are_walked_twice():
    joined = join_rings([square(0, 0, 9), square(3, 2, 3)])
    steps = np.roll(joined, -1, axis=0) - joined
    assert ((steps == 0).sum(axis=1) == 1).all()
    assert np.abs(steps).sum() == 4 * 9 + 4 * 3 + 2 * (3 + 2)


def test_rings_that_touch_in_a_corner_need_no_cut():
    joined = join_rings([square(0, 0, 4), square(4, 4, 4)])
    assert len(joined) == 8
    assert Polygon(joined).area == 32


def test_a_thousand_rings_hang_together():
    rings = [square(4 * k, 0, 2) for k in range(1000)]
    assert rasterize([join_rings(rings)], (4000, 4)).sum() == 4000
