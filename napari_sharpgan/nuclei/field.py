"""Many random nuclei on one canvas, apart, touching or overlapping (after Hou et al. 2019)."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import check_shape
from napari_sharpgan.nuclei.config import MICRONS_PER_PIXEL, NucleiConfig
from napari_sharpgan.nuclei.occupancy import Occupancy
from napari_sharpgan.nuclei.polygon import cut_corners, random_shapes, stretched
from napari_sharpgan.nuclei.raster import Window
from napari_sharpgan.nuclei.warp import Warp, random_warp

logger = logging.getLogger(__name__)
Points = NDArray[np.float64]

THEIR_SIDE = 460  # px; counts are given on 460 × 460
THEIR_RADIUS = 10.75  # px; mean of U(8.5, 13)
MOST_COVER = 0.5  # share of a canvas that nuclei of the mean size may cover
FILLING = 0.93  # area of a mean outline over that of the circle of its radius
SITES_AT_ONCE = 4
GIVEN_UP_IN_A_ROW = 5
SPARED = (
    0.35  # share of nuclei set outside the ground that are drawn again; keeps density even at its borders
)


def random_nuclei(
    shape: tuple[int, int], count: int | None = None, *, seed: int | None = None, **settings: Any
) -> list[NDArray[np.float64]]:
    """Draw random nucleus-like outlines on a canvas (Hou et al. 2019).

    Each nucleus gets a random shape and place; where it has too few pixels or overlaps too much it is drawn
    again, up to `NucleiConfig.tries` times. What does not fit is left out: the list is shorter, and a warning
    is logged that says how many were placed. Nuclei may be cut by the border.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns of the canvas in px at 0.25 µm.
    count : int, optional
        Nuclei asked for; None: as the density or the density class says.
    seed : int, optional
        The same seed and settings give the same nuclei; None: others each time.
    **settings
        Any other field of `NucleiConfig`, such as ``max_overlap=0.15``.

    Returns
    -------
    list of ndarray of shape (N, 2), float64
        Rows and columns, in drawing order: `rasterize` paints later ones on top.

    Raises
    ------
    ValueError
        If the shape or a setting lies outside its limits.
    TypeError
        If a setting has another name than the fields of `NucleiConfig`.
    """
    canvas_shape = check_shape(shape)
    if seed is None:
        seed = int(np.random.default_rng().integers(2**31))
    config = NucleiConfig(count=-1 if count is None else count, seed=seed, **settings)
    polygons, wanted = draw_nuclei(canvas_shape, config)
    if len(polygons) < wanted:
        logger.warning("%d of %d nuclei found room on %d × %d px", len(polygons), wanted, *canvas_shape)
    return polygons


def draw_nuclei(shape: tuple[int, int], config: NucleiConfig) -> tuple[list[Points], int]:
    """Return the outlines of random nuclei as `random_nuclei` does, and how many were wanted."""
    rng = np.random.default_rng(config.seed)
    wanted = draw_count(shape, config, rng)
    factor = draw_size_factor(shape, wanted, config, rng)
    ground = Canvas(shape, random_warp(shape, config.alike, rng))
    taken = Occupancy(shape, least_area=least_area(config, factor), max_overlap=config.max_overlap)
    field = Field(ground, taken, config, factor, rng)
    return [nucleus.polygon for nucleus in field.fill(wanted)], wanted


def draw_count(shape: tuple[int, int], config: NucleiConfig, rng: np.random.Generator) -> int:
    """Return how many nuclei to place: the count, or what the density or the density class says."""
    drawn = np.clip(rng.normal(20 + 30 * config.level, 40), 0, 256)
    pixels = shape[0] * shape[1]
    if config.count >= 0:
        return int(config.count)
    if config.density > 0:
        return round(config.density * pixels * (MICRONS_PER_PIXEL / 1000) ** 2)
    return round(float(drawn) * pixels / THEIR_SIDE**2)


def mean_density(level: float) -> float:
    """Return the nuclei per mm², at 0.25 µm a pixel, that a density class has in the mean."""
    return (20 + 30 * level) / (THEIR_SIDE * MICRONS_PER_PIXEL / 1000) ** 2


def draw_size_factor(
    shape: tuple[int, int], count: int, config: NucleiConfig, rng: np.random.Generator
) -> float:
    """Return the factor on all radii of a canvas, so that ``count`` nuclei cover no more than half of it."""
    drawn = rng.normal(1.2 + config.level / 8, config.size_spread)
    share = cover(count, shape[0] * shape[1], config)
    most = max(1.0, np.sqrt(MOST_COVER / share)) if share else np.inf
    return float(np.clip(drawn, 0.5, most))


def cover(count: float, area: int, config: NucleiConfig) -> float:
    """Return the share of ``area`` px that nuclei with no factor on their radii would cover."""
    low, high = config.radius_min, config.radius_max
    return count * FILLING * np.pi * ((low**2 + low * high + high**2) / 3) / area


def least_area(config: NucleiConfig, factor: float) -> float:
    """Return the area in px that a nucleus must exceed, with this factor on all radii."""
    radius = (config.radius_min + config.radius_max) / 2 * factor
    return config.min_area * min(1.0, (radius / THEIR_RADIUS) ** 2)


@dataclass(frozen=True, eq=False)
class Nucleus:
    """A nucleus that found room: its polygon, and ``mask``, its pixels in the window ``place``.

    Its outline stands around (0, 0), before corners are cut, the last vertex repeated up to vertices_max.
    """

    polygon: Points
    center: Points
    outline: Points
    place: Window
    mask: NDArray[np.bool_]


class Ground(Protocol):
    """Where a field's nuclei are sown, and how they are warped there."""

    def draw(self, number: int, several: int, rng: np.random.Generator) -> Points:
        """Draw (row, column) places (number, several, 2)."""

    def holds(self, center: Points) -> bool:
        """Return whether a center lies in it, so that other nuclei may be set against that nucleus."""

    def at(self, places: Points) -> Points:
        """Return the derivatives of the warp (n, 2, 2) at places (n, 2)."""


