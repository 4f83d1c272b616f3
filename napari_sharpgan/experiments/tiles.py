"""Labeled synthetic tiles to train segmenters on: S of Table 2. Each follows from seed and number alone."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from napari_sharpgan._files import written_whole
from napari_sharpgan.data import Sample
from napari_sharpgan.experiments.results import Work
from napari_sharpgan.formats import Nuclei, write_image, write_nuclei
from napari_sharpgan.rendering import Renderer, synthetic_note, weights_hash
from napari_sharpgan.synthesis import TileModel, draw_tile, fitted_models, imitable

TILES = "tiles"
MODELS = "nuclei.json"  # which nuclei, in which stains


@dataclass(frozen=True)
class SyntheticSets:
    """Sets of synthetic tiles: what they are rendered with, and how large they are.

    Parameters
    ----------
    generator : str or path
        Weights. For numbers to report, those of a row of Table 1: they have seen no other images than the
        segmenters.
    sizes : sequence of int
        How many tiles each set has; the paper has 3,000 and 10,000. They share the first ones.
    seed : int
        Tile ``k`` follows from seed and ``k`` alone, however many there are.
    """

    generator: str | Path
    sizes: Sequence[int] = (3_000,)
    seed: int = 0

    def folders(self, place: Path) -> dict[Path, range]:
        """Return folders, and the numbers of their tiles: each set, the smallest first, has one more.

        Raises
        ------
        ValueError
            If there is no size, or one below 1.
        """
        ends = sorted(set(self.sizes))
        if not ends or ends[0] < 1:
            raise ValueError(
                f"sizes of sets of tiles must be whole numbers from 1 on, got {list(self.sizes)}"
            )
        parts = (range(start, stop) for start, stop in pairwise([0, *ends]))
        return {place / f"{part.start}-{part.stop}": part for part in parts}


def make_tiles(sets: SyntheticSets, samples: Sequence[Sample], work: Work) -> Generator[str, None, int]:
    """Write synthetic tiles with nuclei like those of real images, in the stains of these.

    Parameters
    ----------
    sets : SyntheticSets
        Which tiles.
    samples : sequence of Sample
        Real images. Each tile takes one by chance: random nuclei with settings fitted to its mask (see
        `fit_nuclei`), rendered in its stain. Those with fewer than ten nuclei are left out.
    work : Work
        Its ``out`` gets ``tiles/nuclei.json``, which says what nuclei, and in which stains; and the folders
        of ``sets``, each with ``images/00000.png``, ``labels/00000.png`` and so on. Tiles that are there are
        not made again, unless their set begins or ends elsewhere than before.

    Returns
    -------
    int
        How many tiles are there; fewer than asked for if it was stopped.

    Raises
    ------
    ValueError
        If no image has ten nuclei, or there are tiles of another generator, seed or other images.
    """
    usable = imitable(samples)
    parts = sets.folders(work.out / TILES)
    models = yield from _models(sets, usable, work)
    renderer = Renderer(sets.generator, device=work.device, engine="torch")  # everywhere the same
    note = synthetic_note(sets.generator)  # reads the file of weights: once is enough
    places = [(folder, number) for folder, numbers in parts.items() for number in numbers]
    for there, (folder, number) in enumerate(places):
        if work.should_stop():
            return there
        if there % 10 == 0:
            yield f"tile {there:,} of {len(places):,}"
        image, labels = (_file(folder, part, number) for part in ("images", "labels"))
        if not (image.is_file() and labels.is_file()):
            tile = draw_tile(models, renderer, sets.seed, number)
            write_nuclei(Nuclei(labels=tile.labels), labels)
            write_image(tile.tissue, image, note | tile.facts)
    return len(places)


def _file(folder: Path, part: str, number: int) -> Path:
    """Return the file of a tile's image or labels, in a folder that is there."""
    (folder / part).mkdir(parents=True, exist_ok=True)
    return folder / part / f"{number:05}.png"


def _models(
    sets: SyntheticSets, samples: Sequence[Sample], work: Work
) -> Generator[str, None, list[TileModel]]:
    """Return settings of nuclei and stain of each image, and keep them, so that they are fitted once."""
    facts = {"seed": sets.seed, "weights_sha256": weights_hash(sets.generator)}
    facts |= {"like": [sample.name for sample in samples]}
    place = work.out / TILES
    place.mkdir(parents=True, exist_ok=True)
    path = place / MODELS
    if path.is_file():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if {name: kept.get(name) for name in facts} != facts:
            raise ValueError(
                f"{place} holds tiles of another generator, seed or other images; choose another folder"
            )
        return [TileModel.from_json(model) for model in kept["models"]]
    models = yield from fitted_models(samples, should_stop=work.should_stop)
    if models:
        facts |= {"models": [model.to_json() for model in models]}
        with written_whole(path) as temporary:
            temporary.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return models
