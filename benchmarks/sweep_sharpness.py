"""Find β and λ of the sharpness loss, for which the paper gives no values, by short trainings.

    python benchmarks/sweep_sharpness.py DATA [--start GENERATOR] [--steps 150] [--runs FOLDER] [--json FILE]

Trains on from one generator, once for each pair of values, on the training images of DATA without the share
that is held out for validation, and scores what came of it on that share, in the stain of each image. The
test images are never read. (From random weights the values matter little in a training as short as this.)
Each training is a run folder: a sweep that was stopped goes on where it was.
"""

import argparse
import json
from pathlib import Path

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.experiments.tissue_scores import rendered, tissue_scores
from napari_sharpgan.metrics.evaluation import combined_score, mean_scores
from napari_sharpgan.rendering import SHIPPED, load_generator, weights_hash
from napari_sharpgan.training import choose_config, survey, train

BESIDE = Path(__file__).parents[2] / "shared" / "data"
ROWS = [  # β, λ, seed: β at one λ, then λ, then once more with another seed, to see how much is chance
    *((beta, 0.1, 1) for beta in (0.0, 0.05, 0.15, 0.5, 1.5)),
    *((beta, contrast, 1) for beta, contrast in ((0.15, 0.03), (0.5, 0.03), (0.15, 0.3))),
    *((beta, 0.1, 2) for beta in (0.0, 0.15, 0.5)),
]


def score(sample, generator):
    return tissue_scores(sample, rendered(sample, generator, stain=sample.stain.tolist()))


def table(rows):
    names = list(rows[0]["scores"])
    lines = ["| β | λ | seed | " + " | ".join(names) + " |", "| ---: " * (len(names) + 3) + "|"]
    for row in rows:
        cells = [f"{row[key]:g}" for key in ("beta", "lambda", "seed")]
        lines.append("| " + " | ".join(cells + [f"{row['scores'][key]:.3f}" for key in names]) + " |")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path, nargs="?", default=BESIDE)
    parser.add_argument("--runs", type=Path, default=Path("runs/sweep"))
    parser.add_argument("--start", default=SHIPPED)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if not options.data.is_dir():
        print(f"no data folder {options.data.name}: give one with a split.json")
        return
    held_out = run_to_end(survey(options.data)).validation
    rows = []
    for beta, contrast, seed in ROWS:
        run = options.runs / f"beta{beta:g}-lambda{contrast:g}-{seed}"
        few = {"steps": options.steps, "batch_size": 8, "samples": 1}
        values = {"sharpness_weight": beta, "contrast": contrast, "seed": seed}
        config = choose_config(run, "fine-tune", start=options.start, **few, **values)
        result = run_to_end(train(options.data, run, config, recipe="fine-tune"))
        scores = mean_scores([score(sample, load_generator(result.weights)) for sample in held_out])
        scores["score"] = combined_score(scores)
        rows.append({"beta": beta, "lambda": contrast, "seed": seed, "scores": scores})
        print(table(rows[-1:]).splitlines()[-1], flush=True)
    print(f"\n{table(rows)}")
    if options.json:
        facts = {"start_sha256": weights_hash(options.start), "steps": options.steps}
        facts |= {"held_out": [sample.name for sample in held_out], "rows": rows}
        options.json.write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    main()
