"""``sharpgan sharpness``: how sharp the contours of nuclei are in an image."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._files import written_whole
from napari_sharpgan.cli._paths import add_nuclei_arguments, check_output, read_labels
from napari_sharpgan.formats import IMAGE_SUFFIXES, read_image
from napari_sharpgan.formats.map_image import MAP_FORMATS, write_map

if TYPE_CHECKING:
    from napari_sharpgan.losses import ContourSharpness

LARGEST = 6.0  # S of a pixel in a flat neighborhood
SHOWN = 5


def add_arguments(parser: ArgumentParser) -> None:
    """Add image, nuclei, and what is written."""
    parser.add_argument("image", metavar="IMAGE", type=Path, help=f"picture: {', '.join(IMAGE_SUFFIXES)}")
    add_nuclei_arguments(parser, nargs="?")
    parser.add_argument(
        "--contrast",
        type=float,
        default=0.1,
        metavar="λ",
        help="λ of Eq. 5: the difference of gray levels, in [0, 1], that counts as sharp (default: 0.1)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="MAP",
        help=f"write S of Eq. 5 of each contour pixel, 0 off contours: {', '.join(MAP_FORMATS)}",
    )
    parser.add_argument(
        "--everywhere", action="store_true", help="write S of every pixel, not of contours only"
    )
    parser.add_argument(
        "--csv", type=Path, metavar="TABLE", help="write a row a nucleus, from the blurriest to the sharpest"
    )


def run(options: Namespace) -> int:
    """Measure, write what was asked for, and say the means."""
    check_options(options)
    image = read_image(options.image)
    labels = None if options.nuclei is None else read_labels(options.nuclei, image.shape[:2])

    from napari_sharpgan.losses import contour_sharpness, image_sharpness

    if labels is None:
        sharpness = image_sharpness(image, contrast=options.contrast)
        print(f"{options.image}: mean S {sharpness.mean():.4f} over all pixels; low is sharp, 6 is flat")
    else:
        found = contour_sharpness(image, labels, contrast=options.contrast)
        sharpness = found.map if options.everywhere else np.where(found.contour, found.map, 0)
        rows = blurriest_first(found, labels)
        _tell(options.image, found, rows)
        if options.csv is not None:
            write_table(rows, options.csv)
    if options.out is not None:
        note = {"map": "sharpness", "contrast": options.contrast}
        write_map(sharpness, options.out, white=LARGEST, note=note)
    return 0


def check_options(options: Namespace) -> None:
    """Raise if an output cannot be written, or a table is wanted of no nuclei."""
    if options.nuclei is None and options.csv is not None:
        raise ValueError("--csv has a row a nucleus, so it needs NUCLEI after the image")
    for path, endings in ((options.out, MAP_FORMATS), (options.csv, {".csv": None})):
        if path is not None:
            check_output(path, endings, inputs=(options.image, options.nuclei))


Row = tuple[int, float, int, float, float]
COLUMNS = ("nucleus", "mean_sharpness", "contour_pixels", "row", "column")


def blurriest_first(found: ContourSharpness, labels: NDArray[np.int32]) -> list[Row]:
    """Return label, mean S over the contour, contour pixels and centroid of each nucleus."""
    from scipy import ndimage

    centers = np.reshape(ndimage.center_of_mass(labels > 0, labels, found.keys), (-1, 2))
    columns = (values.tolist() for values in (found.keys, found.means, found.sizes, *centers.T))
    return sorted(zip(*columns, strict=True), key=lambda row: -row[1])


def write_table(rows: list[Row], path: Path) -> None:
    """Write rows as CSV, whole or not at all."""
    with written_whole(path) as temporary, temporary.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        table.writerows((key, f"{mean:.6f}", size, f"{y:.2f}", f"{x:.2f}") for key, mean, size, y, x in rows)


def _tell(image: Path, found: ContourSharpness, rows: list[Row]) -> None:
    """Print the loss and the blurriest nuclei."""
    mean = found.map[found.contour].mean() if found.contour.any() else float("nan")
    print(f"{image}: L_sharp {found.loss:.4f}, mean S {mean:.4f} over the contours of {len(rows)} nuclei")
    if rows:
        print("blurriest nuclei (low S is sharp, 6 is flat):")
    for key, value, size, row, column in rows[:SHOWN]:
        print(f"  {key:6d}  S {value:.3f}  {size:4d} contour pixels at row {row:.0f}, column {column:.0f}")
