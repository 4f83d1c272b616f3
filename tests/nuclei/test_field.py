import logging
from dataclasses import asdict

import numpy as np
import pytest

from napari_sharpgan.nuclei import NucleiConfig, nuclei_statistics, polygon_mask, random_nuclei, rasterize
from napari_sharpgan.nuclei.field import draw_count, draw_size_factor, reach

SHAPE = (512, 600)


def overlaps(polygons, shape):
    """Return, for each nucleus, the shares of it that lie on earlier ones and that later ones hide."""
    labels = np.zeros(shape, np.int32)
    areas, under = [], []
    for index, polygon in enumerate(polygons):
        window, mask = polygon_mask(polygon, shape)
        areas.append(mask.sum())
        under.append((labels[window][mask] > 0).sum())
        labels[window][mask] = index + 1
    visible = np.bincount(labels.ravel(), minlength=len(areas) + 1)[1:]
    return np.array(under) / areas, 1 - visible / areas


def longer_axis(polygon):
    """Return twice the direction of the longer axis, as a unit vector scaled by the elongation."""
    rows, columns = (polygon - polygon.mean(axis=0)).T
    covariance = np.cov(rows, columns)
    return np.array([covariance[0, 0] - covariance[1, 1], 2 * covariance[0, 1]]) / np.trace(covariance)


def touching(**settings):
    polygons = random_nuclei(SHAPE, 120, seed=4, size_spread=0.0, **settings)
    return nuclei_statistics(rasterize(polygons, SHAPE)).touching


def test_the_count_is_met_where_there_is_room():
    assert len(random_nuclei(SHAPE, 100, seed=0)) == 100
    assert random_nuclei(SHAPE, 0) == []


def test_the_same_seed_gives_the_same_nuclei_and_another_others():
    one, same, other = (random_nuclei(SHAPE, 50, seed=seed) for seed in (1, 1, 2))
    assert all((a == b).all() for a, b in zip(one, same, strict=True))
    assert any(a.shape != b.shape or (a != b).any() for a, b in zip(one, other, strict=True))
    assert not np.array_equal(random_nuclei(SHAPE, 1)[0], random_nuclei(SHAPE, 1)[0])


@pytest.mark.parametrize("max_overlap", [0.0, 0.15, 0.4])
@pytest.mark.parametrize("against", [0.0, 0.7])
def test_no_nucleus_overlaps_earlier_ones_or_is_hidden_by_later_ones_beyond_the_limit(max_overlap, against):
    polygons = random_nuclei(SHAPE, 250, seed=3, max_overlap=max_overlap, touching=against)
    under, hidden = overlaps(polygons, SHAPE)
    assert max(under.max(), hidden.max()) <= max_overlap
    if max_overlap:
        assert under.max() > max_overlap / 2


def test_nuclei_have_the_vertices_and_the_least_area_of_the_paper():
    polygons = random_nuclei((1024, 1024), 300, seed=2)
    assert {len(polygon) for polygon in polygons} == set(range(10, 18))
    assert min(polygon_mask(polygon, (1024, 1024))[1].sum() for polygon in polygons) > 140


def test_small_nuclei_need_fewer_pixels_than_those_of_the_paper():
    assert len(random_nuclei((256, 256), 60, seed=0, radius_min=2.0, radius_max=4.0)) == 60


def test_touching_raises_the_share_of_nuclei_that_touch_and_lowers_it_to_none():
    shares = [touching(touching=wish) for wish in (-1.0, -0.5, 0.0, 0.5, 1.0)]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] > 0.95
    assert shares[1] + 0.1 < shares[2] < shares[3] - 0.05
    assert touching(touching=1.0, max_overlap=0.0) > 0.8


def test_the_warp_makes_neighbors_alike_in_direction():
    def likeness(alike):
        seeds = [random_nuclei(SHAPE, 120, seed=seed, alike=alike) for seed in range(4)]
        axes = [np.array([longer_axis(polygon) for polygon in polygons]) for polygons in seeds]
        return np.mean([np.linalg.norm(found.mean(axis=0)) for found in axes])

    assert likeness(1.0) > 3 * likeness(0.0)


