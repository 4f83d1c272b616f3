"""The measures by name: what they are called, their units, what they mean."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Measure:
    """One column of a table of nuclei."""

    title: str
    unit: str
    meaning: str


MEASURES: dict[str, Measure] = {
    "row": Measure("Row", "px", "Centroid, from the center of the first pixel down."),
    "column": Measure("Column", "px", "Centroid, from the center of the first pixel to the right."),
    "area": Measure("Area", "px²", "Number of pixels."),
    "area_um2": Measure("Area", "µm²", "Area by the size of a pixel."),
    "perimeter": Measure("Perimeter", "px", "Length of the line through the centers of the border pixels."),
    "perimeter_um": Measure("Perimeter", "µm", "Perimeter by the size of a pixel."),
    "diameter": Measure("Diameter", "px", "Diameter of the circle of the same area."),
    "diameter_um": Measure("Diameter", "µm", "Diameter by the size of a pixel."),
    "eccentricity": Measure("Eccentricity", "", "Of the ellipse of the same moments: 0 round, near 1 long."),
    "solidity": Measure("Solidity", "", "Area over that of the convex hull: 1 without dents."),
    "neighbors": Measure("Neighbors", "", "Number of nuclei that touch it, corners included."),
    "hematoxylin": Measure("Hematoxylin", "OD", "Mean optical density of the hematoxylin in it."),
    "gray_sd": Measure("Gray SD", "", "Standard deviation of its gray levels of 0 to 1."),
    "sharpness": Measure("Sharpness", "", "Mean S (Eq. 5) over its contour: low is sharp, 6 is flat."),
}
