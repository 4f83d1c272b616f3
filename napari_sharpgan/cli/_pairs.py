"""What is scored against what: two files, or the files of one name in two folders; masks or images."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import few
from napari_sharpgan.cli._manners import say
from napari_sharpgan.formats import IMAGE_SUFFIXES, NUCLEI_FORMATS, Nuclei, read_image, read_nuclei


@dataclass(frozen=True)
class Pair:
    """Two files that belong together."""

    name: str
    true: Path
    predicted: Path


class Arrays(NamedTuple):
    """What two files hold: two label images (H, W), or two pictures (H, W, 3)."""

    are_masks: bool
    true: NDArray[Any]
    predicted: NDArray[Any]


def pairs_of(true: Path, predicted: Path) -> list[Pair]:
    """Return two files as a pair, or the pairs of two folders; what has no partner is said.

    Raises
    ------
    ValueError, FileNotFoundError
        If one is missing, only one is a folder, or no names are equal.
    """
    for path in (true, predicted):
        if not path.exists():
            raise FileNotFoundError(f"{path} does not exist; expected a file or a folder")
    folders = [_is_folder(path) for path in (true, predicted)]
    if folders == [False, False]:
        return [Pair(predicted.name, true, predicted)]
    if folders != [True, True]:
        raise ValueError(f"{true} and {predicted} must both be files or both be folders")
    first, second = _by_name(true), _by_name(predicted)
    both = [name for name in first if name in second]
    if not both:
        raise ValueError(f"no file in {true} has the name of one in {predicted}; expected equal names")
    for folder, here, there in ((true, first, second), (predicted, second, first)):
        alone = [here[name].name for name in here if name not in there]
        if alone:
            say(f"not scored, without a partner: {few(alone)} in {folder}")
    return [Pair(name, first[name], second[name]) for name in both]


def read_pair(pair: Pair, kind: str = "auto") -> Arrays:
    """Read two files.

    Parameters
    ----------
    pair : Pair
        The files.
    kind : str
        "masks", "images", or "auto": files that hold one number a pixel, or outlines, are masks.

    Raises
    ------
    ValueError
        If one holds a mask and the other one an image.
    """
    paths = pair.true, pair.predicted
    if kind == "images":
        return Arrays(False, read_image(pair.true), read_image(pair.predicted))
    nuclei = [_nuclei(path) for path in paths]
    if kind == "auto" and all(one is None for one in nuclei):
        return Arrays(False, read_image(pair.true), read_image(pair.predicted))
    for path, one in zip(paths, nuclei, strict=True):
        if one is None:
            raise ValueError(f"{path.name} holds an image in color, not one number a nucleus as its partner")
    return Arrays(True, *_painted([one for one in nuclei if one is not None]))


def _nuclei(path: Path) -> Nuclei | None:
    """Return the nuclei of a file; None if it holds a picture in color."""
    if not path.name.lower().endswith(tuple(NUCLEI_FORMATS)):
        return None
    try:
        nuclei = read_nuclei(path)
    except (ValueError, TypeError):
        if path.name.lower().endswith(IMAGE_SUFFIXES):
            return None
        raise
    for note in nuclei.notes:
        say(note)
    return nuclei


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
