"""Settings of the training of a segmenter, the only place where they stand."""

from dataclasses import dataclass
from typing import Annotated

from napari_sharpgan._fields import check_limits, one_of
from napari_sharpgan.inference import PRECISIONS
from napari_sharpgan.models import SEGMENTERS
from napari_sharpgan.segmentation import TARGETS

MULTIPLE = 32  # of the side of a crop: SegNet halves five times


@dataclass(frozen=True)
class SegmenterConfig:
    """Settings of one training of a segmenter.

    Parameters
    ----------
    steps : int
        Optimizer steps; each sees one batch.
    batch_size : int
        Crops of a step.
    model : str
        Network; the paper has both.
    width : int
        Channels of the first level; the papers of both networks have 64.
    target : str
        What it learns to say of each pixel: foreground alone, or also the rims of nuclei ("contour") or how
        near their middles are ("distance"), by which touching nuclei come apart.
    learning_rate : float
        Step size of Adam.
    decay : float
        Share of the steps, at the end, over which the learning rate falls to 0.
    ema : float
        How much of its past the averaged segmenter keeps at each step; 0 keeps the last weights.
    stain_jitter : float
        Largest relative change of the contrast of each color in a crop; 0 leaves the images as they are.
    crop : int
        Height and width of a crop in pixels, a multiple of 32; the paper has 256.
    precision : str
        Number format of the network; "auto" takes bfloat16 where the device is faster with it.
    validation : float
        Share of the images that is held out to score the segmenter on; a "validation" list in split.json goes
        before it.
    samples : int
        How many times in a run the held-out images are looked at, fewer in a short one; 0 never does.
    synthetic : str
        Folder with synthetic images and labels to train on too, or a set of tiles in any format; or several,
        parted as in PATH; none if empty.
    synthetic_share : float
        Share of the crops that come from there: between 0 and 1 it is R+S of the paper's table 2, 1 is S.
    start : str
        Segmenter to go on from, by name or path, instead of from random weights; it sets the network.
    seed : int
        Start of all random numbers.
    """

    steps: Annotated[int, {"min": 1, "max": 10_000_000}] = 4_000
    batch_size: Annotated[int, {"min": 1, "max": 256}] = 8
    model: Annotated[str, one_of(SEGMENTERS)] = "unet"
    width: Annotated[int, {"min": 1, "max": 256}] = 32
    target: Annotated[str, one_of(TARGETS)] = "distance"
    learning_rate: Annotated[float, {"min": 1e-7, "max": 0.1, "step": 0.0001}] = 0.001
    decay: Annotated[float, {"min": 0.0, "max": 1.0, "step": 0.05}] = 0.5
    ema: Annotated[float, {"min": 0.0, "max": 0.99999, "step": 0.001}] = 0.99
    stain_jitter: Annotated[float, {"min": 0.0, "max": 0.5, "step": 0.05}] = 0.2
    crop: Annotated[int, {"min": 32, "max": 1024, "step": 32}] = 256
    precision: Annotated[str, one_of(dict.fromkeys(PRECISIONS))] = "auto"
    validation: Annotated[float, {"min": 0.0, "max": 0.9, "step": 0.05}] = 0.1
    samples: Annotated[int, {"min": 0, "max": 10_000}] = 20
    synthetic: str = ""
    synthetic_share: Annotated[float, {"min": 0.0, "max": 1.0, "step": 0.1}] = 0.5
    start: str = ""
    seed: Annotated[int, {"min": 0, "max": 2**31 - 1}] = 0

    def __post_init__(self) -> None:
        """Refuse values that no run could use."""
        check_limits(self)
        if self.crop % MULTIPLE:
            raise ValueError(f"crop must be a multiple of {MULTIPLE}, got {self.crop}")
