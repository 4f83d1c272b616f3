"""``sharpgan segment``: find the nuclei of an image."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.cli._paths import check_output
from napari_sharpgan.formats import (
    IMAGE_SUFFIXES,
    NUCLEI_FORMATS,
    Nuclei,
    read_image_with_size,
    write_nuclei,
)
from napari_sharpgan.formats.paths import by_suffix
from napari_sharpgan.scene import Scene, Window
from napari_sharpgan.scene.found_nuclei import FoundNuclei, take_found

if TYPE_CHECKING:
    from napari_sharpgan.segmentation import SegmentStep


def add_arguments(parser: ArgumentParser) -> None:
    """Add the image, what is written, and the segmenter."""
    written = ", ".join(suffix for suffix, kind in NUCLEI_FORMATS.items() if kind.write)
    parser.add_argument("image", metavar="IMAGE", type=Path, help=f"picture: {', '.join(IMAGE_SUFFIXES)}")
    parser.add_argument("out", metavar="OUT", type=Path, help=f"nuclei, written: {written}")
    parser.add_argument(
        "--segmenter",
        metavar="PATH",
        help="weights of a segmenter, such as the best of a run: RUN/checkpoints/best.safetensors "
        "(default: the shipped one, if there is one)",
    )
    parser.add_argument(
        "--window",
        nargs=4,
        type=int,
        metavar=("ROW", "COLUMN", "HEIGHT", "WIDTH"),
        help="only the nuclei whose centers lie in this window, in pixels of the image (default: all of it)",
    )
    parser.add_argument("--device", default="auto", help="auto, cuda, mps or cpu (default: auto)")


def run(options: Namespace) -> int:
    """Segment, write the nuclei, and say how many there are."""
    check_output(options.out, NUCLEI_FORMATS, inputs=(options.image,))
    kind = by_suffix(options.out, NUCLEI_FORMATS)
    if kind.write is None:
        raise ValueError(f"{kind.title} is only read, not written; choose another ending for {options.out}")
    image = read_image_with_size(options.image)
    shape = image.pixels.shape[:2]
    window = (
        (slice(0, shape[0]), slice(0, shape[1])) if not options.window else _window(options.window, shape)
    )

    from napari_sharpgan.segmentation import Predictor, part_around, segment_windows  # torch takes seconds

    place = part_around(window, shape)
    predictor = Predictor(options.segmenter, device=options.device)
    with tqdm(desc="windows", unit=" windows", leave=False, delay=1) as bar:

        def show(step: SegmentStep) -> None:
            bar.total = step.total
            bar.update(step.done - bar.n)

        found = run_to_end(segment_windows(image.pixels[place], predictor), show)
    labels = _placed(found, place, window, shape) if options.window else found
    write_nuclei(Nuclei(labels=labels, micrometers_per_pixel=image.micrometers_per_pixel), options.out)
    count, covered = int(labels.max()), (labels > 0).mean()
    print(f"{options.out}: {count} {'nucleus' if count == 1 else 'nuclei'}, {covered:.0%} of the image")
    return 0


def _window(asked: list[int], shape: tuple[int, int]) -> Window:
    """Return a window of an image."""
    row, column, height, width = asked
    inside = 0 <= row < row + height <= shape[0] and 0 <= column < column + width <= shape[1]
    if not inside:
        raise ValueError(
            f"--window must lie in the image of {shape[0]} × {shape[1]} pixels, got "
            f"{height} × {width} from row {row}, column {column}"
        )
    return slice(row, row + height), slice(column, column + width)


def _placed(
    found: NDArray[np.int32], place: Window, window: Window, shape: tuple[int, int]
) -> NDArray[np.int32]:
    """Return the nuclei that belong to a window, where they lie in the image."""
    scene = Scene(shape)
    take_found(scene, FoundNuclei.of(found, place, window))
    return scene.labels
