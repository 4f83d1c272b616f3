"""Images with their labels as a data folder holds them: read, checked and measured, one by one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from napari_sharpgan._files import sha256_of
from napari_sharpgan.data.layouts import name_in, read_sample
from napari_sharpgan.data.manifest import DataFile
from napari_sharpgan.data.sample import Sample

DARKEST = 64  # of 255: no stained tissue has its brightest pixel below, but 14 bits kept in 16 have
PARTS_OF_A_NUCLEUS = 2  # a nucleus may be cut in two; what lies in more places is a mask of all nuclei


@dataclass(frozen=True)
class Facts:
    """What is measured of an image.

    Parameters
    ----------
    diameters : ndarray of shape (N,)
        Diameter of each nucleus: that of a circle of its area, in pixels.
    is_gray : bool
        Whether red, green and blue are equal everywhere.
    """

    diameters: NDArray[np.float64]
    is_gray: bool


@dataclass(frozen=True)
class Tile:
    """An image that can be trained on.

    Parameters
    ----------
    sample : Sample
        Image and labels, named by the path in the data folder.
    file : DataFile
        Its files and their hashes.
    facts : Facts
        Its nuclei and colors.
    """

    sample: Sample
    file: DataFile
    facts: Facts


def read_tile(folder: Path, image: Path, labels: Path) -> Tile:
    """Read an image and its labels, of a data folder.

    Raises
    ------
    OSError, TypeError, ValueError
        If a file is missing or broken, the sizes differ, the image is as dark as one of fewer than 16 bits in
        a file of 16, or the labels have one number for all nuclei.
    """
    name = name_in(folder, image)
    sample = read_sample(image, labels, name)
    facts = facts_of(sample)
    rows, columns = sample.labels.shape
    hashes = sha256_of(image), sha256_of(labels)
    file = DataFile(name, name_in(folder, labels), *hashes, rows, columns, len(facts.diameters))
    return Tile(sample, file, facts)


def facts_of(sample: Sample) -> Facts:
    """Check and measure a sample; see `read_tile` for what is refused."""
    _check_brightness(sample)
    numbers, areas = np.unique(sample.labels[sample.labels > 0], return_counts=True)
    if len(numbers) == 1:
        _check_one_nucleus(sample)
    is_gray = bool((sample.image[..., :1] == sample.image[..., 1:]).all())
    return Facts(np.sqrt(areas * (4 / np.pi)), is_gray)


def _check_brightness(sample: Sample) -> None:
    """Refuse an image that is all but black."""
    brightest = int(sample.image.max())
    if brightest < DARKEST:
        raise ValueError(
            f"{sample.name}: the brightest value is {brightest} of 255, too dark for tissue; "
            "values of 12 or 14 bits in a 16-bit file have to be scaled to 8 bits first"
        )


def _check_one_nucleus(sample: Sample) -> None:
    """Refuse a mask of foreground: its one number lies in many places."""
    parts = ndimage.label(sample.labels, structure=np.ones((3, 3)))[1]
    if parts > PARTS_OF_A_NUCLEUS:
        raise ValueError(
            f"{sample.name}: the labels have one number for {parts} regions; expected one number a nucleus"
        )
