"""HoVer-Net's JSON: ``{"mag": 40, "nuc": {"1": {"bbox", "centroid", "contour", "type", "type_prob"}}}``.

``contour`` is what OpenCV traced: x and y of the centers of boundary pixels (see `contours`). We read it as
the region of pixels that it was traced from, along pixel edges, and write the contour that OpenCV would
trace. A contour has one part, no holes, and whole numbers, so beside it we write words of our own, which
other programs pass over: ``outline`` of a nucleus, where a contour cannot hold it (rings of x and y, in the
coordinates of ``contour``), ``id`` and ``properties`` in QuPath's words; ``shape`` (rows, columns),
``micrometers_per_pixel`` and ``type_info`` (number: [name, color], as in HoVer-Net's ``type_info.json``) of
the file.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from napari_sharpgan.formats.classes import class_codes
from napari_sharpgan.formats.contours import contour_region, pixel_contour
from napari_sharpgan.formats.gathered import Gathered
from napari_sharpgan.formats.geojson_properties import as_color, from_properties, to_properties
from napari_sharpgan.formats.geometry import CENTER, Area, closed_rings, from_geometry, to_areas
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.record import Color, Nuclei, NucleusInfo
from napari_sharpgan.formats.regions import Region, pixel_rings, trace_regions
from napari_sharpgan.nuclei import join_rings

KIND = "HoVer-Net JSON"
_PROBABILITY = "type_prob"
_NOMINAL = 10  # µm/px times magnification: 40× is about 0.25 µm/px
_EMPTY = np.zeros((0, 2))
Classes = Mapping[str, tuple[str, Color | None]]


def is_hovernet(content: Any) -> bool:
    """Return whether parsed JSON looks like HoVer-Net's, with the level "nuc" or without."""
    if not isinstance(content, dict):
        return False
    nuclei = content.get("nuc", content)
    entries = list(nuclei.values()) if isinstance(nuclei, dict) else [None]
    return ("nuc" in content or bool(entries)) and all(isinstance(e, dict) for e in entries)


def parse(content: Any, path: Path) -> Nuclei:
    """Return the nuclei of HoVer-Net's JSON that was read from ``path``."""
    words = content if "nuc" in content else {}
    with understood(path, f"{KIND}, at type_info"):
        classes = _classes(words.get("type_info") or {})
    gathered = Gathered(path)
    waiting: list[tuple[int, Region]] = []
    for key, entry in content.get("nuc", content).items():
        where = f"nucleus {key}"
        with understood(path, f"{KIND}, at {where}"):
            ring, region, note = _outline(entry)
            if region is not None:
                waiting.append((len(gathered.polygons), region))
            gathered.add(ring, _info(entry, classes), number=key, note=note, where=where)
    rings = trace_regions([region for _, region in waiting])
    for (place, _), ring in zip(waiting, rings, strict=True):
        gathered.polygons[place] = ring
    with understood(path, KIND):
        return gathered.nuclei(words.get("shape"), words.get("micrometers_per_pixel"))


def write(nuclei: Nuclei, path: Path) -> None:
    """Write each nucleus with the contour of its pixels, that of its largest part if it has several.

    A nucleus that covers no pixel center has the nearest one as its contour. Contours have at least three
    points, some of them equal if need be, as readers that make polygons of them expect.
    """
    numbers, rings = nuclei.to_polygons()
    codes = class_codes(info.class_name for info in nuclei.info.values())
    traced = pixel_rings(rings)
    shown = to_areas([ring if pixels is None else pixels for ring, pixels in zip(rings, traced, strict=True)])
    finer = [place for place, ring in enumerate(rings) if traced[place] is not ring]
    owns = dict(zip(finer, to_areas([rings[place] for place in finer]), strict=True))
    entries = {}
    for place, (number, area) in enumerate(zip(numbers, shown, strict=True)):
        own = owns.get(place, area)
        if own.is_empty:
            warnings.warn(f"nucleus {number} encloses nothing and was not written", stacklevel=3)
            continue
        exact = place not in owns and area.geom_type == "Polygon" and not area.interiors
        entry = _places(area, whole=traced[place] is not None) | ({} if exact else {"outline": _rings(own)})
        entries[str(number)] = entry | _said(nuclei.info.get(number), codes)
    path.write_text(json.dumps(_words(nuclei, codes) | {"nuc": entries}, allow_nan=False), encoding="utf-8")


