"""Tiles like those of real images: which images, and the models that were fitted to them, once a set."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_sharpgan._tasks import ShouldStop, never
from napari_sharpgan.data import Sample
from napari_sharpgan.data.tile_sets import read_manifest
from napari_sharpgan.synthesis.models import TileModel, fitted_models, imitable


def imitated(
    samples: Sequence[Sample],
    out: str | Path,
    given: Mapping[str, Any] | None = None,
    *,
    stain: Sequence[float] | None = None,
    should_stop: ShouldStop = never,
) -> Generator[str, None, tuple[list[TileModel], dict[str, Any]]]:
    """Return models like some images, those of a set of tiles where it was begun with the same.

    Parameters
    ----------
    samples : sequence of Sample
        Real images; those with fewer than ten nuclei are left out.
    out : path
        Folder of the set, which may not be there yet.
    given : mapping, optional
        Fields of `NucleiConfig` that are not fitted but taken as they are.
    stain : sequence of 6 floats, optional
        Of all models, in the place of the images' own.
    should_stop : callable
        Asked between the images; there are no models then.

    Returns
    -------
    list of TileModel, dict
        One for each image, and what they were made from, for the manifest.

    Raises
    ------
    ValueError
        If no image has ten nuclei, or the set was begun with other images.
    """
    samples, out = imitable(samples), Path(out)
    source: dict[str, Any] = {
        "like": [sample.name for sample in samples],
        "sha256": _hash(samples),
        "given": dict(given or {}),
    }
    if stain is not None:
        source["stain"] = list(stain)
    kept = read_manifest(out)
    if not kept:
        models = yield from fitted_models(samples, given, should_stop=should_stop)
        return (models if stain is None else [replace(one, stain=tuple(stain)) for one in models]), source
    if kept.get("source") != source:
        raise ValueError(f"{out} holds tiles like other images or with other settings; choose another folder")
    return [TileModel.from_json(model) for model in kept["plan"]["models"]], source


def _hash(samples: Sequence[Sample]) -> str:
    """Return a hash of all pixels and labels."""
    digest = hashlib.sha256()
    for sample in samples:
        digest.update(f"{sample.name} {sample.labels.shape}".encode())
        digest.update(sample.image.tobytes())
        digest.update(sample.labels.astype("<i4").tobytes())
    return digest.hexdigest()
