import pytest
import torch

from napari_sharpgan.inference import Recorded, download, surroundings, upload

CPU = torch.device("cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@torch.inference_mode()
def test_what_is_recorded_gives_what_the_work_gives():
    calls = []

    def work(one, other):
        calls.append(len(one))
        return (one @ other.mT).relu()

    recorded = Recorded(work)
    for number in range(5):
        for count in (2, 3):
            one, other = torch.randn(2, count, 8, 8, generator=torch.Generator().manual_seed(number)).cuda()
            assert torch.equal(recorded(one, other), (one @ other.mT).relu())
    assert calls == [2, 3, 2, 2, 3, 3]  # once as it is, then to warm up and to be recorded


def test_all_but_the_network_is_on_the_cpu_unless_the_device_is_cuda():
    assert surroundings(torch.device("mps")) == CPU
    assert surroundings(torch.device("cuda:1")) == torch.device("cuda:1")


@pytest.mark.parametrize("kind", ["cpu", "cuda"])
def test_what_goes_up_comes_down(kind):
    if kind == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    numbers = torch.arange(12).view(3, 4)[:, ::2]
    there = upload(numbers, torch.device(kind))
    assert there.device.type == kind
    assert torch.equal(download(there), numbers)
