"""Random nucleus-like outlines after Hou et al. 2019."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_positive
from napari_sharpgan.nuclei.config import NucleiConfig

HOU = NucleiConfig()


def random_polygon(
    center: ArrayLike,
    *,
    radius: float = (HOU.radius_min + HOU.radius_max) / 2,
    irregularity: float = HOU.irregularity,
    spikiness: float = HOU.spikiness,
    vertices: int = (HOU.vertices_min + HOU.vertices_max) // 2,
    rng: np.random.Generator | int | None = None,
) -> NDArray[np.float64]:
    """Return one random nucleus-like outline.

    Parameters
    ----------
    center : array_like of shape (2,)
        Row and column around which the vertices stand.
    radius : float
        Mean distance of the vertices from the center in px.
    irregularity : float
        Angles between vertices are drawn from 2π / vertices · U(1 − irregularity, 1 + irregularity), then
        scaled to sum up to 2π; values above 1 count as 1.
    spikiness : float
        Standard deviation of the distance from the center as a share of the radius; the distance is kept
        within 0.01 and 2 radii (theirs: 0 and 2, which lets vertices coincide).
    vertices : int
        Number of vertices, at least 3.
    rng : numpy.random.Generator, int or None
        Source of chance, or its seed.

    Returns
    -------
    ndarray of shape (vertices, 2), float64
        Rows and columns, in the order of their angles, so that the outline never crosses itself.

    Raises
    ------
    ValueError
        If a number lies outside its limits.
    """
    middle = np.asarray(center, dtype=np.float64)
    if middle.shape != (2,) or not np.isfinite(middle).all():
        raise ValueError(f"center must be a finite row and column, got {middle.tolist()}")
    check_positive(radius, "radius")
    if vertices < 3 or irregularity < 0 or spikiness < 0:
        raise ValueError(
            "vertices must be at least 3, irregularity and spikiness at least 0, "
            f"got {vertices}, {irregularity} and {spikiness}"
        )
    size, uneven, spiky = (np.array([value]) for value in (radius, irregularity, spikiness))
    shapes = random_shapes(
        size, uneven, spiky, np.array([vertices]), width=vertices, rng=np.random.default_rng(rng)
    )
    return np.asarray(middle + shapes[0])


def random_shapes(
    radius: NDArray[np.float64],
    irregularity: NDArray[np.float64],
    spikiness: NDArray[np.float64],
    vertices: NDArray[np.int64],
    *,
    width: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return n outlines around (0, 0) at once, parameters as in `random_polygon`, each of shape (n,).

    Returns
    -------
    ndarray of shape (n, width, 2), float64
        Outlines with fewer vertices than ``width`` repeat their last one.
    """
    place = np.arange(width)
    beyond = place >= vertices[:, None]
    spread = np.minimum(irregularity, 1)[:, None]
    steps = np.where(beyond, 0, rng.uniform(1 - spread, 1 + spread, beyond.shape))
    angles = np.cumsum(steps, axis=1) * (2 * np.pi / steps.sum(axis=1, keepdims=True))
    angles += rng.uniform(0, 2 * np.pi, (len(angles), 1))
    ratios = np.clip(rng.normal(1, spikiness[:, None], beyond.shape), 0.01, 2)
    ratios = np.take_along_axis(ratios, np.minimum(place, vertices[:, None] - 1), axis=1)
    return np.stack((np.sin(angles), np.cos(angles)), axis=2) * (ratios * radius[:, None])[..., None]


def stretched(
    outlines: NDArray[np.float64], ratios: NDArray[np.float64], angles: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return outlines (n, V, 2) around (0, 0), stretched by ratios (n,) at angles (n,), their area kept.

    At angle 0 they are stretched along the rows, at π / 2 along the columns.
    """
    along = np.stack((np.sin(angles), np.cos(angles)), axis=1)[:, None]
    part = (outlines * along).sum(axis=2, keepdims=True) * along
    factor = np.sqrt(ratios)[:, None, None]
    return np.asarray(outlines / factor + part * (factor - 1 / factor))


def cut_corners(outline: NDArray[np.float64], times: int) -> NDArray[np.float64]:
    """Round an outline (N, 2): each time every edge keeps only its middle half (Chaikin 1974)."""
    for _ in range(times):
        ends = np.roll(outline, -1, axis=0)
        outline = np.stack((0.75 * outline + 0.25 * ends, 0.25 * outline + 0.75 * ends), axis=1).reshape(
            -1, 2
        )
    return outline
