import math

import pytest
import torch

from napari_sharpgan.losses import ADVERSARIAL_LOSSES


@pytest.fixture(params=sorted(ADVERSARIAL_LOSSES))
def loss(request):
    return ADVERSARIAL_LOSSES[request.param]


def test_log_is_minus_the_log_of_the_probability():
    logits = torch.tensor([0.0, 2.0])
    probability = torch.sigmoid(logits)
    expected = -torch.log(probability).mean(), -torch.log(1 - probability).mean()
    torch.testing.assert_close(ADVERSARIAL_LOSSES["log"](logits, True), expected[0])
    torch.testing.assert_close(ADVERSARIAL_LOSSES["log"](logits, False), expected[1])
    assert ADVERSARIAL_LOSSES["log"](torch.zeros(1), True).item() == pytest.approx(math.log(2))


def test_least_squares_is_half_the_squared_distance_to_the_target():
    logits = torch.tensor([0.5, 3.0])
    assert ADVERSARIAL_LOSSES["least-squares"](logits, True).item() == pytest.approx((0.25 + 4) / 4)
    assert ADVERSARIAL_LOSSES["least-squares"](logits, False).item() == pytest.approx((0.25 + 9) / 4)


def test_a_step_down_the_gradient_moves_logits_towards_the_target(loss):
    for real, sign in ((True, 1), (False, -1)):
        logits = torch.full((2, 1, 3, 3), 0.5, requires_grad=True)
        loss(logits, real).backward()
        assert (-logits.grad * sign > 0).all()


def test_the_right_side_costs_less(loss):
    certain = torch.ones(4)
    assert loss(certain, True) < loss(certain, False)
    assert loss(-certain, False) < loss(-certain, True)


def test_huge_logits_stay_finite(loss):
    for logits in (torch.full((3,), 1e4), torch.full((3,), -1e4)):
        logits.requires_grad_()
        value = loss(logits, True) + loss(logits, False)
        value.backward()
        assert torch.isfinite(value)
        assert torch.isfinite(logits.grad).all()
