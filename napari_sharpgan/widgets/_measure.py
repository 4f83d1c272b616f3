"""What the Sharpness dock shows, as numbers; knows neither Qt nor napari."""

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._fields import check_limits

if TYPE_CHECKING:
    from napari_sharpgan.losses import ContourSharpness

HIGHEST = 6.0  # S of a pixel that looks like all its eight neighbors
BIN_EDGES = np.linspace(0, HIGHEST, 61)


@dataclass(frozen=True)
class SharpnessConfig:
    """What the Sharpness dock measures and shows.

    Parameters
    ----------
    contrast : float
        Difference of gray levels, of 0 to 1, that counts as sharp: the higher it is, the stronger an edge has
        to be not to glow. λ of Eq. 5, for which the paper gives no value.
    everywhere : bool
        Show S at every pixel, not only on the contours of nuclei. Numbers and histogram are of contours.
    live : bool
        Measure again whenever the image or its nuclei change.
    """

    contrast: Annotated[float, {"min": 0.01, "max": 1.0, "step": 0.01, "widget_type": "FloatSlider"}] = 0.1
    everywhere: bool = False
    live: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        check_limits(self)


@dataclass(frozen=True, eq=False)
class Measured:
    """Sharpness of an image, and of another with the same nuclei if it was asked for."""

    heat: NDArray[np.float32]  # (H, W), S where it is to be shown, else 0
    nuclei: "ContourSharpness"
    density: NDArray[np.float64]  # of S on contours, a number for each bin between BIN_EDGES
    other_loss: float | None = None
    other_density: NDArray[np.float64] | None = None

    @property
    def blurriest_first(self) -> NDArray[np.int32]:
        """Labels of the nuclei, from the blurriest to the sharpest."""
        return self.nuclei.keys[np.argsort(-self.nuclei.means, kind="stable")]


def measure(
    image: ArrayLike, labels: ArrayLike, other: ArrayLike | None = None, *, config: SharpnessConfig
) -> Measured:
    """Measure how sharp the contours of nuclei are.

    Parameters
    ----------
    image, other : ndarray of shape (H, W), (H, W, 3) or (H, W, 4)
        An image, and one to compare it with, as for `contour_sharpness`.
    labels : ndarray of shape (H, W), integers
        One number a nucleus, 0 off nuclei.
    config : SharpnessConfig
        How.
    """
    from napari_sharpgan.losses import contour_sharpness  # in the thread: torch takes seconds

    labels = np.array(labels)  # a copy: while this goes on, the nuclei may be edited
    nuclei = contour_sharpness(image, labels, contrast=config.contrast)
    heat = nuclei.map if config.everywhere else np.where(nuclei.contour, nuclei.map, np.float32(0))
    measured = Measured(heat, nuclei, _density(nuclei))
    if other is None:
        return measured
    compared = contour_sharpness(other, labels, contrast=config.contrast)
    return Measured(heat, nuclei, measured.density, compared.loss, _density(compared))


def unit_levels(image: ArrayLike, limits: tuple[float, float]) -> NDArray[Any]:
    """Return an image as `contour_sharpness` wants it: uint8, or floats of 0 to 1.

    Parameters
    ----------
    image : ndarray of shape (H, W), (H, W, 3) or (H, W, 4)
        Any numbers. What is neither uint8 nor floats in [0, 1] is stretched.
    limits : tuple of float
        What then becomes 0 and 1: the contrast limits, so that gray levels are those that are seen.
    """
    array = np.asarray(image)
    if array.dtype == np.uint8 or not array.size:
        return array
    if array.dtype == bool:
        return array.astype(np.float32)
    low, high = limits
    if array.dtype.kind == "f" and not (array.min() < 0 or array.max() > 1):
        return array
    levels: NDArray[np.float32] = (array.astype(np.float32) - low) / max(high - low, 1e-12)
    return np.clip(levels, 0, 1)


def command_of(image: str, labels: str, config: SharpnessConfig) -> str:
    """Return the command that measures files in the same way and writes layer and table."""
    everywhere = ["--everywhere"] if config.everywhere else []
    outputs = ["--out", "sharpness.tif", "--csv", "sharpness.csv"]
    contrast = ["--contrast", f"{config.contrast:g}"]
    return shlex.join(["sharpgan", "sharpness", image, labels, *contrast, *everywhere, *outputs])


def _density(nuclei: "ContourSharpness") -> NDArray[np.float64]:
    """Return how often each bin of S comes on contours, as parts of all contour pixels."""
    values = nuclei.map[nuclei.contour]
    counts, _ = np.histogram(values, BIN_EDGES)
    return counts / max(values.size, 1)
