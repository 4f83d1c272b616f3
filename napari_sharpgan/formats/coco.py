"""COCO instances: ``{"images", "annotations", "categories"}``, a file of one image.

Polygons are lists ``[x, y, x, y, …]`` from the corner of the first pixel; several are parts of one nucleus.
Nuclei with holes are run lengths (see `rle`), on whole pixels. Words of our own, which other programs pass
over: ``micrometers_per_pixel`` of the image, ``color`` of a category and ``unclassified`` of the one that
stands for no class, ``uuid`` and ``properties`` (QuPath's words) of an annotation.
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
from napari_sharpgan.formats.gathered import Gathered
from napari_sharpgan.formats.geojson_properties import as_color, from_properties, to_properties
from napari_sharpgan.formats.geometry import Area, closed_rings, from_geometry, to_areas
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.record import Color, Nuclei, NucleusInfo
from napari_sharpgan.formats.regions import Region, covered_regions, trace_regions
from napari_sharpgan.formats.rle import decode, encode

KIND = "COCO instances"
_CROWD = "iscrowd"
_SCORE = "score"
_SIZE = "micrometers_per_pixel"
_NO_CLASS = "nucleus"
Ring = NDArray[np.float64]
Categories = Mapping[Any, tuple[str, Color | None]]


def read(path: Path) -> Nuclei:
    """Read the annotations of one image, polygons and run lengths; several images are refused."""
    with understood(path, KIND):
        content = json.loads(path.read_bytes())
    if not is_coco(content):
        raise ValueError(f"{path.name} must hold COCO annotations (images, annotations, categories)")
    return parse(content, path)


def is_coco(content: Any) -> bool:
    """Return whether parsed JSON looks like COCO's, or like its list of results."""
    if isinstance(content, list):
        return bool(content) and isinstance(content[0], dict) and "segmentation" in content[0]
    return isinstance(content, dict) and isinstance(content.get("annotations"), list)


def parse(content: Any, path: Path) -> Nuclei:
    """Return the nuclei of COCO's JSON that was read from ``path``."""
    words = content if isinstance(content, dict) else {"annotations": content}
    with understood(path, KIND):
        image = _image(words)
        categories = {category["id"]: _category(category) for category in words.get("categories") or []}
    gathered = Gathered(path)
    waiting: list[tuple[int, Region]] = []
    for place, annotation in enumerate(words["annotations"], start=1):
        where = f"annotation {place}"
        with understood(path, f"{KIND}, at {where}"):
            ring, region, note = _outline(annotation["segmentation"])
            if region is not None:
                waiting.append((len(gathered.polygons), region))
            if annotation.get(_CROWD):
                note = note or "It is a crowd, several objects in one region; it was read as one nucleus."
            info = _info(annotation, categories)
            gathered.add(ring, info, number=annotation.get("id", ""), note=note, where=where)
    rings = trace_regions([region for _, region in waiting])
    for (place, _), ring in zip(waiting, rings, strict=True):
        gathered.polygons[place] = ring
    with understood(path, KIND):
        sides = image.get("height"), image.get("width")
        return gathered.nuclei(None if None in sides else sides, image.get(_SIZE))


def write(nuclei: Nuclei, path: Path) -> None:
    """Write one image, an annotation a nucleus with its number as ``id``, and a category a class.

    Nuclei that enclose nothing are left out with a warning.
    """
    numbers, rings = nuclei.to_polygons()
    codes = class_codes(info.class_name for info in nuclei.info.values())
    without = max(codes.values(), default=0) + 1
    areas = to_areas(rings)
    shape = nuclei.shape or _holding(areas)
    annotations = []
    for number, ring, area in zip(numbers, rings, areas, strict=True):
        segmentation = _segmentation(ring, area, shape)
        if segmentation is None:
            warnings.warn(f"nucleus {number} encloses nothing and was not written", stacklevel=3)
            continue
        info = nuclei.info.get(number, NucleusInfo())
        left, top, right, bottom = area.bounds
        annotations.append(
            {
                "id": number,
                "image_id": 1,
                "category_id": codes.get(info.class_name, without),
                "segmentation": segmentation,
                "area": area.area,
                "bbox": [left, top, right - left, bottom - top],
                _CROWD: int(info.metadata.get(_CROWD) == "1"),
                **_said(info),
            }
        )
    image: dict[str, Any] = {"id": 1, "file_name": "", "height": shape[0], "width": shape[1]}
    if nuclei.micrometers_per_pixel is not None:
        image[_SIZE] = nuclei.micrometers_per_pixel
    categories = _categories(nuclei, codes)
    if not codes or any(annotation["category_id"] == without for annotation in annotations):
        categories.append({"id": without, "name": _NO_CLASS, "supercategory": "", "unclassified": True})
    content = {"images": [image], "annotations": annotations, "categories": categories}
    path.write_text(json.dumps(content, allow_nan=False), encoding="utf-8")


