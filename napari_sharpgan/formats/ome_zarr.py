"""OME-Zarr folders of nuclei: a label image at ``labels/nuclei/0…``, beside an image at ``0…`` if any.

A folder that has an image keeps it: writing nuclei there replaces ``labels/nuclei`` and nothing else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from napari_sharpgan._checks import check_labels
from napari_sharpgan._files import folder_written_whole
from napari_sharpgan.formats.ome_label import image_label, infos
from napari_sharpgan.formats.ome_metadata import describe, described
from napari_sharpgan.formats.ome_zarr_image import open_image, open_levels
from napari_sharpgan.formats.ome_zarr_store import new_group, open_group, write_levels
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.pyramid import Pyramid
from napari_sharpgan.formats.record import Nuclei

LABELS = "labels"
NUCLEI = "nuclei"


def read(path: Path) -> Nuclei:
    """Read ``labels/nuclei``, or the only label image if it has another name, or a label image itself.

    What ``image-label`` says of each label becomes its `NucleusInfo`.
    """
    group = _label_group(path)
    content = described(group)
    pyramid = open_levels(group, content, path)
    with understood(path, "OME-Zarr nuclei"):
        labels = check_labels(pyramid.pixels(), f"the labels in {path.name}")
        info = infos(content.get("image-label") or {}, {int(n) for n in np.unique(labels)} - {0})
    return Nuclei(labels=labels, info=info, micrometers_per_pixel=pyramid.micrometers_per_pixel)


def write(nuclei: Nuclei, path: Path) -> None:
    """Write a new OME-Zarr of nuclei alone into an empty folder."""
    root = new_group(path)
    describe(root.create_group(LABELS), {LABELS: [NUCLEI]})
    _write_labels(nuclei, path / LABELS / NUCLEI, root.metadata.zarr_format, nuclei.micrometers_per_pixel)


def write_into(nuclei: Nuclei, path: Path) -> None:
    """Write nuclei into an OME-Zarr that is there, in place of its ``labels/nuclei``; all else stays.

    Raises
    ------
    ValueError
        If the folder is no OME-Zarr, or its image has another shape; it is then as it was.
    """
    root = open_group(path, "r+")
    size = nuclei.micrometers_per_pixel
    if "multiscales" in described(root):
        image = open_image(path)
        nuclei = Nuclei(labels=nuclei.to_labels(image.shape), info=nuclei.info)
        size = image.micrometers_per_pixel or size
    labels = root.require_group(LABELS)
    with folder_written_whole(path / LABELS / NUCLEI) as temporary:
        _write_labels(nuclei, temporary, root.metadata.zarr_format, size)
    names = [name for name in described(labels).get(LABELS, []) if name != NUCLEI]
    describe(labels, {LABELS: [*names, NUCLEI]})
    _consolidate_again(path, root.metadata.zarr_format)


def open_labels(path: Path) -> Pyramid | None:
    """Open the label image of an OME-Zarr without reading its pixels; None where there is none."""
    try:
        group = _label_group(path)
    except FileNotFoundError:
        return None
    return open_levels(group, described(group), path)


def has_image(path: Path) -> bool:
    """Return whether an OME-Zarr has an image that is no label image."""
    content = described(open_group(path))
    return "image-label" not in content and bool({"multiscales", "bioformats2raw.layout"} & set(content))


def _write_labels(nuclei: Nuclei, path: Path, zarr_format: int, size: float | None) -> None:
    """Write the group of one label image."""
    labels = nuclei.to_labels()
    group = new_group(path, zarr_format)
    entry = write_levels(group, labels, "yx", name=NUCLEI, size=size)
    about = image_label(nuclei.info, {int(n) for n in np.unique(labels)} - {0}, zarr_format)
    describe(group, {"multiscales": [entry], "image-label": about})


def _label_group(path: Path) -> Any:
    """Return the group of the label image that is meant by a folder."""
    root = open_group(path)
    if "image-label" in described(root):
        return root
    if "multiscales" not in described(root) and LABELS not in root and "0" in root:
        root = root["0"]  # the first image of a bioformats2raw folder
    if LABELS not in root:
        raise FileNotFoundError(f"{path.name} holds no labels, which would lie in {LABELS}/{NUCLEI}")
    labels = root[LABELS]
    names = [str(name) for name in described(labels).get(LABELS, [])]
    if NUCLEI in names or NUCLEI in labels:
        return labels[NUCLEI]
    if len(names) != 1 or names[0] not in labels:
        found = ", ".join(names) or "none"
        raise ValueError(f"{path.name} must hold labels called {NUCLEI}, or one label image, got {found}")
    return labels[names[0]]


def _consolidate_again(path: Path, zarr_format: int) -> None:
    """Bring the joint copy of all metadata that some folders have up to date."""
    import zarr

    whole = zarr.open_group(str(path), mode="r")
    if whole.metadata.consolidated_metadata is not None:
        zarr.consolidate_metadata(str(path), zarr_format=zarr_format)  # type: ignore[arg-type]
