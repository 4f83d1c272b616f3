"""How long scoring images and contours takes, beside their formulas word for word.

    python benchmarks/bench_metrics.py

One pair of 256² crops; the scores must agree. Then all that is reported of a test image of 512².
"""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from _bench import Goal, Options, Row, compared, in_turns, main, milliseconds
from scipy.signal import convolve2d

from napari_sharpgan.inference import choose_device
from napari_sharpgan.losses import sharpness_map
from napari_sharpgan.metrics import fsim, gmsd, nuclei_darker, realism, ssim
from napari_sharpgan.metrics.evaluation import score_image

CONTRAST = 0.1


def literal_ssim(one, other):
    """Wang et al. 2004: local means, variances and covariance under a Gaussian window of 11 × 11."""
    bell = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window = np.outer(bell, bell) / bell.sum() ** 2
    mean_x, mean_y, square_x, square_y, product = (
        convolve2d(image, window, mode="valid")
        for image in (one, other, one * one, other * other, one * other)
    )
    luminance = (2 * mean_x * mean_y + 0.01**2) / (mean_x**2 + mean_y**2 + 0.01**2)
    varies = square_x - mean_x**2 + square_y - mean_y**2 + 0.03**2
    return (luminance * (2 * (product - mean_x * mean_y) + 0.03**2) / varies).mean()


def gradient(image, weights):
    """Return the gradient magnitude with a 3 × 3 kernel, zeros beyond the image."""
    kernel = np.outer(weights, [1, 0, -1])
    return np.hypot(convolve2d(image, kernel, mode="same"), convolve2d(image, kernel.T, mode="same"))


def literal_gmsd(one, other):
    """Xue et al. 2014: Prewitt on images halved by 2 × 2 averages."""
    first, second = (
        gradient(convolve2d(255 * image, np.full((2, 2), 0.25), mode="same")[1::2, 1::2], [1 / 3] * 3)
        for image in (one, other)
    )
    return ((2 * first * second + 170) / (first**2 + second**2 + 170)).std(ddof=1)


def filters(shape, orientation, scale):
    """Return one log-Gabor filter of Kovesi's, in the order of the FFT; both sides even."""
    rows, columns = np.meshgrid(*(np.fft.fftfreq(side) for side in shape), indexing="ij")
    radius, theta = np.hypot(rows, columns), np.arctan2(-rows, columns)
    low_pass = 1 / (1 + (radius / 0.45) ** 30)
    radius[0, 0] = 1
    angle = orientation * np.pi / 4
    apart = np.arctan2(np.sin(theta - angle), np.cos(theta - angle))
    radial = np.exp(-(np.log(radius * 6 * 2**scale) ** 2) / (2 * np.log(0.55) ** 2)) * low_pass
    radial[0, 0] = 0
    return radial * np.exp(-(apart**2) / (2 * (np.pi / 4 / 1.2) ** 2))


def literal_congruency(image):
    """Kovesi 1999, one filter, one orientation, one sum at a time."""
    energies, amplitudes = np.zeros(image.shape), np.zeros(image.shape)
    for orientation in range(4):
        bank = [filters(image.shape, orientation, scale) for scale in range(4)]
        responses = [np.fft.ifft2(np.fft.fft2(image) * one) for one in bank]
        impulses = [np.fft.ifft2(one).real * np.sqrt(image.size) for one in bank]
        total = sum(responses)
        mean = total / (np.abs(total) + 1e-4)
        energy = sum(
            r.real * mean.real + r.imag * mean.imag - np.abs(r.real * mean.imag - r.imag * mean.real)
            for r in responses
        )
        noise = np.median(np.abs(responses[0]) ** 2) / np.log(2) / np.sum(bank[0] ** 2)
        tau = np.sqrt(noise * np.sum(sum(impulses) ** 2))
        threshold = (tau * np.sqrt(np.pi / 2) + 2 * np.sqrt((2 - np.pi / 2) * tau**2)) / 1.7
        energies += np.maximum(energy - threshold, 0)
        amplitudes += sum(np.abs(r) for r in responses)
    return energies / amplitudes


