"""XML of Aperio ImageScope (MoNuSeg, MoNuSAC, Kumar) and of ASAP, told apart by their first tag; only read.

Both count x and y in pixels of the full resolution from the corner of the first pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.formats.gathered import Gathered
from napari_sharpgan.formats.geometry import from_geometry
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.record import Color, Nuclei, NucleusInfo
from napari_sharpgan.nuclei import ellipse_outline

Element = ElementTree.Element
Points = NDArray[np.float64]
_IMAGESCOPE_KINDS = {"0": "polygon", "1": "rectangle", "2": "ellipse"}
_MEASURES = ("Area", "AreaMicrons", "Length", "LengthMicrons")


def read(path: Path) -> Nuclei:
    """Read the closed regions of all layers; arrows, rulers, points and negative regions are noted.

    Raises
    ------
    ValueError
        If it is neither kind, is damaged, or declares a document type, which could hold entities that
        expand without end.
    """
    with understood(path, "XML"):
        builder = _Plain()
        root = ElementTree.fromstring(path.read_bytes(), ElementTree.XMLParser(target=builder))
    readers: dict[str, Callable[[Element, Gathered], None]] = {
        "Annotations": _imagescope,
        "ASAP_Annotations": _asap,
    }
    if root.tag not in readers:
        raise ValueError(f"{path.name} must be XML of ImageScope or ASAP, but its first tag is {root.tag!r}")
    gathered = Gathered(path)
    readers[root.tag](root, gathered)
    size = root.get("MicronsPerPixel")
    with understood(path, "XML, at MicronsPerPixel"):
        return gathered.nuclei(micrometers_per_pixel=float(size) if size and float(size) else None)


class _Plain(ElementTree.TreeBuilder):
    """A builder of trees that refuses document types before anything in them is read."""

    def doctype(self, *_: object) -> NoReturn:
        raise ValueError("it declares a document type (DOCTYPE), which such files have no need of")


def _imagescope(root: Element, gathered: Gathered) -> None:
    """Take the regions of each layer; the layer is the class."""
    for layer in root.iter("Annotation"):
        name = _layer_name(layer)
        color = _bgr(layer.get("LineColor"))
        for place, region in enumerate(layer.iter("Region"), start=1):
            where = f"region {region.get('Id') or place} of layer {name or layer.get('Id', '')}".rstrip()
            with understood(gathered.path, f"ImageScope XML, at {where}"):
                points = _points(list(region.iter("Vertex")))
                kind = _IMAGESCOPE_KINDS.get(region.get("Type", "0"))
                ring: Points | None
                note: str | None
                if region.get("NegativeROA", "0") == "1":
                    ring, note = None, "It is a negative region (a hole); it was left out."
                elif kind is None:
                    ring, note = (
                        None,
                        f"A region of type {region.get('Type')} is no nucleus; it was left out.",
                    )
                else:
                    ring, note = _closed(_box_corners(points, kind))
                info = NucleusInfo(
                    name=region.get("Text", ""),
                    class_name=name,
                    class_color=color,
                    is_locked=layer.get("ReadOnly", "0") == "1",
                    measurements=dict(_measures(region)),
                )
                gathered.add(ring, info, note=note, where=where)


def _asap(root: Element, gathered: Gathered) -> None:
    """Take the annotations; their group is the class."""
    groups = {group.get("Name", ""): _hex(group.get("Color")) for group in root.iter("Group")}
    for place, annotation in enumerate(root.iter("Annotation"), start=1):
        where = f"annotation {annotation.get('Name') or place}"
        with understood(gathered.path, f"ASAP XML, at {where}"):
            kind = annotation.get("Type", "Polygon")
            points = _points(sorted(annotation.iter("Coordinate"), key=lambda at: int(at.get("Order", 0))))
            ring: Points | None = None
            note: str | None = f"A {kind} is no nucleus; it was left out."
            if kind in ("Polygon", "Rectangle", "Spline"):
                ring, note = _closed(points)
            if kind == "Spline" and ring is not None:
                note = note or "Its spline became straight lines from point to point."
            group = annotation.get("PartOfGroup", "None")
            info = NucleusInfo(
                name=annotation.get("Name", ""),
                color=_hex(annotation.get("Color")),
                class_name="" if group == "None" else group,
                class_color=groups.get(group),
            )
            gathered.add(ring, info, note=note, where=where)


def _closed(points: Points) -> tuple[Points | None, str | None]:
    """Return a closed outline as a ring, and a note."""
    return from_geometry({"type": "Polygon", "coordinates": [points]})


def _points(elements: list[Element]) -> Points:
    """Return the attributes X and Y of elements as points (N, 2)."""
    points = [(float(element.attrib["X"]), float(element.attrib["Y"])) for element in elements]
    return np.array(points, dtype=np.float64).reshape(-1, 2)


def _box_corners(points: Points, kind: str) -> Points:
    """Return an outline; rectangles and ellipses may be given by two corners of their box."""
    if kind == "polygon" or len(points) != 2:
        return points
    (left, top), (right, bottom) = points
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)])
    return corners if kind == "rectangle" else ellipse_outline(corners)


def _layer_name(layer: Element) -> str:
    """Return the class of a layer: its name, or what its first attribute says."""
    first = next(layer.iter("Attribute"), None)
    said = "" if first is None else first.get("Value", "")
    named = "" if first is None or first.get("Name") == "Description" else first.get("Name", "")
    return (layer.get("Name") or said or named).strip()


def _measures(region: Element) -> Iterator[tuple[str, float]]:
    """Yield the measurements of a region; ImageScope writes 0 for those that it has not taken."""
    for name in _MEASURES:
        value = float(region.get(name) or 0)
        if value > 0:
            yield name, value


def _bgr(text: str | None) -> Color | None:
    """Return the color of a whole number 0xBBGGRR."""
    value = int(text) if text and text.strip().isdecimal() else None
    return None if value is None else (value & 255, value >> 8 & 255, value >> 16 & 255)


def _hex(text: str | None) -> Color | None:
    """Return the color of "#rrggbb"."""
    digits = (text or "").removeprefix("#")
    try:
        value = int(digits, 16) if len(digits) == 6 else None
    except ValueError:
        return None
    return None if value is None else (value >> 16 & 255, value >> 8 & 255, value & 255)
