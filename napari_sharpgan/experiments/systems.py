"""The lines of both tables by name: what each is called, and the settings that it is trained with.

Generators of the paper stand in three groups: as the paper's equations have them, with pix2pix's L1 term
beside them, which the paper may have used without saying so, and with our recipe. An ablation changes one
thing of ours. To add a line, name it in `GENERATORS` or `SEGMENTERS`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from napari_sharpgan.training import RECIPES, SEGMENTER_RECIPES, GanConfig, SegmenterConfig

LITERAL, WITH_L1, OURS, ABLATION = "to the letter", "with pix2pix's L1", "ours", "ours, one thing changed"
FOREGROUND, DISTANCE = "foreground alone, to the letter", "foreground and distance, ours"


@dataclass(frozen=True)
class System:
    """A line of a table before it is made: what it is called, where it stands, and its settings."""

    title: str
    group: str
    config: GanConfig | SegmenterConfig


def _papers(base: GanConfig) -> tuple[GanConfig, GanConfig, GanConfig]:
    """Return settings as GAN-Binary, GAN-DIST and Sharp-GAN."""
    blind = replace(base, sharpness_weight=0.0)
    return replace(blind, condition="binary"), blind, base


_TITLES = ("GAN-Binary", "GAN-DIST", "Sharp-GAN")
_NAMES = ("gan-binary", "gan-dist", "sharp-gan")
_SHARP_GAN = RECIPES["sharp-gan"]
_GROUPS = (
    ("-literal", LITERAL, _papers(RECIPES["paper-literal"])),
    ("-l1", WITH_L1, _papers(replace(RECIPES["paper-literal"], l1_weight=100.0))),
    ("", OURS, (RECIPES["gan-binary"], RECIPES["gan-dist"], _SHARP_GAN)),
)
_CHANGES: dict[str, tuple[str, dict[str, object]]] = {
    "plain-distance": ("distance 0 at the centroid", {"condition": "distance"}),
    "contour-map": ("contour map in the condition", {"condition": "distance-contour"}),
    "no-l1": ("no L1", {"l1_weight": 0.0}),
    "strong-l1": ("L1 of pix2pix (100)", {"l1_weight": 100.0}),
    "no-features": ("no feature matching", {"feature_weight": 0.0}),
    "no-stain": ("no stain", {"stain": False}),
    "no-noise": ("no noise", {"noise": False}),
    "log": ("log loss of Eq. 1", {"adversarial": "log"}),
    "sharper": ("β 0.5", {"sharpness_weight": 0.5}),
}

GENERATORS: dict[str, System] = {
    f"{name}{ending}": System(title, group, config)
    for ending, group, configs in _GROUPS
    for name, title, config in zip(_NAMES, _TITLES, configs, strict=True)
} | {
    name: System(title, ABLATION, replace(_SHARP_GAN, **changes))  # type: ignore[arg-type]
    for name, (title, changes) in _CHANGES.items()
}

SEGMENTERS: dict[str, System] = {
    "unet": System("U-Net", FOREGROUND, SEGMENTER_RECIPES["unet-paper"]),
    "segnet": System("SegNet", FOREGROUND, SEGMENTER_RECIPES["segnet-paper"]),
    "unet-distance": System("U-Net", DISTANCE, SEGMENTER_RECIPES["unet"]),
    "segnet-distance": System("SegNet", DISTANCE, SEGMENTER_RECIPES["segnet"]),
}
