"""Layers of nuclei to files.

What is written are pixel coordinates of the slide. A layer that is moved in the world (``translate``) shows a
crop, whose first pixel lies at row and column ``translate / scale``: files of outlines get this offset added.
Files of pixels hold the layer's own grid; a warning says the offset, which they cannot. The size of a pixel
is that of the layer, where its units are lengths.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from napari_sharpgan.formats import NUCLEI_FORMATS, Nuclei, NucleusInfo, write_nuclei
from napari_sharpgan.formats.paths import by_suffix
from napari_sharpgan.napari_io.grid import Grid, grid_from
from napari_sharpgan.napari_io.nuclei_layers import INFO
from napari_sharpgan.nuclei import ellipse_outline

Row = Mapping[str, Any]


def write_labels_layer(path: str, data: Any, attributes: Mapping[str, Any]) -> list[str]:
    """Write the data of a Labels layer to a file of any kind in ``NUCLEI_FORMATS``.

    Classes, names and locks come from the features of the layer, by its columns ``index`` or ``label``; what
    its file knew beside that comes from the metadata.
    """
    labels = np.asarray(data[0] if attributes.get("multiscale") else data)
    labels = labels.reshape(labels.shape[-2:]) if labels.size == np.prod(labels.shape[-2:]) else labels
    grid = grid_from(attributes)
    rows = {int(row["index"] if "index" in row else row["label"]): row for row in _rows(attributes)}
    nuclei = Nuclei(labels=labels, micrometers_per_pixel=grid.micrometers_per_pixel)
    numbers = np.unique(labels[labels > 0]).tolist()
    _write(replace(nuclei, info=_info(attributes, numbers, rows)), path, grid, attributes)
    return [path]


def write_shapes_layer(path: str, data: Sequence[ArrayLike], attributes: Mapping[str, Any]) -> list[str]:
    """Write the data of a Shapes layer to a file of any kind in ``NUCLEI_FORMATS``, each shape a nucleus.

    A nucleus keeps the number in the column ``label`` of the features; new ones get the next free numbers.

    Raises
    ------
    ValueError
        If a shape is a line or a path, which enclose nothing, or does not lie in a plane.
    """
    kinds = attributes.get("shape_type", "polygon")
    kinds = [kinds] * len(data) if isinstance(kinds, str) else kinds
    polygons = [_outline(points, kind) for points, kind in zip(data, kinds, strict=True)]
    grid, table = grid_from(attributes), _rows(attributes)
    table = table if len(table) == len(polygons) else [{}] * len(polygons)
    numbers = _numbers([row.get("label", 0) for row in table])
    rows = dict(zip(numbers, table, strict=True))
    nuclei = Nuclei(
        polygons=polygons,
        numbers=numbers,
        info=_info(attributes, numbers, rows),
        micrometers_per_pixel=grid.micrometers_per_pixel,
    )
    _write(nuclei, path, grid, attributes)
    return [path]


def _write(nuclei: Nuclei, path: str, grid: Grid, attributes: Mapping[str, Any]) -> None:
    """Write nuclei at their place in the slide, or say what of it is lost."""
    keeps = by_suffix(path, NUCLEI_FORMATS).keeps
    turned = [name for name in ("rotate", "shear", "affine") if not _is_plain(attributes.get(name))]
    if turned:
        warnings.warn(f"{' and '.join(turned)} of the layer is not part of what was written", stacklevel=3)
    offset = np.array(grid.offset)
    if offset.any() and "polygons" in keeps:
        numbers, polygons = nuclei.to_polygons()
        moved = [polygon + offset for polygon in polygons]
        nuclei = replace(nuclei, labels=None, polygons=moved, numbers=numbers, shape=None)
    elif offset.any():
        warnings.warn(
            f"the layer begins at row {offset[0]:g}, column {offset[1]:g}, "
            "which is not part of what was written",
            stacklevel=3,
        )
    write_nuclei(nuclei, path)


def _is_plain(transform: Any) -> bool:
    """Return whether a rotation, shear or affine matrix leaves all where it is."""
    if transform is None:
        return True
    matrix = np.asarray(getattr(transform, "affine_matrix", transform), dtype=float)
    rest = np.eye(*matrix.shape) if matrix.ndim == 2 else np.zeros(matrix.shape)
    return bool(np.allclose(matrix, rest))


def _rows(attributes: Mapping[str, Any]) -> list[Row]:
    """Return the features of a layer, a mapping a nucleus, whether they are a table of pandas or columns."""
    features = attributes.get("features")
    if features is None or len(features) == 0:
        return []
    columns = {str(name): list(features[name]) for name in features}
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return [row for row in rows if "index" in row or "label" in row]


def _info(
    attributes: Mapping[str, Any], numbers: Sequence[int], rows: Mapping[int, Row]
) -> dict[int, NucleusInfo]:
    """Return what the layer says of its nuclei: its features, over what its file said."""
    before = attributes.get("metadata", {}).get(INFO, {})
    known = {n: about for n, about in before.items() if isinstance(about, NucleusInfo)}
    colors = {about.class_name: about.class_color for about in known.values() if about.class_name}
    info = {}
    for number in numbers:
        about, row = known.get(number, NucleusInfo()), rows.get(number, {})
        class_name = str(row.get("class", about.class_name))
        info[number] = replace(
            about,
            class_name=class_name,
            class_color=about.class_color if class_name == about.class_name else colors.get(class_name),
            name=str(row.get("name", about.name)),
            is_locked=bool(row.get("locked", about.is_locked)),
        )
    return info


def _numbers(wanted: Sequence[Any]) -> list[int]:
    """Return a number for each shape: the one it wants, once, else the next free one."""
    own = [int(number) if str(number).removesuffix(".0").isdecimal() else 0 for number in wanted]
    free = (number for number in count(1) if number not in set(own))
    given: set[int] = {0}
    numbers = []
    for number in own:
        numbers.append(next(free) if number in given else number)
        given.add(number)
    return numbers


def _outline(points: ArrayLike, kind: str) -> NDArray[np.float64]:
    """Return a shape of napari as the ring of a nucleus."""
    corners = np.asarray(points, dtype=np.float64)
    if kind not in ("polygon", "rectangle", "ellipse"):
        raise ValueError(f"a nucleus must be a polygon, a rectangle or an ellipse, got a {kind}")
    if corners.ndim != 2 or corners.shape[1] != 2:
        raise ValueError(f"a nucleus must have points of rows and columns, (N, 2), got {corners.shape}")
    return ellipse_outline(corners) if kind == "ellipse" else corners
