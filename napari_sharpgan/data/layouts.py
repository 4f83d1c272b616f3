"""Folders of images with nuclei: where each layout keeps the labels of an image."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from napari_sharpgan.data.sample import Sample
from napari_sharpgan.formats import IMAGE_SUFFIXES, NUCLEI_FORMATS, read_image, read_nuclei

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


@dataclass(frozen=True)
class Found:
    """What lies in a data folder, before any image is opened.

    Parameters
    ----------
    train, validation : list of (image, labels)
        Images to train on, and those that are held out to score the generator on.
    without_labels : list of Path
        Images that are left out, since no layout knows their labels.
    problems : dict of str to str
        What is wrong with an image that ``split.json`` names, by its name.
    """

    train: list[Pair]
    validation: list[Pair]
    without_labels: list[Path]
    problems: dict[str, str]


def search(folder: Path, share: float) -> Found:
    """Look for the images to train on and to hold out.

    Parameters
    ----------
    folder : Path
        See `find_pairs`. With a list ``validation`` in its ``split.json``, just those images are held out.
    share : float
        Else this share of the images, evenly spread; at least one where there are two and it is above 0.

    Raises
    ------
    FileNotFoundError, TypeError, ValueError
        If there is no such folder, no image has labels, or ``split.json`` is no split.
    """
    lists = read_split(_existing(folder))
    images = {subset: find_images(folder, subset) for subset in ("train", "validation") if subset in lists}
    images = images or {"train": find_images(folder, "train")}
    problems: dict[str, str] = {}
    without_labels: list[Path] = []
    pairs: dict[str, list[Pair]] = {"train": [], "validation": []}
    for subset, paths in images.items():
        for image in paths:
            labels = labels_of(image)
            if labels is not None and image.is_file():
                pairs[subset].append((image, labels))
            elif lists:
                problems[name_in(folder, image)] = "has no labels" if image.is_file() else "does not exist"
            else:
                without_labels.append(image)
    if not pairs["train"] and not problems:
        raise FileNotFoundError(_nothing(folder))
    if "validation" in images:
        return Found(pairs["train"], pairs["validation"], without_labels, problems)
    held_out = held_out_indices(len(pairs["train"]), share)
    train = [pair for index, pair in enumerate(pairs["train"]) if index not in held_out]
    return Found(train, [pairs["train"][index] for index in held_out], without_labels, problems)


def find_pairs(folder: Path, subset: str = "train") -> list[Pair]:
    """Return (image, labels) paths of a data folder.

    Parameters
    ----------
    folder : Path
        If it holds a ``split.json`` with a list of that name, just those images are taken; if it holds a
        folder called ``subset`` (CPM-17 has ``train`` and ``test``), what is in there; else all that it
        holds.
    subset : str
        "train", "test" or "validation".

    Raises
    ------
    FileNotFoundError
        If there is no such folder, an image of the split is missing, or no image has labels.
    TypeError, ValueError
        If ``split.json`` is no split, or has no such list.
    """
    images = find_images(_existing(folder), subset)
    pairs = [(image, labels) for image in images if (labels := labels_of(image)) is not None]
    if (folder / SPLIT).is_file():
        for image in images:
            if not image.is_file():
                raise FileNotFoundError(f"{image} stands in {SPLIT} but does not exist")
            if labels_of(image) is None:
                raise FileNotFoundError(f"{image} stands in {SPLIT} but has no labels ({', '.join(LAYOUTS)})")
    if not pairs:
        raise FileNotFoundError(_nothing(folder))
    return pairs


def find_images(folder: Path, subset: str) -> list[Path]:
    """Return the images of a subset in order: those of ``split.json``, there or not, else all that there are.

    Files of labels are no images, nor is what is hidden.
    """
    lists = read_split(folder)
    if lists:
        if subset not in lists:
            raise ValueError(f"{folder / SPLIT} has no list {subset!r}, only {', '.join(lists)}")
        return [folder / name for name in lists[subset]]
    root = folder / subset if (folder / subset).is_dir() else folder
    images = [
        path
        for path in sorted(root.rglob("*"))
        if path.suffix.lower() in IMAGE_SUFFIXES and path.name[0] != "." and path.is_file()
    ]
    labels = {labels_of(image) for image in images}
    return [path for path in images if path not in labels and path.parent.name.lower() != "labels"]


def has_subset(folder: Path, subset: str) -> bool:
    """Return whether a data folder says which images a subset has: in ``split.json``, or as a folder."""
    lists = read_split(_existing(folder))
    return subset in lists if lists else (folder / subset).is_dir()


def name_in(folder: Path, path: Path) -> str:
    """Return the name of a file in a data folder, as ``split.json`` has it."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.as_posix()


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
    pixels = read_image(image)
    nuclei = read_nuclei(labels)
    for note in nuclei.notes:
        warnings.warn(note, stacklevel=2)
    shape = pixels.shape[:2] if nuclei.labels is None else None  # outlines are painted on their image
    return Sample(name or image.name, pixels, nuclei.to_labels(shape))


def read_samples(folder: str | Path, subset: str = "train") -> list[Sample]:
    """Read all samples of a data folder, named by their paths in it; see `find_pairs` for which."""
    root = Path(folder)
    return [read_sample(image, labels, name_in(root, image)) for image, labels in find_pairs(root, subset)]


def read_split(folder: Path) -> dict[str, list[str]]:
    """Return the lists of images in the ``split.json`` of a folder; none if there is no such file."""
    path = folder / SPLIT
    if not path.is_file():
        return {}
    try:
        lists = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} cannot be read as JSON: {error}") from error
    example = '{"train": ["images/a.png"], "test": []}'
    if not isinstance(lists, dict) or not lists:
        raise TypeError(f"{path} must hold lists of images by name, such as {example}")
    seen: dict[str, str] = {}
    for subset in ("train", "validation", "test"):
        names = lists.get(subset, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise TypeError(f"{subset} in {path} must be a list of names of images, such as {example}")
        for name in names:
            if name in seen:
                where = f"twice in {subset}" if seen[name] == subset else f"in {seen[name]} and in {subset}"
                raise ValueError(f"{name} stands {where} in {path}; expected each image once")
            seen[name] = subset
    return lists


def _existing(folder: Path) -> Path:
    """Return a data folder that is there."""
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is no folder; expected one with images and their labels")
    return folder


def _nothing(folder: Path) -> str:
    """Say that a folder holds nothing to train on."""
    return f"{folder} holds no image with labels; expected one of the layouts {', '.join(LAYOUTS)}"