def _outline(entry: Mapping[str, Any]) -> tuple[NDArray[np.float64] | None, Region | None, str | None]:
    """Return the ring of a nucleus, or a region that is yet to be traced, and a note."""
    if entry.get("outline"):
        return join_rings([_points(ring)[:, ::-1] for ring in entry["outline"]]), None, None
    points = _points(entry.get("contour") or [])
    if len(points) and (points == np.floor(points)).all():
        return _EMPTY, contour_region(points[:, ::-1].astype(np.int64)), None
    ring, note = from_geometry({"type": "Polygon", "coordinates": [points + CENTER]})
    return ring, None, note


def _points(values: Any) -> NDArray[np.float64]:
    """Return points (N, 2) in x and y."""
    points = np.asarray(values if len(values) else _EMPTY, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not np.isfinite(points).all():
        raise ValueError(f"a contour must be a list of finite [x, y], got shape {points.shape}")
    return points


def _classes(type_info: Mapping[str, Any]) -> dict[str, tuple[str, Color | None]]:
    """Return name and color of each class by its number."""
    return {str(key): (str(name), as_color(color)) for key, (name, color) in type_info.items()}


def _info(entry: Mapping[str, Any], classes: Classes) -> NucleusInfo:
    """Return what is said of a nucleus; type 0 is no class."""
    info = from_properties({"id": entry.get("id", ""), "properties": entry.get("properties")})
    kind = entry.get("type")
    if kind:
        whole = isinstance(kind, float) and kind == int(kind)
        code = str(int(kind) if whole else kind)
        name, color = classes.get(code, (code, None))
        info = replace(info, class_name=name, class_color=color)
    probability = entry.get(_PROBABILITY)
    if probability is not None:
        info = replace(info, measurements={**info.measurements, _PROBABILITY: float(probability)})
    return info


def _places(area: Area, *, whole: bool) -> dict[str, Any]:
    """Return box, centroid and contour of an area along pixel edges, or, if not ``whole``, of one pixel."""
    x, y = shapely.get_coordinates(area.centroid)[0]
    if not whole:
        x, y = np.floor(x) + CENTER, np.floor(y) + CENTER
        area = shapely.box(x - CENTER, y - CENTER, x + CENTER, y + CENTER)
    left, top, right, bottom = (int(side) for side in area.bounds)
    parts = closed_rings(area)
    sizes = [shapely.area(shapely.polygons(rings[0])) for rings in parts] if len(parts) > 1 else [1]
    part = parts[int(np.argmax(sizes))]
    contour = pixel_contour(part[0][:-1, ::-1] - CENTER)[:, ::-1].tolist()
    return {
        "bbox": [[top, left], [bottom, right]],
        "centroid": [float(x - CENTER), float(y - CENTER)],
        "contour": contour + contour[-1:] * (3 - len(contour)),
    }


def _rings(area: Area) -> list[list[list[float]]]:
    """Return all rings of an area in the coordinates of a contour, not closed."""
    return [(ring[:-1] - CENTER).tolist() for rings in closed_rings(area) for ring in rings]


def _said(info: NucleusInfo | None, codes: Mapping[str, int]) -> dict[str, Any]:
    """Return class, id and properties of a nucleus."""
    if info is None:
        return {"type": None, _PROBABILITY: None}
    measurements = {name: value for name, value in info.measurements.items() if name != _PROBABILITY}
    rest = replace(info, class_name="", measurements=measurements)
    probability = info.measurements.get(_PROBABILITY)
    said: dict[str, Any] = {
        "type": codes.get(info.class_name),
        _PROBABILITY: probability if probability is not None and np.isfinite(probability) else None,
    }
    if info.id:
        said["id"] = info.id
    if rest != NucleusInfo(id=info.id, class_color=info.class_color):
        said["properties"] = to_properties(rest)
    return said


def _words(nuclei: Nuclei, codes: Mapping[str, int]) -> dict[str, Any]:
    """Return what the file says of all nuclei."""
    size = nuclei.micrometers_per_pixel
    colors = {info.class_name: info.class_color for info in nuclei.info.values() if info.class_color}
    words: dict[str, Any] = {"mag": (size and round(_NOMINAL / size)) or None}
    if size is not None:
        words["micrometers_per_pixel"] = size
    if nuclei.shape is not None:
        words["shape"] = list(nuclei.shape)
    if any(name != str(code) for name, code in codes.items()) or colors:
        words["type_info"] = {str(code): [name, colors.get(name)] for name, code in codes.items()}
    return words
