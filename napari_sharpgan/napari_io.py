"""What napari calls for files and samples: readers, writers and sample data, as plain layer data."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan.formats import Nuclei, read_nuclei, write_labels, write_nuclei
from napari_sharpgan.nuclei import ellipse_outline, random_nuclei, rasterize

LayerData = tuple[Any, dict[str, Any], str]
READ_SUFFIXES = (".geojson", ".mat", "_mask.txt")
MOST_OUTLINES = 1000
_OUTLINE_STYLE = {
    "shape_type": "polygon",
    "edge_color": "#b8f53d",
    "face_color": "transparent",
    "edge_width": 1,
}
_SAMPLE_SHAPE = (512, 512)
_SAMPLE_COUNT = 130
_SAMPLE_SEED = 15


def get_reader(path: str | Sequence[str]) -> Callable[[str | Sequence[str]], list[LayerData]] | None:
    """Return `read_layers` if every path is a file of nuclei that we read, else None."""
    return read_layers if all(name.lower().endswith(READ_SUFFIXES) for name in _names(path)) else None


def read_layers(path: str | Sequence[str]) -> list[LayerData]:
    """Read files of nuclei as layers: a Labels layer each.

    A file of outlines gives its outlines as well, in a Shapes layer above, up to 1,000: more than that make
    napari slow.
    """
    return [layer for name in _names(path) for layer in _layers(Path(name))]


def write_labels_layer(path: str, data: ArrayLike, attributes: Mapping[str, Any]) -> list[str]:
    """Write the data of a Labels layer to ``.geojson`` or ``.mat``."""
    write_labels(data, path)
    return [path]


def write_shapes_layer(path: str, data: Sequence[ArrayLike], attributes: Mapping[str, Any]) -> list[str]:
    """Write the data of a Shapes layer to ``.geojson`` or ``.mat``, each shape a nucleus.

    Raises
    ------
    ValueError
        If a shape is a line or a path, which enclose nothing, or does not lie in a plane.
    """
    kinds = attributes.get("shape_type", "polygon")
    kinds = [kinds] * len(data) if isinstance(kinds, str) else kinds
    polygons = [_outline(points, kind) for points, kind in zip(data, kinds, strict=True)]
    write_nuclei(Nuclei(polygons=polygons), path)
    return [path]


def sample_nuclei() -> list[LayerData]:
    """Return a label image of random nuclei, the same each time."""
    return [(_sample_labels(), {"name": "sample nuclei"}, "labels")]


def sample_tissue() -> list[LayerData]:
    """Return the same nuclei and the tissue that the shipped generator renders from them."""
    from napari_sharpgan.rendering import render, synthetic_note  # torch takes seconds; other doors spare it

    labels = _sample_labels()
    note = synthetic_note(nuclei="sample nuclei")
    return [
        (render(labels), {"name": "sample tissue", "metadata": note}, "image"),
        (labels, {"name": "sample nuclei", "opacity": 0.3}, "labels"),
    ]


def _names(path: str | Sequence[str]) -> list[str]:
    """Return one path or several as a list of names."""
    return [os.fspath(path)] if isinstance(path, str | os.PathLike) else [os.fspath(name) for name in path]


def _layers(path: Path) -> list[LayerData]:
    """Return the layers of one file."""
    nuclei = read_nuclei(path)
    for note in nuclei.notes:
        warnings.warn(note, stacklevel=3)
    layers: list[LayerData] = [(nuclei.to_labels(), {"name": path.stem}, "labels")]
    if nuclei.polygons and len(nuclei.polygons) <= MOST_OUTLINES:
        classes = [nuclei.info[number].class_name for number in nuclei.numbers]
        features = {"label": list(nuclei.numbers), "class": classes}
        style = {**_OUTLINE_STYLE, "name": f"{path.stem} outlines", "features": features}
        layers.append((list(nuclei.polygons), style, "shapes"))
    return layers


def _outline(points: ArrayLike, kind: str) -> NDArray[np.float64]:
    """Return a shape of napari as the ring of a nucleus."""
    corners = np.asarray(points, dtype=np.float64)
    if kind not in ("polygon", "rectangle", "ellipse"):
        raise ValueError(f"a nucleus must be a polygon, a rectangle or an ellipse, got a {kind}")
    if corners.ndim != 2 or corners.shape[1] != 2:
        raise ValueError(f"a nucleus must have points of rows and columns, (N, 2), got {corners.shape}")
    return ellipse_outline(corners) if kind == "ellipse" else corners


def _sample_labels() -> NDArray[np.int32]:
    """Return the nuclei of both samples."""
    return rasterize(random_nuclei(_SAMPLE_SHAPE, _SAMPLE_COUNT, seed=_SAMPLE_SEED), _SAMPLE_SHAPE)
