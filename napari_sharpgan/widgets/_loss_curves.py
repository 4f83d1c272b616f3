"""A training as curves: smoothed losses above, how well held-out images do below, over the same steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyqtgraph as pg
from napari.utils.theme import get_theme
from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from qtpy.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from napari_sharpgan.widgets._training_kinds import GENERATOR, KindLook

LOSS_HELP = "Losses by step, each as a mean of about 50 steps; lower is better for its own network."
MOST_POINTS = 2000
SPAN = 50  # steps that a smoothed value tells of
LEGEND_ROW = 20  # px
AXIS_WIDTH = 38  # px, for both plots, so that equal steps stand above each other


class LossHistory:
    """Smoothed losses of all steps, in at most ``MOST_POINTS`` points a curve; ``names`` are theirs."""

    def __init__(self, names: Iterable[str] = GENERATOR.losses) -> None:
        self.steps: list[int] = []
        self.curves: dict[str, list[float]] = {name: [] for name in names}
        self.now: dict[str, float] = {}  # the newest smoothed values
        self._every = 1

    def add(self, event: dict[str, Any]) -> None:
        """Take the losses of one step."""
        seen = event["step"]
        for name in self.curves:
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

    def usual_top(self, shown: Iterable[str] | None = None) -> float:
        """Return a height that all but the first wild steps of these curves, or of all, stay below."""
        shown = self.curves if shown is None else shown
        wild = len(self.steps) // 10
        later = np.array([value for name in shown for value in self.curves[name][wild:]])
        return 1.1 * float(np.nanmax(later)) if np.isfinite(later).any() else 1.0

    def _thin(self) -> None:
        """Keep each second point, and each second one of those to come."""
        self._every *= 2
        kept = [index for index, step in enumerate(self.steps) if step % self._every == 0]
        self.steps = [self.steps[index] for index in kept]
        self.curves = {name: [curve[index] for index in kept] for name, curve in self.curves.items()}


class ScoreHistory:
    """What the looks at held-out images measured, and the best of them; ``names`` are those of the scores."""

    def __init__(self, names: Iterable[str] = GENERATOR.scores) -> None:
        self.steps: list[int] = []
        self.curves: dict[str, list[float]] = {name: [] for name in names}
        self.now: dict[str, float] = {}
        self.best: tuple[int, float] | None = None  # step and score (lower is better)

    def add(self, event: dict[str, Any]) -> None:
        """Take the scores of one step, if held-out images were looked at in it."""
        measured = {name: event.get(f"held_out_{name}") for name in self.curves}
        if all(value is None for value in measured.values()):
            return
        self.steps.append(event["step"])
        for name, value in measured.items():
            self.now[name] = np.nan if value is None else float(value)
            self.curves[name].append(self.now[name])
        score = event.get("held_out_score")
        if score is not None and (self.best is None or score < self.best[1]):
            self.best = event["step"], float(score)


class Curves(QWidget):  # type: ignore[misc]
    """One plot of a few curves, and below it a legend with the newest values; a click there hides a curve.

    Parameters
    ----------
    words : mapping
        Color and words of each curve.
    tooltip : str
        What the curves tell.
    height : int
        Of the plot, in pixels.
    hidden : iterable of str, optional
        Curves that are not shown at first.
    symbol : str, optional
        Mark of each point.
    """

    def __init__(
        self,
        words: Mapping[str, tuple[str, str]],
        tooltip: str,
        height: int,
        hidden: Iterable[str] = (),
        symbol: str | None = None,
    ) -> None:
        super().__init__()
        self._words = words
        self._drawn: tuple[Any, ...] = ([], {}, {}, 1.0)
        self.plot = _bare_plot(height, tooltip)
        self.lines = {}
        for name, (color, _) in words.items():
            marks = {"symbol": symbol, "symbolSize": 5, "symbolBrush": color, "symbolPen": None}
            pen = pg.mkPen(color, width=2)
            self.lines[name] = self.plot.getPlotItem().plot(pen=pen, **(marks if symbol else {}))
        self.legend = {name: self._entry(name, name not in set(hidden)) for name in words}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.plot)
        layout.addLayout(_in_two_columns(list(self.legend.values())))
        rows = -(-len(words) // 2)
        self.setFixedHeight(height + rows * LEGEND_ROW)

    @property
    def shown(self) -> list[str]:
        """The curves that are shown."""
        return [name for name, entry in self.legend.items() if entry.isChecked()]

    def show_curves(
        self, steps: list[int], curves: Mapping[str, list[float]], now: Mapping[str, float], top: float
    ) -> None:
        """Draw curves below ``top``, and say their newest values."""
        places = np.array(steps)
        for name, line in self.lines.items():
            is_shown = self.legend[name].isChecked()
            line.setVisible(is_shown)
            if is_shown:
                line.setData(places, np.array(curves[name]))
            value = now.get(name, np.nan)
            said = f"{value:.3f}" if np.isfinite(value) else "–"
            self.legend[name].setText(f"{self._words[name][1]} {said}")
        self.plot.getPlotItem().setYRange(0, top, padding=0)

    def _entry(self, name: str, is_shown: bool) -> QToolButton:
        color, words = self._words[name]
        made = QToolButton(text=words, autoRaise=True, checkable=True, checked=is_shown)
        made.setToolTip(f"Show or hide the curve of {words}.")
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        made.setFixedHeight(LEGEND_ROW)
        made.setStyleSheet("QToolButton { border: none; background: transparent; padding: 1px; }")
        made.setIcon(_mark(color))
        return made

    def follow_theme(self, name: str) -> None:
        """Take the colors of a theme."""
        theme = get_theme(name)
        text = QColor(*theme.text.as_rgb_tuple())
        self.plot.setBackground(QColor(*theme.background.as_rgb_tuple()))
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setPen(text)
            axis.setTextPen(text)


class LossCurves(QWidget):  # type: ignore[misc]
    """Losses above, held-out scores below, one range of steps; ``look`` says which."""

    def __init__(self, look: KindLook = GENERATOR, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.losses = Curves(look.losses, LOSS_HELP, 130, hidden=look.hidden)
        self.held_out = Curves(look.scores, look.score_help, 100, symbol="o")
        self.held_out.plot.setXLink(self.losses.plot)
        for curves in (self.losses, self.held_out):
            for entry in curves.legend.values():
                entry.toggled.connect(self._draw)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.losses)
        layout.addWidget(self.held_out)
        self.clear()

    @property
    def plot(self) -> pg.PlotWidget:
        """The plot of the losses."""
        return self.losses.plot

    def clear(self) -> None:
        """Begin with empty curves."""
        self.history, self.scores = LossHistory(self._look.losses), ScoreHistory(self._look.scores)
        self._draw()

    def add(self, events: Iterable[dict[str, Any]]) -> None:
        """Draw further steps."""
        for event in events:
            self.history.add(event)
            self.scores.add(event)
        self._draw()

    def follow_theme(self, name: str) -> None:
        """Take the colors of a theme."""
        self.losses.follow_theme(name)
        self.held_out.follow_theme(name)

    def _draw(self, _shown: object = None) -> None:
        losses, scores = self.history, self.scores
        self.setVisible(bool(losses.steps))
        self.held_out.setVisible(bool(scores.steps))
        if losses.steps:
            self.plot.getPlotItem().setXRange(0, losses.steps[-1], padding=0.02)
        top = losses.usual_top(self.losses.shown)
        self.losses.show_curves(losses.steps, losses.curves, losses.now, top)
        highest = [value for name in self.held_out.shown for value in scores.curves[name]]
        top = 1.15 * float(np.nanmax(highest)) if np.isfinite(highest).any() else 1.0
        self.held_out.show_curves(scores.steps, scores.curves, scores.now, top)


def _bare_plot(height: int, tooltip: str) -> pg.PlotWidget:
    """Return a plot that is only looked at."""
    plot = pg.PlotWidget()
    plot.setFixedHeight(height)
    plot.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    plot.setToolTip(tooltip)
    item = plot.getPlotItem()
    item.hideButtons()
    item.setMenuEnabled(False)
    item.setMouseEnabled(x=False, y=False)
    item.getAxis("left").setWidth(AXIS_WIDTH)
    return plot


def _mark(color: str) -> QIcon:
    """Return the mark of a curve in the legend: full while it is shown, empty while it is hidden."""
    icon = QIcon()
    for state, filled in ((QIcon.State.On, True), (QIcon.State.Off, False)):
        square = QPixmap(10, 10)
        square.fill(QColor(color) if filled else QColor(0, 0, 0, 0))
        painter = QPainter(square)
        painter.setPen(QPen(QColor(color), 2))
        painter.drawRect(1, 1, 8, 8)
        painter.end()
        icon.addPixmap(square, QIcon.Mode.Normal, state)
    return icon


def _in_two_columns(parts: list[QToolButton]) -> QGridLayout:
    grid = QGridLayout()
    grid.setVerticalSpacing(0)
    grid.setContentsMargins(AXIS_WIDTH // 2, 0, 0, 0)
    for index, part in enumerate(parts):
        grid.addWidget(part, index // 2, index % 2)
    return grid
