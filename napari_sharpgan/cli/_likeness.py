"""What ``sharpgan synthesize`` is asked to make tissue like: images, nuclei, a stain."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_sharpgan.cli._options import given_settings
from napari_sharpgan.cli._paths import read_labels
from napari_sharpgan.formats import read_image
from napari_sharpgan.nuclei import NucleiConfig

if TYPE_CHECKING:
    from napari_sharpgan.data import Sample

NOT_OF_NUCLEI = ("count", "seed")  # options of that name are those of the tiles, not of their nuclei


def asked_stain(options: Namespace) -> tuple[float, ...] | None:
    """Return the stain of --stain, or of --stain-of, if it was given."""
    from napari_sharpgan.data import stain_of
    from napari_sharpgan.rendering import read_settings

    if options.stain_of is None and options.stain is None:
        return None
    if options.stain_of is not None and options.stain is not None:
        raise ValueError("--stain and --stain-of both say the colors; give one of them")
    name = "--stain-of" if options.stain is None else "--stain"
    if read_settings(options.generator or None)["stain"] is None:
        raise ValueError(f"this generator was trained without stains, so {name} has nothing to act on")
    if options.stain is not None:
        return tuple(options.stain)
    return tuple(round(float(value), 4) for value in stain_of(read_image(options.stain_of)))


def given_nuclei(options: Namespace) -> dict[str, Any]:
    """Return the settings of nuclei that were given."""
    given = given_settings(options, NucleiConfig)
    return {name: value for name, value in given.items() if name not in NOT_OF_NUCLEI}


def samples_to_imitate(options: Namespace) -> list[Sample]:
    """Return the images to imitate; of a mask alone one without colors."""
    from napari_sharpgan.data import Sample, read_sample, read_samples
    from napari_sharpgan.data.layouts import labels_of

    like, mask = options.like, options.nuclei_from
    if like is not None and like.is_dir() and mask is None:
        return read_samples(like)
    if like is not None and like.is_dir():
        raise ValueError("--nuclei-from goes with --like IMAGE; a data folder has labels of its own")
    if like is not None:
        if not like.is_file():
            raise FileNotFoundError(f"{like} does not exist; expected an image or a data folder")
        labels = mask or labels_of(like.resolve())
        if labels is None:
            raise ValueError(f"the labels of {like} are not beside it; name them with --nuclei-from")
        return [read_sample(like, labels)]
    if mask is None:
        return []
    numbers = read_labels(mask)
    return [Sample(mask.name, np.zeros((*numbers.shape, 3), np.uint8), numbers)]
