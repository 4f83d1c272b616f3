"""Generators to and from files, by name or path, and the cards that lie beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from napari_sharpgan._files import sha256_of
from napari_sharpgan.inference import card_of, choose_device, fitting, read_weights, write_weights
from napari_sharpgan.light.generator_file import DISCRIMINATOR, KIND, is_of_generator, weights_path
from napari_sharpgan.light.tensors_file import format_of
from napari_sharpgan.models import PatchGAN, TissueGenerator


def save_generator(
    generator: TissueGenerator,
    path: str | Path,
    *,
    discriminator: PatchGAN | None = None,
    half: bool = False,
    card: dict[str, Any] | None = None,
) -> None:
    """Write a generator as safetensors, whole or not at all.

    Parameters
    ----------
    generator : TissueGenerator
        Weights and batch-norm statistics as they are.
    path : path
        Ends in ``.safetensors``.
    discriminator : PatchGAN, optional
        The one that it was trained against, for those who train it further: with a new one they would have
        to wait until that has learned to see.
    half : bool
        Store float16 instead of float32.
    card : dict, optional
        What else is worth knowing of the weights; JSON.
    """
    state = generator.state_dict()
    header = {"format": format_of(KIND), "settings": generator.settings, "card": card or {}}
    if discriminator is not None:
        state |= {f"{DISCRIMINATOR}{name}": value for name, value in discriminator.state_dict().items()}
        header["discriminator"] = discriminator.settings
    write_weights(state, header, path, half=half)


def load_generator(name_or_path: str | Path | None = None, *, device: str = "cpu") -> TissueGenerator:
    """Load a generator in eval mode.

    Parameters
    ----------
    name_or_path : str or path, optional
        Name of a generator in ``resources/`` or the path of a ``.safetensors`` file; None is the shipped one.
    device : str
        Where its weights go: "auto", "cuda", "mps" or "cpu".

    Returns
    -------
    TissueGenerator
        In eval mode, in float32.

    Raises
    ------
    FileNotFoundError
        If there is no such file or name.
    ValueError
        If the file is cut short, no safetensors file, or holds no generator of ours.
    """
    path = weights_path(name_or_path)
    header, state = read_weights(path, KIND, is_of_generator)
    with fitting(path, "generator"):
        generator = TissueGenerator(**header["settings"])
        generator.load_state_dict(state)
    return generator.eval().requires_grad_(False).to(choose_device(device))


def load_discriminator(name_or_path: str | Path | None = None) -> PatchGAN | None:
    """Load the discriminator that a generator was trained against, if its file holds one.

    Takes and refuses what `load_generator` does.
    """
    path = weights_path(name_or_path)
    header, state = read_weights(path, KIND, lambda name: name.startswith(DISCRIMINATOR))
    if "discriminator" not in header:
        return None
    with fitting(path, "discriminator"):
        discriminator = PatchGAN(**header["discriminator"])
        discriminator.load_state_dict(
            {name.removeprefix(DISCRIMINATOR): value for name, value in state.items()}
        )
    return discriminator


def read_card(name_or_path: str | Path | None = None) -> dict[str, Any]:
    """Return what the header of a generator's file says about it, beside its settings."""
    return card_of(weights_path(name_or_path), KIND)


def read_settings(name_or_path: str | Path | None = None) -> dict[str, Any]:
    """Return what a generator's file says of the network, the arguments of `TissueGenerator`."""
    path = weights_path(name_or_path)
    with fitting(path, "generator"):
        settings: dict[str, Any] = dict(_header(path)["settings"])
    return settings


def discriminator_settings(name_or_path: str | Path | None = None) -> dict[str, Any] | None:
    """Return what a generator's file says of the discriminator in it, the arguments of `PatchGAN`, if any."""
    settings: dict[str, Any] | None = _header(weights_path(name_or_path)).get("discriminator")
    return settings


def card_text(name_or_path: str | Path | None = None) -> str:
    """Return the model card that lies beside a generator's file, else what its header says of it."""
    path = weights_path(name_or_path)
    card = path.with_suffix(".md")
    return card.read_text(encoding="utf-8") if card.is_file() else json.dumps(read_card(path), indent=1)


def weights_hash(name_or_path: str | Path | None = None) -> str:
    """Return the SHA-256 of a generator's file, as hexadecimal digits."""
    return sha256_of(weights_path(name_or_path))


def _header(path: Path) -> dict[str, Any]:
    """Return the header of a file of a generator."""
    return read_weights(path, KIND, lambda name: False)[0]
