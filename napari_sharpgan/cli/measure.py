"""``sharpgan measure``: size, form, stain and sharpness of each nucleus, as a table."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import numpy as np

from napari_sharpgan.cli._manners import say
from napari_sharpgan.cli._paths import add_nuclei_arguments, check_output
from napari_sharpgan.formats import IMAGE_SUFFIXES, read_image, read_nuclei
from napari_sharpgan.measures import MEASURES, NucleusTable, measure_nuclei, write_table

SHOWN = ("area", "area_um2", "eccentricity", "solidity", "hematoxylin", "sharpness")


def add_arguments(parser: ArgumentParser) -> None:
    """Add nuclei, their image, the size of a pixel, and the table."""
    add_nuclei_arguments(parser)
    parser.add_argument(
        "--image",
        type=Path,
        metavar="IMAGE",
        help=f"measure stain, contrast and sharpness in it too: {', '.join(IMAGE_SUFFIXES)}",
    )
    parser.add_argument(
        "--micrometers-per-pixel",
        type=float,
        metavar="X",
        help="size of a pixel in µm, for areas and lengths in µm² and µm (default: what NUCLEI says)",
    )
    parser.add_argument(
        "--contrast",
        type=float,
        default=0.1,
        metavar="λ",
        help="λ of Eq. 5: the difference of gray levels, in [0, 1], that counts as sharp (default: 0.1)",
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="TABLE", help="written: a .csv with a row a nucleus"
    )


def run(options: Namespace) -> int:
    """Measure, write the table, and say the medians."""
    check_output(options.out, {".csv": None}, inputs=(options.nuclei, options.image))
    image = None if options.image is None else read_image(options.image)
    nuclei = read_nuclei(options.nuclei)
    for note in nuclei.notes:
        say(note)
    shape = options.shape if image is None else image.shape[:2]
    try:
        labels = nuclei.to_labels(None if shape is None else (shape[0], shape[1]))
    except ValueError as error:
        raise ValueError(f"{options.nuclei.name}: {error}") from error
    given = options.micrometers_per_pixel
    size = nuclei.micrometers_per_pixel if given is None else given
    table = measure_nuclei(labels, image, micrometers_per_pixel=size, contrast=options.contrast)
    write_table(table, options.out)
    print(f"{options.out}: {summary(table)}")
    return 0


def summary(table: NucleusTable) -> str:
    """Return how many nuclei there are, and the medians of what people ask for."""
    said = ["1 nucleus" if len(table) == 1 else f"{len(table)} nuclei"]
    for name in SHOWN if len(table) else ():
        if name in table.columns:
            measure = MEASURES[name]
            said.append(f"{measure.title.lower()} {np.nanmedian(table[name]):.3g} {measure.unit}".rstrip())
    return " · ".join(said) + (" (medians)" if len(said) > 1 else "")
