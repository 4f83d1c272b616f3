"""``sharpgan score``: how well nuclei or images agree with true ones."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._files import written_whole
from napari_sharpgan.cli._pairs import Arrays, Pair, pairs_of, read_pair
from napari_sharpgan.cli._paths import check_output
from napari_sharpgan.formats import IMAGE_SUFFIXES, NUCLEI_FORMATS, write_image

COLUMNS = ("image", "mask", "nucleus", "outcome", "partner", "iou", "area", "row", "column")

Scores = dict[str, float]
Row = tuple[object, ...]


def add_arguments(parser: ArgumentParser) -> None:
    """Add what is compared, and what is written."""
    kinds = ", ".join(dict.fromkeys((*NUCLEI_FORMATS, *IMAGE_SUFFIXES)))
    parser.add_argument("true", metavar="TRUE", type=Path, help=f"mask, image, or folder of them: {kinds}")
    parser.add_argument(
        "predicted",
        metavar="PREDICTED",
        type=Path,
        help="the same; in folders files of one name are compared",
    )
    parser.add_argument(
        "--as",
        dest="kind",
        choices=("auto", "masks", "images"),
        default="auto",
        metavar="KIND",
        help="masks: DQ, SQ, PQ, AJI and more; images: SSIM, FSIM, GMSD, NRMSE of gray levels (default: "
        "auto, by which outlines and files with one number a pixel are masks)",
    )
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="TABLE",
        help="written: of masks a row a nucleus with its outcome, of images a row an image",
    )
    parser.add_argument(
        "--per-image",
        type=Path,
        metavar="TABLE",
        help="written: a row an image, and the mean",
    )
    parser.add_argument(
        "--error-map",
        type=Path,
        metavar="PICTURE",
        help="written, of masks: each nucleus in the color of its outcome; a .png, of folders a folder",
    )
    parser.add_argument("--json", action="store_true", help="say all scores as JSON")


def run(options: Namespace) -> int:
    """Score each pair, write what was asked for, and say the scores and their mean."""
    pairs = pairs_of(options.true, options.predicted)
    is_one = len(pairs) == 1 and not options.true.is_dir()
    _check_outputs(options, is_one=is_one)

    from napari_sharpgan.metrics.evaluation import mean_scores  # torch takes seconds

    scores: dict[str, Scores] = {}
    nuclei: list[Row] = []
    counts: dict[str, dict[str, int]] = {}
    kind: bool | None = None
    for pair in pairs:
        arrays = read_pair(pair, options.kind)
        kind = _same_kind(kind, arrays.are_masks, pair)
        scores[pair.name] = _scored(pair, arrays)
        if arrays.are_masks:
            counts[pair.name] = _count(arrays)
            nuclei += nucleus_rows(pair.name, arrays.true, arrays.predicted) if options.csv else []
            _draw(options.error_map, pair, arrays, is_one=is_one)
        elif options.error_map is not None:
            raise ValueError("--error-map shows what became of nuclei, and these are images; leave it away")
    mean = mean_scores(scores.values())
    if options.csv is not None and kind:
        write_rows(COLUMNS, nuclei, options.csv)
    for path in (options.per_image, None if kind else options.csv):
        if path is not None:
            write_rows(("image", *mean), _table(scores, mean), path)
    _tell(scores, mean, counts, as_json=options.json)
    return 0


def nucleus_rows(name: str, true: NDArray[Any], predicted: NDArray[Any]) -> list[Row]:
    """Return a row for each true, then each predicted nucleus, as `COLUMNS` says."""
    from scipy import ndimage

    from napari_sharpgan.metrics import OUTCOME_STYLES, Outcome, nucleus_outcomes

    outcomes = nucleus_outcomes(true, predicted)
    rows: list[Row] = []
    for mask, labels, found in (("true", true, outcomes.true), ("predicted", predicted, outcomes.predicted)):
        centers = np.reshape(ndimage.center_of_mass(labels > 0, labels, found.labels), (-1, 2))
        facts = (found.labels, found.codes, found.partners, found.ious, found.areas, *centers.T)
        for number, code, partner, iou, area, row, column in zip(*(f.tolist() for f in facts), strict=True):
            word = OUTCOME_STYLES[Outcome(code)].word
            places = f"{iou:.6f}", area, f"{row:.2f}", f"{column:.2f}"
            rows.append((name, mask, number, word, partner or "", *places))
    return rows


def error_picture(true: NDArray[Any], predicted: NDArray[Any]) -> NDArray[np.uint8]:
    """Return the error map of two label images in colors, (H, W, 3), black off nuclei."""
    from napari_sharpgan.metrics import OUTCOME_STYLES, error_map

    colors = np.zeros((max(OUTCOME_STYLES) + 1, 3), np.uint8)
    for outcome, style in OUTCOME_STYLES.items():
        colors[outcome] = list(bytes.fromhex(style.color[1:]))
    picture: NDArray[np.uint8] = colors[error_map(true, predicted)]
    return picture


def write_rows(columns: Sequence[str], rows: Iterable[Row], path: Path) -> None:
    """Write a table as CSV, whole or not at all."""
    with written_whole(path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(columns)
        table.writerows(rows)


def _check_outputs(options: Namespace, *, is_one: bool) -> None:
    """Raise if something cannot be written, or would replace what is read."""
    read = (options.true, options.predicted)
    for path in (options.csv, options.per_image):
        if path is not None:
            check_output(path, {".csv": None}, inputs=read)
    if options.error_map is not None and is_one:
        check_output(options.error_map, dict.fromkeys((".png",)), inputs=read)
    elif options.error_map is not None:
        if options.error_map.is_file():
            raise NotADirectoryError(f"{options.error_map} is a file; for folders --error-map is a folder")
        if options.error_map.exists() and any(options.error_map.samefile(path) for path in read):
            raise ValueError(f"{options.error_map} is what is read; choose another folder")


def _same_kind(before: bool | None, now: bool, pair: Pair) -> bool:
    """Return whether a pair is of masks, as those before."""
    if before is not None and before != now:
        words = {True: "masks", False: "images"}
        raise ValueError(f"{pair.name} holds {words[now]}, the files before {words[before]}; keep them apart")
    return now


def _scored(pair: Pair, arrays: Arrays) -> Scores:
    """Return the scores of a pair; an error names it."""
    from napari_sharpgan.metrics.evaluation import score_image, score_instances

    score = score_instances if arrays.are_masks else score_image
    try:
        return score(arrays.true, arrays.predicted)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{pair.true.name} and {pair.predicted.name}: {error}") from error


def _count(arrays: Arrays) -> dict[str, int]:
    """Return how many nuclei had which outcome; what is extra is counted among the predicted ones."""
    from napari_sharpgan.metrics import OUTCOME_STYLES, Outcome, nucleus_outcomes

    outcomes = nucleus_outcomes(arrays.true, arrays.predicted)
    sides = dict.fromkeys(OUTCOME_STYLES, outcomes.true) | {Outcome.EXTRA: outcomes.predicted}
    return {OUTCOME_STYLES[outcome].word: side.count(outcome) for outcome, side in sides.items()}


def _draw(path: Path | None, pair: Pair, arrays: Arrays, *, is_one: bool) -> None:
    """Write the error map of a pair, if it is asked for."""
    if path is None:
        return
    if not is_one:
        path.mkdir(parents=True, exist_ok=True)
        path = path / f"{pair.name}.png"
    write_image(error_picture(arrays.true, arrays.predicted), path)


def _table(scores: Mapping[str, Scores], mean: Scores) -> list[Row]:
    """Return a row an image, and the mean last where there are several."""
    rows = dict(scores) if len(scores) == 1 else {**scores, "mean": mean}
    return [(name, *(f"{value:.6f}" for value in row.values())) for name, row in rows.items()]


def _tell(
    scores: Mapping[str, Scores], mean: Scores, counts: Mapping[str, dict[str, int]], *, as_json: bool
) -> None:
    """Print the scores."""
    if as_json:
        images = [{"image": name, **row, **counts.get(name, {})} for name, row in scores.items()]
        print(json.dumps({"kind": "masks" if counts else "images", "images": images, "mean": mean}, indent=1))
        return
    words = list(next(iter(counts.values()))) if counts else []
    lines = [["image", *(name.replace("_plus", "+").upper() for name in mean), *words]]
    for name, row in scores.items():
        of_nuclei = [str(counts[name][word]) for word in words]
        lines.append([name, *(f"{value:.4f}" for value in row.values()), *of_nuclei])
    if len(scores) > 1:
        total = [str(sum(count[word] for count in counts.values())) for word in words]
        lines.append([f"mean of {len(scores)}", *(f"{value:.4f}" for value in mean.values()), *total])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        print("  ".join([first.ljust(widths[0]), *cells]))
