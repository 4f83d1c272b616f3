"""The part *Like this* of the Nuclei dock: nuclei like those of a mask, and how like they are."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.utils.notifications import show_error, show_info
from numpy.typing import NDArray
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QApplication, QProgressBar, QVBoxLayout, QWidget

from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.nuclei import NucleiComparison, NucleiConfig, fit_steps
from napari_sharpgan.nuclei.likeness import NucleiSample, compare_samples, sample_nuclei
from napari_sharpgan.widgets._chosen import is_flat
from napari_sharpgan.widgets._connections import Connections
from napari_sharpgan.widgets._error_layer import is_mask
from napari_sharpgan.widgets._layer_choice import LayerChoice
from napari_sharpgan.widgets._newest import Newest
from napari_sharpgan.widgets._parts import button, fold, labeled, row, words
from napari_sharpgan.widgets._run import Run

if TYPE_CHECKING:
    from napari_sharpgan.widgets._likeness_plots import LikenessPlots
    from napari_sharpgan.widgets.session import Session

PRESENT = "the present nuclei"
LABEL_WIDTH = 50  # px
PERCENT = 100

Fit = tuple[NucleiConfig, NucleiSample]  # settings, and what they fit


class LikenessPart(QWidget):  # type: ignore[misc]
    """Fit the settings of random nuclei to a mask, in a group that folds.

    Parameters
    ----------
    session : Session
        Whose canvas is filled.
    seed : callable
        Returns the seed of the nuclei.

    Attributes
    ----------
    fitted : Qt signal
        Emits the `NucleiConfig` that fits.
    """

    fitted = Signal(object)

    def __init__(self, session: Session, seed: Callable[[], int]) -> None:
        super().__init__()
        self._session, self._seed = session, seed
        self._run: Run | None = None
        self._real: NucleiSample | None = None
        self.plots: LikenessPlots | None = None  # made when they are first shown
        self._compared = Newest(self)
        self._compared.done.connect(self._show_comparison)
        self._compared.failed.connect(self._show_failure)
        self._make()
        self._connections = Connections()
        self._connections.add(self._on_theme_changed, session.viewer.events.theme)
        self.destroyed.connect(self._connections.close)
        self.fold.toggled.connect(self._compare)
        session.counted.connect(self._compare)
        session.scene_replaced.connect(self.mask.refill)

    def _make(self) -> None:
        self.mask = LayerChoice(self._session.viewer.layers, self._is_offered, nothing=PRESENT, parent=self)
        self.mask.setToolTip("Whose size, form, density, touching and overlap the new nuclei get.")
        self.progress = QProgressBar()
        self.progress.setMaximum(PERCENT)
        self.cancel_button = button("Cancel", "Leave nuclei and settings as they are.", self.cancel)
        self.busy = row(self.progress, self.cancel_button)
        self.busy.setVisible(False)
        self.said = words("Draws a canvas of nuclei like these; locked ones stay.")
        fill = "Fit the settings to the chosen nuclei and fill the canvas with others like them, in one step."
        copying = "Copy the command that fits and draws the same."
        self._content = QWidget()
        self._layout = QVBoxLayout(self._content)
        self._layout.setContentsMargins(0, 0, 0, 0)
        for part in (
            labeled("Mask", self.mask, LABEL_WIDTH),
            row(button("Like this", fill, self.fit), button("Copy command", copying, self._copy_command)),
            self.busy,
            self.said,
        ):
            self._layout.addWidget(part)
        tip = "Nuclei like those of a real mask, with histograms side by side."
        self.fold = fold("Generate like this", self._content, tooltip=tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.fold)

    def _is_offered(self, layer: Any) -> bool:
        return is_mask(layer) and is_flat(layer) and layer not in self._session.layers

    # What the buttons do

    def fit(self) -> None:
        """Fit the settings to the chosen mask in the background, in the place of a fit that goes on."""
        self.cancel()
        layer = self.mask.layer
        labels = np.array(self._session.scene.labels if layer is None else layer.data)
        run = Run(_fit, labels, self._seed(), parent=self)
        run.progressed.connect(partial(self._show_progress, run))
        run.succeeded.connect(partial(self._take, run))
        run.failed.connect(partial(self._end, run))
        run.ended.connect(run.deleteLater)
        self._run = run
        self._show_progress(run, 0.0)
        self.busy.setVisible(True)
        run.start()

    def cancel(self) -> None:
        """End a fit that goes on; nothing comes of it."""
        if self._run is not None:
            self._run.stop()
            self._run = None
        self.busy.setVisible(False)

    def _copy_command(self) -> None:
        layer = self.mask.layer
        shape = self._session.scene.shape if layer is None else layer.data.shape
        QApplication.clipboard().setText(self._command_for(layer, shape))
        show_info("the command is on the clipboard")

    def _command_for(self, layer: Any, shape: tuple[int, ...]) -> str:
        """Return the command that fits to what is chosen."""
        current, canvas = self._session.documents.current, self._session.scene.shape
        file: Any = None if current is None else current.path
        if layer is not None:
            file = layer.source.path or f"{layer.name}.tif"
        command = ["sharpgan", "nuclei", "like.geojson", "--like", str(file or "nuclei.geojson")]
        if layer is None or tuple(shape) != canvas:
            command += ["--shape", *map(str, canvas)]
        if self._seed():
            command += ["--seed", str(self._seed())]
        return shlex.join(command)

    # How it goes

    def _show_progress(self, run: Run, share: float) -> None:
        if run is self._run:
            self.progress.setValue(round(PERCENT * share))

    def _take(self, run: Run, found: Fit | str) -> None:
        """Take the settings over, or say why there are none, unless another mask was wished for meanwhile."""
        if run is not self._run:
            return
        self._end(run)
        if isinstance(found, str):
            show_error(found)
        else:
            config, self._real = found
            self.fitted.emit(config)

    def _end(self, run: Run, _error: Any = None) -> None:
        if run is self._run:
            self.cancel()

    def _compare(self, _: Any = None) -> None:
        """Compare the nuclei that there are with those that were fitted, if somebody sees it."""
        if self._real is not None and self.fold.isExpanded() and len(self._session.scene):
            self._compared.ask(partial(_comparison, self._real, self._session.scene.labels))

    def _show_comparison(self, comparison: NucleiComparison) -> None:
        if self.plots is None:
            from napari_sharpgan.widgets._likeness_plots import LikenessPlots  # late: pyqtgraph takes a while

            self.plots = LikenessPlots()
            self._layout.addWidget(self.plots)
            self._on_theme_changed()
        self.plots.show_comparison(comparison)
        self.said.setText(f"{comparison.real.count:,} real nuclei, {comparison.generated.count:,} generated.")

    def _show_failure(self, error: BaseException) -> None:
        if not isinstance(error, ValueError | TypeError):
            raise error
        self.said.setText(f"{str(error)[:1].upper()}{str(error)[1:]}.")

    def _on_theme_changed(self, _: Any = None) -> None:
        if self.plots is not None:
            self.plots.follow_theme(self._session.viewer.theme)


def _fit(labels: NDArray[Any], seed: int, *, should_stop: ShouldStop) -> Generator[float, None, Fit | str]:
    """Fit, and measure what was fitted to; return what is wrong with it if it cannot be fitted to."""
    try:
        real = sample_nuclei(labels, "the mask")
        return (yield from fit_steps(labels, seed=seed, should_stop=should_stop)), real
    except (TypeError, ValueError) as error:
        return str(error)


def _comparison(real: NucleiSample, labels: NDArray[Any]) -> NucleiComparison:
    return compare_samples(real, sample_nuclei(labels.copy(), "the canvas"))
