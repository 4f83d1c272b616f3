"""Begin with what a trained generator knows, and with the discriminator that it was trained against."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, TypeVar

from napari_sharpgan.rendering import (
    discriminator_settings,
    load_discriminator,
    load_generator,
    read_settings,
)
from napari_sharpgan.training.config import GanConfig
from napari_sharpgan.training.gan import GanTrainer
from napari_sharpgan.training.segmenter_config import SegmenterConfig

Started = TypeVar("Started", GanConfig, SegmenterConfig)

_SHARED = ("condition", "width", "resize_levels", "noise")  # settings that config and generator both have


def fitted(config: GanConfig, asked: dict[str, Any]) -> GanConfig:
    """Return the config with the network of the generator that it starts from, if it starts from one.

    Parameters
    ----------
    config : GanConfig
        Settings.
    asked : dict
        Those of them that a person asked for.

    Raises
    ------
    FileNotFoundError, ValueError
        If there is no such generator, or it has another network than was asked for.
    """
    if not config.start:
        return config
    known = read_settings(config.start)
    network = {name: known[name] for name in _SHARED} | {"stain": known["stain"] is not None}
    config = network_of(config, network, asked)
    discriminator = discriminator_settings(config.start)
    return config if discriminator is None else replace(config, discriminator_width=discriminator["width"])


def network_of(config: Started, network: dict[str, Any], asked: dict[str, Any]) -> Started:
    """Return the config with the settings of the network that it starts from.

    Raises
    ------
    ValueError
        If other settings of the network were asked for.
    """
    for name, value in network.items():
        if asked.get(name, value) != value:
            raise ValueError(
                f"{config.start} was trained with {name} {value}, but {asked[name]} was asked for; "
                "leave that away or start from nothing"
            )
    return replace(config, **network)


def start_from(trainer: GanTrainer, name_or_path: str) -> None:
    """Put the weights of a generator, and of the discriminator in its file, into a fresh trainer.

    The default stain stays that of the images which are trained on.
    """
    weights = load_generator(name_or_path).state_dict()
    for network in (trainer.generator, trainer.averaged):
        network.load_state_dict(weights)
    discriminator = load_discriminator(name_or_path)
    if discriminator is not None:
        trainer.discriminator.load_state_dict(discriminator.state_dict())
