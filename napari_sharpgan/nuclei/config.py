"""Settings of random nuclei; the defaults are the constants of Hou et al. 2019."""

from dataclasses import dataclass
from typing import Annotated

from napari_sharpgan._fields import check_limits

MICRONS_PER_PIXEL = 0.25  # 40×, at which the constants are given


@dataclass(frozen=True)
class NucleiConfig:
    """Settings of a canvas of random nuclei.

    Defaults are the constants of the public code of Hou et al., "Robust Histopathology Image Analysis: to
    Label or to Synthesize?", CVPR 2019, at 40× (0.25 µm a pixel); what is ours is said to be so.

    Parameters
    ----------
    count : int
        Nuclei asked for; −1: as many as the density, or else the density class, says.
    density : float
        Nuclei per mm² of canvas at 0.25 µm a pixel, where no count is given; 0: as the density class says.
    level : float
        Density class. Sets the mean factor on all radii, 1.2 + level / 8, and, where neither count nor
        density is given, how many nuclei: N(20 + 30 · level, 40), kept within 0 to 256, on 460 × 460 px, and
        in proportion on other canvases. The default is ours (they go through the classes).
    radius_min : float
        Least mean radius of a nucleus in px, before the factor on all radii.
    radius_max : float
        Largest mean radius of a nucleus in px, before the factor on all radii.
    size_spread : float
        Standard deviation of the factor on all radii, drawn once a canvas; 0: always its mean. Ours: the
        factor is at least 0.5, and at most so large that the nuclei asked for would cover half of the canvas
        (but never limited below 1).
    irregularity : float
        How unevenly the vertices stand around a nucleus: each nucleus draws U(0.375, 1.625) times this (1.6:
        U(0.6, 2.6)), and what is above 1 counts as 1. 0: evenly.
    spikiness : float
        How much the distance of the vertices from the center varies: each nucleus draws U(0.286, 1.714) times
        this (0.14: U(0.04, 0.24)), the standard deviation as a share of its radius. 0: not at all.
    elongation : float
        How much longer than wide nuclei are made, each in a direction of its own: each draws U(0.286, 1.714)
        times this, by which its length exceeds its width; its area stays. 0: not at all (theirs). Ours.
    rounding : int
        How many times the corners of an outline are cut off, each time doubling its vertices; 0: not at all
        (theirs), 2: round. Ours.
    vertices_min : int
        Fewest vertices of a nucleus, before rounding.
    vertices_max : int
        Most vertices of a nucleus, before rounding.
    min_area : int
        A nucleus with no more px than this on the canvas is drawn again. Ours: where nuclei are smaller than
        theirs in the mean, it shrinks with their area.
    max_overlap : float
        Largest share of a nucleus that may lie on earlier ones, else it is drawn again. Ours: also the
        largest share of a nucleus that later ones may hide.
    touching : float
        0: nuclei touch as chance has it (theirs). Above 0: this share is set against a neighbor; below 0:
        this share is kept clear of all neighbors, so that at −1 no two touch. Ours.
    alike : float
        Strength of the random quadrilateral warp of the canvas, which makes neighbors alike in size,
        elongation and direction: 1 is theirs (its corners, not given, move by up to 0.25 of a side), 0 none.
    tries : int
        How often a nucleus is drawn before it is given up.
    seed : int
        The same seed and settings give the same nuclei.
    """

    count: Annotated[int, {"min": -1, "max": 1_000_000}] = -1
    density: Annotated[float, {"min": 0.0, "max": 100_000.0, "step": 100.0}] = 0.0
    level: Annotated[float, {"min": 0.0, "max": 7.0, "step": 0.5, "widget_type": "FloatSlider"}] = 2.0
    radius_min: Annotated[float, {"min": 1.0, "max": 200.0, "step": 0.5}] = 8.5
    radius_max: Annotated[float, {"min": 1.0, "max": 200.0, "step": 0.5}] = 13.0
    size_spread: Annotated[float, {"min": 0.0, "max": 1.0, "step": 0.01}] = 0.32
    irregularity: Annotated[float, {"min": 0.0, "max": 4.0, "step": 0.1, "widget_type": "FloatSlider"}] = 1.6
    spikiness: Annotated[float, {"min": 0.0, "max": 0.5, "step": 0.01}] = 0.14
    elongation: Annotated[float, {"min": 0.0, "max": 3.0, "step": 0.05}] = 0.0
    rounding: Annotated[int, {"min": 0, "max": 3}] = 0
    vertices_min: Annotated[int, {"min": 3, "max": 100}] = 10
    vertices_max: Annotated[int, {"min": 3, "max": 100}] = 17
    min_area: Annotated[int, {"min": 0, "max": 10_000}] = 140
    max_overlap: Annotated[float, {"min": 0.0, "max": 1.0, "step": 0.05, "widget_type": "FloatSlider"}] = 0.15
    touching: Annotated[float, {"min": -1.0, "max": 1.0, "step": 0.05, "widget_type": "FloatSlider"}] = 0.0
    alike: Annotated[float, {"min": 0.0, "max": 1.0, "step": 0.05}] = 1.0
    tries: Annotated[int, {"min": 1, "max": 1000}] = 50
    seed: Annotated[int, {"min": 0, "max": 2_147_483_647}] = 0

    def __post_init__(self) -> None:
        """Refuse values that no canvas could use."""
        check_limits(self)
        for name in ("radius", "vertices"):
            low, high = getattr(self, f"{name}_min"), getattr(self, f"{name}_max")
            if low > high:
                raise ValueError(f"{name}_min must not be above {name}_max, got {low} and {high}")
