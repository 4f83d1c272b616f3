"""Real nuclei beside generated ones: small histograms, and how far apart they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.utils.theme import get_theme
from numpy.typing import NDArray
from qtpy.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from napari_sharpgan.nuclei import NucleiComparison
from napari_sharpgan.nuclei.likeness import COMPARED
from napari_sharpgan.widgets._histogram import Histogram
from napari_sharpgan.widgets._parts import words

HEIGHT = 74  # px, of a histogram
TITLES = {
    "radius": "Radius, px",
    "eccentricity": "Eccentricity",
    "solidity": "Solidity",
    "nearest": "Nearest, px",
    "touching": "Touching",
}
TOUCHING_TIP = "Share of the nuclei that touch another, and the difference of both shares"
TIP = "Distance: Wasserstein-1 of the values over the standard deviation of the real ones; 0 is the same."
TOUCHING_EDGES = np.array([-0.5, 0.5, 1.5])


class LikenessPlots(QWidget):  # type: ignore[misc]
    """Histograms of what is compared, two in a row, each under its name and distance."""

    def __init__(self) -> None:
        super().__init__()
        self.titles = {name: QLabel() for name in TITLES}
        self.histograms = {name: Histogram(np.array([0.0, 1.0]), "", self, legend=False) for name in TITLES}
        self.said, self.legend = words(), QLabel()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        cells = [_cell(self.titles[name], plot) for name, plot in self.histograms.items()]
        cells.append(_cell(self.legend, self.said))
        for place, cell in enumerate(cells):
            layout.addWidget(cell, place // 2, place % 2)
        for name, plot in self.histograms.items():
            plot.setFixedHeight(HEIGHT)
            plot.setMinimumWidth(60)
            meaning = COMPARED.get(name, TOUCHING_TIP)
            plot.setToolTip(f"{meaning}. {'' if name == 'touching' else TIP}".strip())
            axis = plot.getPlotItem().getAxis("bottom")
            axis.setStyle(maxTickLevel=0, tickTextOffset=1, tickLength=-3)
        touching = self.histograms["touching"].getPlotItem().getAxis("bottom")
        touching.setTicks([[(0, "no"), (1, "yes")]])

    def show_comparison(self, comparison: NucleiComparison) -> None:
        """Show real nuclei filled, generated ones as a line."""
        distances = comparison.distances
        for name, title in TITLES.items():
            self.titles[name].setText(f"{title} · {distances[name]:.2f}")
        for name, shown in comparison.histograms.items():
            parts = {"real": shown.real, "generated": shown.generated}
            self.histograms[name].show_parts(parts, shown.edges)
        real, generated = comparison.real, comparison.generated
        shares = {"real": _shares(real.touching), "generated": _shares(generated.touching)}
        self.histograms["touching"].show_parts(shares, TOUCHING_EDGES)
        self.said.setText(
            f"<b>Distance {comparison.distance:.2f}</b><br>0 is the same<br>"
            f"{real.density:,.0f} : {generated.density:,.0f} nuclei/mm²"
        )
        self.said.setToolTip(
            "Mean of the distances and that of the densities, which are real : generated at 0.25 µm a pixel."
        )

    def follow_theme(self, name: str) -> None:
        """Take the colors of a theme."""
        theme = get_theme(name)
        for plot in self.histograms.values():
            plot.follow_theme(name)
        real, generated = theme.current.as_hex(format="long"), theme.warning.as_hex(format="long")
        self.legend.setText(
            f'<span style="color:{real}">■</span> real  <span style="color:{generated}">▬</span> generated'
        )


def _shares(touching: float) -> NDArray[np.float64]:
    return np.array([1 - touching, touching])


def _cell(*parts: Any) -> QWidget:
    cell = QWidget()
    layout = QVBoxLayout(cell)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for part in parts:
        layout.addWidget(part)
    layout.addStretch(1)
    return cell
