"""MATLAB files of HoVer-Net, CoNSeP, Kumar and CPM-17: ``inst_map``, and ``inst_type`` for classes.

Words of our own, which other programs pass over: ``type_names`` and ``micrometers_per_pixel``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._checks import check_labels, check_positive
from napari_sharpgan.formats.classes import class_codes, names_are_codes
from napari_sharpgan.formats.paths import understood
from napari_sharpgan.formats.record import Nuclei, NucleusInfo

_SIZE = "micrometers_per_pixel"


def read(path: Path) -> Nuclei:
    """Read ``inst_map``, and the class of each nucleus from ``inst_type`` or, without it, from ``type_map``.

    ``inst_type`` has a row for each label of ``inst_map`` in ascending order. A class is the text of its
    number, or the name that ``type_names`` (written by us) has for it.
    """
    variables = _variables(path)
    if "inst_map" not in variables:
        names = ", ".join(variables) or "nothing"
        raise ValueError(f"{path.name} must hold a variable inst_map, got {names}")
    labels = _whole(variables["inst_map"], f"inst_map in {path.name}")
    numbers = np.unique(labels[labels > 0])
    types = _types(variables, labels, numbers, path)
    written = enumerate(np.ravel(variables.get("type_names", [])), start=1)
    class_names = {code: str(name.item()).strip() for code, name in written}
    info = {
        int(number): NucleusInfo(class_name=class_names.get(int(kind), str(kind)))
        for number, kind in zip(numbers, types, strict=False)
        if kind > 0
    }
    size = _pixel_size(variables, path)
    labels = check_labels(labels, f"inst_map in {path.name}")
    return Nuclei(labels=labels, info=info, micrometers_per_pixel=size)


def write(nuclei: Nuclei, path: Path) -> None:
    """Write ``inst_map`` (int32) and ``inst_centroid`` (x, y), with classes ``inst_type`` and ``type_map``.

    Classes are numbered by `class_codes`; where their names are not the numbers, ``type_names`` holds the
    names. 0 is no class.
    """
    from scipy.io import savemat  # late: it takes a while

    labels = nuclei.to_labels()
    numbers = np.unique(labels[labels > 0])
    variables: dict[str, Any] = {"inst_map": labels, "inst_centroid": _centroids(labels)}
    if nuclei.micrometers_per_pixel is not None:
        variables[_SIZE] = nuclei.micrometers_per_pixel
    classes = [nuclei.info[n].class_name if n in nuclei.info else "" for n in numbers.tolist()]
    if any(classes):
        variables |= _class_variables(labels, numbers, classes)
    savemat(path, variables, appendmat=False, do_compression=True)


def _variables(path: Path) -> dict[str, Any]:
    """Return the variables of a MATLAB file."""
    from scipy.io import loadmat  # late: it takes a while

    with path.open("rb") as file:
        if file.read(128).startswith(b"MATLAB 7.3"):
            raise ValueError(f"{path.name} is a MATLAB 7.3 (HDF5) file; save it with '-v7' in MATLAB")
    with understood(path, "a MATLAB file"):
        content: dict[str, Any] = loadmat(str(path), appendmat=False)
    return {name: value for name, value in content.items() if not name.startswith("__")}


def _pixel_size(variables: dict[str, Any], path: Path) -> float | None:
    """Return µm/px where the file says it."""
    if _SIZE not in variables:
        return None
    with understood(path, f"a MATLAB file, at {_SIZE}"):
        return check_positive(float(np.asarray(variables[_SIZE]).item()), _SIZE)


def _whole(values: Any, name: str) -> NDArray[np.int64]:
    """Return numbers of any kind as integers if all of them are whole; MATLAB's own kind is double."""
    array = np.asarray(values)
    fraction = array.dtype.kind == "f" and not (np.isfinite(array) & (array == np.floor(array))).all()
    if array.dtype.kind not in "buif" or fraction:
        raise TypeError(f"{name} must hold whole numbers, got {array.dtype}")
    return array.astype(np.int64)


def _centroids(labels: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the centroid (x, y) of each nucleus, in ascending order of the labels."""
    rows, columns = np.nonzero(labels)
    _, place, area = np.unique(labels[rows, columns], return_inverse=True, return_counts=True)
    sums = [np.bincount(place, weights=axis, minlength=len(area)) for axis in (columns, rows)]
    return np.column_stack(sums) / area[:, None]


def _types(
    variables: dict[str, Any], labels: NDArray[np.int64], numbers: NDArray[np.int64], path: Path
) -> NDArray[np.int64]:
    """Return the class number of each nucleus; empty where the file has no classes."""
    from scipy import ndimage  # late: it takes a while

    if "inst_type" in variables:
        types = _whole(variables["inst_type"], f"inst_type in {path.name}").ravel()
        if len(types) != len(numbers):
            raise ValueError(
                f"inst_type in {path.name} must have {len(numbers)} rows, one a nucleus, got {len(types)}"
            )
        return types
    if "type_map" not in variables or len(numbers) == 0:
        return np.zeros(0, np.int64)
    types = _whole(variables["type_map"], f"type_map in {path.name}")
    if types.shape != labels.shape:
        raise ValueError(f"type_map in {path.name} must have the shape {labels.shape}, got {types.shape}")
    frequent: NDArray[np.int64] = ndimage.labeled_comprehension(
        types, labels, numbers, _most_frequent, np.int64, 0
    )
    return frequent


def _most_frequent(values: NDArray[np.int64]) -> int:
    """Return the value that occurs most often."""
    found, counts = np.unique(values, return_counts=True)
    return int(found[np.argmax(counts)])


def _class_variables(
    labels: NDArray[np.int32], numbers: NDArray[np.int32], classes: list[str]
) -> dict[str, Any]:
    """Return ``inst_type``, ``type_map`` and, for classes with names, ``type_names``."""
    codes = class_codes(classes)
    types = np.array([codes.get(name, 0) for name in classes], np.int32)
    type_of_label = np.zeros(len(numbers) + 1, np.int32)
    type_of_label[1:] = types
    places = np.where(labels > 0, np.searchsorted(numbers, labels) + 1, 0)
    variables: dict[str, Any] = {"inst_type": types[:, None], "type_map": type_of_label[places]}
    if names_are_codes(codes):
        return variables
    return variables | {"type_names": np.array(list(codes), object)}
