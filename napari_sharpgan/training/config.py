"""Settings of a GAN training, the only place where they stand."""

from dataclasses import dataclass
from typing import Annotated

from napari_sharpgan._fields import check_limits, one_of
from napari_sharpgan.inference import PRECISIONS
from napari_sharpgan.losses import ADVERSARIAL_LOSSES
from napari_sharpgan.maps import CONDITION_MAPS


@dataclass(frozen=True)
class GanConfig:
    """Settings of one training of generator and discriminator.

    Parameters
    ----------
    steps : int
        Optimizer steps; each sees one batch.
    batch_size : int
        Crops of a step; the paper has 16.
    width : int
        Channels after the first convolution of the generator; pix2pix has 64.
    discriminator_width : int
        The same of the discriminator; pix2pix has 64. 0 takes the generator's.
    condition : str
        Map that the generator sees: x of the paper, or b for GAN-Binary.
    noise : bool
        Give the generator a channel of noise, so that one map has many pictures; pix2pix has none.
    stain : bool
        Show generator and discriminator means and SDs of RGB of the image, so that the stain can be chosen.
    resize_levels : int
        Outermost levels that enlarge by bilinear resizing, which leaves no checkerboard; pix2pix has 0.
    dropout : float
        Dropout in the three levels above the innermost; pix2pix has 0.5.
    adversarial : str
        Adversarial loss: "log" is Eq. 1 to 3, "least-squares" trains more steadily.
    l1_weight : float
        Weight of the mean absolute difference; pix2pix has 100, Eq. 1 of the paper names none.
    feature_weight : float
        Weight of the match of discriminator features; 0 in the paper.
    sharpness_weight : float
        β of Eq. 1, for which the paper gives no value; 0 is GAN-DIST.
    contrast : float
        λ of Eq. 5, as a difference of gray levels in [0, 1]; the paper gives no value.
    learning_rate : float
        Step size of Adam, for both networks; the paper has 1e-4.
    decay : float
        Share of the steps, at the end, over which the learning rate falls to 0.
    ema : float
        How much of its past the averaged generator keeps at each step; 0 keeps the last weights.
    stain_jitter : float
        Largest relative change of the contrast of each color in a crop; 0 leaves the images as they are.
    discriminator_warp : float
        Share of the pairs that are turned and scaled at random before the discriminator sees them, so that it
        does not learn few images by heart; 0 in the paper.
    crop : int
        Height and width of a crop in pixels; the paper has 256.
    precision : str
        Number format of the networks; "auto" takes bfloat16 where the device is faster with it.
    validation : float
        Share of the images that is held out to score the generator on; a "validation" list in split.json goes
        before it.
    samples : int
        How many times in a run the held-out images are looked at, fewer in a short one; 0 never does.
    start : str
        Generator to go on from, by name or path, instead of from random weights; it sets the network.
    seed : int
        Start of all random numbers.
    """

    steps: Annotated[int, {"min": 1, "max": 10_000_000}] = 7_500
    batch_size: Annotated[int, {"min": 1, "max": 256}] = 8
    width: Annotated[int, {"min": 1, "max": 256}] = 32
    discriminator_width: Annotated[int, {"min": 0, "max": 256}] = 0
    condition: Annotated[str, one_of(CONDITION_MAPS)] = "distance-inverted"
    noise: bool = True
    stain: bool = True
    resize_levels: Annotated[int, {"min": 0, "max": 8}] = 2
    dropout: Annotated[float, {"min": 0.0, "max": 0.9, "step": 0.1}] = 0.0
    adversarial: Annotated[str, one_of(ADVERSARIAL_LOSSES)] = "least-squares"
    l1_weight: Annotated[float, {"min": 0.0, "max": 1000.0, "step": 0.1}] = 0.7
    feature_weight: Annotated[float, {"min": 0.0, "max": 1000.0, "step": 0.1}] = 1.0
    sharpness_weight: Annotated[float, {"min": 0.0, "max": 100.0, "step": 0.05}] = 0.05
    contrast: Annotated[float, {"min": 0.001, "max": 1.0, "step": 0.01}] = 0.1
    learning_rate: Annotated[float, {"min": 1e-7, "max": 0.1, "step": 0.0001}] = 0.0002
    decay: Annotated[float, {"min": 0.0, "max": 1.0, "step": 0.05}] = 0.35
    ema: Annotated[float, {"min": 0.0, "max": 0.99999, "step": 0.001}] = 0.998
    stain_jitter: Annotated[float, {"min": 0.0, "max": 0.5, "step": 0.05}] = 0.1
    discriminator_warp: Annotated[float, {"min": 0.0, "max": 1.0, "step": 0.1}] = 0.0
    crop: Annotated[int, {"min": 256, "max": 1024, "step": 256}] = 256
    precision: Annotated[str, one_of(dict.fromkeys(PRECISIONS))] = "auto"
    validation: Annotated[float, {"min": 0.0, "max": 0.9, "step": 0.05}] = 0.1
    samples: Annotated[int, {"min": 0, "max": 10_000}] = 30
    start: str = ""
    seed: Annotated[int, {"min": 0, "max": 2**31 - 1}] = 0

    def __post_init__(self) -> None:
        """Refuse values that no run could use."""
        check_limits(self)
        if self.crop % 256:
            raise ValueError(f"crop must be a multiple of 256, got {self.crop}")
