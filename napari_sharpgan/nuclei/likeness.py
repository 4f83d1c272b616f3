"""How alike two sets of nuclei are: sizes, forms, distances and touching, real beside generated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._checks import check_labels
from napari_sharpgan.nuclei.config import MICRONS_PER_PIXEL
from napari_sharpgan.nuclei.form import form_measures

Values = NDArray[np.float64]

BINS = 24
OUTLIERS = 1  # % of values left out of the bins on each side
FEWEST_WHOLE = 5
COMPARED = {
    "radius": "Radius of the circle of the same area, px",
    "eccentricity": "Eccentricity: 0 round, near 1 long",
    "solidity": "Solidity: area over that of the convex hull",
    "nearest": "Distance to the nearest centroid, px",
}


@dataclass(frozen=True, eq=False)
class NucleiSample:
    """What is compared of the nuclei of one label image.

    Parameters
    ----------
    values : dict of ndarray
        A number a nucleus for each name in ``COMPARED``. Radius and form leave out nuclei that the border of
        the image cuts, where others are left.
    touching : float
        Share of the nuclei that touch another, 0 to 1.
    density : float
        Nuclei per mm² at 0.25 µm a pixel.
    count : int
        Number of nuclei.
    """

    values: dict[str, Values]
    touching: float
    density: float
    count: int


@dataclass(frozen=True, eq=False)
class Histograms:
    """One measure of real and of generated nuclei.

    Parameters
    ----------
    title : str
        What is measured, with its unit.
    edges : ndarray of shape (B + 1,)
        Of the bins; values beyond them count in the outermost ones.
    real, generated : ndarray of shape (B,)
        Shares of the nuclei, summing up to 1, or 0 without nuclei.
    distance : float
        Wasserstein-1 distance of the values over the standard deviation of the real ones.
    """

    title: str
    edges: Values
    real: Values
    generated: Values
    distance: float


@dataclass(frozen=True, eq=False)
class NucleiComparison:
    """Real nuclei beside generated ones.

    Parameters
    ----------
    histograms : dict of Histograms
        By the names in ``COMPARED``.
    real, generated : NucleiSample
        What was compared.
    """

    histograms: dict[str, Histograms]
    real: NucleiSample
    generated: NucleiSample

    @property
    def distances(self) -> dict[str, float]:
        """Of each measure; of ``touching`` the difference of shares, of ``density`` that of logarithms."""
        found = {name: histogram.distance for name, histogram in self.histograms.items()}
        found["touching"] = abs(self.real.touching - self.generated.touching)
        found["density"] = abs(float(np.log(max(self.generated.density, 1) / max(self.real.density, 1))))
        return found

    @property
    def distance(self) -> float:
        """Mean of all distances: 0 for the same nuclei."""
        return float(np.mean(list(self.distances.values())))

    def __str__(self) -> str:
        """Say the distances in one line."""
        parts = [f"{name} {distance:.2f}" for name, distance in self.distances.items()]
        return f"distance {self.distance:.2f} ({', '.join(parts)})"


def compare_nuclei(real: ArrayLike, generated: ArrayLike) -> NucleiComparison:
    """Compare the nuclei of two label images, whatever their shapes.

    Parameters
    ----------
    real, generated : array_like of shape (H, W), integer
        0 is background.

    Returns
    -------
    NucleiComparison

    Raises
    ------
    TypeError, ValueError
        If one of them is no label image, or has fewer than two nuclei.
    """
    samples = [sample_nuclei(labels, name) for labels, name in ((real, "real"), (generated, "generated"))]
    return compare_samples(*samples)


def compare_samples(real: NucleiSample, generated: NucleiSample) -> NucleiComparison:
    """Compare what `sample_nuclei` returns."""
    histograms = {
        name: _histograms(title, real.values[name], generated.values[name])
        for name, title in COMPARED.items()
    }
    return NucleiComparison(histograms, real, generated)


def sample_nuclei(labels: ArrayLike, name: str = "labels") -> NucleiSample:
    """Measure what is compared of the nuclei of a label image.

    Raises
    ------
    TypeError, ValueError
        If it is no label image or has fewer than two nuclei.
    """
    from scipy.spatial import cKDTree  # late: it takes a while

    image = check_labels(labels, name)
    keys, columns = form_measures(image, image)
    if len(keys) < 2:
        raise ValueError(f"{name} must have at least two nuclei to be compared, got {len(keys)}")
    whole = ~np.isin(keys, _cut_by_the_border(image))
    if np.count_nonzero(whole) < FEWEST_WHOLE:
        whole[:] = True
    centers = np.column_stack((columns["row"], columns["column"]))
    nearest = cKDTree(centers).query(centers, k=2)[0][:, 1]
    values = {
        "radius": columns["diameter"][whole] / 2,
        "eccentricity": columns["eccentricity"][whole],
        "solidity": columns["solidity"][whole],
        "nearest": nearest,
    }
    area = image.size * (MICRONS_PER_PIXEL / 1000) ** 2
    touching = float(np.mean(columns["neighbors"] > 0))
    return NucleiSample(values, touching, density=len(keys) / area, count=len(keys))


def _cut_by_the_border(image: NDArray[Any]) -> NDArray[Any]:
    """Return the labels on the outermost pixels of an image."""
    return np.unique(np.concatenate((image[0], image[-1], image[:, 0], image[:, -1])))


def _histograms(title: str, real: Values, generated: Values) -> Histograms:
    """Return histograms of both over common bins, and their distance."""
    low, high = np.percentile(np.concatenate((real, generated)), [OUTLIERS, 100 - OUTLIERS])
    edges = np.linspace(low, high if high > low else low + 1, BINS + 1)
    shares = [
        np.histogram(np.clip(values, *edges[[0, -1]]), edges)[0] / len(values) for values in (real, generated)
    ]
    spread = max(float(real.std()), 1e-6)
    return Histograms(title, edges, shares[0], shares[1], _wasserstein(real, generated) / spread)


def _wasserstein(one: Values, other: Values) -> float:
    """Return the Wasserstein-1 distance of two samples: the area between their distribution functions.

    SciPy has it too, in a module that takes half a second to import.
    """
    steps = np.sort(np.concatenate((one, other)))
    below = [
        np.searchsorted(np.sort(values), steps[:-1], side="right") / len(values) for values in (one, other)
    ]
    return float(np.sum(np.abs(below[0] - below[1]) * np.diff(steps)))
