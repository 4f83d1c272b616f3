import numpy as np
import pytest

from napari_sharpgan.light.noise import canvas_noise, window_noise
from napari_sharpgan.models import noise_of_windows


@pytest.mark.parametrize(
    ("corner", "shape", "seed"),
    [((0, 0), (256, 256), 0), ((192, 1344), (256, 256), 5), ((1001, 77), (90, 33), 2**31 - 1)],
)
def test_torch_makes_the_same_for_many_windows_at_once(corner, shape, seed):
    expected = noise_of_windows([corner], shape, [seed])[0].numpy()
    np.testing.assert_allclose(canvas_noise(*corner, *shape, seed=seed), expected, atol=1e-5)


def test_what_is_kept_for_a_window_cannot_be_changed():
    np.testing.assert_array_equal(window_noise(5, 6, 7, 8, 9), canvas_noise(5, 6, 7, 8, seed=9))
    with pytest.raises(ValueError, match="read-only"):
        window_noise(5, 6, 7, 8, 9)[0, 0] = 1
