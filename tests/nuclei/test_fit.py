from dataclasses import asdict, replace

import numpy as np
import pytest

from napari_sharpgan.formats import read_labels
from napari_sharpgan.nuclei import (
    NucleiConfig,
    compare_nuclei,
    fit_nuclei,
    fit_steps,
    random_nuclei,
    rasterize,
)
from napari_sharpgan.nuclei.fit import START


def drawn(shape, config):
    return rasterize(random_nuclei(shape, **asdict(config)), shape)


def test_the_same_labels_and_seed_give_the_same_settings():
    labels = drawn((128, 128), NucleiConfig(count=14, seed=1))
    assert fit_nuclei(labels, seed=3) == fit_nuclei(labels, seed=3)
    assert fit_nuclei(labels, seed=3).seed == 3


@pytest.mark.parametrize("name", ["image04", "image08"])
def test_nuclei_that_fit_a_real_tile_are_more_like_it_than_those_of_the_defaults(real_data, name):
    labels = read_labels(real_data / "cpm15" / f"{name}_mask.txt")[:260, :260]
    count = len(np.unique(labels)) - 1
    fitted = fit_nuclei(labels)
    distances = [
        np.mean(
            [
                compare_nuclei(labels, drawn(labels.shape, replace(config, seed=seed))).distance
                for seed in (7, 8)
            ]
        )
        for config in (fitted, NucleiConfig(count=count))
    ]
    assert distances[0] < 0.7 * distances[1]
    assert distances[0] < 0.4


def test_settings_that_drew_the_nuclei_are_found_back_in_their_sizes_and_density():
    true = replace(START, density=12000, radius_min=5, radius_max=9, elongation=0.6, touching=-1, seed=5)
    labels = drawn((320, 320), true)
    found = fit_nuclei(labels)
    assert found.density == pytest.approx(true.density, rel=0.35)
    assert found.radius_min + found.radius_max == pytest.approx(14, rel=0.15)
    assert found.elongation == pytest.approx(0.6, abs=0.35)
    assert compare_nuclei(labels, drawn((320, 320), found)).distance < 0.3


def test_a_crowded_canvas_is_fitted_in_size():
    rows, columns = np.indices((120, 120))
    labels = 1 + (rows // 12) * 10 + columns // 12
    labels[(rows % 12 == 0) | (columns % 12 == 0)] = 0
    found = fit_nuclei(labels)
    assert compare_nuclei(labels, drawn((120, 120), found)).generated.values[
        "radius"
    ].mean() == pytest.approx(np.sqrt(121 / np.pi), rel=0.2)


def test_too_few_nuclei_are_refused():
    with pytest.raises(ValueError, match="at least 10 nuclei to be fitted, got 4"):
        fit_nuclei(np.kron([[1, 0, 2, 0], [0, 3, 0, 4]], np.ones((5, 5), int)))


def test_a_fit_says_how_far_it_is_and_stops_with_the_best_so_far_when_it_is_asked_to():
    labels = drawn((128, 128), NucleiConfig(count=14, seed=1))
    shares, task = [], fit_steps(labels, seed=3, should_stop=lambda: len(shares) > 4)
    while True:
        try:
            shares.append(next(task))
        except StopIteration as end:
            config = end.value
            break
    assert len(shares) == 5
    assert shares == sorted(shares)
    assert shares[0] == 0 < shares[-1] < 0.2
    assert config.seed == 3
    assert config != fit_nuclei(labels, seed=3)
