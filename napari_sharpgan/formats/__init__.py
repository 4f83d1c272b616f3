"""Nuclei and images to and from files, by suffix.

To add a format of nuclei, write a module with ``read(path) -> Nuclei`` and ``write(nuclei, path)`` and name
it in ``NUCLEI_FORMATS``; the longest suffix that fits a file's name wins. A writer gets a temporary path (of
an empty folder where the format is one): the doors below put it in its place when it is whole.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan._files import folder_written_whole, written_whole
from napari_sharpgan.formats import (
    annotation_xml,
    coco,
    cpm15,
    geojson,
    hovernet,
    hovernet_json,
    json_files,
    label_image,
    ome_zarr,
)
from napari_sharpgan.formats.images import (
    IMAGE_SUFFIXES,
    SizedImage,
    read_image,
    read_image_with_size,
    read_provenance,
    write_image,
)
from napari_sharpgan.formats.paths import by_suffix, existing
from napari_sharpgan.formats.record import Nuclei, NucleusInfo

__all__ = [
    "IMAGE_SUFFIXES",
    "NUCLEI_FORMATS",
    "Nuclei",
    "NucleiFormat",
    "NucleusInfo",
    "SizedImage",
    "read_image",
    "read_image_with_size",
    "read_labels",
    "read_nuclei",
    "read_provenance",
    "write_image",
    "write_labels",
    "write_nuclei",
]


@dataclass(frozen=True)
class NucleiFormat:
    """How nuclei lie in one kind of file.

    Parameters
    ----------
    title : str
        What people call it.
    read : callable
        Path to `Nuclei`.
    write : callable or None
        `Nuclei` to a path; None where we only read it.
    keeps : frozenset of str
        What comes back of what was written beside the pixels: names of fields of `NucleusInfo`, and
        ``"micrometers_per_pixel"``, ``"polygons"`` (outlines, overlaps included, finer than pixels).
    folder : bool
        Whether it is a folder and no file.
    write_into : callable, optional
        `Nuclei` into a folder that is there and holds more than nuclei, which it must keep.
    """

    title: str
    read: Callable[[Path], Nuclei]
    write: Callable[[Nuclei, Path], None] | None
    keeps: frozenset[str] = frozenset()
    folder: bool = False
    write_into: Callable[[Nuclei, Path], None] | None = None


_SIZE = frozenset({"micrometers_per_pixel"})
_ALL_INFO = frozenset(field.name for field in fields(NucleusInfo))
_ALL = _ALL_INFO | _SIZE | {"polygons"}
NUCLEI_FORMATS: dict[str, NucleiFormat] = {
    ".tif": NucleiFormat("label image", label_image.read_tiff, label_image.write_tiff, keeps=_SIZE),
    ".tiff": NucleiFormat("label image", label_image.read_tiff, label_image.write_tiff, keeps=_SIZE),
    ".png": NucleiFormat("label image", label_image.read_png, label_image.write_png, keeps=_SIZE),
    ".npy": NucleiFormat("label image", label_image.read_npy, label_image.write_npy),
    ".geojson": NucleiFormat("QuPath GeoJSON", geojson.read, geojson.write, keeps=_ALL),
    ".geojson.gz": NucleiFormat("QuPath GeoJSON", geojson.read, geojson.write_gz, keeps=_ALL),
    ".json": NucleiFormat("HoVer-Net JSON", json_files.read, hovernet_json.write, keeps=_ALL),
    ".coco.json": NucleiFormat("COCO", coco.read, coco.write, keeps=_ALL),
    ".xml": NucleiFormat("ImageScope and ASAP XML", annotation_xml.read, None),
    ".mat": NucleiFormat("HoVer-Net and CPM-17", hovernet.read, hovernet.write, keeps=_SIZE | {"class_name"}),
    "_mask.txt": NucleiFormat("CPM-15 mask", cpm15.read, cpm15.write),
    ".ome.zarr": NucleiFormat(
        "OME-Zarr",
        ome_zarr.read,
        ome_zarr.write,
        keeps=_ALL_INFO | _SIZE,
        folder=True,
        write_into=ome_zarr.write_into,
    ),
}


def read_nuclei(path: str | os.PathLike[str]) -> Nuclei:
    """Read the nuclei of a file of any kind in ``NUCLEI_FORMATS``, with all that the file says of them.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError, TypeError
        If the suffix is unknown, or the file cannot be understood; the message is one sentence that names
        the file.
    """
    kind = by_suffix(path, NUCLEI_FORMATS)
    return kind.read(existing(path, folder=kind.folder))


def write_nuclei(nuclei: Nuclei, path: str | os.PathLike[str]) -> None:
    """Write nuclei to a file of any kind in ``NUCLEI_FORMATS``, whole or not at all.

    Formats of outlines take outlines as they are, formats of pixels take pixels as they are; what is
    missing is made with ``polygonize`` or ``rasterize``. ``.geojson`` keeps all of ``Nuclei.info``,
    ``.mat`` the classes, the others the labels alone.

    Raises
    ------
    OSError
        If the folder is missing or cannot be written to; an older file at ``path`` is then as it was.
    ValueError
        If the suffix is unknown or the file's kind cannot hold these nuclei.
    """
    kind = by_suffix(path, NUCLEI_FORMATS)
    if kind.write is None:
        raise ValueError(f"{kind.title} files are only read, not written; {Path(path).name} was not written")
    if kind.write_into is not None and Path(path).is_dir():
        kind.write_into(nuclei, Path(path))
        return
    with (folder_written_whole if kind.folder else written_whole)(path) as temporary:
        kind.write(nuclei, temporary)


def read_labels(path: str | os.PathLike[str], shape: tuple[int, int] | None = None) -> NDArray[np.int32]:
    """Read a file of nuclei as a label image.

    Parameters
    ----------
    path : path
        A file of any kind in ``NUCLEI_FORMATS``.
    shape : (rows, columns), optional
        Shape of the image that the nuclei belong to. A file of outlines is painted on it; without it, on
        the shape that the file names, else on the smallest that holds every outline. A file of pixels must
        have it.

    Returns
    -------
    (H, W) int32 ndarray
        0 off nuclei, else the number of the nucleus.
    """
    nuclei = read_nuclei(path)
    for note in nuclei.notes:
        warnings.warn(note, stacklevel=2)
    if shape is not None and nuclei.labels is not None and nuclei.labels.shape != tuple(shape):
        raise ValueError(f"{Path(path).name} must have the shape {tuple(shape)}, got {nuclei.labels.shape}")
    return nuclei.to_labels(shape)


def write_labels(labels: ArrayLike, path: str | os.PathLike[str]) -> None:
    """Write a label image (H, W) to a file of any kind in ``NUCLEI_FORMATS``; see `write_nuclei`."""
    write_nuclei(Nuclei(labels=np.asarray(labels)), path)
