"""Generators to and from files: safetensors, all that a load needs in the header, so no code is ever run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from napari_sharpgan._files import written_whole
from napari_sharpgan._resources import resources
from napari_sharpgan.models import PatchGAN, TissueGenerator
from napari_sharpgan.rendering.devices import choose_device

FORMAT = "napari-sharpgan generator 1"
HEADER = "napari-sharpgan"  # one entry for all that we say: safetensors shuffles entries from file to file
SHIPPED = "sharpgan-brain"

_DISCRIMINATOR = "discriminator."  # before the names of its tensors


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
    header = {"format": FORMAT, "settings": generator.settings, "card": card or {}}
    if discriminator is not None:
        state |= {f"{_DISCRIMINATOR}{name}": value for name, value in discriminator.state_dict().items()}
        header["discriminator"] = discriminator.settings
    state = {name: value.detach().cpu().contiguous() for name, value in state.items()}
    if half:
        state = {name: v.half() if v.is_floating_point() else v for name, v in state.items()}
    with written_whole(path) as temporary:
        save_file(state, temporary, metadata={HEADER: json.dumps(header)})


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
    header, state = _read(path, lambda name: not name.startswith(_DISCRIMINATOR))
    with _fitting(path, "generator"):
        generator = TissueGenerator(**header["settings"])
        generator.load_state_dict(state)
    return generator.eval().requires_grad_(False).to(choose_device(device))


def load_discriminator(name_or_path: str | Path | None = None) -> PatchGAN | None:
    """Load the discriminator that a generator was trained against, if its file holds one.

    Takes and refuses what `load_generator` does.
    """
    path = weights_path(name_or_path)
    header, state = _read(path, lambda name: name.startswith(_DISCRIMINATOR))
    if "discriminator" not in header:
        return None
    with _fitting(path, "discriminator"):
        discriminator = PatchGAN(**header["discriminator"])
        discriminator.load_state_dict(
            {name.removeprefix(_DISCRIMINATOR): value for name, value in state.items()}
        )
    return discriminator


def weights_path(name_or_path: str | Path | None = None) -> Path:
    """Return the file of a generator given by name or path; None is the shipped one."""
    if name_or_path is None:
        name_or_path = SHIPPED
    path = Path(name_or_path)
    if path.suffix == ".safetensors":
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {path}; expected weights of a generator")
        return path
    names = shipped_generators()
    if str(name_or_path) not in names:
        raise FileNotFoundError(
            f"there is no generator {str(name_or_path)!r}; expected a path that ends in .safetensors or a "
            f"name in resources/, which holds {', '.join(names) or 'none'}"
        )
    return names[str(name_or_path)]


def shipped_generators() -> dict[str, Path]:
    """Return the generators in ``resources/`` by name."""
    return {path.stem: path for path in sorted(resources().glob("*.safetensors"))}


def read_card(name_or_path: str | Path | None = None) -> dict[str, Any]:
    """Return what the header of a generator's file says about it, beside its settings."""
    card: dict[str, Any] = _header(weights_path(name_or_path)).get("card", {})
    return card


def read_settings(name_or_path: str | Path | None = None) -> dict[str, Any]:
    """Return what a generator's file says of the network, the arguments of `TissueGenerator`."""
    path = weights_path(name_or_path)
    with _fitting(path, "generator"):
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
    with weights_path(name_or_path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _header(path: Path) -> dict[str, Any]:
    """Return the header of a safetensors file of ours."""
    return _read(path, lambda name: False)[0]


def _read(path: Path, wanted: Callable[[str], bool]) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """Return the header of a safetensors file of ours and its ``wanted`` tensors, in float32."""
    try:
        with safe_open(path, framework="pt") as file:
            header = json.loads((file.metadata() or {}).get(HEADER, "{}"))
            state = {name: file.get_tensor(name) for name in filter(wanted, file.keys())}
    except (SafetensorError, OSError, json.JSONDecodeError) as error:
        raise ValueError(f"{path.name} is no whole safetensors file: {error}") from error
    told = header.get("format") if isinstance(header, dict) else header
    if told != FORMAT:
        raise ValueError(
            f"{path.name} is no generator of napari-sharpgan: its header says {told!r}, expected {FORMAT!r}"
        )
    return header, {name: v.float() if v.is_floating_point() else v for name, v in state.items()}


@contextmanager
def _fitting(path: Path, network: str) -> Iterator[None]:
    """Turn what tensors that do not fit the header raise into one sentence."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ValueError(
            f"{path.name} does not fit the {network} that its header describes: {error}"
        ) from error
