"""Which files a training used, with their hashes: what has changed since is seen at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from napari_sharpgan._checks import few
from napari_sharpgan._fields import check_type, from_json


@dataclass(frozen=True)
class DataFile:
    """An image with its labels, or a shard of a set of tiles.

    Parameters
    ----------
    image, labels : str
        Paths in the data folder.
    image_sha256, labels_sha256 : str
        Hashes of the two files.
    rows, columns : int
        Size in pixels.
    nuclei : int
        How many there are.
    tiles : int
        Images of that size that it holds: of a shard more than one.
    """

    image: str
    labels: str
    image_sha256: str
    labels_sha256: str
    rows: int
    columns: int
    nuclei: int
    tiles: int = 1


@dataclass(frozen=True)
class Manifest:
    """The files of a training.

    Parameters
    ----------
    folder : str
        The data folder, as an absolute path.
    train, validation : tuple of DataFile
        What is trained on, and what is held out, in order.
    """

    folder: str
    train: tuple[DataFile, ...]
    validation: tuple[DataFile, ...]

    @classmethod
    def from_json(cls, given: object, name: str) -> Manifest:
        """Return a manifest made of a JSON object; an error names the field that does not fit."""
        if not isinstance(given, dict) or set(given) != {"folder", "train", "validation"}:
            raise TypeError(f"{name} must be an object with folder, train and validation, got {given!r:.80}")
        check_type(given["folder"], str, f"{name}.folder")
        lists = []
        for subset in ("train", "validation"):
            if not isinstance(given[subset], list):
                raise TypeError(f"{name}.{subset} must be a list of files, got {given[subset]!r:.80}")
            files = ((n, _with_tiles(file)) for n, file in enumerate(given[subset]))
            lists.append(tuple(from_json(DataFile, file, f"{name}.{subset}[{n}]") for n, file in files))
        return cls(given["folder"], *lists)

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object; files of one image are said without ``tiles``."""
        facts = asdict(self)
        for file in (*facts["train"], *facts["validation"]):
            if file["tiles"] == 1:
                del file["tiles"]
        return facts

    def joined(self, more: Sequence[Manifest]) -> Manifest:
        """Return a manifest with what other folders hold to train on, too, as ``synthetic 1/…`` and so on."""
        files = list(self.train)
        for number, other in enumerate(more, start=1):
            place = f"synthetic {number}/"
            files += [replace(f, image=place + f.image, labels=place + f.labels) for f in other.train]
        return replace(self, train=tuple(files))

    def changes(self, now: Manifest) -> str:
        """Say in a few words what is other in ``now``, wherever it lies; nothing if it is the same."""
        before, after = _by_image(self), _by_image(now)
        both = [(before[image], after[image]) for image in before if image in after]
        told = {
            "changed": [name for (_, was), (_, now) in both for name in _changed(was, now)],
            "missing": [image for image in before if image not in after],
            "new": [image for image in after if image not in before],
            "no longer held out, or newly so": [was.image for (one, was), (other, _) in both if one != other],
        }
        parts = [f"{len(names):,} {word} ({few(names)})" for word, names in told.items() if names]
        if not parts and list(before) != list(after):
            parts = ["the images stand in another order"]
        return ", ".join(parts)


def images_in(files: Iterable[DataFile]) -> int:
    """Return how many images some files hold."""
    return sum(file.tiles for file in files)


def _with_tiles(file: object) -> object:
    """Return a file as JSON with the number of its images, which is not said where it is one."""
    return {"tiles": 1, **file} if isinstance(file, dict) else file


def _by_image(manifest: Manifest) -> dict[str, tuple[str, DataFile]]:
    """Return for each image, in order, the list that it stands in and its files."""
    lists = {"train": manifest.train, "validation": manifest.validation}
    return {file.image: (subset, file) for subset, files in lists.items() for file in files}


def _changed(was: DataFile, now: DataFile) -> Iterator[str]:
    """Yield the names of the files of an image that are not what they were."""
    if was.image_sha256 != now.image_sha256:
        yield was.image
    if (was.labels, was.labels_sha256) != (now.labels, now.labels_sha256):
        yield was.labels
