import pytest
import torch

from napari_sharpgan.inference import choose_device, device_name, is_faster_in_bfloat16


def test_auto_is_the_first_that_is_there(monkeypatch):
    from napari_sharpgan.inference import devices

    for there, expected in (({"cuda", "mps", "cpu"}, "cuda"), ({"mps", "cpu"}, "mps"), ({"cpu"}, "cpu")):
        monkeypatch.setattr(devices, "_is_there", there.__contains__)
        assert choose_device("auto").type == expected


def test_the_cpu_is_always_there():
    assert choose_device("cpu") == torch.device("cpu")
    assert device_name(torch.device("cpu")) == f"cpu ({torch.get_num_threads()} threads)"
    assert isinstance(is_faster_in_bfloat16(torch.device("cpu")), bool)


def test_unknown_devices_are_named():
    with pytest.raises(ValueError, match="unknown device 'tpu'; choose one of auto, cuda, mps, cpu"):
        choose_device("tpu")


def test_a_device_that_is_not_there_is_named(monkeypatch):
    from napari_sharpgan.inference import devices

    monkeypatch.setattr(devices, "_is_there", {"cpu"}.__contains__)
    with pytest.raises(ValueError, match="this machine has no device 'cuda:1'; 'auto' takes what it has"):
        choose_device("cuda:1")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_a_gpu_has_its_name():
    assert torch.cuda.get_device_name(0) in device_name(torch.device("cuda:0"))
