"""What synthetic tiles are like: settings of nuclei, and a stain, of each image that they imitate."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from napari_sharpgan._tasks import ShouldStop, never, run_to_end
from napari_sharpgan.data import Sample
from napari_sharpgan.nuclei import NucleiConfig, fit_steps, mean_density

FEWEST = 10  # nuclei of a mask that can be imitated
LEVELS = (0.0, 1.0, 2.0, 3.0, 4.0)  # density classes that tiles go through where nothing says how dense
OF_SLIDES = {"level": 3.0, "rounding": 2, "size_spread": 0.0}  # about as dense as brain tumors, and round


@dataclass(frozen=True)
class TileModel:
    """Nuclei in a stain.

    Parameters
    ----------
    like : str
        The image that is imitated; empty if there is none.
    nuclei : NucleiConfig
        Settings; their seed is not used.
    stain : tuple of 6 floats, or None
        Means and SDs of R, G and B; None: the generator's own.
    """

    like: str
    nuclei: NucleiConfig
    stain: tuple[float, ...] | None = None

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> TileModel:
        """Return a model that was kept as `to_json` gives it."""
        stain = kept["stain"]
        return cls(kept["like"], NucleiConfig(**kept["nuclei"]), None if stain is None else tuple(stain))

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        stain = None if self.stain is None else list(self.stain)
        return {"like": self.like, "stain": stain, "nuclei": asdict(self.nuclei)}


def random_models(given: Mapping[str, Any] | None = None) -> list[TileModel]:
    """Return models of random nuclei after Hou et al.

    Parameters
    ----------
    given : mapping, optional
        Fields of `NucleiConfig` that differ from its defaults. Without a density or level the tiles go
        through the density classes 0 to 4.
    """
    given = dict(given or {})
    if {"level", "density", "count"} & given.keys():
        return [TileModel("", NucleiConfig(**given))]
    return [TileModel("", NucleiConfig(**given, level=level)) for level in LEVELS]


def slide_model(given: Mapping[str, Any] | None = None, stain: tuple[float, ...] | None = None) -> TileModel:
    """Return the model of a slide of random nuclei: rounded, of density class 3, but for what is given.

    Where neither count nor density is given the density is the mean of the class: what is drawn once for a
    tile would be drawn once for all of the slide.
    """
    settings = OF_SLIDES | dict(given or {})
    if not {"count", "density"} & settings.keys():
        settings["density"] = mean_density(float(settings["level"]))
    return TileModel("", NucleiConfig(**settings), stain)


def imitable(samples: Sequence[Sample]) -> list[Sample]:
    """Return the images with enough nuclei to be imitated.

    Raises
    ------
    ValueError
        If there is none.
    """
    usable = [sample for sample in samples if len(np.unique(sample.labels)) > FEWEST]
    if not usable:
        raise ValueError(f"at least one image with {FEWEST} nuclei is needed to imitate, got none")
    return usable


def fitted_models(
    samples: Sequence[Sample],
    given: Mapping[str, Any] | None = None,
    *,
    should_stop: ShouldStop = never,
) -> Generator[str, None, list[TileModel]]:
    """Fit a model to each of some images with nuclei, yielding which it is at.

    Parameters
    ----------
    samples : sequence of Sample
        With at least ten nuclei each, see `imitable`.
    given : mapping, optional
        Fields of `NucleiConfig` that are not fitted but taken as they are.
    should_stop : callable
        Asked between the images; the list is empty then.
    """
    models = []
    for number, sample in enumerate(samples, 1):
        yield f"fitting nuclei, image {number} of {len(samples)}"
        if should_stop():
            return []
        config = replace(run_to_end(fit_steps(sample.labels)), **(given or {}))
        stain = tuple(round(float(value), 4) for value in sample.stain)
        models.append(TileModel(sample.name, config, stain))
    return models
