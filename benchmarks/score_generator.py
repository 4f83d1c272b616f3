"""Score a generator on the test images of a data folder: image metrics, realism, what the model card reports.

    python benchmarks/score_generator.py DATA [--generator NAME|PATH] [--json FILE]

DATA holds a split.json. Each test image is rendered from its mask twice: in the stain that the generator
knows best, and in the stain (mean and SD of RGB) of the image itself.
"""

import argparse
from pathlib import Path

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.experiments.results import write_json
from napari_sharpgan.experiments.table import grid
from napari_sharpgan.experiments.test_images import read_test_images
from napari_sharpgan.experiments.tissue_scores import OF_IMAGE, OWN, evaluate_generator
from napari_sharpgan.metrics.evaluation import mean_scores
from napari_sharpgan.rendering import weights_hash, weights_path

BESIDE = Path(__file__).parents[2] / "shared" / "data"  # where the tests look, too
TITLES = {OWN: "the generator's stain", OF_IMAGE: "the stain of each image"}


def table(rows):
    names = list(next(iter(rows.values())))
    cells = [[name, *(f"{row[key]:.3f}" for key in names)] for name, row in rows.items()]
    return grid(["image", *names], cells)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", default=BESIDE)
    parser.add_argument("--generator")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"no data folder {options.data.name}: give one with a split.json")
        return
    test = read_test_images(options.data)
    results = {"weights_sha256": weights_hash(options.generator)}
    views = run_to_end(evaluate_generator(weights_path(options.generator), test, "auto"))
    for view, rows in views.items():
        for part in ("cpm15", "gbm", "lgg", ""):
            chosen = [row for name, row in rows.items() if name.startswith(part) and " " not in name]
            if chosen:
                rows[f"mean {part}".strip()] = mean_scores(chosen)
        results[TITLES[view]] = rows
        print(f"\nIn {TITLES[view]}:\n\n{table(rows)}")
    if options.json:
        write_json(results, options.json)


if __name__ == "__main__":
    main()
