import numpy as np
import pytest
import torch

from napari_sharpgan.metrics import fsim
from napari_sharpgan.metrics._filters import shrink
from napari_sharpgan.metrics.fsim import fsim_batch, phase_congruency


def centered(side):
    """Frequencies of one side with 0 in the middle, odd sides as Kovesi's code has them."""
    if side % 2:
        return np.arange(-(side - 1) / 2, (side - 1) / 2 + 1) / (side - 1)
    return np.arange(-side / 2, side / 2) / side


def literal_phase_congruency(image):
    """Return Kovesi's measure step by step: one filter, one orientation, one sum at a time."""
    columns, rows = np.meshgrid(centered(image.shape[1]), centered(image.shape[0]))
    radius, theta = np.fft.ifftshift(np.hypot(rows, columns)), np.fft.ifftshift(np.arctan2(-rows, columns))
    low_pass = 1 / (1 + (radius / 0.45) ** 30)
    radius[0, 0] = 1
    energy_of_all, amplitude_of_all = np.zeros(image.shape), np.zeros(image.shape)
    for orientation in range(4):
        angle = orientation * np.pi / 4
        across = np.sin(theta) * np.cos(angle) - np.cos(theta) * np.sin(angle)
        along = np.cos(theta) * np.cos(angle) + np.sin(theta) * np.sin(angle)
        spread = np.exp(-(np.abs(np.arctan2(across, along)) ** 2) / (2 * (np.pi / 4 / 1.2) ** 2))
        responses, impulses = [], []
        for scale in range(4):
            center = 1 / (6 * 2**scale)
            radial = np.exp(-(np.log(radius / center) ** 2) / (2 * np.log(0.55) ** 2)) * low_pass
            radial[0, 0] = 0
            responses.append(np.fft.ifft2(np.fft.fft2(image) * radial * spread))
            impulses.append(np.real(np.fft.ifft2(radial * spread)) * np.sqrt(image.size))
            if scale == 0:
                finest_power = np.sum((radial * spread) ** 2)
        even, odd = sum(r.real for r in responses), sum(r.imag for r in responses)
        length = np.sqrt(even**2 + odd**2) + 1e-4
        mean_even, mean_odd = even / length, odd / length
        energy = sum(
            r.real * mean_even + r.imag * mean_odd - np.abs(r.real * mean_odd - r.imag * mean_even)
            for r in responses
        )
        noise_power = np.median(np.abs(responses[0]) ** 2) / np.log(2) / finest_power
        squares = sum(np.sum(one**2) for one in impulses)
        products = sum(np.sum(impulses[i] * impulses[j]) for j in range(4) for i in range(j))
        tau = np.sqrt((2 * noise_power * squares + 4 * noise_power * products) / 2)
        threshold = (tau * np.sqrt(np.pi / 2) + 2 * np.sqrt((2 - np.pi / 2) * tau**2)) / 1.7
        energy_of_all += np.maximum(energy - threshold, 0)
        amplitude_of_all += sum(np.abs(r) for r in responses)
    return energy_of_all / amplitude_of_all


def test_equals_the_authors_matlab(goldhill):
    """Published by the authors for this pair: 0.89691, given to five digits."""
    assert fsim(*goldhill) == pytest.approx(0.89691, abs=5e-6)


@pytest.mark.parametrize("rows", [70, 69])
@pytest.mark.parametrize("columns", [60, 61])
def test_phase_congruency_equals_the_literal_one(tissue, rows, columns):
    image = 255 * tissue[:rows, :columns]
    result = phase_congruency(torch.from_numpy(image)[None])[0]
    np.testing.assert_allclose(result, literal_phase_congruency(image), atol=1e-10)


def test_phase_congruency_lies_between_0_and_1(tissue):
    result = phase_congruency(255 * torch.from_numpy(tissue)[None])
    assert result.min() >= 0
    assert 0.5 < result.max() <= 1


def test_phase_congruency_finds_a_step_whatever_its_height():
    step = torch.zeros(2, 64, 64, dtype=torch.float64)
    step[0, :, 16:48], step[1, :, 16:48] = 200, 20
    high, low = phase_congruency(step)[:, 32]
    assert high[15:17].min() > 0.75
    assert high[20:28].max() < 0.35
    assert torch.allclose(high, low, atol=1e-3)


def test_is_symmetric(tissue, blurred):
    assert fsim(tissue, blurred) == pytest.approx(fsim(blurred, tissue), abs=1e-12)


@pytest.mark.parametrize(("side", "step"), [(383, 1), (384, 2), (640, 3)])
def test_larger_images_are_shrunk_by_the_rounded_side_over_256(side, step):
    """MATLAB rounds 1.5 to 2 and 2.5 to 3; what is left is below 384 and scored as it is."""
    pair = torch.from_numpy(np.random.default_rng(3).random((2, 1, side, side + 5)))
    small = shrink(pair.flatten(0, 1), step)
    assert fsim_batch(*pair).item() == pytest.approx(fsim(small[0], small[1]), abs=1e-12)


def test_float32_agrees(tissue, blurred):
    single = fsim_batch(*(torch.from_numpy(image).float()[None] for image in (tissue, blurred)))
    assert single.item() == pytest.approx(fsim(tissue, blurred), abs=1e-4)


def test_stays_on_its_device():
    stack = torch.rand(2, 32, 32, device="meta")
    assert fsim_batch(stack, stack).device.type == "meta"


def test_where_neither_image_has_structure_all_pixels_weigh_the_same():
    first, second = np.full((40, 40), 0.3), np.full((40, 40), 0.7)
    assert not phase_congruency(torch.from_numpy(255 * first)[None]).any()
    assert 0.9 < fsim(first, second) < 1  # the frame of zeros around them differs
    assert fsim(first, first) == 1


def test_structure_against_none_scores_low(tissue):
    assert fsim(tissue, np.full_like(tissue, tissue.mean())) < 0.4
