"""``sharpgan score``: how well nuclei or images agree with true ones."""

from __future__ import annotations

import json
import math
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.cli._manners import say
from napari_sharpgan.cli._paths import check_output
from napari_sharpgan.formats import IMAGE_SUFFIXES, NUCLEI_FORMATS, write_image
from napari_sharpgan.scoring.pairs import KINDS, pairs_of

if TYPE_CHECKING:
    from napari_sharpgan.scoring.folders import ScoreStep
    from napari_sharpgan.scoring.score import Scored


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
        choices=KINDS,
        default="auto",
        metavar="KIND",
        help="masks: DQ, SQ, PQ, AJI and more; images: SSIM, FSIM, GMSD, NRMSE of gray levels (default: "
        "auto, by which outlines and files with one number a pixel are masks)",
    )
    parser.add_argument(
        "--nuclei",
        type=Path,
        metavar="NUCLEI",
        help="of images, scored within each nucleus and at their contours too; of folders a folder",
    )
    parser.add_argument("--color", action="store_true", help="of images, FSIMc too, which sees color")
    parser.add_argument(
        "--csv",
        type=Path,
        metavar="TABLE",
        help="written: of masks a row a nucleus with its outcome, of images one with its scores if "
        "--nuclei are given, else a row an image",
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
    pairs, notes = pairs_of(options.true, options.predicted, options.nuclei)
    is_one = len(pairs) == 1 and not options.true.is_dir()
    _check_outputs(options, is_one=is_one)
    for note in notes:
        say(note)

    from napari_sharpgan.scoring.folders import score_pairs  # torch takes seconds
    from napari_sharpgan.scoring.table import image_table, nuclei_table, write_rows

    def follow(step: ScoreStep) -> None:
        _tell_step(step)
        _draw(options.error_map, step, is_one=is_one)

    scored = run_to_end(score_pairs(pairs, options.kind, color=options.color), follow)
    has_nuclei = bool(scored[0].nuclei)
    if options.csv is not None:
        write_rows(nuclei_table(scored) if has_nuclei else image_table(scored), options.csv)
    if options.per_image is not None:
        write_rows(image_table(scored), options.per_image)
    _tell(scored, as_json=options.json)
    return 0


def _check_outputs(options: Namespace, *, is_one: bool) -> None:
    """Raise if something cannot be written, or would replace what is read."""
    read = tuple(path for path in (options.true, options.predicted, options.nuclei) if path is not None)
    for path in (options.csv, options.per_image):
        if path is not None:
            check_output(path, {".csv": None}, inputs=read)
    if None not in (options.csv, options.per_image) and options.csv.resolve() == options.per_image.resolve():
        raise ValueError(f"--csv and --per-image are both {options.csv}; expected a file for each")
    if options.error_map is not None and is_one:
        check_output(options.error_map, dict.fromkeys((".png",)), inputs=read)
    elif options.error_map is not None:
        if options.error_map.is_file():
            raise NotADirectoryError(f"{options.error_map} is a file; for folders --error-map is a folder")
        if options.error_map.exists() and any(options.error_map.samefile(path) for path in read):
            raise ValueError(f"{options.error_map} is what is read; choose another folder")


def _tell_step(step: ScoreStep) -> None:
    """Say what had to be changed in reading a pair, and what is undefined in its scores."""
    for note in step.arrays.notes:
        say(note)
    for remark in step.scored.remarks:
        say(f"{step.scored.name}: {remark}")


def _draw(path: Path | None, step: ScoreStep, *, is_one: bool) -> None:
    """Write the error map of a pair, if it is asked for."""
    if path is None:
        return
    if step.scored.errors is None:
        raise ValueError("--error-map shows what became of nuclei, and these are images; leave it away")

    from napari_sharpgan.scoring.table import error_picture

    if not is_one:
        path.mkdir(parents=True, exist_ok=True)
        path = path / f"{step.scored.name}.png"
    write_image(error_picture(step.scored.errors()), path)


def _tell(scored: Sequence[Scored], *, as_json: bool) -> None:
    """Print the scores."""
    from napari_sharpgan.metrics.evaluation import mean_scores

    mean = mean_scores(one.scores for one in scored)
    if as_json:
        kind = "masks" if scored[0].are_masks else "images"
        images = [{"image": one.name, **_known(one.scores), **one.counts} for one in scored]
        print(json.dumps({"kind": kind, "images": images, "mean": _known(mean)}, indent=1))
        return
    words = list(scored[0].counts)
    lines = [["image", *(name.replace("_plus", "+").upper() for name in mean), *words]]
    for one in scored:
        lines.append([one.name, *map(_rounded, one.scores.values()), *map(str, one.counts.values())])
    if len(scored) > 1:
        total = [str(sum(one.counts[word] for one in scored)) for word in words]
        lines.append([f"mean of {len(scored)}", *map(_rounded, mean.values()), *total])
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = (cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))
        print("  ".join([first.ljust(widths[0]), *cells]))


def _rounded(score: float) -> str:
    return "–" if math.isnan(score) else f"{score:.4f}"


def _known(scores: dict[str, float]) -> dict[str, float | None]:
    """Return scores with None, which JSON knows, for what is undefined or infinite."""
    return {name: score if math.isfinite(score) else None for name, score in scores.items()}
