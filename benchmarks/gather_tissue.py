"""Make the data folder that the shipped generator is trained on: links to sets of tiles, and a split.

    python benchmarks/gather_tissue.py DATA OUT

DATA holds cpm15, gbm, lgg, monuseg, tnbc and the split.json of the first three. OUT gets links to them and a
split.json of its own. It trains on the brain images of the list "train", twice, so that they are more than
half of all crops, and on MoNuSeg and TNBC but for the patients that are kept to test other organs on. Every
tenth brain image is held out to choose the weights by.
"""

import argparse
import json
from pathlib import Path

from napari_sharpgan.data.layouts import held_out_indices

SETS = ("cpm15", "gbm", "lgg", "monuseg", "tnbc")
AGAIN = "again"  # a second link to all of DATA
KEPT_MONUSEG = ("A7-A13F", "49-4488", "B0-5698", "CH-5767", "AY-A8YK", "KB-A93J")
KEPT_TNBC = ("01", "07", "11")  # patients


def split_of(data):
    lists = json.loads((data / "split.json").read_text())
    held_out = [lists["train"][index] for index in held_out_indices(len(lists["train"]), 0.1)]
    brain = [name for name in lists["train"] if name not in held_out]
    monuseg = [path.name for path in sorted((data / "monuseg" / "images").iterdir())]
    tnbc = [path.name for path in sorted((data / "tnbc" / "images").iterdir())]
    return {
        "train": [
            *brain,
            *(f"{AGAIN}/{name}" for name in brain),
            *(f"monuseg/images/{name}" for name in monuseg if not any(k in name for k in KEPT_MONUSEG)),
            *(f"tnbc/images/{name}" for name in tnbc if name[:2] not in KEPT_TNBC),
        ],
        "validation": held_out,
        "test": lists["test"],
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    data = options.data.resolve()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, target in {**{name: data / name for name in SETS}, AGAIN: data}.items():
        link = options.out / name
        if not link.exists():
            link.symlink_to(target)
    (options.out / "split.json").write_text(json.dumps(split_of(data), indent=1) + "\n")


if __name__ == "__main__":
    main()
