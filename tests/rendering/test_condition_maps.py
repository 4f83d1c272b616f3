import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.rendering.condition_maps import DEVICE_MAPS


@pytest.fixture(scope="module", params=sorted(DEVICE_MAPS))
def both(request):
    """A map for arrays, and the same for a device."""
    return CONDITION_MAPS[request.param], DEVICE_MAPS[request.param]


def assert_equal(both, labels):
    expected, made = both[0](labels), both[1](torch.from_numpy(labels))
    assert made.dtype == torch.float32
    np.testing.assert_array_equal(made.numpy(), expected)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 5, 300, 2_000_000_000]), st.floats(0, 1))
@settings(deadline=None, max_examples=40)
def test_maps_of_a_device_are_those_of_arrays(both, seed, largest, density):
    """Random pixels touch, stand alone, and have numbers with gaps."""
    rng = np.random.default_rng(seed)
    shape = rng.integers(1, 40, 2)
    labels = rng.integers(1, largest, shape, np.int32, endpoint=True)
    assert_equal(both, labels * (rng.random(shape) < density).astype(np.int32))


@pytest.mark.parametrize("add", [0, 10_000, 2_000_000_000])
def test_maps_of_real_shapes_are_equal_whatever_their_numbers(both, add):
    labels = rasterize(random_nuclei((300, 350), 90, seed=4, max_overlap=0.5), (300, 350))
    assert_equal(both, np.where(labels > 0, labels + add, 0).astype(np.int32))


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (1, 1), (7, 3)])
def test_maps_of_nothing_are_zero(both, shape):
    assert_equal(both, np.zeros(shape, np.int32))


def test_one_nucleus_may_fill_the_image(both):
    assert_equal(both, np.full((200, 1), 3, np.int32))
