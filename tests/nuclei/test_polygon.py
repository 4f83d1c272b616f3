import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from napari_sharpgan.nuclei import random_polygon
from napari_sharpgan.nuclei.polygon import cut_corners, random_shapes, stretched


def radii_and_angles(polygon, center):
    rows, columns = (polygon - center).T
    return np.hypot(rows, columns), np.unwrap(np.arctan2(rows, columns))


def test_without_chance_it_is_a_regular_polygon():
    polygon = random_polygon((50, 40), radius=10, irregularity=0, spikiness=0, vertices=12, rng=0)
    radii, angles = radii_and_angles(polygon, (50, 40))
    assert radii == pytest.approx(np.full(12, 10))
    assert np.diff(angles) == pytest.approx(np.full(11, np.pi / 6))


@settings(deadline=None, max_examples=200)
@given(st.integers(3, 40), st.floats(0, 3), st.floats(0, 0.6), st.integers(0, 2**32 - 1))
def test_outlines_never_cross_themselves_and_stay_within_two_radii(vertices, irregularity, spikiness, seed):
    polygon = random_polygon(
        (0, 0), radius=9, irregularity=irregularity, spikiness=spikiness, vertices=vertices, rng=seed
    )
    radii, _ = radii_and_angles(polygon, (0, 0))
    assert polygon.shape == (vertices, 2)
    assert Polygon(polygon).is_valid
    assert radii.max() <= 18 + 1e-9
    assert len(np.unique(polygon, axis=0)) == vertices


def test_the_same_seed_gives_the_same_outline_and_another_another():
    assert (random_polygon((3, 4), rng=5) == random_polygon((3, 4), rng=5)).all()
    assert (random_polygon((3, 4), rng=5) != random_polygon((3, 4), rng=6)).any()


def test_distances_and_angle_steps_follow_their_laws():
    number = 4000
    shapes = random_shapes(
        np.full(number, 10.0),
        np.full(number, 0.5),
        np.full(number, 0.1),
        np.full(number, 14),
        width=14,
        rng=np.random.default_rng(0),
    )
    radii = np.hypot(shapes[..., 0], shapes[..., 1])
    assert radii.mean() == pytest.approx(10, abs=0.02)
    assert radii.std() == pytest.approx(1, abs=0.02)
    steps = np.diff(np.unwrap(np.arctan2(shapes[..., 0], shapes[..., 1]), axis=1), axis=1) * 14 / (2 * np.pi)
    assert steps.mean() == pytest.approx(1, abs=0.01)
    assert 0.3 < steps.min() < 0.5
    assert 1.5 < steps.max() < 2.2


def test_shapes_with_fewer_vertices_repeat_their_last_one():
    ones = np.ones(2)
    shapes = random_shapes(ones, ones, ones / 9, np.array([4, 7]), width=7, rng=np.random.default_rng(1))
    assert (shapes[0, 3:] == shapes[0, 3]).all()
    assert len(np.unique(shapes[1], axis=0)) == 7


def test_cutting_corners_keeps_the_middle_half_of_each_edge():
    square = np.array([[0.0, 0], [0, 4], [4, 4], [4, 0]])
    once = cut_corners(square, 1)
    assert once.tolist() == [[0, 1], [0, 3], [1, 4], [3, 4], [4, 3], [4, 1], [3, 0], [1, 0]]
    assert len(cut_corners(square, 2)) == 16
    assert cut_corners(square, 0) is square


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"radius": 0}, "radius must be a number above 0, got 0"),
        ({"vertices": 2}, "vertices must be at least 3"),
        ({"spikiness": -0.1}, "spikiness at least 0"),
        ({"center": (1, 2, 3)}, "center must be a finite row and column"),
        ({"center": (np.nan, 2)}, "center must be a finite row and column"),
    ],
)
def test_numbers_beyond_their_limits_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        random_polygon(**({"center": (0, 0)} | arguments))


@settings(deadline=None, max_examples=50)
@given(st.floats(1, 3), st.floats(0, np.pi))
def test_a_stretched_circle_is_an_ellipse_of_the_same_area(ratio, angle):
    turns = np.linspace(0, 2 * np.pi, 200, endpoint=False)
    circle = np.column_stack((np.sin(turns), np.cos(turns)))
    (ellipse,) = stretched(circle[None], np.array([ratio]), np.array([angle]))
    assert Polygon(ellipse).area == pytest.approx(Polygon(circle).area)
    along = ellipse @ (np.sin(angle), np.cos(angle))
    assert along.max() == pytest.approx(np.sqrt(ratio), rel=1e-3)
    assert np.hypot(*ellipse.T).min() == pytest.approx(1 / np.sqrt(ratio), rel=1e-3)
