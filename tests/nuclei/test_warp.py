import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.nuclei.warp import Warp, random_warp

GRID = np.stack(np.meshgrid(np.arange(40), np.arange(60), indexing="ij"), axis=2).reshape(-1, 2)


def test_no_strength_leaves_shapes_alone():
    warp = random_warp((40, 60), 0.0, np.random.default_rng(0))
    assert warp.at(GRID) == pytest.approx(np.broadcast_to(np.eye(2), (len(GRID), 2, 2)))


def test_a_stretched_canvas_stretches_nuclei_but_keeps_their_area():
    twice_as_tall = np.array([[[0, 0], [0, 1]], [[2, 0], [2, 1]]], dtype=float)
    assert Warp((40, 60), twice_as_tall).at(GRID)[7] == pytest.approx(np.diag([2, 1]) / np.sqrt(2))


def test_it_is_the_derivative_of_the_map_that_moves_the_corners():
    corners = random_warp((40, 60), 1.0, np.random.default_rng(3)).corners

    def moved(down, right):
        top = (1 - right) * corners[0, 0] + right * corners[0, 1]
        bottom = (1 - right) * corners[1, 0] + right * corners[1, 1]
        return (1 - down) * top + down * bottom

    place, small = np.array([[9.5, 44.5]]), 1e-6
    down, right = (place[0] + 0.5) / (40, 60)
    by_hand = np.column_stack(
        (
            (moved(down + small, right) - moved(down - small, right)) / (2 * small),
            (moved(down, right + small) - moved(down, right - small)) / (2 * small),
        )
    )
    warped = Warp((40, 60), corners).at(place)[0]
    assert warped / np.sqrt(np.linalg.det(warped)) == pytest.approx(
        by_hand / np.sqrt(np.linalg.det(by_hand)), rel=1e-6
    )


@settings(deadline=None, max_examples=60)
@given(st.floats(0, 1), st.integers(0, 2**32 - 1))
def test_areas_stay_the_same_on_average_and_within_a_factor_of_four(strength, seed):
    areas = np.linalg.det(random_warp((40, 60), strength, np.random.default_rng(seed)).at(GRID))
    assert areas.mean() == pytest.approx(1, abs=0.01)
    assert 0 < areas.min() <= areas.max() <= 4 * areas.min()
