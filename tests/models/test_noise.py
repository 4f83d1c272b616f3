import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from napari_sharpgan.models import canvas_noise

PLACES = st.integers(0, 3000)


@given(PLACES, PLACES, st.integers(0, 2**31 - 1))
@settings(max_examples=30, deadline=None)
def test_a_place_has_the_same_noise_in_every_window(top, left, seed):
    whole = canvas_noise(top, left, 90, 100, seed=seed)
    part = canvas_noise(top + 20, left + 33, 50, 40, seed=seed)
    np.testing.assert_allclose(part, whole[20:70, 33:73], atol=1e-5)


def test_it_has_mean_0_and_unit_variance():
    noise = canvas_noise(0, 0, 2048, 2048, seed=0)
    assert noise.dtype == np.float32
    assert abs(noise.mean()) < 0.05
    assert noise.std() == pytest.approx(1, abs=0.05)


def test_seeds_and_places_differ():
    first = canvas_noise(0, 0, 64, 64, seed=0)
    for other in (canvas_noise(0, 0, 64, 64, seed=1), canvas_noise(4096, 0, 64, 64, seed=0)):
        assert abs(np.corrcoef(first.ravel(), other.ravel())[0, 1]) < 0.5
        assert (first != other).mean() > 0.99


def test_coarse_grains_reach_the_inner_levels_of_a_u_net():
    """White noise of unit variance would leave 1 / 64 of its deviation after means over 64 × 64 pixels."""
    noise = canvas_noise(0, 0, 2048, 2048, seed=0)
    coarse = noise.reshape(32, 64, 32, 64).mean(axis=(1, 3))
    assert coarse.std() > 10 / 64


def test_it_is_the_same_in_another_process():
    code = (
        "from napari_sharpgan.models import canvas_noise;"
        "print(canvas_noise(70, 5, 9, 9, seed=3).tobytes().hex())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == canvas_noise(70, 5, 9, 9, seed=3).tobytes().hex()
