"""Files and folders as layers: nuclei of every kind that we read, OME-TIFF and OME-Zarr images.

Plain ``.tif``, ``.png`` and ``.npy`` are left to napari's own reader, label images too: if we read them as
well, napari would ask with a dialog before each picture that somebody opens.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from napari_sharpgan.formats import NUCLEI_FORMATS, ome_zarr, read_nuclei
from napari_sharpgan.formats.ome_zarr_slide import is_unfinished
from napari_sharpgan.formats.paths import existing
from napari_sharpgan.formats.pyramid import open_pyramid
from napari_sharpgan.napari_io.grid import grid_of_open_image
from napari_sharpgan.napari_io.image_layers import MOST_PIXELS, LayerData, image_layer, labels_layer
from napari_sharpgan.napari_io.nuclei_layers import nuclei_layers

OF_NAPARI = (".tif", ".tiff", ".png", ".npy")
PICTURES = (".ome.tif", ".ome.tiff")
FOLDERS = (".ome.zarr", ".zarr")
NUCLEI = tuple(suffix for suffix in NUCLEI_FORMATS if suffix not in (*OF_NAPARI, *FOLDERS))
READ_SUFFIXES = (*NUCLEI, *PICTURES, *FOLDERS)


def get_reader(path: str | Sequence[str]) -> Callable[[str | Sequence[str]], list[LayerData]] | None:
    """Return `read_layers` if every path is of a kind that we read, else None."""
    return read_layers if all(_is_ours(Path(name)) for name in _names(path)) else None


def read_layers(path: str | Sequence[str]) -> list[LayerData]:
    """Read files of nuclei as layers: a Labels layer each; images as an Image layer each.

    A file of outlines gives its outlines as well, in a Shapes layer above, up to 1,000: more than that make
    napari slow. Of an OME-Zarr its image and its nuclei are opened, whatever there is. Layers are in
    micrometers where the file knows how large a pixel is. Nuclei whose file does not know lie on the grid of
    the image that is open.
    """
    return [layer for name in _names(path) for layer in _layers(Path(name))]


def _names(path: str | Sequence[str]) -> list[str]:
    """Return one path or several as a list of names."""
    return [os.fspath(path)] if isinstance(path, str | os.PathLike) else [os.fspath(name) for name in path]


def _is_ours(path: Path) -> bool:
    """Return whether a path is of a kind that we read; of folders only those with OME-Zarr's marks."""
    name = path.name.lower()
    if not name.endswith(FOLDERS):
        return name.endswith(READ_SUFFIXES)
    marks = [path / file for file in (".zattrs", "zarr.json", ".zgroup")]
    return name.endswith(FOLDERS[0]) or any(mark.is_file() for mark in marks)


def _layers(path: Path) -> list[LayerData]:
    """Return the layers of one file or folder."""
    name = path.name.lower()
    if name.endswith(FOLDERS):
        return _zarr_layers(existing(path, folder=True))
    if name.endswith(PICTURES):
        return [image_layer(open_pyramid(path), _stem(path))]
    nuclei = read_nuclei(path)
    for note in nuclei.notes:
        warnings.warn(note, stacklevel=4)
    return nuclei_layers(nuclei, _stem(path), grid_of_open_image())


def _zarr_layers(path: Path) -> list[LayerData]:
    """Return the image of an OME-Zarr and its nuclei above it; large or growing labels stay on the disk."""
    with_image = ome_zarr.has_image(path)
    grows = is_unfinished(path)
    layers = [image_layer(open_pyramid(path), _stem(path), grows=grows)] if with_image else []
    labels = ome_zarr.open_labels(path)
    name = f"{_stem(path)} nuclei" if with_image else _stem(path)
    if labels is None:
        if not layers:
            raise ValueError(f"{path.name} holds neither an OME-Zarr image nor labels")
        return layers
    if np.prod(labels.shape) > MOST_PIXELS or grows:
        return [*layers, labels_layer(labels, name, grows=grows)]
    grid = None if with_image else grid_of_open_image()
    return [*layers, *nuclei_layers(ome_zarr.read(path), name, grid)]


def _stem(path: Path) -> str:
    """Return the name of a file without the suffix that says its kind."""
    ends = [s for s in READ_SUFFIXES if s.startswith(".") and path.name.lower().endswith(s)]
    return path.name[: -len(max(ends, key=len))] if ends else path.stem
