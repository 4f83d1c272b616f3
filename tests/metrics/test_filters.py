import numpy as np
import pytest
import torch
from scipy.signal import convolve2d

from napari_sharpgan.metrics._filters import gradient_magnitude, shrink, similarity


def conv2_same(image, kernel):
    """MATLAB's ``conv2(image, kernel, 'same')``: its center lies at ceil((n + 1) / 2), counted from 1."""
    full = convolve2d(image, kernel)
    top, left = (side // 2 for side in kernel.shape)
    return full[top : top + image.shape[0], left : left + image.shape[1]]


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("shape", [(12, 12), (13, 11), (20, 7)])
def test_shrinks_as_matlab_does(step, shape):
    image = np.random.default_rng(0).random(shape)
    expected = conv2_same(image, np.full((step, step), 1 / step**2))[::step, ::step]
    np.testing.assert_allclose(shrink(torch.from_numpy(image)[None], step)[0], expected, atol=1e-14)


def test_gradient_equals_two_convolutions():
    image = np.random.default_rng(1).random((9, 13))
    kernel = np.array([[3, 0, -3], [10, 0, -10], [3, 0, -3]]) / 16
    expected = np.hypot(conv2_same(image, kernel), conv2_same(image, kernel.T))
    result = gradient_magnitude(torch.from_numpy(image)[None], (3 / 16, 10 / 16, 3 / 16))
    np.testing.assert_allclose(result[0], expected, atol=1e-14)


def test_gradient_of_a_slope_is_its_rise_over_two_pixels():
    slope = torch.arange(7.0).expand(1, 5, 7)
    assert torch.allclose(gradient_magnitude(slope, (1 / 3,) * 3)[0, 1:-1, 1:-1], torch.tensor(2.0))


def test_similarity_worked_by_hand():
    result = similarity(torch.tensor([1.0, 4.0]), torch.tensor([2.0, 4.0]), constant=3)
    assert torch.allclose(result, torch.tensor([7 / 8, 1.0]))  # (2·1·2 + 3) / (1 + 4 + 3)
