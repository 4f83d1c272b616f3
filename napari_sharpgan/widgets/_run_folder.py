"""The data that a run was begun with, in words, and where a new run may lie."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from napari_sharpgan.run_folders.registry import default_runs_folder

if TYPE_CHECKING:
    from napari_sharpgan.data import Manifest

GONE = "⚠ The folder is not there any more: choose where it is now to go on."

Pair = tuple[Path, Path]  # an image and its labels


def in_words(data: Manifest) -> str:
    """Return what a run was begun with, in a sentence, and one more if its folder is gone."""
    files = [*data.train, *data.validation]
    nuclei = sum(file.nuclei for file in files)
    images, held_out = (sum(file.tiles for file in some) for some in (files, data.validation))
    said = f"{images:,} images with {nuclei:,} nuclei, {held_out:,} of them held out."
    return said if Path(data.folder).is_dir() else f"{said} {GONE}"


def pairs_of(data: Manifest) -> list[Pair]:
    """Return the files of the images and of their labels."""
    folder = Path(data.folder)
    return [(folder / file.image, folder / file.labels) for file in [*data.train, *data.validation]]


def free_run_folder(data: Path) -> Path:
    """Return the first folder for a new run on this data that is not there yet."""
    runs = default_runs_folder()
    return next(path for n in count(1) if not (path := runs / f"{data.resolve().name}-{n}").exists())
