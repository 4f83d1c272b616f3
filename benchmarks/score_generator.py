"""Score a generator on the test images of a data folder: image metrics, realism, what the model card reports.

    python benchmarks/score_generator.py DATA [--generator NAME|PATH] [--json FILE]

DATA holds a split.json. Each test image is rendered from its mask twice: in the stain that the generator
knows best, and in the stain (mean and SD of RGB) of the image itself.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import read_samples
from napari_sharpgan.metrics.evaluation import mean_scores, score_image
from napari_sharpgan.metrics.realism import color_difference, nuclei_darker, realism
from napari_sharpgan.rendering import Renderer, load_generator, render_windows, weights_hash

BESIDE = Path(__file__).parents[2] / "shared" / "data"  # where the tests look, too


def score(sample, renderer):
    tissue = run_to_end(render_windows(sample.labels, renderer))
    return {
        **score_image(sample.image, tissue),
        **asdict(realism(sample.image, tissue, sample.labels)),
        "nuclei_darker": nuclei_darker(tissue, sample.labels),
        "color_difference": color_difference(sample.image, tissue),
    }


def table(rows):
    names = list(next(iter(rows.values())))
    lines = ["| image | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    lines += [
        f"| {name} | " + " | ".join(f"{row[key]:.3f}" for key in names) + " |" for name, row in rows.items()
    ]
    return "\n".join(lines)


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
    generator = load_generator(options.generator)
    samples = read_samples(options.data, "test")
    results = {"weights_sha256": weights_hash(options.generator)}
    for title, own_stain in (("the generator's stain", False), ("the stain of each image", True)):
        rows = {}
        for sample in samples:
            stain = sample.stain.tolist() if own_stain else None
            rows[sample.name] = score(sample, Renderer(generator, stain=stain, precision="float32"))
        for part in ("cpm15", "gbm", "lgg", ""):
            chosen = [row for name, row in rows.items() if name.startswith(part)]
            if chosen:
                rows[f"mean {part}".strip()] = mean_scores(chosen)
        results[title] = rows
        print(f"\nIn {title}:\n\n{table(rows)}")
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
