"""The stain that a generator renders in: means and standard deviations of R, G and B."""

from __future__ import annotations

from collections.abc import Sequence

STAIN_CHANNELS = 6  # mean and standard deviation of R, G and B


def check_stain(stain: Sequence[float] | None) -> tuple[float, ...] | None:
    """Return a stain as six floats in [0, 1]."""
    if stain is None:
        return None
    values = tuple(float(value) for value in stain)
    if len(values) != STAIN_CHANNELS or not all(0 <= value <= 1 for value in values):
        raise ValueError(f"a stain is means and SDs of R, G and B, six numbers in [0, 1]; got {values}")
    return values


def as_seen(stain: Sequence[float]) -> list[float]:
    """Return a stain as a network sees it: means to [-1, 1], deviations four-fold."""
    return [2 * mean - 1 for mean in stain[:3]] + [4 * deviation for deviation in stain[3:]]
