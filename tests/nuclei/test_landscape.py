import numpy as np
import pytest

from napari_sharpgan.nuclei.landscape import STEEPNESS, Landscape, smooth_noise
from napari_sharpgan.nuclei.warp import random_warp

PLACES = np.arange(0, 200, 0.5)


def landscape(**changes):
    return Landscape(
        **({"seed": 1, "density": 1e-3, "patchiness": 0.6, "most_dense": 3.0, "alike": 1.0} | changes)
    )


def test_noise_has_unit_variance_and_fades_as_it_says():
    noise = smooth_noise(PLACES, PLACES, (5, 0))
    assert noise.mean() == pytest.approx(0, abs=0.1)
    assert noise.var() == pytest.approx(1, abs=0.1)
    assert (noise[4:] * noise[:-4]).mean() == pytest.approx(np.exp(-1), abs=0.06)  # 2 grid points apart


def test_a_slope_is_the_derivative_of_the_noise():
    rows, columns, small = np.array([3.3, 8.9]), np.array([2.2, 7.6, 9.4]), 1e-5
    for axis, step in enumerate(((small, 0), (0, small))):
        ahead, behind = (
            smooth_noise(rows + sign * step[0], columns + sign * step[1], (5, 0)) for sign in (1, -1)
        )
        slope = smooth_noise(rows, columns, (5, 0), slope=axis)
        assert slope == pytest.approx((ahead - behind) / (2 * small), abs=1e-5)
    assert smooth_noise(PLACES, PLACES, (5, 0), slope=0).var() == pytest.approx(0.5, abs=0.06)


def test_noise_of_a_part_is_that_part_of_the_noise():
    noise = smooth_noise(PLACES, PLACES, (5, 0))
    assert (smooth_noise(PLACES[33:50], PLACES[71:75], (5, 0)) == noise[33:50, 71:75]).all()


@pytest.mark.parametrize("most_dense", [1.0, 1.5, 4.0])
def test_the_mean_density_is_kept_and_the_largest_is_never_exceeded(most_dense):
    made = landscape(most_dense=most_dense, alike=0.0)
    side = 32 * 2500
    wanted = made.tiles((slice(0, side), slice(0, side))).wanted
    assert wanted.sum() == pytest.approx(1e-3 * side**2, rel=0.03)
    assert wanted.max() <= made.most * 32**2 * (1 + 1e-12)


def test_the_warp_is_as_steep_as_theirs_and_within_its_rules():
    warps = landscape().tiles((slice(0, 16_000), slice(0, 16_000))).warps
    areas = np.linalg.det(warps)
    assert 0.5 <= areas.min() < areas.max() <= 2
    assert areas.mean() == pytest.approx(1, abs=0.02)
    assert np.linalg.norm(warps, 2, axis=(2, 3)).max() <= 2
    rng = np.random.default_rng(0)
    theirs = [random_warp((460, 460), 1.0, rng).at(rng.uniform(0, 460, (20, 2))) for _ in range(300)]
    ours, their_spread = (np.asarray(found)[..., 0, 1].std() for found in (warps, theirs))
    assert ours == pytest.approx(STEEPNESS, rel=0.1)
    assert ours == pytest.approx(their_spread, rel=0.15)


def test_places_are_drawn_where_nuclei_are_wanted_and_never_off_the_part():
    part = (slice(64, 170), slice(32, 300))
    tiles = landscape(patchiness=2.0).tiles(part)
    places = tiles.draw(4000, 5, np.random.default_rng(0)).reshape(-1, 2)
    assert all(tiles.holds(place) for place in places[:2000])
    rows, columns = (np.r_[side.start : side.stop : 32, side.stop] - 0.5 for side in part)
    found = np.histogram2d(*places.T, bins=[rows, columns])[0]
    assert found.sum() == len(places)
    assert found / len(places) == pytest.approx(tiles.wanted / tiles.wanted.sum(), abs=0.01)
    assert tiles.wanted[-1, -1] / tiles.wanted[0, 0] < 0.3  # 10 × 12 px of a tile, or so
