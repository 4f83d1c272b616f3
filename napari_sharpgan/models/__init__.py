"""Networks and nothing else: the generator and the discriminator of the paper."""

from napari_sharpgan.models.noise import canvas_noise
from napari_sharpgan.models.patchgan import PatchGAN
from napari_sharpgan.models.resize_convolution import ResizeConvolution
from napari_sharpgan.models.tissue_generator import STAIN_CHANNELS, TissueGenerator, stain_planes
from napari_sharpgan.models.unet_generator import WINDOW, UNetGenerator

__all__ = [
    "STAIN_CHANNELS",
    "WINDOW",
    "PatchGAN",
    "ResizeConvolution",
    "TissueGenerator",
    "UNetGenerator",
    "canvas_noise",
    "stain_planes",
]