def literal_fsim(one, other):
    """Zhang et al. 2011, on images of 256 × 256."""
    congruency, congruency_2 = literal_congruency(255 * one), literal_congruency(255 * other)
    slope, slope_2 = (gradient(255 * image, [3 / 16, 10 / 16, 3 / 16]) for image in (one, other))
    alike = (2 * congruency * congruency_2 + 0.85) / (congruency**2 + congruency_2**2 + 0.85)
    alike *= (2 * slope * slope_2 + 160) / (slope**2 + slope_2**2 + 160)
    weight = np.maximum(congruency, congruency_2)
    return (alike * weight).sum() / weight.sum()


def literal_sharpness(gray, side):
    """Eq. 5 of the Sharp-GAN paper in loops over pixels and their neighbors; the mean of the first rows."""
    height, width = gray.shape
    total = 0.0
    for row in range(side):
        for column in range(width):
            for p in range(max(row - 1, 0), min(row + 2, height)):
                for q in range(max(column - 1, 0), min(column + 2, width)):
                    far = abs(row - p) + abs(column - q)
                    if far:
                        step = gray[row, column] - gray[p, q]
                        total += np.exp(-(step**2) / (2 * CONTRAST**2)) / far
    return total / (side * width)


def pairs(one, other, part) -> dict[str, tuple[Callable[[], float], Callable[[], float]]]:
    """Return ours and the literal way of each score."""
    tensor = torch.from_numpy(one)
    return {
        "SSIM": (lambda: ssim(one, other), lambda: literal_ssim(one, other)),
        "FSIM": (lambda: fsim(one, other), lambda: literal_fsim(one, other)),
        "GMSD": (lambda: gmsd(one, other), lambda: literal_gmsd(one, other)),
        "sharpness (Eq. 5)": (
            lambda: sharpness_map(tensor, contrast=CONTRAST)[:part].mean().item(),
            lambda: literal_sharpness(one, part),
        ),
    }


def tissue(side):
    """Return random disks in noise, twice, and the labels of the disks."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[:side, :side]
    centers = (rows % 32 - 16) ** 2 + (columns % 32 - 16) ** 2
    labels = np.where(centers < 100, 1 + rows // 32 * (side // 32) + columns // 32, 0)
    return rng.integers(0, 256, (2, side, side, 3), dtype=np.uint8), labels


def rows(options: Options) -> Iterator[Row]:
    pictures, labels = tissue(512)
    one, other = (picture[:256, :256, 1] / 255 for picture in pictures)
    part = options.of(256, 16)  # rows of the image in loops
    for name, (ours, literal) in pairs(one, other, part).items():
        mine, theirs = ours(), literal()
        if abs(mine - theirs) > 1e-6:
            raise SystemExit(f"{name} differs: {mine} and {theirs}")
        times = in_turns({"ours": ours, "plain": literal}, options.of(5, 2))
        beside = "loops over pixels" if "Eq" in name else "the formula in NumPy and SciPy"
        scale = 256 / part if "Eq" in name else 1
        yield compared(
            f"{name} of 256²", times["ours"], scale * times["plain"], beside=beside, detail=f"both {mine:.6f}"
        )
    device = choose_device(options.device)
    scored = {
        "all reported scores of an image": lambda: score_image(*pictures, device=device),
        "realism": lambda: realism(*pictures, labels),
        "nuclei darker, 256 nuclei": lambda: nuclei_darker(pictures[0], labels),
    }
    for name, call in scored.items():
        call()
        goal = Goal(most=60_000 / 18) if name.startswith("all") else Goal()  # 18 test images in a minute
        times = [milliseconds(call) for _ in range(options.of(5, 2))]
        yield compared(f"{name}, 512²", times, goal=goal)


if __name__ == "__main__":
    main(rows, __doc__)
