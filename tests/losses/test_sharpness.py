"""Eq. 4 and 5 by hand, against a literal loop, and as laws."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from napari_sharpgan.losses import sharpness_loss, sharpness_map

GRAYS = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, max_side=7), elements=st.floats(0, 1))


def literal_sharpness(gray, contrast):
    """Eq. 5, pixel by pixel, as it stands in the paper."""
    height, width = gray.shape
    sharpness = np.zeros((height, width))
    for i in range(height):
        for j in range(width):
            for p in range(i - 1, i + 2):
                for q in range(j - 1, j + 2):
                    if (p, q) == (i, j) or not (0 <= p < height and 0 <= q < width):
                        continue
                    difference = gray[i, j] - gray[p, q]
                    distance = abs(i - p) + abs(j - q)
                    sharpness[i, j] += math.exp(-(difference**2) / (2 * contrast**2)) / distance
    return sharpness


def test_a_flat_image_has_6_inside_4_at_its_border_and_2_and_a_half_in_its_corners():
    expected = [[2.5, 4, 2.5], [4, 6, 4], [2.5, 4, 2.5]]
    np.testing.assert_allclose(sharpness_map(torch.full((3, 3), 0.5), contrast=0.1), expected)


def test_a_step_of_one_contrast_keeps_exp_of_minus_a_half():
    gray = torch.tensor([[0.0, 0.1]])
    np.testing.assert_allclose(sharpness_map(gray, contrast=0.1), [[math.exp(-0.5)] * 2], rtol=1e-6)


def test_a_diagonal_neighbor_counts_half():
    gray = torch.tensor([[0.5, 0.0], [0.0, 0.5]])
    np.testing.assert_allclose(sharpness_map(gray, contrast=0.01), np.full((2, 2), 0.5))


@given(GRAYS, st.floats(0.01, 1))
@settings(deadline=None, max_examples=50)
def test_it_is_the_literal_loop(gray, contrast):
    result = sharpness_map(torch.from_numpy(gray), contrast=contrast)
    np.testing.assert_allclose(result, literal_sharpness(gray, contrast), atol=1e-9)


def test_it_is_the_literal_loop_on_real_contours(real_data):
    from napari_sharpgan.formats import read_image, read_labels
    from napari_sharpgan.maps import contour_map

    part = np.s_[100:164, 200:280]
    gray = read_image(real_data / "cpm15" / "image12.png")[part] @ (0.299, 0.587, 0.114) / 255
    contour = contour_map(read_labels(real_data / "cpm15" / "image12_mask.txt")[part])
    assert contour.sum() > 50
    loss = sharpness_loss(torch.from_numpy(gray).float()[None], torch.from_numpy(contour)[None], contrast=0.1)
    assert loss.item() == pytest.approx(literal_sharpness(gray, 0.1)[contour].sum() / gray.size, abs=1e-5)


@given(GRAYS)
@settings(deadline=None, max_examples=30)
def test_it_does_not_care_about_turns_flips_negatives_or_brightness(gray):
    result = sharpness_map(torch.from_numpy(gray), contrast=0.2).numpy()
    for change in (np.rot90, np.flipud):
        changed = torch.from_numpy(change(gray).copy())
        np.testing.assert_allclose(sharpness_map(changed, contrast=0.2), change(result), atol=1e-9)
    for changed, contrast in ((1 - gray, 0.2), (gray * 0.5 + 0.25, 0.1)):
        np.testing.assert_allclose(
            sharpness_map(torch.from_numpy(changed), contrast=contrast), result, atol=1e-9
        )


@given(GRAYS)
@settings(deadline=None, max_examples=30)
def test_it_lies_between_0_and_6(gray):
    result = sharpness_map(torch.from_numpy(gray), contrast=0.3)
    assert result.min() >= 0
    assert result.max() <= 6


def test_stacks_are_computed_image_by_image():
    stack = torch.rand(2, 3, 5, 4)
    result = sharpness_map(stack, contrast=0.1)
    assert result.shape == stack.shape
    torch.testing.assert_close(result[1, 2], sharpness_map(stack[1, 2], contrast=0.1))


def test_one_pixel_has_no_neighbors():
    assert sharpness_map(torch.ones(1, 1), contrast=0.1).item() == 0


def test_loss_divides_by_all_pixels_not_by_contour_pixels():
    gray, contour = torch.full((1, 3, 3), 0.5), torch.zeros(1, 3, 3)
    contour[0, 1, 1] = 1
    assert sharpness_loss(gray, contour, contrast=0.1).item() == pytest.approx(6 / 9)


def test_loss_is_the_mean_over_the_batch():
    gray, contour = torch.full((2, 3, 3), 0.5), torch.zeros(2, 3, 3)
    contour[1, 1, 1] = 1
    assert sharpness_loss(gray, contour, contrast=0.1).item() == pytest.approx(6 / 9 / 2)


def test_any_nonzero_contour_counts_once():
    gray = torch.rand(1, 6, 6)
    mask = torch.rand(1, 6, 6) > 0.5
    expected = sharpness_loss(gray, mask, contrast=0.1)
    torch.testing.assert_close(sharpness_loss(gray, mask * 255, contrast=0.1), expected)


def test_an_edge_smeared_over_many_pixels_costs_more():
    step = (torch.arange(8) >= 4).float().repeat(1, 8, 1)
    ramp = torch.linspace(0, 1, 8).repeat(1, 8, 1)
    contour = torch.zeros(1, 8, 8)
    contour[..., 4] = 1
    losses = [sharpness_loss(gray, contour, contrast=0.2) for gray in (step, ramp)]
    assert losses[0] < losses[1]


def test_one_step_down_the_gradient_sharpens_a_blurred_edge():
    gray = torch.linspace(0.3, 0.7, 8).repeat(1, 8, 1).requires_grad_()
    contour = torch.zeros(1, 8, 8)
    contour[..., 4] = 1
    before = sharpness_loss(gray, contour, contrast=0.2)
    before.backward()
    after = sharpness_loss((gray - gray.grad).detach(), contour, contrast=0.2)
    assert after < before


@pytest.mark.parametrize("gray", [torch.rand(2, 8, 8), torch.zeros(1, 5, 5), torch.eye(6)[None]])
def test_gradients_are_finite(gray):
    gray = gray.clone().requires_grad_()
    sharpness_loss(gray, torch.ones_like(gray), contrast=0.001).backward()
    assert torch.isfinite(gray.grad).all()


def test_gradients_are_those_of_finite_differences():
    gray = torch.rand(1, 4, 5, dtype=torch.float64, requires_grad=True)
    contour = torch.rand(1, 4, 5) > 0.5
    assert torch.autograd.gradcheck(lambda g: sharpness_loss(g, contour, contrast=0.3), gray)


def test_half_precision_is_computed_in_float32():
    gray = torch.rand(4, 4)
    result = sharpness_map(gray.bfloat16(), contrast=0.1)
    assert result.dtype == torch.float32
    torch.testing.assert_close(result, sharpness_map(gray.bfloat16().float(), contrast=0.1))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"shape \(\.\.\., H, W\), got \(3,\)"):
        sharpness_map(torch.zeros(3), contrast=0.1)
    with pytest.raises(ValueError, match="above 0, got 0"):
        sharpness_map(torch.zeros(3, 3), contrast=0)
    with pytest.raises(ValueError, match=r"got \(1, 3, 3\) and \(1, 3, 4\)"):
        sharpness_loss(torch.zeros(1, 3, 3), torch.zeros(1, 3, 4), contrast=0.1)
