import psutil
import pytest
import torch

from napari_sharpgan.training import GanConfig
from napari_sharpgan.training import estimate as estimate_module
from napari_sharpgan.training.estimate import Estimate, estimate

CPU = torch.device("cpu")


def test_a_few_real_steps_are_measured(monkeypatch):
    monkeypatch.setattr(estimate_module, "LEAST_SECONDS", 0.1)
    config = GanConfig(steps=1000, width=1, batch_size=2, precision="float32")
    before = psutil.Process().memory_info().rss
    found = estimate(config, CPU)
    assert found.measured_steps >= 2
    assert found.seconds == pytest.approx(1000 * 2 / found.images_per_second)
    assert found.device.startswith("cpu (")
    assert before < found.memory < psutil.virtual_memory().total


def test_a_run_of_one_step_is_measured_over_more(monkeypatch):
    monkeypatch.setattr(estimate_module, "LEAST_SECONDS", 0.1)
    found = estimate(GanConfig(steps=1, width=1, batch_size=1, precision="float32"), CPU)
    assert found.measured_steps >= 2
    assert found.seconds == pytest.approx(1 / found.images_per_second)


def test_it_is_said_in_one_sentence():
    found = Estimate(10.41, 7800, 1_900_000_000, "cpu (2 threads)", 3)
    assert str(found) == (
        "about 2 h 10 min and 1.9 GB on cpu (2 threads): 10.4 images/s over 3 steps measured here"
    )


def test_all_of_it_becomes_json():
    found = Estimate(10.0, 60.0, 5, "cpu", 3)
    assert found.as_json() == {
        "images_per_second": 10.0,
        "seconds": 60.0,
        "memory": 5,
        "device": "cpu",
        "measured_steps": 3,
    }