@dataclass(frozen=True)
class Canvas:
    """A whole canvas as a ground: every place is as likely."""

    shape: tuple[int, int]
    warp: Warp

    def draw(self, number: int, several: int, rng: np.random.Generator) -> Points:
        """Draw (row, column) places (number, several, 2)."""
        return rng.uniform(-0.5, np.array(self.shape) - 0.5, (number, several, 2))

    def holds(self, center: Points) -> bool:
        """Return True: also where a center lies off the canvas."""
        return True

    def at(self, places: Points) -> Points:
        """Return the derivatives of the warp (n, 2, 2) at places (n, 2)."""
        return self.warp.at(places)


class Field:
    """A ground that fills with nuclei, one after another."""

    def __init__(
        self, ground: Ground, taken: Occupancy, config: NucleiConfig, factor: float, rng: np.random.Generator
    ) -> None:
        self._ground, self._taken = ground, taken
        self._config, self._factor, self._rng = config, factor, rng
        self._centers: list[Points] = []  # of nuclei that others may be set against
        self._outlines: list[Points] = []

    def adopt(self, nucleus: Nucleus) -> None:
        """Let others be set against a nucleus, if the ground holds its center."""
        if self._ground.holds(nucleus.center):
            self._centers.append(nucleus.center)
            self._outlines.append(nucleus.outline)

    def fill(self, count: int, *, together: int = 16) -> Iterator[Nucleus]:
        """Place up to ``count`` nuclei, at least ``together`` drawn at once; end early when several fail."""
        placed = failures = given_up = in_a_row = 0
        while (left := count - placed - given_up) > 0 and in_a_row < GIVEN_UP_IN_A_ROW:
            for nucleus in self._attempts(min(2 * left, max(together, placed // 2))):
                if nucleus is not None:
                    yield nucleus
                    placed += 1
                    failures = in_a_row = 0
                else:
                    failures += 1
                if failures == self._config.tries:
                    given_up, in_a_row, failures = given_up + 1, in_a_row + 1, 0
                if placed + given_up == count:
                    break

    def _attempts(self, number: int) -> Iterator[Nucleus | None]:
        """Draw nuclei together, try one after another; yield those that found room, None for the others."""
        config, rng = self._config, self._rng
        vertices = rng.integers(config.vertices_min, config.vertices_max + 1, number)
        apart = rng.random(number) < -config.touching
        sites, parents = self._sites(number)
        outlines = np.einsum("nij,nvj->nvi", self._ground.at(sites), self._shapes(vertices))
        beside = np.flatnonzero(parents >= 0)
        sites[beside] += self._steps_aside(parents[beside], outlines[beside])
        hopeful = self._taken.hopeful(sites, outlines)
        outside = [index for index in beside.tolist() if not self._ground.holds(sites[index])]
        hopeful[outside] &= rng.random(len(outside)) >= SPARED
        for index in range(number):
            polygon = sites[index] + cut_corners(outlines[index, : vertices[index]], config.rounding)
            claimed = self._taken.claim(polygon, apart=bool(apart[index])) if hopeful[index] else None
            if claimed is None:
                yield None
                continue
            nucleus = Nucleus(polygon, sites[index].copy(), outlines[index].copy(), *claimed)
            self.adopt(nucleus)
            yield nucleus

    def _shapes(self, vertices: NDArray[np.int64]) -> Points:
        """Draw outlines around (0, 0), not yet warped."""
        config, rng, number = self._config, self._rng, len(vertices)
        radius = rng.uniform(config.radius_min, config.radius_max, number) * self._factor
        irregularity = config.irregularity * rng.uniform(0.6 / 1.6, 2.6 / 1.6, number)
        spikiness = config.spikiness * rng.uniform(0.04 / 0.14, 0.24 / 0.14, number)
        shapes = random_shapes(radius, irregularity, spikiness, vertices, width=config.vertices_max, rng=rng)
        if not config.elongation:
            return shapes
        ratios = 1 + config.elongation * rng.uniform(0.04 / 0.14, 0.24 / 0.14, number)
        return stretched(shapes, ratios, rng.uniform(0, np.pi, number))

    def _sites(self, number: int) -> tuple[Points, NDArray[np.int64]]:
        """Draw places: free ones, with −1, or the center of a nucleus to be set against, with its index."""
        sites = self._taken.free(self._ground.draw(number, SITES_AT_ONCE, self._rng))
        parents = np.full(number, -1)
        if self._centers:
            touching = self._rng.random(number) < self._config.touching
            parents[touching] = self._rng.integers(len(self._centers), size=int(touching.sum()))
            sites[touching] = np.array([self._centers[parent] for parent in parents[touching]]).reshape(-1, 2)
        return sites, parents

    def _steps_aside(self, parents: NDArray[np.int64], outlines: Points) -> Points:
        """Return steps from the centers of nuclei to where others, in a random direction, just touch them."""
        angles = self._rng.uniform(0, 2 * np.pi, len(parents))
        directions = np.column_stack((np.sin(angles), np.cos(angles)))
        others = np.array([self._outlines[parent] for parent in parents]).reshape(outlines.shape)
        apart = reach(others, directions) + reach(outlines, -directions)
        return directions * (apart - (1.0 if self._config.max_overlap else 0.0))[:, None]


def reach(outlines: Points, directions: Points) -> Points:
    """Return how far outlines (n, V, 2) around (0, 0) reach from there in directions (n, 2) of length 1."""
    edges = np.roll(outlines, -1, axis=1) - outlines
    ahead = directions[:, None]
    across = _cross(ahead, edges)
    with np.errstate(divide="ignore", invalid="ignore"):
        far, along = _cross(outlines, edges) / across, _cross(outlines, ahead) / across
    met = (across != 0) & (along >= 0) & (along <= 1) & (far > 0)
    return np.asarray(np.where(met, far, 0).max(axis=1))


def _cross(one: Points, other: Points) -> Points:
    """Return the cross product of plane vectors along the last axis."""
    return one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
