"""What the dock *Train* says and draws of each kind of network, by the names of `KINDS`; knows no PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from napari_sharpgan.run_folders.names import MASKS, REAL

Colors = Mapping[str, tuple[str, str]]  # name in the events: color (of Okabe and Ito), words


@dataclass(frozen=True)
class KindLook:
    """How trainings of one kind look.

    Parameters
    ----------
    name : str
        What it is, in a word.
    first : tuple of str
        The settings that matter most.
    losses, scores : mapping
        Curves; scores are those of held-out images.
    hidden : tuple of str
        Losses that are not shown until their entry in the legend is clicked.
    score_help : str
        What the curves of held-out images tell.
    best : callable
        The lowest score so far, in words.
    use_help : str
        What *Use this …* does.
    above : str
        File of the pictures that the samples are compared with.
    sample_help : str
        What a sample shows.
    """

    name: str
    first: tuple[str, ...]
    losses: Colors
    scores: Colors
    hidden: tuple[str, ...]
    score_help: str
    best: Callable[[float], str]
    use_help: str
    above: str
    sample_help: str


GENERATOR = KindLook(
    "generator",
    first=("steps", "batch_size", "width", "sharpness_weight", "contrast", "seed"),
    losses={
        "adversarial": ("#e69f00", "generator"),
        "discriminator": ("#56b4e9", "discriminator"),
        "sharpness": ("#cc79a7", "sharpness"),
        "l1": ("#009e73", "L1"),
        "feature": ("#d55e00", "features"),
    },
    scores={"ssim": ("#0072b2", "SSIM ↑"), "gmsd": ("#d55e00", "GMSD ↓")},
    hidden=("l1", "feature"),
    score_help="Held-out images rendered during training, against the real ones: SSIM shall rise, GMSD fall.",
    best="score {:.3f}".format,
    use_help="Render tissue with the best that this run has made; click again for what is better by then.",
    above=REAL,
    sample_help="What the generator made of the nuclei of these windows, at the step that the slider says.",
)
SEGMENTER = KindLook(
    "segmenter",
    first=("steps", "batch_size", "width", "target", "synthetic", "synthetic_share", "seed"),
    losses={
        "segmenter": ("#e69f00", "all"),
        "foreground": ("#56b4e9", "foreground"),
        "distance": ("#cc79a7", "distance"),
        "classes": ("#009e73", "classes"),
    },
    scores={"pq": ("#0072b2", "PQ ↑"), "aji": ("#d55e00", "AJI ↑")},
    hidden=(),
    score_help="Nuclei found in held-out images during training, against the true ones: both shall rise.",
    best=lambda score: f"PQ {1 - score:.3f}",
    use_help="Segment with the best that this run has made, in the dock Segment.",
    above=MASKS,
    sample_help="The nuclei that were found in these windows, in yellow, at the step that the slider says.",
)
LOOKS = {look.name: look for look in (GENERATOR, SEGMENTER)}

WORDS = {
    "steps": "Steps",
    "batch_size": "Crops a step",
    "width": "Network width",
    "sharpness_weight": "Sharpness β",
    "discriminator_width": "Width of D (0: same)",
    "contrast": "Contrast λ",
    "seed": "Seed",
    "start": "Start from",
    "validation": "Held out (share)",
    "samples": "Looks at held-out",
    "l1_weight": "L1 weight",
    "ema": "Averaging (EMA)",
    "crop": "Crop (px)",
    "target": "Learns",
    "synthetic": "Synthetic folder",
    "synthetic_share": "Synthetic share",
}
ABOUT = {
    "sharp-gan": "Our defaults: what measured best",
    "fine-tune": "Goes on from the shipped generator: own tissue in minutes",
    "gan-dist": "The same without the sharpness term",
    "gan-binary": "Without the sharpness term, and the generator sees the binary map only",
    "paper-literal": "The paper to the letter: log loss, no L1 term, batches of 16, rate 1e-4, 500 epochs",
    "pix2pix-sharpness": "pix2pix as published (L1 weight 100, dropout), with the sharpness term",
    "unet": "Finds nuclei: U-Net with our defaults",
    "segnet": "Finds nuclei: SegNet with our defaults",
    "unet-paper": "Finds nuclei: U-Net as wide as its paper has it, learns foreground alone",
    "segnet-paper": "Finds nuclei: SegNet as wide as its paper has it, learns foreground alone",
}
