"""What OME-Zarr (NGFF 0.1 to 0.5) says of its arrays, to and from plain words.

We write version 0.4 on Zarr 2 into new folders: it is what Bio-Formats and with it QuPath, Fiji, OMERO and
napari read today; 0.5 on Zarr 3 is read by fewer. Into an image of version 0.5 we write 0.5.
Source: ngff.openmicroscopy.org/0.4 and /0.5.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from napari_sharpgan.formats.pixel_size import in_micrometers

_TYPES = {"t": "time", "c": "channel", "z": "space", "y": "space", "x": "space"}
_OLDEST_AXES = "tczyx"
VERSIONS = {2: "0.4", 3: "0.5"}


@dataclass(frozen=True)
class Levels:
    """Paths of the arrays of a multiscale image, largest first, their axes as letters, and µm/px."""

    paths: tuple[str, ...]
    axes: str
    micrometers_per_pixel: float | None


def described(group: Any) -> dict[str, Any]:
    """Return what OME-Zarr says of a group; since 0.5 it stands under the key "ome"."""
    attributes: dict[str, Any] = group.attrs.asdict()
    inner = attributes.get("ome")
    return inner if isinstance(inner, dict) else attributes


def describe(group: Any, content: Mapping[str, Any]) -> None:
    """Say ``content`` of a group, beside what is said of it already."""
    if group.metadata.zarr_format == 3:
        group.attrs["ome"] = {"version": VERSIONS[3], **described(group), **content}
    else:
        group.attrs.update(content)


def versioned(content: Mapping[str, Any], zarr_format: int) -> dict[str, Any]:
    """Return ``content`` with the version that 0.4 wants in each part; 0.5 has it at the top alone."""
    return dict(content) if zarr_format == 3 else {"version": VERSIONS[2], **content}


def multiscale(name: str, axes: str, levels: int, size: float | None, zarr_format: int) -> dict[str, Any]:
    """Return the entry of ``multiscales`` for arrays "0", "1", … that halve rows and columns each time."""
    space = {"type": "space"} if size is None else {"type": "space", "unit": "micrometer"}
    described_axes = [{"name": a, **(space if _TYPES[a] == "space" else {"type": _TYPES[a]})} for a in axes]
    datasets = []
    for level in range(levels):
        step = (size or 1.0) * 2.0**level
        scale = [step if _TYPES[axis] == "space" else 1.0 for axis in axes]
        transform = {"type": "scale", "scale": scale}
        datasets.append({"path": str(level), "coordinateTransformations": [transform]})
    return versioned({"name": name, "axes": described_axes, "datasets": datasets}, zarr_format)


def levels_of(content: Mapping[str, Any], name: str) -> Levels:
    """Return where the levels of the first image of ``multiscales`` lie.

    Parameters
    ----------
    content : mapping
        What `described` returned.
    name : str
        Name of the file, for errors and warnings.
    """
    try:
        first = content["multiscales"][0]
        axes = [a if isinstance(a, str) else a["name"] for a in first.get("axes", _OLDEST_AXES)]
        units = {a["name"].lower(): a.get("unit", "") for a in first.get("axes", ()) if isinstance(a, dict)}
        datasets = first["datasets"]
        scale = _scale(datasets[0], len(axes))
        scale = [a * b for a, b in zip(scale, _scale(first, len(axes)), strict=True)]
        paths = tuple(str(dataset["path"]) for dataset in datasets)
        letters = "".join(axes).lower()
        rows, columns = (scale[letters.index(axis)] for axis in "yx")
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ValueError(f"{name} has no OME-Zarr image: its multiscales cannot be understood") from error
    size = in_micrometers(rows, columns, (units.get("y", ""), units.get("x", "")), name)
    return Levels(paths, letters.upper(), size)


def _scale(content: Mapping[str, Any], count: int) -> Sequence[float]:
    """Return the product of the scales among ``coordinateTransformations``."""
    product = [1.0] * count
    for transform in content.get("coordinateTransformations", ()):
        if transform.get("type") == "scale" and "scale" in transform:
            product = [a * float(b) for a, b in zip(product, transform["scale"], strict=True)]
    return product
