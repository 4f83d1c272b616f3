"""What is scored against what: two files, or the files of one name in two folders; masks or images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import few
from napari_sharpgan.formats import IMAGE_SUFFIXES, NUCLEI_FORMATS, Nuclei, read_image, read_nuclei

KINDS = ("auto", "masks", "images")
SIDES = ("true", "predicted")  # in a table of nuclei by their positions here
CONTOUR = "contour_"  # begins the names of scores at contours only


@dataclass(frozen=True)
class Pair:
    """Two files that belong together, and the nuclei of two images, if they are to be scored there."""

    name: str
    true: Path
    predicted: Path
    nuclei: Path | None = None


class Pairs(NamedTuple):
    """What is to be scored, and a sentence about each file that is not."""

    pairs: list[Pair]
    notes: list[str]


class Arrays(NamedTuple):
    """What two files hold: two label images (H, W), or two pictures (H, W, 3) and perhaps their nuclei."""

    are_masks: bool
    true: NDArray[Any]
    predicted: NDArray[Any]
    nuclei: NDArray[Any] | None = None
    notes: Sequence[str] = ()  # what had to be changed in reading


def pairs_of(true: Path, predicted: Path, nuclei: Path | None = None) -> Pairs:
    """Return two files as a pair, or the pairs of two folders.

    Parameters
    ----------
    true, predicted : Path
        Two files, or two folders, whose files are paired by their names without endings.
    nuclei : Path, optional
        The nuclei of two images: a file, or a folder in which each pair has one.

    Raises
    ------
    ValueError, FileNotFoundError
        If one is missing, not all are files or all are folders, or no names are equal.
    """
    paths = [path for path in (true, predicted, nuclei) if path is not None]
    for path in paths:
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist; expected a file or a folder")
    folders = {_is_folder(path) for path in paths}
    if folders == {False}:
        return Pairs([Pair(predicted.name, true, predicted, nuclei)], [])
    if folders != {True}:
        word = "both" if nuclei is None else "all"
        raise ValueError(f"{' and '.join(map(str, paths))} must {word} be files or {word} be folders")
    return _paired(true, predicted, nuclei)


def _paired(true: Path, predicted: Path, nuclei: Path | None) -> Pairs:
    """Return the pairs of two folders, with the nuclei of a third."""
    first, second = _by_name(true), _by_name(predicted)
    both = [name for name in first if name in second]
    if not both:
        raise ValueError(f"no file in {true} has the name of one in {predicted}; expected equal names")
    notes = []
    for folder, here, there in ((true, first, second), (predicted, second, first)):
        alone = [here[name].name for name in here if name not in there]
        if alone:
            notes.append(f"not scored, without a partner: {few(alone)} in {folder}")
    third = {} if nuclei is None else _by_name(nuclei)
    missing = [name for name in both if nuclei is not None and name not in third]
    if missing:
        raise FileNotFoundError(f"no nuclei of {few(missing)} in {nuclei}; expected files of those names")
    return Pairs([Pair(name, first[name], second[name], third.get(name)) for name in both], notes)


def read_pair(pair: Pair, kind: str = "auto") -> Arrays:
    """Read two files, and the nuclei of images.

    Parameters
    ----------
    pair : Pair
        The files.
    kind : str
        "masks", "images", or "auto": files that hold one number a pixel, or outlines, are masks.

    Raises
    ------
    ValueError
        If one holds a mask and the other one an image, or what is said to be a mask is none.
    """
    paths = pair.true, pair.predicted
    if kind == "images":
        return _images(pair)
    read = [_nuclei(path) for path in paths]
    if kind == "auto" and all(isinstance(one, Exception) for one in read):
        return _images(pair)
    for one in read:
        if isinstance(one, Exception):
            raise one
    if pair.nuclei is not None:
        raise ValueError(f"{pair.true.name} holds a mask; only images are scored within other nuclei")
    known = [one for one in read if isinstance(one, Nuclei)]
    true, predicted = _painted(known)
    return Arrays(True, true, predicted, notes=[note for one in known for note in one.notes])


def _images(pair: Pair) -> Arrays:
    """Return two files as pictures, with the nuclei on their pixels."""
    true, predicted = read_image(pair.true), read_image(pair.predicted)
    if pair.nuclei is None:
        return Arrays(False, true, predicted)
    nuclei = read_nuclei(pair.nuclei)
    labels = nuclei.to_labels() if nuclei.labels is not None else nuclei.to_labels(true.shape[:2])
    return Arrays(False, true, predicted, labels, nuclei.notes)


def _nuclei(path: Path) -> Nuclei | ValueError | TypeError:
    """Return the nuclei of a file or, if it may be a picture, why it holds none."""
    if not path.name.lower().endswith(tuple(NUCLEI_FORMATS)):
        return ValueError(f"{path.name} is an image by its ending; expected a mask, as its partner is")
    try:
        return read_nuclei(path)
    except (ValueError, TypeError) as error:
        if path.name.lower().endswith(IMAGE_SUFFIXES):
            return error
        raise


def _painted(nuclei: list[Nuclei]) -> list[NDArray[np.int32]]:
    """Return nuclei as label images; outlines are painted on the size of their partner."""
    shapes = [one.labels.shape for one in nuclei if one.labels is not None]
    if not shapes:
        sizes = [one.to_labels().shape for one in nuclei]
        shapes = [tuple(np.max(sizes, axis=0).tolist())]
    rows, columns = shapes[0]
    return [one.to_labels() if one.labels is not None else one.to_labels((rows, columns)) for one in nuclei]


def _is_folder(path: Path) -> bool:
    """Return whether a path is a folder of files, and no image that is one itself."""
    return path.is_dir() and not path.name.lower().endswith(IMAGE_SUFFIXES)


def _by_name(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by their names without endings; of two with one name that of nuclei."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        endings = [
            ending for ending in (*NUCLEI_FORMATS, *IMAGE_SUFFIXES) if path.name.lower().endswith(ending)
        ]
        if path.name[0] == "." or not endings:
            continue
        name = path.name[: -len(max(endings, key=len))]
        other = found.setdefault(name, path)
        if other is not path:
            only = [one for one in (other, path) if not one.name.lower().endswith(IMAGE_SUFFIXES)]
            if len(only) != 1:
                raise ValueError(f"{other.name} and {path.name} in {folder} have one name; leave one of them")
            found[name] = only[0]
    return found
