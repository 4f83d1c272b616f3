"""Settings of segmenters by name: ours, and those of the paper's table 2.

The paper says that U-Net and SegNet are trained on real and synthetic images and scored by DQ, SQ, PQ and
AJI; it gives neither their settings nor the step from foreground to nuclei. The recipes that end in "-paper"
take both networks as wide as their own papers have them and learn foreground alone; the step is that of the
target "foreground".
"""

from dataclasses import replace

from napari_sharpgan.training.segmenter_config import SegmenterConfig

UNET = SegmenterConfig()
SEGNET = replace(UNET, model="segnet")
UNET_PAPER = SegmenterConfig(
    width=64, target="foreground", batch_size=16, learning_rate=1e-4, ema=0.0, stain_jitter=0.0, decay=0.0
)
SEGNET_PAPER = replace(UNET_PAPER, model="segnet")

DEFAULT_SEGMENTER_RECIPE = "unet"
SEGMENTER_RECIPES: dict[str, SegmenterConfig] = {
    "unet": UNET,
    "segnet": SEGNET,
    "unet-paper": UNET_PAPER,
    "segnet-paper": SEGNET_PAPER,
}
