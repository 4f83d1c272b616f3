"""Synthesize a slide twice, unbroken and killed on the way, and look whether all is as it should be.

    python benchmarks/check_slide.py [--side 16384] [--keep FOLDER]

Says time, peak memory and bytes; whether both slides are equal in every pixel of every level; whether each
id of a nucleus lies in one place; and how much the borders of windows and of blocks show. Prints JSON.
"""

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import zarr
from _seams import seam_ratio

from napari_sharpgan._gray import gray_image

STRIP = 2048
LARGEST = 256  # px that a nucleus may reach over
COMMAND = [sys.executable, "-c", "import sys; from napari_sharpgan.cli import main; sys.exit(main())"]


def synthesize(out: Path, *options: object, kill_at: tuple[int, ...] = ()) -> dict[str, float]:
    """Make a slide; kill the process when so many blocks are there, and let the next go on."""
    start, peak, kills = time.perf_counter(), 0, list(kill_at)
    journal = out.with_name(f".{out.name}.blocks.jsonl")
    while True:
        process = psutil.Popen([*COMMAND, "synthesize", str(out), *map(str, options)])
        while process.poll() is None:
            time.sleep(0.05)
            try:
                family = [process, *process.children(recursive=True)]
                peak = max(peak, sum(one.memory_info().rss for one in family))
            except psutil.Error:
                continue
            if kills and journal.is_file() and journal.read_text().count("\n") >= kills[0]:
                process.send_signal(signal.SIGKILL)
                kills.pop(0)
                break
        if process.wait() == 0:
            return {"seconds": time.perf_counter() - start, "peak_gib": peak / 2**30}
        if process.returncode != -signal.SIGKILL:
            raise subprocess.CalledProcessError(process.returncode, "sharpgan synthesize")


def levels(out: Path) -> dict[str, Any]:
    group = zarr.open_group(out, mode="r")
    names = [name for name, _ in group.arrays()]
    return {name: group[name] for name in [*names, *(f"labels/nuclei/{name}" for name in names)]}


def differing(one: Path, other: Path) -> int:
    """Count pixels that differ, over all levels of image and labels."""
    ours, theirs = levels(one), levels(other)
    return sum(
        int(
            np.count_nonzero(ours[name][..., top : top + STRIP, :] != theirs[name][..., top : top + STRIP, :])
        )
        for name in ours
        for top in range(0, ours[name].shape[-2], STRIP)
    )


def ids(labels: Any) -> dict[str, int]:
    """Count nuclei, and those whose pixels lie apart: no nucleus reaches over so much."""
    low: dict[int, tuple[int, int]] = {}
    high: dict[int, tuple[int, int]] = {}
    for top in range(0, labels.shape[0], STRIP):
        strip = labels[top : top + STRIP, :]
        rows, columns = np.nonzero(strip)
        numbers, inverse = np.unique(strip[rows, columns], return_inverse=True)
        ends = []
        for values in (rows + top, columns):
            least, most = np.full(len(numbers), 2**40), np.zeros(len(numbers), np.int64)
            np.minimum.at(least, inverse, values)
            np.maximum.at(most, inverse, values)
            ends.append((least, most))
        (first_row, last_row), (first_column, last_column) = ends
        for number, *box in zip(
            numbers.tolist(), first_row, first_column, last_row, last_column, strict=True
        ):
            before = low.get(number, (2**40, 2**40)), high.get(number, (0, 0))
            low[number] = min(before[0][0], int(box[0])), min(before[0][1], int(box[1]))
            high[number] = max(before[1][0], int(box[2])), max(before[1][1], int(box[3]))
    apart = sum(
        max(high[number][0] - low[number][0], high[number][1] - low[number][1]) > LARGEST for number in low
    )
    return {"nuclei": len(low), "ids_in_several_places": apart}


def seams(image: Any, block: int) -> dict[str, list[float]]:
    """Look at borders of windows and of blocks, in strips across the slide."""
    found = []
    for start in range(0, min(max(image.shape[1] - 3071, 1), 4 * 3072), 3072):  # a multiple of 192
        found.append(seam_ratio(gray_image(np.moveaxis(image[:, start : start + 3072, :3072], 0, -1))))
    ratios = np.array([ratio for ratio, _ in found])
    errors = np.array([error for _, error in found])
    return {
        "windows": [round(float(ratios.mean()), 4), round(float(np.sqrt((errors**2).sum()) / len(found)), 4)],
        "blocks": [round(value, 4) for value in block_ratio(image, block)],
    }


def block_ratio(image: Any, block: int) -> tuple[float, float]:
    """Return the mean step across the borders of blocks over that at other multiples of 64, and its error."""
    borders, others = [], []
    for border in range(block, image.shape[2], block):
        part = image[:, :, border - 512 : border + 512]
        gray = gray_image(np.moveaxis(part, 0, -1))
        steps = np.abs(np.diff(gray, axis=1)).mean(axis=0)
        borders.append(float(steps[511]))
        others += [float(steps[place]) for place in range(63, 1023, 64) if place != 511]
    ratio = np.mean(borders) / np.mean(others)
    spread = np.std(others) / np.mean(others)
    return float(ratio), float(ratio * spread / np.sqrt(len(borders)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--side", type=int, default=16384)
    parser.add_argument("--keep", type=Path, help="folder for the slides; else they are removed")
    options = parser.parse_args()
    place = options.keep or Path(tempfile.mkdtemp())
    place.mkdir(parents=True, exist_ok=True)
    whole, killed = place / "whole.ome.zarr", place / "killed.ome.zarr"
    asked = ("--shape", options.side, options.side, "--seed", 4)
    facts: dict[str, Any] = {"side": options.side} | synthesize(whole, *asked)
    blocks = (-(-options.side // 2048)) ** 2
    broken = synthesize(killed, *asked, "--block", 2048, kill_at=(blocks // 4, blocks // 2))
    facts["killed_twice"] = broken
    facts["bytes"] = sum(path.stat().st_size for path in whole.rglob("*") if path.is_file())
    facts["differing_pixels"] = differing(whole, killed)
    found = levels(whole)
    facts |= ids(found["labels/nuclei/0"])
    facts["seams"] = seams(found["0"], 4096)
    print(json.dumps(facts, indent=1))
    if options.keep is None:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
