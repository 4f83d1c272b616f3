import json
from dataclasses import asdict

import pytest

from napari_sharpgan._fields import field_notes
from napari_sharpgan.training import GanConfig


def test_every_field_is_explained():
    assert [name for name, notes in field_notes(GanConfig).items() if not notes["help"]] == []


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"steps": 0}, "steps must lie between 1 and"),
        ({"crop": 300}, "crop must be a multiple of 256, got 300"),
        ({"condition": "voronoi"}, "condition must be one of binary, distance"),
        ({"contrast": float("nan")}, "contrast must lie between"),
    ],
)
def test_a_setting_that_no_run_could_use_is_refused(settings, said):
    with pytest.raises(ValueError, match=said):
        GanConfig(**settings)


def test_it_survives_json():
    config = GanConfig(width=8, noise=False, contrast=0.05)
    assert GanConfig(**json.loads(json.dumps(asdict(config)))) == config