def test_rounding_doubles_the_vertices():
    polygons = random_nuclei(SHAPE, 20, seed=0, rounding=1)
    assert {len(polygon) for polygon in polygons} <= set(range(20, 35, 2))


def test_what_does_not_fit_is_left_out_and_said(caplog):
    with caplog.at_level(logging.WARNING):
        polygons = random_nuclei((128, 128), 500, seed=0)
    assert 10 < len(polygons) < 100
    assert caplog.messages == [f"{len(polygons)} of 500 nuclei found room on 128 × 128 px"]


def test_count_and_radii_follow_the_density_class_of_the_paper():
    rng = np.random.default_rng(0)
    for level in (0.0, 2.0, 7.0):
        config = NucleiConfig(level=level)
        counts = [draw_count((460, 460), config, rng) for _ in range(3000)]
        expected = np.clip(np.random.default_rng(1).normal(20 + 30 * level, 40, 100_000), 0, 256)
        assert np.mean(counts) == pytest.approx(expected.mean(), abs=3)
        assert np.std(counts) == pytest.approx(expected.std(), abs=2)
        factors = [draw_size_factor((4096, 4096), 1, config, rng) for _ in range(3000)]
        assert np.mean(factors) == pytest.approx(1.2 + level / 8, abs=0.03)
        assert np.std(factors) == pytest.approx(0.32, abs=0.02)


def test_counts_grow_with_the_canvas_and_densities_are_per_square_millimeter():
    rng = np.random.default_rng(0)
    assert draw_count((920, 920), NucleiConfig(level=7.0), rng) <= 4 * 256
    assert draw_count((4000, 4000), NucleiConfig(density=2500.0), rng) == 2500
    assert len(random_nuclei((400, 400), density=2500.0, seed=0)) == 25


def test_radii_are_limited_so_that_the_nuclei_asked_for_fit():
    rng = np.random.default_rng(0)
    factors = [draw_size_factor((460, 460), 220, NucleiConfig(level=7.0), rng) for _ in range(50)]
    assert max(factors) < 1.3
    assert draw_size_factor((460, 460), 100_000, NucleiConfig(level=7.0, size_spread=0.0), rng) == 1


def test_the_settings_of_a_config_are_taken_as_they_are():
    config = NucleiConfig(count=30, seed=9, alike=0.0)
    again = random_nuclei(SHAPE, 30, seed=9, alike=0.0)
    assert all((a == b).all() for a, b in zip(random_nuclei(SHAPE, **asdict(config)), again, strict=True))


def test_a_canvas_smaller_than_a_nucleus_stays_empty():
    assert random_nuclei((5, 5), 3, seed=0) == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"shape": (0, 5)}, ValueError),
        ({"count": -5}, ValueError),
        ({"seed": -1}, ValueError),
        ({"max_overlap": 2}, ValueError),
        ({"sparkle": 2}, TypeError),
    ],
)
def test_unusable_settings_are_refused(arguments, error):
    with pytest.raises(error, match=next(iter(arguments))):
        random_nuclei(**({"shape": SHAPE, "count": 3} | arguments))


def test_reach_is_the_distance_to_the_outline_in_a_direction():
    square = np.array([[-2.0, -3], [-2, 3], [2, 3], [2, -3]])
    directions = np.array([[1.0, 0], [0, 1], [0, -1], [np.sqrt(0.5), np.sqrt(0.5)]])
    assert reach(np.stack([square] * 4), directions) == pytest.approx([2, 3, 3, 2 * np.sqrt(2)])


@pytest.mark.slow
def test_ten_thousand_nuclei_find_room_on_4096_by_4096():
    assert len(random_nuclei((4096, 4096), 10_000, seed=1)) >= 9_500
