"""``sharpgan maps``: the maps of a file of nuclei."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan.cli._paths import add_nuclei_arguments, check_output, read_labels
from napari_sharpgan.formats import NUCLEI_FORMATS
from napari_sharpgan.formats.map_image import MAP_FORMATS, write_map
from napari_sharpgan.maps import CONDITION_MAPS, NORMALIZATIONS, contour_map, distance_map

PAPER = ("binary", "distance", "contour")  # b, x, c
Labels = NDArray[np.int32]


def add_arguments(parser: ArgumentParser) -> None:
    """Add nuclei, where the maps go, and which they are."""
    add_nuclei_arguments(parser)
    parser.add_argument(
        "out",
        metavar="OUT",
        type=Path,
        help=f"a file for one map ({', '.join(MAP_FORMATS)}), or a folder, made if missing, for several",
    )
    parser.add_argument(
        "--kind",
        action="append",
        choices=kinds("none"),
        metavar="KIND",
        help=f"{', '.join(kinds('none'))}; may be given several times (default: distance into a file, "
        f"{', '.join(PAPER)} into a folder)",
    )
    parser.add_argument(
        "--normalize",
        choices=tuple(NORMALIZATIONS),
        default="none",
        metavar="HOW",
        help="distances in pixels (none), or divided by the largest of the nucleus or of the image "
        "(none, nucleus, image; default: none)",
    )
    parser.add_argument(
        "--suffix",
        choices=tuple(MAP_FORMATS),
        default=".tif",
        metavar="SUFFIX",
        help=f"kind of the files in a folder: {', '.join(MAP_FORMATS)} (default: .tif); .tif and .npy keep "
        "float32, .png has 256 gray levels to look at",
    )


def kinds(normalize: str) -> dict[str, Callable[[Labels], NDArray[Any]]]:
    """Return the maps by name: every condition map, distances normalized as asked, and the contour map."""
    distance = {"distance": lambda labels: distance_map(labels, normalize=normalize)}
    return {**CONDITION_MAPS, **distance, "contour": contour_map}


def run(options: Namespace) -> int:
    """Write each map and say what lies where."""
    paths = targets(options)
    labels = read_labels(options.nuclei, options.shape)
    for kind, path in paths.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        values = kinds(options.normalize)[kind](labels)
        white = max(1.0, float(values.max(initial=0)))
        write_map(values, path, white=white, note={"map": kind, "normalize": options.normalize})
        print(f"{path}: {kind}, {_said(path, white)}")
    return 0


def targets(options: Namespace) -> dict[str, Path]:
    """Return the file of each map asked for, or raise if they cannot be written."""
    out: Path = options.out
    into_file = out.suffix.lower() in MAP_FORMATS and not out.is_dir()
    chosen = dict.fromkeys(options.kind or (("distance",) if into_file else PAPER))
    if not into_file:
        if out.is_file():
            raise ValueError(f"{out} is no folder, and its name ends in none of {', '.join(MAP_FORMATS)}")
        return {kind: out / f"{_stem(options.nuclei)}_{kind}{options.suffix}" for kind in chosen}
    if len(chosen) > 1:
        raise ValueError(f"one file takes one map, but {', '.join(chosen)} were asked for; give a folder")
    check_output(out, MAP_FORMATS, inputs=(options.nuclei,))
    return dict.fromkeys(chosen, out)


def _stem(path: Path) -> str:
    """Return the name of a file of nuclei without its ending: ``image12`` of ``image12_mask.txt``."""
    endings = [suffix for suffix in NUCLEI_FORMATS if path.name.lower().endswith(suffix)]
    return path.name[: -max(map(len, endings))] if endings else path.stem


def _said(path: Path, white: float) -> str:
    if path.suffix.lower() == ".png":
        return f"gray levels 0 to 255 stand for 0 to {white:g}"
    return f"float32, 0 to {white:g}"
