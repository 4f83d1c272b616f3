"""A tile follows from seed and number alone."""

import numpy as np
import pytest

from napari_sharpgan.nuclei import NucleiConfig
from napari_sharpgan.rendering import Renderer
from napari_sharpgan.synthesis import TileModel, draw_tile, random_models


@pytest.fixture(scope="module")
def renderer(lively_generator):
    return Renderer(lively_generator, device="cpu")


def test_it_does_not_depend_on_what_was_drawn_before(renderer):
    first = [draw_tile(random_models(), renderer, 3, number, side=64) for number in range(4)]
    again = draw_tile(random_models(), renderer, 3, 2, side=64)
    assert np.array_equal(first[2].tissue, again.tissue)
    assert np.array_equal(first[2].labels, again.labels)
    assert first[2].facts == again.facts
    assert len({tile.tissue.tobytes() for tile in first}) == 4


def test_another_seed_gives_another_tile(renderer):
    one, other = (draw_tile(random_models(), renderer, seed, 0, side=64) for seed in (0, 1))
    assert not np.array_equal(one.tissue, other.tissue)


def test_labels_are_numbered_without_gaps_and_there_are_some(renderer):
    for number in range(4):
        labels = draw_tile(random_models(), renderer, 0, number).labels
        assert labels.shape == (256, 256)
        assert np.array_equal(np.unique(labels), np.arange(labels.max() + 1))
        assert labels.max() >= 1


def test_a_model_decides_nuclei_and_stain(renderer):
    small = NucleiConfig(radius_min=4, radius_max=5, min_area=0, level=0, size_spread=0)
    stain = (0.6, 0.4, 0.7, 0.1, 0.1, 0.1)
    tile = draw_tile([TileModel("slide 7", small, stain)], renderer, 0, 0)
    assert tile.facts["stain"] == list(stain)
    assert tile.facts["nuclei"] == "like slide 7"
    areas = np.bincount(tile.labels.ravel())[1:]
    assert 0 < areas.max() < np.pi * 10**2
    plain = draw_tile([TileModel("slide 7", small)], renderer, 0, 0)
    assert np.array_equal(plain.labels, tile.labels)
    assert not np.array_equal(plain.tissue, tile.tissue)


def test_random_tiles_go_through_the_density_classes_unless_one_is_given():
    assert [model.nuclei.level for model in random_models()] == [0, 1, 2, 3, 4]
    assert [model.nuclei.level for model in random_models({"level": 2.5, "rounding": 2})] == [2.5]
    assert [model.nuclei.density for model in random_models({"density": 900.0})] == [900.0]
