"""Nuclei of a file as layers: labels, and outlines above them where the file has some."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from napari_sharpgan.formats import Nuclei, NucleusInfo
from napari_sharpgan.napari_io.grid import MICROMETERS, Grid

LayerData = tuple[Any, dict[str, Any], str]
MOST_OUTLINES = 1000
INFO = "nuclei"
OUTLINE_COLOR = "#b8f53d"
_STYLE = {"shape_type": "polygon", "face_color": "transparent", "edge_width": 1}


def nuclei_layers(nuclei: Nuclei, name: str, grid: Grid | None = None) -> list[LayerData]:
    """Return a Labels layer, and a Shapes layer of the outlines if there are up to 1,000.

    Parameters
    ----------
    nuclei : Nuclei
        What a file holds. Both layers get the features ``label``, ``class``, ``name`` and ``locked``, and in
        their metadata the names of all ``classes`` and, under ``nuclei``, the `NucleusInfo` of each number.
    name : str
        Name of the labels; that of the outlines has the word "outlines" after it.
    grid : Grid, optional
        That of the image which the nuclei belong to. It gives scale and units, unless file and image both
        know micrometers; labels of the image's shape also take its place.
    """
    labels = nuclei.to_labels(_shape(nuclei, grid))
    numbers = list(nuclei.numbers) if nuclei.labels is None else np.unique(labels[labels > 0]).tolist()
    place = _place(nuclei, grid)
    told = {"metadata": _metadata(nuclei), **place}
    features = _features(nuclei, numbers)
    moved = {"translate": grid.translate} if _is_crop(nuclei, grid) and grid else {}
    layers: list[LayerData] = [
        (labels, {"name": name, "features": {"index": numbers, **features}, **told, **moved}, "labels")
    ]
    if nuclei.polygons and len(nuclei.polygons) <= MOST_OUTLINES:
        style = {
            **_STYLE,
            "edge_color": _colors(nuclei, numbers),
            "features": features,
            "feature_defaults": {"label": 0, "class": "", "name": "", "locked": False},
        }
        layers.append((list(nuclei.polygons), {"name": f"{name} outlines", **style, **told}, "shapes"))
    return layers


def _shape(nuclei: Nuclei, grid: Grid | None) -> tuple[int, int] | None:
    """Return the shape to paint outlines on: the file's, else the image's if all of them lie in it."""
    if nuclei.shape is not None or grid is None or grid.shape is None or not nuclei.polygons:
        return nuclei.shape
    ends = np.max([np.max(polygon, axis=0) for polygon in nuclei.polygons], axis=0)
    return grid.shape if (ends + 0.5 <= grid.shape).all() else None


def _is_crop(nuclei: Nuclei, grid: Grid | None) -> bool:
    """Return whether a label image covers just the image, which may be a crop of a slide."""
    return grid is not None and nuclei.labels is not None and nuclei.labels.shape == grid.shape


def _place(nuclei: Nuclei, grid: Grid | None) -> dict[str, Any]:
    """Return scale and units."""
    size = nuclei.micrometers_per_pixel
    if size is not None and (grid is None or grid.micrometers_per_pixel is not None):
        return {"scale": (size, size), "units": MICROMETERS}
    return {} if grid is None else grid.place(translate=False)


def _metadata(nuclei: Nuclei) -> dict[str, Any]:
    classes = sorted({about.class_name for about in nuclei.info.values()} - {""})
    return {
        "classes": classes,
        INFO: dict(nuclei.info),
        "micrometers_per_pixel": nuclei.micrometers_per_pixel,
    }


def _features(nuclei: Nuclei, numbers: Sequence[int]) -> dict[str, list[Any]]:
    """Return the columns of a table with a row a nucleus."""
    known = [nuclei.info.get(number, NucleusInfo()) for number in numbers]
    return {
        "label": list(numbers),
        "class": [about.class_name for about in known],
        "name": [about.name for about in known],
        "locked": [about.is_locked for about in known],
    }


def _colors(nuclei: Nuclei, numbers: Sequence[int]) -> Any:
    """Return the color of each outline: its own, else that of its class, else ours."""
    known = [nuclei.info.get(number, NucleusInfo()) for number in numbers]
    own = [about.color or about.class_color for about in known]
    if not any(own):
        return OUTLINE_COLOR
    return ["#{:02x}{:02x}{:02x}".format(*color) if color else OUTLINE_COLOR for color in own]
