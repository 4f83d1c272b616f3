"""Labeled synthetic tiles to train segmenters on: S of Table 2. Each follows from seed and number alone."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_sharpgan._files import written_whole
from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.data import Sample
from napari_sharpgan.experiments.results import Work
from napari_sharpgan.formats import Nuclei, write_image, write_nuclei
from napari_sharpgan.nuclei import NucleiConfig, fit_steps, random_nuclei, rasterize
from napari_sharpgan.rendering import Renderer, render_windows, synthetic_note, weights_hash

SIDE = 256  # pixels of a tile
FEWEST = 10  # nuclei of a mask that can be imitated
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
    usable = [sample for sample in samples if len(np.unique(sample.labels)) > FEWEST]
    if not usable:
        raise ValueError(f"at least one image with {FEWEST} nuclei is needed to imitate, got none")
    parts = sets.folders(work.out / TILES)
    models = yield from _models(sets, usable, work)
    renderer = Renderer(sets.generator, device=work.device)
    places = [(folder, number) for folder, numbers in parts.items() for number in numbers]
    for there, (folder, number) in enumerate(places):
        if work.should_stop():
            return there
        if there % 10 == 0:
            yield f"tile {there:,} of {len(places):,}"
        image, labels = (_file(folder, part, number) for part in ("images", "labels"))
        if not (image.is_file() and labels.is_file()):
            tile = _tile(models, renderer, sets.seed, number)
            write_nuclei(Nuclei(labels=tile.labels), labels)
            write_image(tile.tissue, image, synthetic_note(sets.generator, **tile.facts))
    return len(places)


def _file(folder: Path, part: str, number: int) -> Path:
    """Return the file of a tile's image or labels, in a folder that is there."""
    (folder / part).mkdir(parents=True, exist_ok=True)
    return folder / part / f"{number:05}.png"


@dataclass(frozen=True)
class _Tile:
    """Tissue, the nuclei in it, and where they come from."""

    tissue: NDArray[np.uint8]
    labels: NDArray[np.int32]
    facts: dict[str, Any]


def _tile(models: Sequence[dict[str, Any]], renderer: Renderer, seed: int, number: int) -> _Tile:
    """Draw nuclei and render them."""
    rng = np.random.default_rng([seed, number])
    model = models[int(rng.integers(len(models)))]
    variation = int(rng.integers(2**31))
    labels = _mask(model["nuclei"], int(rng.integers(2**31)))
    tissue = run_to_end(render_windows(labels, renderer.in_stain(model["stain"]), seed=variation))
    return _Tile(
        tissue, labels, {"seed": variation, "nuclei": f"like {model['like']}", "stain": model["stain"]}
    )


def _mask(settings: dict[str, Any], seed: int) -> NDArray[np.int32]:
    """Return the label image of a tile; of a few seeds the first that gives any nuclei."""
    labels = np.zeros((SIDE, SIDE), np.int32)
    for more in range(10):
        config = replace(NucleiConfig(**settings), seed=(seed + more) % 2**31)
        labels = rasterize(random_nuclei((SIDE, SIDE), **asdict(config)), (SIDE, SIDE))
        if labels.any():
            break
    return labels


def _models(
    sets: SyntheticSets, samples: Sequence[Sample], work: Work
) -> Generator[str, None, list[dict[str, Any]]]:
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
        models: list[dict[str, Any]] = kept["models"]
        return models
    models = []
    for number, sample in enumerate(samples, 1):
        yield f"fitting nuclei, image {number} of {len(samples)}"
        if work.should_stop():
            return []
        config = run_to_end(fit_steps(sample.labels))
        stain = [round(float(value), 4) for value in sample.stain]
        models.append({"like": sample.name, "stain": stain, "nuclei": asdict(config)})
    with written_whole(path) as temporary:
        temporary.write_text(json.dumps(facts | {"models": models}, indent=1) + "\n", encoding="utf-8")
    return models
