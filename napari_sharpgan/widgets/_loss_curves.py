"""Losses of a training as curves: smoothed, thinned, in the colors of napari's theme."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyqtgraph as pg
from napari.utils.theme import get_theme
from qtpy.QtGui import QColor
from qtpy.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

LOSSES = {  # name in the events: color (of Okabe and Ito, for the color-blind), words
    "discriminator": ("#56b4e9", "discriminator"),
    "adversarial": ("#e69f00", "adversarial"),
    "sharpness": ("#cc79a7", "sharpness"),
    "l1": ("#009e73", "L1"),
    "feature": ("#d55e00", "features"),
}
MOST_POINTS = 2000
SPAN = 50  # steps that a smoothed value tells of


class LossHistory:
    """Smoothed losses of all steps, in at most ``MOST_POINTS`` points a curve."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.curves: dict[str, list[float]] = {name: [] for name in LOSSES}
        self.now: dict[str, float] = {}  # the newest smoothed values
        self._every = 1

    def add(self, event: dict[str, Any]) -> None:
        """Take the losses of one step."""
        seen = event["step"]
        for name in LOSSES:
            value = float(event.get(f"loss_{name}", np.nan))
            before = self.now.get(name, value)
            share = 1 / min(SPAN, max(1, seen))  # a plain mean at first
            self.now[name] = before + share * (value - before) if np.isfinite(before) else value
        if seen % self._every == 0:
            self.steps.append(seen)
            for name, curve in self.curves.items():
                curve.append(self.now[name])
        if len(self.steps) > MOST_POINTS:
            self._thin()

    def usual_top(self) -> float:
        """Return a height that all but the first wild steps stay below."""
        values = np.array(list(self.curves.values()))
        later = values[:, values.shape[1] // 10 :]
        return 1.1 * float(np.nanmax(later)) if np.isfinite(later).any() else 1.0

    def _thin(self) -> None:
        """Keep each second point, and each second one of those to come."""
        self._every *= 2
        kept = [index for index, step in enumerate(self.steps) if step % self._every == 0]
        self.steps = [self.steps[index] for index in kept]
        self.curves = {name: [curve[index] for index in kept] for name, curve in self.curves.items()}


class LossCurves(QWidget):  # type: ignore[misc]
    """Curves, and below them a legend with the newest values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history = LossHistory()
        self.plot = pg.PlotWidget()
        self.plot.setFixedHeight(150)
        self.plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.plot.setToolTip(
            f"Losses by step, each as a mean of about {SPAN} steps; lower is better for its own network."
        )
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setMouseEnabled(x=False, y=False)
        self._lines = {name: item.plot(pen=pg.mkPen(color, width=2)) for name, (color, _) in LOSSES.items()}
        self.legend = QGridLayout()
        self.legend.setVerticalSpacing(0)
        self._values = {name: QLabel() for name in LOSSES}
        for index, label in enumerate(self._values.values()):
            self.legend.addWidget(label, index // 2, index % 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        layout.addLayout(self.legend)
        self.clear()

    def clear(self) -> None:
        """Begin with empty curves."""
        self.history = LossHistory()
        self._draw()

    def add(self, events: Iterable[dict[str, Any]]) -> None:
        """Draw further steps."""
        for event in events:
            self.history.add(event)
        self._draw()

    def follow_theme(self, name: str) -> None:
        """Take the colors of a theme."""
        theme = get_theme(name)
        text = QColor(*theme.text.as_rgb_tuple())
        self.plot.setBackground(QColor(*theme.background.as_rgb_tuple()))
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setPen(text)
            axis.setTextPen(text)

    def _draw(self) -> None:
        self.setVisible(bool(self.history.steps))
        steps = np.array(self.history.steps)
        for name, line in self._lines.items():
            line.setData(steps, np.array(self.history.curves[name]))
        self.plot.getPlotItem().setYRange(0, self.history.usual_top(), padding=0)
        for name, (color, words) in LOSSES.items():
            value = self.history.now.get(name, np.nan)
            self._values[name].setText(f"<span style='color:{color}'>■</span> {words} {value:.3f}")
