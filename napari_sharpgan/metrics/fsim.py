"""Feature similarity (Zhang, Zhang, Mou & Zhang 2011) on phase congruency after Kovesi (1999)."""

from __future__ import annotations

import math
from functools import lru_cache

import torch
from numpy.typing import ArrayLike
from torch import Tensor

from napari_sharpgan.metrics._filters import check_stacks, gradient_magnitude, shrink, similarity, to_tensor
from napari_sharpgan.metrics._images import SMALLEST_SIDE, gray_pair

_SCHARR = (3 / 16, 10 / 16, 3 / 16)
_T1 = 0.85  # Eq. 4, for phase congruency
_T2 = 160.0  # Eq. 5, for gradients of gray levels in 0 to 255

_ORIENTATIONS = 4
_WAVELENGTHS = (6.0, 12.0, 24.0, 48.0)  # pixels, finest first
_BANDWIDTH = 0.55  # sigma of the log-Gabor over its center frequency
_ANGULAR_SIGMA = math.pi / _ORIENTATIONS / 1.2  # radians
_NOISE_SIGMAS = 2.0  # standard deviations of the noise energy above its mean
_NOISE_RELIEF = 1.7  # the threshold is divided by it
_EPSILON = 1e-4


def fsim(reference: ArrayLike, image: ArrayLike, *, device: str | torch.device = "cpu") -> float:
    """Return the feature similarity of two images: 1 for equal ones, above 0.

    Takes and refuses the images that `ssim` does.

    Parameters
    ----------
    reference, image : ndarray of shape (H, W) or (H, W, 3)
        Both sides at least 11 pixels.
    device : str or torch.device
        Where it is computed, in float64 (float32 on "mps").

    Returns
    -------
    float
        In (0, 1].

    Notes
    -----
    Equal to the authors' MATLAB: gray levels in 0 to 255 (ITU-R BT.601 for color, unrounded; color counts in
    `fsimc`), averaged and shrunk by max(1, round(min(H, W) / 256)), phase congruency of four scales and four
    orientations, Scharr gradient, T1 = 0.85, T2 = 160. Zeros stand beyond the image, as in their ``conv2``.

    Constant images, where their code divides 0 by 0, are defined here: an image with no structure has phase
    congruency 0, and where neither image has any, all pixels weigh the same.

    References
    ----------
    L. Zhang, L. Zhang, X. Mou, D. Zhang: FSIM: a feature similarity index for image quality assessment. IEEE
    Transactions on Image Processing 20 (2011), 2378–2386. doi:10.1109/TIP.2011.2109730
    """
    first, second = (to_tensor(gray, device)[None] for gray in gray_pair(reference, image, SMALLEST_SIDE))
    return fsim_batch(first, second).item()


def fsim_batch(references: Tensor, images: Tensor) -> Tensor:
    """Return the `fsim` (N,) of gray stacks (N, H, W) with levels in [0, 1], on their device."""
    check_stacks(references, images)
    both = shrink_to_256(255 * torch.cat([references, images]))
    return weighted_mean(*feature_likeness(both))


def shrink_to_256(images: Tensor) -> Tensor:
    """Shrink (N, H, W) by the whole factor that brings the shorter side nearest to 256."""
    return shrink(images, max(1, math.floor(min(images.shape[1:]) / 256 + 0.5)))  # MATLAB rounds halves up


def feature_likeness(both: Tensor) -> tuple[Tensor, Tensor]:
    """Return S_L of Eq. 6 and the weight PC_m of each pixel, (N, H, W) each.

    Parameters
    ----------
    both : Tensor of shape (2N, H, W)
        Gray levels in 0 to 255, shrunk: N references, then N images.
    """
    congruency, other_congruency = phase_congruency(both).chunk(2)
    gradient, other_gradient = gradient_magnitude(both, _SCHARR).chunk(2)
    likeness = similarity(congruency, other_congruency, _T1) * similarity(gradient, other_gradient, _T2)
    return likeness, torch.maximum(congruency, other_congruency)


def weighted_mean(likeness: Tensor, weight: Tensor) -> Tensor:
    """Return the mean (N,) of (N, H, W) by weight, Eq. 7; if all weights are 0 pixels weigh the same."""
    total = weight.sum(dim=(1, 2), keepdim=True)
    weight = torch.where(total > 0, weight, 1.0)
    return (likeness * weight).sum(dim=(1, 2)) / weight.sum(dim=(1, 2))


