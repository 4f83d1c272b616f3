import numpy as np
import pytest

from napari_sharpgan.metrics._images import gray_pair


def test_the_error_names_the_image():
    with pytest.raises(ValueError, match="reference must be finite"):
        gray_pair(np.array([[np.nan]]), np.zeros((1, 1)))
    with pytest.raises(ValueError, match="image must be finite"):
        gray_pair(np.zeros((1, 1)), np.array([[np.inf]]))


def test_gray_and_color_may_be_compared():
    first, second = gray_pair(np.full((2, 3), 0.5), np.full((2, 3, 3), 0.5))
    np.testing.assert_allclose(first, second)
