"""What is imitated is fitted once a set, and a set goes on only with what it was begun with."""

import numpy as np
import pytest

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import Sample
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.synthesis import imitated
from napari_sharpgan.synthesis.manifest import write_manifest

STAIN = (0.7, 0.5, 0.7, 0.1, 0.2, 0.1)


@pytest.fixture(scope="module")
def samples():
    labels = rasterize(random_nuclei((200, 200), 20, seed=1), (200, 200))
    image = np.random.default_rng(1).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    return [Sample("a.png", image, labels)]


def test_a_set_in_a_given_stain_is_gone_on_with_in_that_alone(samples, tmp_path):
    models, source = run_to_end(imitated(samples, tmp_path, stain=STAIN))
    assert [model.stain for model in models] == [STAIN]
    write_manifest(tmp_path, {"models": [model.to_json() for model in models]}, source, 10)
    assert run_to_end(imitated(samples, tmp_path, stain=STAIN)) == (models, source)
    for other in (None, STAIN[::-1]):
        with pytest.raises(ValueError, match="like other images or with other settings"):
            run_to_end(imitated(samples, tmp_path, stain=other))


def test_settings_that_are_given_are_not_fitted_and_are_those_of_the_set(samples, tmp_path):
    models, source = run_to_end(imitated(samples, tmp_path, {"rounding": 3}))
    assert models[0].nuclei.rounding == 3
    assert models[0].stain == pytest.approx(samples[0].stain, abs=1e-4)
    write_manifest(tmp_path, {"models": [model.to_json() for model in models]}, source, 10)
    with pytest.raises(ValueError, match="like other images or with other settings"):
        run_to_end(imitated(samples, tmp_path, {"rounding": 2}))
