from dataclasses import fields

import pytest

from napari_sharpgan._fields import field_notes
from napari_sharpgan.nuclei import NucleiConfig


def test_defaults_are_the_constants_of_the_paper():
    config = NucleiConfig()
    assert (config.radius_min, config.radius_max) == (8.5, 13)
    assert (config.vertices_min, config.vertices_max) == (10, 17)
    assert (config.irregularity, config.spikiness) == pytest.approx(((0.6 + 2.6) / 2, (0.04 + 0.24) / 2))
    assert (config.size_spread, config.min_area, config.max_overlap, config.tries) == (0.32, 140, 0.15, 50)
    assert config.alike == 1


def test_every_field_says_what_it_means_and_has_limits_that_hold_its_default():
    notes = field_notes(NucleiConfig)
    for field in fields(NucleiConfig):
        assert notes[field.name]["help"], field.name
        assert notes[field.name]["min"] <= field.default <= notes[field.name]["max"], field.name


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"max_overlap": 1.5}, "max_overlap must lie between 0.0 and 1.0, got 1.5"),
        ({"count": -2}, "count must lie between -1 and"),
        ({"radius_min": float("nan")}, "radius_min must lie between"),
        ({"radius_min": 20.0}, "radius_min must not be above radius_max, got 20.0 and 13.0"),
        ({"vertices_max": 5}, "vertices_min must not be above vertices_max, got 10 and 5"),
    ],
)
def test_values_beyond_their_limits_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        NucleiConfig(**settings)
