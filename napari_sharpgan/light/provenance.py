"""What is noted in every picture that we synthesize."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from napari_sharpgan._files import sha256_of
from napari_sharpgan.light.generator_file import weights_path


def synthetic_note(
    generator: object = None,
    *,
    seed: int = 0,
    nuclei: str | None = None,
    stain: Sequence[float] | None = None,
) -> dict[str, Any]:
    """Return the provenance of a synthetic picture, as `formats.write_image` takes it.

    Parameters
    ----------
    generator : str, path, None or a module
        Name or path of the weights, as they are now; None is the shipped one. A module is known by its type.
    seed : int
        The variation.
    nuclei : str, optional
        Where the nuclei came from, such as the name of a file.
    stain : sequence of 6 floats, optional
        The stain, if one was chosen.

    Returns
    -------
    dict
        ``synthetic`` (True), ``software``, ``generator``, ``weights_sha256``, ``seed``, ``nuclei`` and
        ``stain``; a module has no ``weights_sha256``.
    """
    weights = weights_path(generator) if generator is None or isinstance(generator, str | Path) else None
    return {
        "synthetic": True,
        "software": software(),
        "generator": type(generator).__name__ if weights is None else weights.stem,
        "weights_sha256": None if weights is None else sha256_of(weights),
        "seed": seed,
        "nuclei": nuclei,
        "stain": None if stain is None else [round(float(value), 4) for value in stain],
    }


def training_note(step: int, nuclei: Sequence[str]) -> dict[str, Any]:
    """Return the provenance of a picture from a training that goes on, whose weights are no file yet.

    Parameters
    ----------
    step : int
        Steps trained.
    nuclei : sequence of str
        The images whose nuclei these are, from left to right; the stains are theirs, too.
    """
    return {
        "synthetic": True,
        "software": software(),
        "training_step": step,
        "seed": 0,
        "nuclei": list(nuclei),
    }


def software() -> str:
    """Return our name and version."""
    return f"napari-sharpgan {metadata.version('napari-sharpgan')}"
