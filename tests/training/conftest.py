"""The smallest trainings that go the whole way."""

import pytest
import torch

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import CropSource
from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.training import GanConfig, GanTrainer, looks, survey

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _settle_quickly(monkeypatch):
    monkeypatch.setattr(looks, "SETTLING_CROPS", 4)


@pytest.fixture(scope="session")
def samples(tissue_folder):
    return run_to_end(survey(tissue_folder)).samples


@pytest.fixture
def trainer_for(samples):
    """Return a function that makes a trainer of width 2 in float32, with other settings as given."""

    def make(**settings):
        config = GanConfig(**{"width": 2, "batch_size": 2, "steps": 4, "precision": "float32"} | settings)
        crops = CropSource(samples, CONDITION_MAPS[config.condition], stain_jitter=config.stain_jitter)
        return GanTrainer(config, crops, device=CPU)

    return make