def phase_congruency(images: Tensor) -> Tensor:
    """Return how far the Fourier components of each pixel agree in phase, from 0 to 1.

    Parameters
    ----------
    images : Tensor of shape (N, H, W)
        Gray levels in 0 to 255: the noise threshold follows the image, but a small constant does not.

    Returns
    -------
    Tensor of shape (N, H, W)
        Energy above the noise threshold over the sum of amplitudes, both summed over orientations; 0 where
        there is no amplitude at all.

    Notes
    -----
    P. Kovesi: Image features from phase congruency. Videre 1 (1999) no. 3, Eq. 17 to 22, with the constants
    that FSIM uses. The filters pass no mean, so the first pixel's level is taken off: a constant image is
    then silent to the last bit.
    """
    spectrum = torch.fft.fft2(images - images[:, :1, :1])[:, None]  # (N, 1, H, W)
    bank, noise_gains = _filter_bank(images.shape[1], images.shape[2], images.dtype, images.device)
    energy, amplitude = torch.zeros_like(images), torch.zeros_like(images)
    for filters, noise_gain in zip(bank, noise_gains, strict=True):
        responses = torch.fft.ifft2(spectrum * filters)  # (N, scales, H, W): even + i · odd
        powers = responses.real.square() + responses.imag.square()  # abs() is several times slower
        energy += (_energy(responses) - noise_gain * _noise_level(powers[:, 0])).clamp_(min=0)
        amplitude += powers.sqrt_().sum(dim=1)
    return torch.where(amplitude > 0, energy / amplitude, 0.0)


def _energy(responses: Tensor) -> Tensor:
    """Sum, over the scales, how far each response points along the mean phase and not across it."""
    total = responses.sum(dim=1)  # (N, H, W)
    length = total.abs()
    mean = total / (length + _EPSILON)
    across = responses.imag * mean.real[:, None] - responses.real * mean.imag[:, None]
    return length.square() / (length + _EPSILON) - across.abs().sum(dim=1)


def _noise_level(powers: Tensor) -> Tensor:
    """Return the RMS amplitude (N, 1, 1) of noise, read off the median of the finest powers A² (N, H, W).

    Powers of noise are exponentially distributed, so their mean is median / ln 2.
    """
    power = powers.flatten(1)
    median = (power.median(dim=1).values - (-power).median(dim=1).values) / 2  # lower and upper middle
    return (median / math.log(2)).sqrt()[:, None, None]


@lru_cache(maxsize=4)
def _filter_bank(
    height: int, width: int, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, list[float]]:
    """Return log-Gabor filters (orientations, scales, H, W), and for each orientation T / sqrt(E[A²])."""
    rows, columns = (_frequencies(side) for side in (height, width))
    radius = torch.hypot(rows[:, None], columns[None])
    theta = torch.atan2(-rows[:, None], columns[None])
    low_pass = 1 / (1 + (radius / 0.45) ** 30)  # Butterworth of order 15: no corners of the spectrum
    radius[0, 0] = 1.0
    radial = [
        low_pass * torch.exp(-torch.log(radius * wavelength).square() / (2 * math.log(_BANDWIDTH) ** 2))
        for wavelength in _WAVELENGTHS
    ]
    scales = torch.stack(radial)  # (scales, H, W)
    scales[:, 0, 0] = 0.0
    bank = torch.stack([scales * _spread(theta, k * math.pi / _ORIENTATIONS) for k in range(_ORIENTATIONS)])
    return bank.to(device, dtype), [_noise_gain(filters) for filters in bank]


def _frequencies(side: int) -> Tensor:
    """Return cycles a pixel in the FFT's order; odd sides are divided by side − 1, as Kovesi's code does."""
    centered = torch.arange(side, dtype=torch.float64) - side // 2
    return torch.roll(centered, -(side // 2)) / (side - side % 2)


def _spread(theta: Tensor, angle: float) -> Tensor:
    """Weigh directions by their angular distance to ``angle``."""
    distance = torch.atan2(torch.sin(theta - angle), torch.cos(theta - angle))
    return torch.exp(-distance.square() / (2 * _ANGULAR_SIGMA**2))


def _noise_gain(filters: Tensor) -> float:
    """Return the noise threshold of one orientation's filters (scales, H, W) for finest amplitudes of RMS 1.

    The energy of noise is Rayleigh distributed with parameter tau; the threshold is its mean and some
    standard deviations.
    """
    impulse = torch.fft.ifft2(filters.sum(dim=0)).real
    tau = math.sqrt(impulse.square().sum() * impulse.numel() / filters[0].square().sum())
    mean, deviation = tau * math.sqrt(math.pi / 2), tau * math.sqrt(2 - math.pi / 2)
    return (mean + _NOISE_SIGMAS * deviation) / _NOISE_RELIEF
