"""Settings of random nuclei that are like those of a real label image."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from napari_sharpgan._fields import field_notes
from napari_sharpgan._tasks import ShouldStop, never, run_to_end
from napari_sharpgan.nuclei.config import MICRONS_PER_PIXEL, NucleiConfig
from napari_sharpgan.nuclei.field import FILLING, THEIR_RADIUS, draw_nuclei
from napari_sharpgan.nuclei.likeness import NucleiSample, compare_samples, sample_nuclei
from napari_sharpgan.nuclei.raster import rasterize

FEWEST = 10
DRAWN = 150  # nuclei of each canvas that is tried
MEAN_FACTOR = 1.2  # on all radii, at level 0
HALF = 0.5  # of a canvas: from this cover on the factor is 1
SMALLEST = 2  # % of the real nuclei that may be smaller than the least area
MOST_CORRECTED = 2.0  # at once
TRIES = 15  # per nucleus in the search: on crowded canvases more would take seconds

# What is tried, one setting (or a few that belong together) after another; the best value stays.
TRIED: tuple[tuple[dict[str, Any], ...], ...] = (
    tuple(
        {"vertices_min": low, "vertices_max": high, "rounding": rounding}
        for low, high, rounding in ((6, 10, 2), (10, 17, 2), (10, 17, 0))
    ),
    tuple({"spikiness": value} for value in (0.04, 0.08, 0.12, 0.17, 0.23, 0.3)),
    tuple({"elongation": value} for value in (0.0, 0.25, 0.5, 0.8, 1.2)),
    tuple({"irregularity": value} for value in (0.3, 0.9, 1.6)),
    tuple({"alike": value} for value in (0.0, 0.5, 1.0)),
    tuple({"touching": value} for value in (-1.0, -0.7, -0.35, 0.0, 0.2, 0.4, 0.6, 0.8)),
    tuple({"max_overlap": value} for value in (0.0, 0.1, 0.3)),
)
REFINED: tuple[tuple[str, float, float], ...] = (
    ("spikiness", 0.03, 0.0),
    ("touching", 0.1, -1.0),
)  # step, least
ROUNDS = 2
LIMITS = {name: notes["max"] for name, notes in field_notes(NucleiConfig).items() if "max" in notes}
START = NucleiConfig(
    level=0, size_spread=0, rounding=2, vertices_min=6, vertices_max=10, irregularity=0.9, elongation=0.4
)


def fit_nuclei(labels: ArrayLike, *, seed: int = 0) -> NucleiConfig:
    """Find settings that draw nuclei like those of a label image.

    Density, radii and least area come from the moments of the real nuclei, corrected by what a canvas drawn
    with them has; form, alikeness, touching and overlap come from a search that draws a canvas for each
    value tried and keeps the one with the smallest `NucleiComparison.distance`.

    Parameters
    ----------
    labels : array_like of shape (H, W), integer
        0 is background; at least ten nuclei.
    seed : int
        The same seed and labels give the same settings; it is that of the settings, too.

    Returns
    -------
    NucleiConfig
        Radii in px of the label image; the density, per mm² at 0.25 µm a pixel, suits a canvas of any size.

    Raises
    ------
    TypeError, ValueError
        If it is no label image or has fewer than ten nuclei.
    """
    config: NucleiConfig = run_to_end(fit_steps(labels, seed=seed))
    return config


def fit_steps(
    labels: ArrayLike, *, seed: int = 0, should_stop: ShouldStop = never
) -> Generator[float, None, NucleiConfig]:
    """Do what `fit_nuclei` does as a task: yield the share that is done, and return the settings.

    Parameters
    ----------
    labels, seed
        As for `fit_nuclei`.
    should_stop : callable
        Asked after each canvas that is tried; the best settings so far are returned then.
    """
    real = sample_nuclei(labels)
    if real.count < FEWEST:
        raise ValueError(f"labels must have at least {FEWEST} nuclei to be fitted, got {real.count}")
    search = _Search(real, np.asarray(labels).shape, seed)
    search.correct()
    tries = ROUNDS * (sum(map(len, TRIED)) + 1) + 2 * len(REFINED) + 1
    for done, step in enumerate(_steps(search)):
        yield done / tries
        if should_stop():
            return search.config
        step()
    return search.config


def _steps(search: _Search) -> Iterator[Callable[[], object]]:
    """Yield what is to be done, a canvas each; a step is made up when those before it are done."""
    for _ in range(ROUNDS):
        for choices in TRIED:
            yield from search.choosing(choices)
        yield search.correct
    for name, step, least in REFINED:
        value = getattr(search.config, name)
        changes = ({name: max(round(value - step, 3), least)}, {name: round(value + step, 3)})
        yield from search.choosing(changes)
    yield search.correct


class _Search:
    """The best settings so far, and how far the nuclei that they draw are from the real ones.

    Parameters
    ----------
    real : NucleiSample
        What is aimed at.
    shape : tuple of int
        Of the real label image; canvases are no larger.
    seed : int
        Of all canvases.
    """

    def __init__(self, real: NucleiSample, shape: tuple[int, ...], seed: int) -> None:
        side = round(np.sqrt(DRAWN / real.density) * 1000 / MICRONS_PER_PIXEL)
        self._shape = (min(side, shape[0]), min(side, shape[1]))
        self._real = real
        radius = real.values["radius"]
        self._middle, self._half = float(radius.mean()), float(np.sqrt(3) * radius.std())
        self.config = self._sized(replace(START, seed=seed), real.density)
        self._drawn, self._distance = self._try(self.config)

    def choosing(self, choices: tuple[dict[str, Any], ...]) -> Iterator[Callable[[], object]]:
        """Yield what tries some changes of the settings, one each: the best stays, if better than before."""
        before = self.config
        for choice in choices:
            yield partial(self._offer, replace(before, **choice))

    def correct(self) -> None:
        """Correct radii and density by what was drawn with them, if that is better than what there is."""
        if self._drawn is None:
            return
        real, drawn = self._real.values["radius"], self._drawn.values["radius"]
        before = self._middle, self._half
        self._middle *= _ratio(real.mean(), drawn.mean())
        self._half *= _ratio(real.std(), drawn.std())
        density = self.config.density * _ratio(self._real.density, self._drawn.density)
        if not self._offer(self._sized(self.config, density)):
            self._middle, self._half = before

    def _offer(self, config: NucleiConfig) -> bool:
        """Take settings if they are better than what there is; return whether."""
        if config == self.config:
            return False
        drawn, distance = self._try(config)
        better = distance < self._distance
        if better:
            self.config, self._drawn, self._distance = config, drawn, distance
        return better

    def _try(self, config: NucleiConfig) -> tuple[NucleiSample | None, float]:
        """Draw a canvas; return what is on it and how far that is from the real nuclei."""
        polygons, _ = draw_nuclei(self._shape, replace(config, tries=TRIES))
        labels = rasterize(polygons, self._shape)
        if len(polygons) < FEWEST or np.unique(labels).size < FEWEST:
            return None, np.inf
        drawn = sample_nuclei(labels)
        return drawn, compare_samples(self._real, drawn).distance

    def _sized(self, config: NucleiConfig, density: float) -> NucleiConfig:
        """Return settings with the present radii, less the factor on all radii, and with a density."""
        low, high = max(self._middle - self._half, 1.0), self._middle + self._half
        mean_square = (low**2 + low * high + high**2) / 3
        cover = density * (MICRONS_PER_PIXEL / 1000) ** 2 * np.pi * mean_square * FILLING
        factor = MEAN_FACTOR if cover <= HALF else 1.0
        least = np.pi * np.percentile(self._real.values["radius"], SMALLEST) ** 2
        shrunk = min(1.0, ((low + high) / 2 / THEIR_RADIUS) ** 2)
        return replace(
            config,
            density=round(min(density, LIMITS["density"]), 1),
            radius_min=round(max(low / factor, 1.0), 2),
            radius_max=round(max(high / factor, 1.0), 2),
            min_area=int(min(least / shrunk, LIMITS["min_area"])),
        )


def _ratio(wanted: float, found: float) -> float:
    """Return by how much to correct, within limits."""
    return float(np.clip(wanted / max(found, 1e-6), 1 / MOST_CORRECTED, MOST_CORRECTED))
