import sys

import pytest
from torch import nn

from napari_sharpgan.light import engine, is_enough


@pytest.fixture
def here(monkeypatch):
    """A function that sets what there is: OpenVINO, a build of torch, files."""

    def there_is(openvino=True, torch="2.13.0", drivers=(), platform="linux"):
        monkeypatch.delenv(engine.VARIABLE, raising=False)
        monkeypatch.setattr(engine, "find_spec", lambda name: openvino or None)
        monkeypatch.setattr(engine, "version", lambda name: torch)
        monkeypatch.setattr(engine, "_DRIVERS", drivers)
        monkeypatch.setattr(sys, "platform", platform)

    return there_is


def test_it_is_enough_on_a_cpu_with_openvino_and_saved_weights(here, monkeypatch):
    here()
    assert is_enough(None, "auto")
    assert is_enough("weights.safetensors", "cpu")
    assert not is_enough(nn.Identity(), "cpu")
    assert not is_enough(None, "cuda")
    assert not is_enough(None, "no such device"), "torch says what is wrong"
    here(openvino=False)
    assert not is_enough(None, "cpu")
    here()
    monkeypatch.setenv(engine.VARIABLE, "torch")
    assert not is_enough(None, "cpu")


def test_a_device_that_torch_may_find_is_left_to_torch(here, tmp_path):
    driver = tmp_path / "driver"
    driver.touch()
    here(drivers=(str(driver),))
    assert not is_enough(None, "auto")
    assert is_enough(None, "cpu")
    here(drivers=(str(driver),), torch="2.13.0+cpu")
    assert is_enough(None, "auto")
    here(platform="darwin")
    assert not is_enough(None, "auto")


def test_as_many_threads_as_are_asked_for_else_one_a_core(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert engine.thread_count() == 3
    for unclear in ("", "0", "4,2"):
        monkeypatch.setenv("OMP_NUM_THREADS", unclear)
        monkeypatch.setattr(engine.psutil, "cpu_count", lambda logical: 1)
        assert engine.thread_count() == 1