def _image(words: Mapping[str, Any]) -> dict[str, Any]:
    """Return the one image of a file, or say how many it has."""
    images: list[dict[str, Any]] = words.get("images") or []
    ids = {image["id"] for image in images} | {a["image_id"] for a in words["annotations"] if "image_id" in a}
    if len(ids) > 1:
        raise ValueError(f"it holds {len(ids)} images, where one is expected; split it, a file an image")
    return images[0] if images else {}


def _category(category: Mapping[str, Any]) -> tuple[str, Color | None]:
    name = "" if category.get("unclassified") else str(category.get("name", category["id"]))
    return name, as_color(category.get("color"))


def _outline(segmentation: Any) -> tuple[Ring | None, Region | None, str | None]:
    """Return the ring of a nucleus, or a region that is yet to be traced, and a note."""
    if isinstance(segmentation, dict):
        region = decode(segmentation)
        note = "It has no pixel; it was left out." if region is None else None
        return (None if region is None else np.zeros((0, 2))), region, note
    parts = [[np.asarray(part, dtype=np.float64).reshape(-1, 2)] for part in segmentation]
    if len(parts) == 1:
        ring, note = from_geometry({"type": "Polygon", "coordinates": parts[0]})
    else:
        ring, note = from_geometry({"type": "MultiPolygon", "coordinates": parts})
    return ring, None, note


def _info(annotation: Mapping[str, Any], categories: Categories) -> NucleusInfo:
    info = from_properties({"id": annotation.get("uuid", ""), "properties": annotation.get("properties")})
    code = annotation.get("category_id")
    if code is not None:
        name, color = categories.get(code, (str(code), None))
        info = replace(info, class_name=name, class_color=color)
    if annotation.get(_CROWD):
        info = replace(info, metadata={**info.metadata, _CROWD: "1"})
    if annotation.get(_SCORE) is not None:
        info = replace(info, measurements={**info.measurements, _SCORE: float(annotation[_SCORE])})
    return info


def _holding(areas: list[Area]) -> tuple[int, int]:
    """Return the rows and columns of the smallest image that holds every area."""
    bounds = shapely.total_bounds(areas) if areas else np.full(4, np.nan)
    if np.isnan(bounds).any():
        return 1, 1
    return max(int(np.ceil(bounds[3])), 1), max(int(np.ceil(bounds[2])), 1)


def _segmentation(
    ring: Ring, area: Area, shape: tuple[int, int]
) -> list[list[float]] | dict[str, Any] | None:
    """Return polygons, or run lengths where there are holes; None where nothing is enclosed."""
    parts = closed_rings(area)
    if not parts:
        return None
    if all(len(rings) == 1 for rings in parts):
        return [rings[0][:-1].ravel().tolist() for rings in parts]
    (region,) = covered_regions([ring])
    return [parts[0][0][:-1].ravel().tolist()] if region is None else encode(region, shape)


def _said(info: NucleusInfo) -> dict[str, Any]:
    """Return id and properties of a nucleus in words of our own."""
    metadata = {name: text for name, text in info.metadata.items() if name != _CROWD}
    rest = replace(info, class_name="", metadata=metadata)
    said: dict[str, Any] = {"uuid": info.id} if info.id else {}
    if rest != NucleusInfo(id=info.id, class_color=info.class_color):
        said["properties"] = to_properties(rest)
    return said


def _categories(nuclei: Nuclei, codes: Mapping[str, int]) -> list[dict[str, Any]]:
    colors = {info.class_name: info.class_color for info in nuclei.info.values() if info.class_color}
    return [
        {"id": code, "name": name, "supercategory": ""}
        | ({"color": list(colors[name])} if name in colors else {})
        for name, code in codes.items()
    ]
