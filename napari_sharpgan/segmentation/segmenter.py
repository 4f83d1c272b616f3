"""A network that segments nuclei, with the target that it was trained on, to and from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from napari_sharpgan._checks import choose
from napari_sharpgan._resources import SEGMENTERS as SHIPPED
from napari_sharpgan._resources import shipped_segmenters
from napari_sharpgan.inference import choose_device, fitting, read_weights, write_weights
from napari_sharpgan.light.tensors_file import format_of
from napari_sharpgan.models import SEGMENTERS
from napari_sharpgan.segmentation.targets import TARGETS

KIND = "segmenter"


class Segmenter(nn.Module):
    """A network of `SEGMENTERS` that learns one of `TARGETS`.

    Parameters
    ----------
    model : str
        Name in `napari_sharpgan.models.SEGMENTERS`.
    width : int
        Channels of its first level.
    target : str
        Name in `TARGETS`.
    """

    def __init__(self, model: str = "unet", width: int = 64, target: str = "foreground") -> None:
        super().__init__()
        self.settings = {"model": model, "width": width, "target": target}
        self.target = choose("target", target, TARGETS)
        self.network = choose("segmenter", model, SEGMENTERS)(self.target.channels, width)

    def forward(self, image: Tensor) -> Tensor:
        """Return logits (N, C, H, W) of pictures (N, 3, H, W) in [-1, 1]; C is that of the target."""
        logits: Tensor = self.network(image)
        return logits


def save_segmenter(
    segmenter: Segmenter, path: str | Path, *, half: bool = False, card: dict[str, Any] | None = None
) -> None:
    """Write a segmenter as safetensors, whole or not at all.

    Parameters
    ----------
    segmenter : Segmenter
        Weights and batch-norm statistics as they are.
    path : path
        Ends in ``.safetensors``.
    half : bool
        Store float16 instead of float32.
    card : dict, optional
        What else is worth knowing of the weights; JSON.
    """
    header = {"format": format_of(KIND), "settings": segmenter.settings, "card": card or {}}
    write_weights(segmenter.state_dict(), header, path, half=half)


def load_segmenter(name_or_path: str | Path | None = None, *, device: str = "cpu") -> Segmenter:
    """Load a segmenter in eval mode.

    Parameters
    ----------
    name_or_path : str or path, optional
        The path of a ``.safetensors`` file, or the name of one in ``resources/segmenters/``; None is the
        first of those.
    device : str
        Where its weights go: "auto", "cuda", "mps" or "cpu".

    Raises
    ------
    FileNotFoundError
        If there is no such file or name, or none is shipped.
    ValueError
        If the file is cut short, no safetensors file, or holds no segmenter of ours.
    """
    path = segmenter_path(name_or_path)
    header, state = read_weights(path, KIND)
    with fitting(path, KIND):
        segmenter = Segmenter(**header["settings"])
        segmenter.load_state_dict(state)
    return segmenter.eval().requires_grad_(False).to(choose_device(device))


def segmenter_settings(name_or_path: str | Path | None = None) -> dict[str, Any]:
    """Return what a segmenter's file says of the network, the arguments of `Segmenter`."""
    path = segmenter_path(name_or_path)
    with fitting(path, KIND):
        return dict(read_weights(path, KIND, lambda name: False)[0]["settings"])


def segmenter_path(name_or_path: str | Path | None = None) -> Path:
    """Return the file of a segmenter given by name or path; None is the first that is shipped."""
    names = shipped_segmenters()
    if name_or_path is None:
        if not names:
            raise FileNotFoundError(
                "no segmenter comes with this version; name the .safetensors file of one "
                "('sharpgan train-segmenter' makes one, --segmenter names it)"
            )
        return next(iter(names.values()))
    path = Path(name_or_path)
    if path.suffix == ".safetensors":
        if not path.is_file():
            raise FileNotFoundError(f"there is no file {path}; expected weights of a segmenter")
        return path
    if str(name_or_path) not in names:
        raise FileNotFoundError(
            f"there is no segmenter {str(name_or_path)!r}; expected a path that ends in .safetensors or a "
            f"name in resources/{SHIPPED}/, which holds {', '.join(names) or 'none'}"
        )
    return names[str(name_or_path)]
