import pytest
import torch

from napari_sharpgan.training import RECIPES
from napari_sharpgan.training.shortage import fitting_into_memory

CPU = torch.device("cpu")


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        MemoryError("Unable to allocate 9 GiB"),
    ],
)
def test_a_lack_of_memory_says_what_to_lower(error):
    said = "batch_size 8 with width 32 .* lower one of them"
    with pytest.raises(MemoryError, match=said), fitting_into_memory(RECIPES["sharp-gan"], CPU):
        raise error


def test_memory_that_the_system_really_refuses_is_recognized():
    said = "lower one of them"
    with pytest.raises(MemoryError, match=said), fitting_into_memory(RECIPES["sharp-gan"], CPU):
        torch.empty(2**60, dtype=torch.uint8)


def test_other_mistakes_stay_what_they_are():
    with pytest.raises(RuntimeError, match="shapes"), fitting_into_memory(RECIPES["sharp-gan"], CPU):
        torch.zeros(2, 3) @ torch.zeros(2, 3)
