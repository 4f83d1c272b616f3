"""What the report of each kind of run says and shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from napari_sharpgan.training.looks import PREFIX

_TOO_SMOOTH = "1 is as real, below is too smooth"


@dataclass(frozen=True)
class Chart:
    """Curves that stand together: the facts of events by name.

    Parameters
    ----------
    title, help_text : str
        What is shown, and how to read it.
    facts : mapping of str to str
        Names of facts of the events by the names of their curves.
    ideal : float or None
        A line to come near to.
    ratios : bool
        Whether half and twice are equally far from it.
    is_marked : bool
        Whether the step of the best network is marked.
    """

    title: str
    facts: Mapping[str, str]
    help_text: str = ""
    ideal: float | None = None
    ratios: bool = False
    is_marked: bool = False

    @classmethod
    def of(cls, title: str, fact: str, help_text: str = "", *, is_marked: bool = False) -> Chart:
        """Return a chart of one curve."""
        return cls(title, {fact: fact}, help_text, is_marked=is_marked)


@dataclass(frozen=True)
class Words:
    """The words of one kind of run.

    Parameters
    ----------
    network : str
        What is trained.
    scores : mapping of str to (str, str)
        Titles of the scores on held-out images, and what is better, by their names in an event.
    masks : str
        What the second row of the samples shows.
    sample : str
        What a sample is, for those who do not see it.
    note : str
        What is to be known of samples and network.
    charts : tuple of Chart
        In order.
    """

    network: str
    scores: Mapping[str, tuple[str, str]]
    masks: str
    sample: str
    note: str
    charts: tuple[Chart, ...]


_SPEED = Chart.of("Speed", "images_per_second", "images a second")

GENERATOR = Words(
    "generator",
    {
        "score": ("Score, all below in one", "lower, 0 for the same picture"),
        "ssim": ("SSIM", "higher, at most 1"),
        "fsim": ("FSIM", "higher, at most 1"),
        "gmsd": ("GMSD", "lower, at least 0"),
        "nrmse": ("NRMSE", "lower, at least 0"),
        "nuclei_sd": ("Contrast inside nuclei, synthetic over real", _TOO_SMOOTH),
        "nuclei_gradient": ("Detail inside nuclei, synthetic over real", _TOO_SMOOTH),
        "background_sd": ("Contrast of the background, synthetic over real", _TOO_SMOOTH),
        "background_gradient": ("Detail of the background, synthetic over real", _TOO_SMOOTH),
    },
    "nuclei, as the generator sees them",
    "Synthetic tissue",
    "Synthetic tissue, rendered by this generator: for research use, not for diagnosis.",
    (
        Chart.of("Score", f"{PREFIX}score", "held out, lower is better", is_marked=True),
        Chart(
            "Texture",
            {
                "contrast in nuclei": f"{PREFIX}nuclei_sd",
                "detail in nuclei": f"{PREFIX}nuclei_gradient",
                "contrast in background": f"{PREFIX}background_sd",
                "detail in background": f"{PREFIX}background_gradient",
            },
            "synthetic over real, 1 is as real",
            ideal=1.0,
            ratios=True,
            is_marked=True,
        ),
        Chart.of("SSIM", f"{PREFIX}ssim", "held out, higher is better", is_marked=True),
        Chart.of("GMSD", f"{PREFIX}gmsd", "held out, lower is better", is_marked=True),
        Chart.of("Generator loss", "loss_generator"),
        Chart.of("Discriminator loss", "loss_discriminator"),
        Chart.of("Sharpness loss", "loss_sharpness", "Eq. 5, of what the generator renders"),
        _SPEED,
    ),
)

SEGMENTER = Words(
    "segmenter",
    {
        "score": ("Score, 1 − PQ", "lower, 0 for the same nuclei"),
        "pq": ("PQ, panoptic quality", "higher, at most 1"),
        "dq": ("DQ, detection quality", "higher, at most 1"),
        "sq": ("SQ, segmentation quality", "higher, at most 1"),
        "aji": ("AJI, aggregated Jaccard index", "higher, at most 1"),
    },
    "nuclei, as annotated",
    "Outlines of nuclei that were found",
    "Real tissue; the yellow outlines are found by this segmenter: for research use, not for diagnosis.",
    (
        Chart(
            "Nuclei",
            {name.upper(): f"{PREFIX}{name}" for name in ("pq", "dq", "sq", "aji")},
            "held out, higher is better",
            is_marked=True,
        ),
        Chart.of("Loss", "loss_segmenter"),
        _SPEED,
    ),
)

WORDS: dict[str, Words] = {"generator": GENERATOR, "segmenter": SEGMENTER}
