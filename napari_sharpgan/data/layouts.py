"""Folders of images with nuclei: where each layout keeps the labels of an image."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from napari_sharpgan.data.sample import Sample
from napari_sharpgan.formats import IMAGE_SUFFIXES, NUCLEI_FORMATS, read_image, read_labels

SPLIT = "split.json"

Pair = tuple[Path, Path]  # an image and its labels
LabelsOf = Callable[[Path], Path | None]


def cpm15(image: Path) -> Path | None:
    """CPM-15 as handed out: ``image00.png`` beside ``image00_mask.txt``."""
    labels = image.with_name(f"{image.stem}_mask.txt")
    return labels if labels.is_file() else None


def cpm17(image: Path) -> Path | None:
    """CPM-17 and others that follow HoVer-Net: ``Images/x.png`` and ``Labels/x.mat`` with ``inst_map``."""
    labels = image.parent.with_name("Labels") / f"{image.stem}.mat"
    return labels if image.parent.name == "Images" and labels.is_file() else None


def images_and_labels(image: Path) -> Path | None:
    """``images/x.png`` and ``labels/x`` with any suffix that labels can have."""
    if image.parent.name != "images":
        return None
    folder = image.parent.with_name("labels")
    for suffix in NUCLEI_FORMATS:
        if (folder / f"{image.stem}{suffix}").is_file():
            return folder / f"{image.stem}{suffix}"
    return None


LAYOUTS: dict[str, LabelsOf] = {
    "images/ + labels/": images_and_labels,
    "CPM-17 (Images/ + Labels/*.mat)": cpm17,
    "CPM-15 (*_mask.txt)": cpm15,
}


def find_pairs(folder: Path, subset: str = "train") -> list[tuple[Path, Path]]:
    """Return (image, labels) paths of a data folder.

    Parameters
    ----------
    folder : Path
        If it holds a ``split.json`` with a list of that name, just those images are taken; if it holds a
        folder called ``subset`` (CPM-17 has ``train`` and ``test``), what is in there; else all that it
        holds.
    subset : str
        "train" or "test".

    Raises
    ------
    FileNotFoundError
        If there is no such folder, an image of the split is missing, or no image has labels.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder; expected one with images and their labels")
    images = list(_images(folder, subset))
    pairs = [(image, labels) for image in images if (labels := labels_of(image)) is not None]
    if (folder / SPLIT).is_file() and len(pairs) < len(images):
        alone = next(image for image in images if labels_of(image) is None)
        raise FileNotFoundError(f"{alone} stands in {SPLIT} but has no labels ({', '.join(LAYOUTS)})")
    if not pairs:
        raise FileNotFoundError(
            f"{folder} holds no image with labels; expected one of the layouts {', '.join(LAYOUTS)}"
        )
    return pairs


def split_pairs(folder: Path, share: float) -> tuple[list[Pair], list[Pair]]:
    """Return the (image, labels) paths to train on and those that are held out to score the generator on.

    Parameters
    ----------
    folder : Path
        With a list ``validation`` in its ``split.json``, just those images are held out.
    share : float
        Else this share of the images, evenly spread; at least one where there are two and it is above 0.
    """
    pairs = find_pairs(folder)
    if "validation" in _lists(folder / SPLIT):
        return pairs, find_pairs(folder, "validation")
    held_out = held_out_indices(len(pairs), share)
    return (
        [pair for index, pair in enumerate(pairs) if index not in held_out],
        [pairs[index] for index in held_out],
    )


def held_out_indices(count: int, share: float) -> list[int]:
    """Return which of so many images in order are held out: none, or at least one but not all."""
    if share <= 0 or count < 2:
        return []
    held_out = min(max(1, round(share * count)), count - 1)
    return [int((number + 0.5) * count / held_out) for number in range(held_out)]


def labels_of(image: Path) -> Path | None:
    """Return the file with the labels of an image, by the first layout that knows one."""
    return next((found for layout in LAYOUTS.values() if (found := layout(image)) is not None), None)


def read_sample(image: Path, labels: Path, name: str | None = None) -> Sample:
    """Read one image and its labels; a pair of two sizes is an error that says both."""
    return Sample(name or image.name, read_image(image), read_labels(labels))


def read_samples(folder: str | Path, subset: str = "train") -> list[Sample]:
    """Read all samples of a data folder, named by their paths in it; see `find_pairs` for which."""
    root = Path(folder)
    return [
        read_sample(image, labels, image.relative_to(root).as_posix())
        for image, labels in find_pairs(root, subset)
    ]


def _images(folder: Path, subset: str) -> Iterator[Path]:
    """Yield the images of a subset, in order."""
    split = folder / SPLIT
    if split.is_file():
        for name in _split_list(split, subset):
            if not (folder / name).is_file():
                raise FileNotFoundError(f"{folder / name} stands in {SPLIT} but does not exist")
            yield folder / name
        return
    root = folder / subset if (folder / subset).is_dir() else folder
    yield from (p for p in sorted(root.rglob("*")) if p.suffix.lower() in IMAGE_SUFFIXES and p.is_file())


def _split_list(path: Path, subset: str) -> list[str]:
    """Return the names of the images of a subset."""
    lists = _lists(path)
    if subset not in lists:
        raise ValueError(f"{path} has no list {subset!r}, only {', '.join(lists)}")
    return lists[subset]


def _lists(path: Path) -> dict[str, list[str]]:
    """Return the lists of names in a ``split.json``; none if there is no such file."""
    if not path.is_file():
        return {}
    try:
        lists = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(lists, dict):
        raise TypeError(f'{path} must hold lists of images by name, such as {{"train": ["a.png"]}}')
    return lists
