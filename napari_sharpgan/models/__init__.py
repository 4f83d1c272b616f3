"""Networks and nothing else: generator and discriminator of the paper, and the segmenters that it compares.

A segmenter takes ``(out_channels, width)`` and turns pictures (N, 3, H, W) in [-1, 1] into one tensor of
logits (N, C, H, W). To add one, write it and name it in ``SEGMENTERS``.
"""

from collections.abc import Callable

from torch import nn

from napari_sharpgan.light.noise import canvas_noise
from napari_sharpgan.light.stain import STAIN_CHANNELS
from napari_sharpgan.models.noise import noise_of_windows
from napari_sharpgan.models.patchgan import PatchGAN
from napari_sharpgan.models.resize_convolution import ResizeConvolution
from napari_sharpgan.models.segnet import SegNet
from napari_sharpgan.models.tissue_generator import TissueGenerator, stain_planes
from napari_sharpgan.models.unet import UNet
from napari_sharpgan.models.unet_generator import WINDOW, UNetGenerator

SEGMENTERS: dict[str, Callable[[int, int], nn.Module]] = {
    "unet": UNet,
    "segnet": SegNet,
}

__all__ = [
    "SEGMENTERS",
    "STAIN_CHANNELS",
    "WINDOW",
    "PatchGAN",
    "ResizeConvolution",
    "SegNet",
    "TissueGenerator",
    "UNet",
    "UNetGenerator",
    "canvas_noise",
    "noise_of_windows",
    "stain_planes",
]
