"""Histograms in the colors of napari's theme."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from napari.utils.theme import get_theme
from numpy.typing import NDArray
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QWidget


class Histogram(pg.PlotWidget):  # type: ignore[misc]
    """One or two histograms over the same bins, the first filled and the second as a line.

    Parameters
    ----------
    edges : ndarray of shape (B + 1,)
        Edges of the bins.
    title : str
        What the numbers are, for the axis; empty for none.
    legend : bool
        Whether the names of the histograms stand in it.
    """

    def __init__(
        self, edges: NDArray[np.float64], title: str, parent: QWidget | None = None, *, legend: bool = True
    ) -> None:
        super().__init__(parent)
        self._edges, self._title = edges, title
        plot = self.getPlotItem()
        self._legend = plot.addLegend(offset=(2, 2), verSpacing=-6)
        self._legend.setVisible(legend)
        self._bars = pg.PlotCurveItem(edges, np.zeros(len(edges) - 1), stepMode="center", fillLevel=0)
        self._line = pg.PlotCurveItem(edges, np.zeros(len(edges) - 1), stepMode="center")
        for curve in (self._bars, self._line):
            plot.addItem(curve)
        plot.hideAxis("left")
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.setXRange(edges[0], edges[-1], padding=0.02)

    def show_parts(
        self, named: dict[str, NDArray[np.float64]], edges: NDArray[np.float64] | None = None
    ) -> None:
        """Show one or two histograms (B,) by name, over other bins if their edges (B + 1,) are given."""
        if edges is not None:
            self._edges = edges
            self.getPlotItem().setXRange(edges[0], edges[-1], padding=0.02)
        self._legend.clear()
        for curve, (name, parts) in zip((self._bars, self._line), named.items(), strict=False):
            curve.setData(self._edges, parts)
            self._legend.addItem(curve, name)
        self._line.setVisible(len(named) > 1)
        highest = max((float(parts.max()) for parts in named.values()), default=0.0)
        self.getPlotItem().setYRange(0, max(highest, 1e-9) * 1.3, padding=0)

    def follow_theme(self, name: str) -> None:
        """Take the colors of a theme."""
        theme = get_theme(name)
        text, bars, line = (_color(color) for color in (theme.text, theme.current, theme.warning))
        self.setBackground(_color(theme.background))
        axis = self.getPlotItem().getAxis("bottom")
        axis.setPen(text)
        axis.setTextPen(text)
        if self._title:
            self.getPlotItem().setLabel("bottom", self._title)
        self._legend.setLabelTextColor(text)
        self._bars.setPen(pg.mkPen(bars, width=2))
        self._bars.setBrush(bars)
        self._line.setPen(pg.mkPen(line, width=2))
        for _, label in self._legend.items:
            label.setText(label.text, color=text)


def _color(color: Any) -> QColor:
    return QColor(*color.as_rgb_tuple())
