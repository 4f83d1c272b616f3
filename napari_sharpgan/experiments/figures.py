"""Pictures of what rows of a table make of the test images, side by side, as in the paper's figures.

Each figure is written twice: whole, and without the columns that show real tissue (``…_synthetic.png``),
which may be passed on where the tissue may not.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import Sample, read_sample
from napari_sharpgan.experiments.results import Result, Work
from napari_sharpgan.experiments.rows import RUNS, Row
from napari_sharpgan.experiments.systems import ABLATION
from napari_sharpgan.experiments.test_images import TestImages
from napari_sharpgan.experiments.tissue_scores import rendered
from napari_sharpgan.formats import write_image
from napari_sharpgan.maps import CONDITION_MAPS, ConditionMap
from napari_sharpgan.metrics.evaluation import CROP, crops
from napari_sharpgan.rendering import load_generator
from napari_sharpgan.segmentation import Predictor, segment_windows
from napari_sharpgan.training import generator_path, outlined, spread

FIGURES = "figures"
FIGURE1 = ("gan-binary-literal", "sharp-gan")
IMAGES = 4  # rows of a figure
_GAP, _TITLE, _POINTS = 8, 52, 17  # pixels
_TRUE, _FOUND = (64, 224, 208), (255, 255, 0)

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Strip:
    """A column of a figure: a title, a picture for each image, and whether they show real tissue."""

    title: str
    pictures: list[Picture]
    is_real: bool = False


def draw_generators(finished: Mapping[Row, Result], work: Work) -> Generator[str, None, None]:
    """Draw figures 1 and 4: real tissue, its nuclei, and the tissue that generators make of them.

    In figure 1 the plainest of the paper's systems and ours, in figure 4 all that are no ablation. A
    generator that knows stains takes that of each image.
    """
    strips = {}
    for name, row in _first(finished).items():
        if row.group != ABLATION:
            yield f"what {row.title} makes of nuclei"
            strips[name] = Strip(f"{row.system}\n{row.group}", _tissue(row, work))
    real = Strip("real", _windows(work.test, lambda sample: sample.image), is_real=True)
    nuclei, distance = (
        Strip(title, _windows(work.test, partial(_map, CONDITION_MAPS[name])))
        for title, name in (("nuclei", "binary"), ("distance map", "distance"))
    )
    if all(name in strips for name in FIGURE1):
        _write([real, nuclei, *(strips[name] for name in FIGURE1)], work.out, "figure1")
    if strips:
        _write([real, nuclei, distance, *strips.values()], work.out, "figure4")


def draw_segmenters(finished: Mapping[Row, Result], work: Work) -> Generator[str, None, None]:
    """Draw figure 5: real tissue with the true nuclei, and with those that segmenters find in it."""
    true = _windows(work.test, lambda sample: outlined(sample.image, sample.labels, _TRUE))
    strips = [Strip("true nuclei", true, is_real=True)]
    for row in _first(finished).values():
        yield f"what {row.title} finds"
        predictor = Predictor(generator_path(work.out / RUNS / row.title), device=work.device)
        pictures = _windows(work.test, partial(_with_found, predictor))
        strips.append(Strip(f"{row.system}\n{row.group}", pictures, is_real=True))
    _write(strips, work.out, "figure5")


def draw_tiles(folder: Path, out: Path, count: int = 8) -> None:
    """Draw some of the synthetic tiles that segmenters were trained on, below them with their nuclei."""
    strips = []
    for number in range(count):
        image, labels = (folder / part / f"{number:05}.png" for part in ("images", "labels"))
        if image.is_file() and labels.is_file():
            sample = read_sample(image, labels)
            strips.append(Strip("", [sample.image, outlined(sample.image, sample.labels, _TRUE)]))
    if strips:
        _write(strips, out, "tiles")


def _first(finished: Mapping[Row, Result]) -> dict[str, Row]:
    """Return the first row of each line, by name."""
    rows: dict[str, Row] = {}
    for row in finished:
        rows.setdefault(row.name, row)
    return rows


def _tissue(row: Row, work: Work) -> list[Picture]:
    """Return what a generator makes of the nuclei in the windows, in the stain of each image."""
    generator = load_generator(generator_path(work.out / RUNS / row.title))
    knows_stains = generator.stain is not None

    def draw(sample: Sample) -> Picture:
        return rendered(sample, generator, work.device, sample.stain.tolist() if knows_stains else None)

    return _windows(work.test, draw)


def _with_found(predictor: Predictor, sample: Sample) -> Picture:
    """Return an image with the outlines of the nuclei that are found in it."""
    found = run_to_end(segment_windows(sample.image, predictor))
    return outlined(sample.image, found, _FOUND)


def _windows(test: TestImages, draw: Callable[[Sample], Picture]) -> list[Picture]:
    """Return the fullest crop of the grid of some test images, evenly spread over all, as drawn."""
    pictures = []
    for sample in spread(test.samples, IMAGES):
        fullest = int((crops(sample.labels) > 0).sum(axis=(1, 2)).argmax())
        picture = crops(draw(sample))[fullest]
        height, width = picture.shape[:2]
        pictures.append(_padded(picture, 0, CROP - height, CROP - width))
    return pictures


def _map(condition: ConditionMap, sample: Sample) -> Picture:
    """Return a map of the nuclei as gray levels."""
    return np.repeat(np.rint(255 * condition(sample.labels)).astype(np.uint8)[..., None], 3, axis=-1)


def _write(strips: Sequence[Strip], out: Path, name: str) -> None:
    """Write a figure, and once more without real tissue if anything is left then."""
    (out / FIGURES).mkdir(exist_ok=True)
    invented = [strip for strip in strips if not strip.is_real]
    note = {"synthetic": len(invented) == len(strips)}
    write_image(_sheet(strips), out / FIGURES / f"{name}.png", note)
    if invented and len(invented) < len(strips):
        write_image(_sheet(invented), out / FIGURES / f"{name}_synthetic.png", {"synthetic": True})


def _sheet(strips: Sequence[Strip]) -> Picture:
    """Lay strips out side by side, with their titles above them."""
    columns = [np.vstack([_padded(p, 0, _GAP, _GAP) for p in strip.pictures]) for strip in strips]
    height = max(len(column) for column in columns)
    top = _TITLE if any(strip.title for strip in strips) else 0
    padded = [_padded(column, top, height - len(column)) for column in columns]
    sheet = Image.fromarray(np.hstack(padded))
    pen, font, left = ImageDraw.Draw(sheet), ImageFont.load_default(_POINTS), 0
    for strip, column in zip(strips, columns, strict=True):
        pen.multiline_text((left, 4), strip.title, fill="black", font=font)
        left += column.shape[1]
    return np.asarray(sheet)


def _padded(picture: Picture, above: int, below: int, right: int = 0) -> Picture:
    """Return a picture with white around it."""
    return np.pad(picture, ((above, below), (0, right), (0, 0)), constant_values=255)
