"""The test images of a data folder: what every row of a table is scored on, never trained on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from napari_sharpgan.data import DataFile, Sample, find_pairs, has_subset, read_tile
from napari_sharpgan.experiments.hashes import hash_of_files

TEST = "test"


@dataclass(frozen=True)
class TestImages:
    """Images with their nuclei.

    Parameters
    ----------
    samples : tuple of Sample
        In order.
    files : tuple of DataFile
        Their files and hashes.
    """

    __test__ = False  # the name is the field's, not that of a test

    samples: tuple[Sample, ...]
    files: tuple[DataFile, ...]

    @property
    def sha256(self) -> str:
        """One hash of all files."""
        return hash_of_files(self.files)


def read_test_images(folder: Path) -> TestImages:
    """Read the images that ``split.json`` lists under ``test``, or those in a folder ``test``.

    Raises
    ------
    OSError, TypeError, ValueError
        If there is neither, or an image cannot be read.
    """
    if not has_subset(folder, TEST):
        raise ValueError(
            f"{folder} has no images to test on; expected a list {TEST!r} in split.json, or a folder {TEST}"
        )
    tiles = [read_tile(folder, *pair) for pair in find_pairs(folder, TEST)]
    return TestImages(tuple(tile.sample for tile in tiles), tuple(tile.file for tile in tiles))
