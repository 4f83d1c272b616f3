"""Watch a run: a bar, words, curves, samples; the newest sample in the viewer too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtWidgets import QCheckBox, QProgressBar, QVBoxLayout, QWidget

from napari_sharpgan.widgets._loss_curves import LossCurves
from napari_sharpgan.widgets._parts import button, row, words
from napari_sharpgan.widgets._sample_layers import SampleLayers
from napari_sharpgan.widgets._sample_strip import SampleStrip
from napari_sharpgan.widgets._training_kinds import GENERATOR, LOOKS

if TYPE_CHECKING:
    from napari.components import ViewerModel

BAR_HELP = "Steps of the run that are done."
BEST_HELP = "The look at held-out images with the lowest score; its network is the one to use."
SHOW_HELP = "Two layers right of the scene: a real tile, and the newest sample that should look like it."


class WatchPart(QWidget):  # type: ignore[misc]
    """All that is seen of a run while it goes on, and after.

    Parameters
    ----------
    viewer : napari ViewerModel
        Where samples are shown as layers.
    """

    def __init__(self, viewer: ViewerModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.bar = QProgressBar(toolTip=BAR_HELP)
        self.status, self.best = words(), words()
        self.best.setToolTip(BEST_HELP)
        self._all_curves = {name: LossCurves(look) for name, look in LOOKS.items()}
        self._look = GENERATOR
        self.strip = SampleStrip()
        self.layers = SampleLayers(viewer, self)
        self.show_layers = QCheckBox("Show samples", checked=True, toolTip=SHOW_HELP)
        self.fly = button("Show", "Take the camera to the samples.", self.layers.fly_there)
        self.in_viewer = row(self.show_layers, self.fly)
        self._seen: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None
        self.show_layers.toggled.connect(self._show_or_hide)
        self.layers.taken_away.connect(self._after_removal)
        self.strip.shown.connect(self._show_sample)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        curves = self._all_curves.values()
        for part in (self.bar, self.status, self.best, *curves, self.strip, self.in_viewer):
            layout.addWidget(part)
        self.follow(None)

    @property
    def kind(self) -> str:
        """What is trained."""
        return self._look.name

    @property
    def curves(self) -> LossCurves:
        """The curves of what is trained."""
        return self._all_curves[self._look.name]

    def follow_theme(self, name: str) -> None:
        """Take the colors of a theme."""
        for curves in self._all_curves.values():
            curves.follow_theme(name)

    def follow(self, folder: Path | None, kind: str = "generator") -> None:
        """Begin with another run, or with the same one anew; ``kind`` is what it trains."""
        self.curves.clear()
        self._look = LOOKS[kind]
        self.curves.clear()
        self.strip.follow(folder, self._look)
        self._seen = None
        self.in_viewer.setVisible(False)
        self.best.setVisible(False)
        self.say("")

    def add(self, events: list[dict[str, Any]]) -> None:
        """Show further steps."""
        self.curves.add(events)
        self.strip.add(events)
        best = self.curves.scores.best
        self.best.setVisible(best is not None)
        if best is not None:
            self.best.setText(f"Best so far: step {best[0]:,}, {self._look.best(best[1])}")

    def say(self, text: str) -> None:
        """Say how the run goes; nothing to say takes no place."""
        self.status.setText(text)
        self.status.setVisible(bool(text))

    def show_progress(self, step: int, steps: int | None, *, is_starting: bool = False) -> None:
        """Show how far it is; a bar without an end while it starts, none before it begins."""
        self.bar.setVisible(steps is not None or is_starting)
        self.bar.setMaximum(0 if is_starting else max(1, steps or 1))
        self.bar.setValue(step)

    def _show_sample(self, real: NDArray[np.uint8], sample: NDArray[np.uint8]) -> None:
        self._seen = real, sample
        self.in_viewer.setVisible(True)
        if self.show_layers.isChecked():
            self.layers.show(real, sample)
        self.fly.setEnabled(self.layers.sample is not None)

    def _show_or_hide(self, on: bool) -> None:
        if on and self._seen is not None:
            self.layers.show(*self._seen)
        self.layers.set_visible(on)
        self.fly.setEnabled(self.layers.sample is not None)

    def _after_removal(self) -> None:
        self.show_layers.setChecked(False)
