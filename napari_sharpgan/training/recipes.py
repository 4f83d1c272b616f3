"""Settings by name: ours, the paper's ablation, the paper to the letter, pix2pix with the sharpness term.

What the paper leaves open, and what each recipe makes of it:

* β (``sharpness_weight``), λ (``contrast``) and the range of gray levels that λ is measured in are not given.
  Gray levels lie in [0, 1] here, λ is 0.1, and β is 1 in "paper-literal"; ours is what measured best.
* Whether pix2pix's L1 term is on: Eq. 1 has none, so "paper-literal" has none; "pix2pix-sharpness" has it.
* The normalization of the distance map: the abstract says *normalized*, section 2.2 gives a plain distance.
  "paper-literal" takes the distance as a share of the nucleus's largest.
* Dropout: G is "the U-Net of pix2pix", whose only randomness is dropout of 0.5, so "paper-literal" has it.
* "contour-map" shows the generator the contour map c as well, which the paper gives to the loss alone.
* "fine-tune" is no setting of the paper: it goes on from the shipped generator, for own tissue in minutes.
* Turns are by multiples of 90°, since no angles are given. An epoch is one crop for each 256² pixels.
"""

from dataclasses import replace

from napari_sharpgan.rendering import SHIPPED
from napari_sharpgan.training.config import GanConfig

SHARP_GAN = GanConfig()
CONTOUR_MAP = replace(SHARP_GAN, condition="distance-contour")
GAN_DIST = replace(SHARP_GAN, sharpness_weight=0.0)
GAN_BINARY = replace(GAN_DIST, condition="binary")

FINE_TUNE = replace(SHARP_GAN, start=SHIPPED, steps=1_500, learning_rate=1e-4, decay=0.5)

PIX2PIX_SHARPNESS = GanConfig(
    width=64,
    condition="distance",
    noise=False,
    stain=False,
    resize_levels=0,
    dropout=0.5,
    adversarial="log",
    l1_weight=100.0,
    feature_weight=0.0,
    sharpness_weight=1.0,
    decay=0.5,
    ema=0.0,
    stain_jitter=0.0,
)
PAPER_LITERAL = replace(
    PIX2PIX_SHARPNESS,
    steps=7_344,  # 500 epochs of 235 crops (``split.json``) in batches of 16
    batch_size=16,
    l1_weight=0.0,
    learning_rate=1e-4,
    decay=0.0,
)

DEFAULT_RECIPE = "sharp-gan"
RECIPES: dict[str, GanConfig] = {
    "sharp-gan": SHARP_GAN,
    "contour-map": CONTOUR_MAP,
    "fine-tune": FINE_TUNE,
    "gan-dist": GAN_DIST,
    "gan-binary": GAN_BINARY,
    "paper-literal": PAPER_LITERAL,
    "pix2pix-sharpness": PIX2PIX_SHARPNESS,
}
