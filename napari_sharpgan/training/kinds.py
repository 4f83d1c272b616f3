"""What can be trained: generators and segmenters, each with its settings by name and the way to begin."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from napari_sharpgan.data import CropSource, joined
from napari_sharpgan.maps import CONDITION_MAPS
from napari_sharpgan.segmentation import TARGETS
from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.gan import GanTrainer
from napari_sharpgan.training.held_out import HeldOutImages
from napari_sharpgan.training.looks import Examiner
from napari_sharpgan.training.recipes import DEFAULT_RECIPE, RECIPES
from napari_sharpgan.training.segmenter import (
    SegmenterTrainer,
    TissueSources,
    fitted_segmenter,
    start_from_segmenter,
)
from napari_sharpgan.training.segmenter_config import SegmenterConfig
from napari_sharpgan.training.segmenter_held_out import HeldOutNuclei
from napari_sharpgan.training.segmenter_recipes import DEFAULT_SEGMENTER_RECIPE, SEGMENTER_RECIPES
from napari_sharpgan.training.start import fitted, start_from
from napari_sharpgan.training.surveyed import Survey
from napari_sharpgan.training.trainer import Config, Trainer


@dataclass(frozen=True)
class Kind:
    """Something that can be trained.

    Parameters
    ----------
    name, command : str
        What it is, and the sub-command that trains it.
    config : type
        The settings.
    recipes, default_recipe : mapping of str to settings, str
        Settings by name.
    fitted : callable
        Settings, and those of them that were asked for -> settings with the network that they start from.
    more_data : callable
        Settings -> folders to train on beside the data folder.
    prepare : callable
        Settings, what the data folder and the others hold, device -> trainer, and held-out images.
    start_from : callable
        Put the weights of a saved network, by name or path, into a fresh trainer.
    """

    name: str
    command: str
    config: type[Config]
    recipes: Mapping[str, Any]
    default_recipe: str
    fitted: Callable[[Any, dict[str, Any]], Any]
    more_data: Callable[[Any], list[Path]]
    prepare: Callable[[Any, Survey, Sequence[Survey], torch.device], tuple[Trainer, Examiner | None]]
    start_from: Callable[[Any, str], None]


def synthetic_folders(config: SegmenterConfig) -> list[Path]:
    """Return the folders of synthetic tissue that are named in the settings, parted as in PATH."""
    if not config.synthetic or config.synthetic_share == 0:
        return []
    return [Path(part) for part in config.synthetic.split(os.pathsep) if part]


def _generator(
    config: GanConfig, found: Survey, _more: Sequence[Survey], device: torch.device
) -> tuple[GanTrainer, HeldOutImages | None]:
    condition = CONDITION_MAPS[config.condition]
    crops = CropSource(found.train, condition, size=config.crop, stain_jitter=config.stain_jitter)
    return GanTrainer(config, crops, device=device), HeldOutImages.chosen(found.train, found.validation)


def _segmenter(
    config: SegmenterConfig, found: Survey, more: Sequence[Survey], device: torch.device
) -> tuple[SegmenterTrainer, HeldOutNuclei | None]:
    real, synthetic = (
        CropSource(samples, TARGETS[config.target].plane, size=config.crop, stain_jitter=config.stain_jitter)
        if len(samples)
        else None
        for samples in (
            found.train if not more or config.synthetic_share < 1 else [],
            joined([one.train for one in more]),
        )
    )
    sources = TissueSources(real, synthetic, config.synthetic_share)
    trainer = SegmenterTrainer(config, sources, device=device)
    return trainer, HeldOutNuclei.chosen(found.train, found.validation)


KINDS: dict[str, Kind] = {
    "generator": Kind(
        "generator",
        "train",
        GanConfig,
        RECIPES,
        DEFAULT_RECIPE,
        fitted,
        more_data=lambda config: [],
        prepare=_generator,
        start_from=start_from,
    ),
    "segmenter": Kind(
        "segmenter",
        "train-segmenter",
        SegmenterConfig,
        SEGMENTER_RECIPES,
        DEFAULT_SEGMENTER_RECIPE,
        fitted_segmenter,
        more_data=synthetic_folders,
        prepare=_segmenter,
        start_from=start_from_segmenter,
    ),
}


def kind_of(config: Config) -> str:
    """Return what is trained with such settings, a name in `KINDS`."""
    return next(name for name, kind in KINDS.items() if type(config) is kind.config)
