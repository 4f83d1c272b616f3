import numpy as np
import pytest
import torch

from napari_sharpgan.light.noise import canvas_noise, window_noise
from napari_sharpgan.models import noise_of_windows
from napari_sharpgan.models.noise import hashed_noise


@pytest.mark.parametrize(
    ("corner", "shape", "seed"),
    [((0, 0), (256, 256), 0), ((192, 1344), (256, 256), 5), ((1001, 77), (90, 33), 2**31 - 1)],
)
def test_torch_makes_the_same_for_many_windows_at_once(corner, shape, seed):
    places, seeds = torch.tensor([corner, (0, 64)]), torch.tensor([seed, 1])
    hashed = hashed_noise(places, shape, seeds)[0].numpy()
    expected = canvas_noise(*corner, *shape, seed=seed)
    np.testing.assert_allclose(hashed, expected, atol=1e-5)
    np.testing.assert_array_equal(noise_of_windows(places, shape, seeds)[0].numpy(), expected)


def test_what_is_kept_for_a_window_cannot_be_changed():
    np.testing.assert_array_equal(window_noise(5, 6, 7, 8, 9), canvas_noise(5, 6, 7, 8, seed=9))
    with pytest.raises(ValueError, match="read-only"):
        window_noise(5, 6, 7, 8, 9)[0, 0] = 1
