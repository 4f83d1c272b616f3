"""What every target of segmenters promises, whoever wrote it."""

import numpy as np
import pytest
import torch
from scipy import ndimage

from napari_sharpgan.metrics import panoptic_quality
from napari_sharpgan.nuclei import random_nuclei, rasterize
from napari_sharpgan.segmentation import TARGETS

SHAPE = (128, 160)


@pytest.fixture(params=TARGETS)
def target(request):
    return TARGETS[request.param]


@pytest.fixture(scope="module")
def labels():
    return rasterize(random_nuclei(SHAPE, 14, seed=3), SHAPE)


def fitted_logits(target, plane, steps=300):
    """Return the logits that gradient descent on the losses ends at, with no network between."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        logits = torch.randn(1, target.channels, *plane.shape, requires_grad=True)
    optimizer = torch.optim.Adam([logits], lr=0.2)
    for _ in range(steps):
        optimizer.zero_grad()
        sum(target.losses(logits, torch.from_numpy(plane)[None]).values()).backward()
        optimizer.step()
    return logits.detach()


def test_a_plane_lies_between_0_and_1_and_is_0_just_off_nuclei(target, labels):
    plane = target.plane(labels)
    assert (plane.shape, plane.dtype) == (SHAPE, np.float32)
    assert plane.max() <= 1
    np.testing.assert_array_equal(plane > 0, labels > 0)


def test_a_plane_does_not_care_for_numbers_and_turns_with_the_image(target, labels):
    plane = target.plane(labels)
    np.testing.assert_array_equal(target.plane(np.where(labels > 0, 1000 - labels, 0)), plane)
    np.testing.assert_allclose(target.plane(np.rot90(labels)), np.rot90(plane), atol=1e-6)


def test_no_nuclei_is_no_error(target):
    empty = np.zeros((20, 30), np.int32)
    assert not target.plane(empty).any()
    nothing = np.zeros((target.channels, 20, 30), np.float32)
    np.testing.assert_array_equal(target.instances(nothing), empty)


def test_losses_are_finite_and_flow_to_every_logit(target, labels):
    logits = torch.zeros(1, target.channels, *SHAPE, requires_grad=True)
    terms = target.losses(logits, torch.from_numpy(target.plane(labels))[None])
    sum(terms.values()).backward()
    assert all(torch.isfinite(term) for term in terms.values())
    assert (logits.grad.abs().amax(dim=(0, 2, 3)) > 0).all()


def test_probabilities_lie_between_0_and_1(target):
    logits = torch.linspace(-30, 30, target.channels * 12).view(1, target.channels, 3, 4)
    shares = target.probabilities(logits)
    assert shares.shape == logits.shape
    assert ((shares >= 0) & (shares <= 1)).all()


def test_who_learns_the_target_by_heart_finds_the_nuclei(target, labels):
    """The way from label image to plane, loss, probabilities and instances, with nothing else between."""
    plane = target.plane(labels)
    found = target.instances(target.probabilities(fitted_logits(target, plane))[0].numpy())
    assert found.dtype == np.int32
    assert panoptic_quality(labels, found).pq > 0.8  # overlapping nuclei leave parts and necks


def test_nuclei_that_are_found_are_whole_and_numbered_from_1(target, labels):
    plane = target.plane(labels)
    found = target.instances(target.probabilities(fitted_logits(target, plane, 60))[0].numpy())
    numbers = np.unique(found)
    np.testing.assert_array_equal(numbers, np.arange(len(numbers)))
    assert all(ndimage.label(found == number, np.ones((3, 3)))[1] == 1 for number in numbers[1:])
