"""How sharp the contours of nuclei are in an image: as a layer, as numbers, nucleus by nucleus."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_info
from qtpy.QtWidgets import QApplication, QCheckBox, QFormLayout, QVBoxLayout, QWidget

from napari_sharpgan.widgets._chosen import Chosen, is_picture, same_size
from napari_sharpgan.widgets._connections import Connections
from napari_sharpgan.widgets._docks import OneColumn
from napari_sharpgan.widgets._error_layer import is_mask
from napari_sharpgan.widgets._features import with_numbers
from napari_sharpgan.widgets._fly import Flight
from napari_sharpgan.widgets._form import ConfigForm
from napari_sharpgan.widgets._heat_layer import SHARPNESS, HeatLayer
from napari_sharpgan.widgets._histogram import Histogram
from napari_sharpgan.widgets._layer_choice import LayerChoice
from napari_sharpgan.widgets._layers import LABELS, TISSUE
from napari_sharpgan.widgets._measure import BIN_EDGES, Measured, SharpnessConfig
from napari_sharpgan.widgets._newest import Newest
from napari_sharpgan.widgets._parts import WIDTH, button, note, row
from napari_sharpgan.widgets._table import Column, NucleusTable
from napari_sharpgan.widgets.session import session_of

if TYPE_CHECKING:
    from napari import Viewer

COLUMNS = [
    Column("Nucleus", "Number of the nucleus: its value in the labels layer"),
    Column("Blur S", "Mean S of Eq. 5 on the contour: 0 is sharp, 6 is flat", "{:.2f}", descending=True),
    Column("Contour px", "Number of contour pixels", descending=True),
]
WORDS = {"contrast": "Contrast λ", "everywhere": "Everywhere", "live": "Live"}


class SharpnessDock(QWidget):  # type: ignore[misc]
    """Show S of the paper over any image, and find the blurriest nuclei.

    Parameters
    ----------
    napari_viewer : napari Viewer
        The viewer whose layers are measured.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self._session = session_of(napari_viewer)
        self._viewer = self._session.viewer  # itself, not the proxy of it that docks get
        self._heat = HeatLayer(self._viewer)
        self._is_heat_wanted = True
        self._is_heat_unseen = False
        self._measured: Measured | None = None
        self._is_stale = False
        self._lasting, self._followed = Connections(), Connections()
        self._newest = Newest(self)
        self._flight = Flight(self._viewer, self)
        self._make_controls()
        self._lay_out()
        self._connect()
        self._follow()

    # The window

    def _make_controls(self) -> None:
        layers = self._viewer.layers
        self.image = LayerChoice(layers, is_picture, rank=_rank_of_image, parent=self)
        self.image.setToolTip("The image whose contours are measured: synthetic or real, gray or color.")
        self.labels = LayerChoice(layers, is_mask, rank=self._rank_of_labels, parent=self)
        self.labels.setToolTip(
            "The nuclei whose contours are measured: a labels layer, one number a nucleus."
        )
        self.other = LayerChoice(layers, self._is_comparable, nothing="none", parent=self)
        self.other.setToolTip("Another image of the same size, real beside synthetic: number and histogram.")
        self.form = ConfigForm(SharpnessConfig(), words=WORDS)
        self.numbers, self.message = note(), note()
        self.numbers.setToolTip("L_sharp of Eq. 4: the sum of S over contour pixels, divided by all pixels.")
        self.message.hide()
        self.histogram = Histogram(BIN_EDGES, "S of contour pixels: sharp to blurry", self)
        self.histogram.setToolTip("How often each S comes on contours: further to the right is blurrier.")
        self.histogram.setFixedHeight(140)
        self.outlines = QCheckBox()
        self.outlines.setToolTip("Show the outlines of the nuclei layer, which lie over what glows.")
        self.next_button = button(
            "Next blurriest",
            "Fly to the blurriest nucleus, and then from one to the next.",
            self.go_to_next_blurriest,
        )
        self.copy_button = button(
            "Copy command", "Copy the command that measures the same.", self._copy_command
        )
        self.table = NucleusTable(COLUMNS, sort_by=1, parent=self)
        self.table.setToolTip("Click a nucleus, or go to it by the arrow keys, to fly there and select it.")

    def _lay_out(self) -> None:
        rows = self.form.native.layout()
        choices = {"Image": self.image, "Nuclei": self.labels, "Compare with": self.other}
        for place, (words, choice) in enumerate(choices.items()):
            rows.insertRow(place, words, choice)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows.addRow("Outlines", self.outlines)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 6, 6, 6)
        for part in (
            self.form.native,
            self.message,
            self.numbers,
            self.histogram,
            row(self.next_button, self.copy_button),
        ):
            layout.addWidget(part)
        layout.addWidget(self.table, stretch=1)
        self.setMinimumWidth(WIDTH)
        OneColumn(self)

    def _connect(self) -> None:
        self.image.layer_changed.connect(self._on_image_changed)
        for choice in (self.labels, self.other):
            choice.layer_changed.connect(self._on_choice_changed)
        self.form.changed.connect(self._on_choice_changed)
        self.outlines.clicked.connect(self._toggle_outlines)
        self.table.nucleus_chosen.connect(self._go_to)
        self._newest.done.connect(self._show)
        self._newest.failed.connect(self._show_failure)
        self._session.counted.connect(self._on_changed)
        self._session.scene_replaced.connect(self._follow)
        self._lasting.add(self._on_removed, self._viewer.layers.events.removed)
        self._lasting.add(self._on_theme_changed, self._viewer.events.theme)
        self.destroyed.connect(self._lasting.close)
        self.destroyed.connect(self._followed.close)
        self._on_theme_changed()

    # What is measured

    def _is_comparable(self, layer: Any) -> bool:
        image = self.image.layer
        return image is not None and layer is not image and is_picture(layer) and same_size(layer, image)

    def _rank_of_labels(self, layer: Any) -> int:
        image = self.image.layer
        fits = image is not None and same_size(layer, image)
        return 2 * int(fits) + int(layer.name == LABELS)

    @property
    def chosen(self) -> Chosen:
        """The layers that the dock measures."""
        return Chosen(self.image.layer, self.labels.layer, self.other.layer)

    def measure(self) -> None:
        """Measure what is chosen, in a thread."""
        self._is_stale = False
        complaint = self.chosen.complaint
        if complaint:
            self._show_nothing(complaint)
        else:
            if self._measured is None:
                self._say("Measuring…")  # torch may have to be loaded for it
            work = partial(self.chosen.measured, self.form.value)
            self._session.tissue.when_there(self, partial(self._newest.ask, work))

    # What changes

    def _on_image_changed(self) -> None:
        self.labels.refill()
        self.other.refill()
        self._on_choice_changed()

    def _on_choice_changed(self) -> None:
        self._is_heat_wanted = True
        self._follow()

    def _follow(self) -> None:
        """Listen to the chosen layers, and measure them."""
        self._followed.close()
        for layer in (self.image.layer, self.labels.layer, self.other.layer):
            names = ("data", "set_data", "extent", "contrast_limits", "labels_update")
            events = [getattr(layer.events, name) for name in names if hasattr(layer and layer.events, name)]
            self._followed.add(self._on_changed, *events)
        if self._session.layers.own:
            self._followed.add(self._show_state_of_outlines, self._session.layers.nuclei.events.visible)
        self._show_state_of_outlines()
        self.measure()

    def _on_changed(self, _: Any = None) -> None:
        """Follow the image and its nuclei, unless nobody sees it."""
        if not self.form.value.live:
            return
        if self._is_behind and not (self._heat.layer is not None and self._heat.layer.visible):
            self._is_stale = True
        else:
            self.measure()

    @property
    def _is_behind(self) -> bool:
        """Whether the dock lies behind another one in a window that is open."""
        return bool(self.window().isVisible() and not self.isVisible())

    def showEvent(self, event: Any) -> None:
        """Catch up with what changed while the dock lay behind others."""
        super().showEvent(event)
        if self._is_stale:
            self.measure()
        if self._is_heat_unseen and self._heat.layer is not None:
            self._is_heat_unseen, self._heat.layer.visible = False, True

    def _on_removed(self, event: Any) -> None:
        """Do not bring back a layer that a person deleted, until it is asked for."""
        if event.value is self._heat.layer:
            self._is_heat_wanted = False

    def _toggle_outlines(self, on: bool) -> None:
        self._session.layers.nuclei.visible = on

    def _show_state_of_outlines(self, _: Any = None) -> None:
        has_outlines = bool(self._session.layers.own)
        self.outlines.setEnabled(has_outlines)
        self.outlines.setChecked(has_outlines and self._session.layers.nuclei.visible)

    def _on_theme_changed(self, _: Any = None) -> None:
        self.histogram.follow_theme(self._viewer.theme)

    # What is shown

    def _show(self, result: tuple[Chosen, Measured]) -> None:
        """Show what was measured, unless other layers have been chosen since."""
        chosen, measured = result
        if (chosen.image, chosen.labels) != (self.image.layer, self.labels.layer) or chosen.complaint:
            return
        self._measured = measured
        nuclei = measured.nuclei
        if self._is_heat_wanted:
            self._is_heat_unseen |= self._is_behind and not self._heat.is_there
            self._heat.show(measured.heat, chosen.image, visible=not self._is_behind)
        features = chosen.labels.features
        chosen.labels.features = with_numbers(features, SHARPNESS, nuclei.keys, nuclei.means)
        self.table.show_numbers(nuclei.keys, nuclei.means, nuclei.sizes)
        self.next_button.setEnabled(nuclei.keys.size > 0)
        densities = {chosen.image.name: measured.density}
        words = f"mean L_sharp {nuclei.loss:.2f} · {nuclei.keys.size:,} nuclei"
        if chosen.other is not None and measured.other_density is not None:
            densities[chosen.other.name] = measured.other_density
            words += f" · {chosen.other.name}: {measured.other_loss:.2f}"
        self.histogram.show_parts(densities)
        self.numbers.setText(words)
        self._say("" if nuclei.keys.size else f"'{chosen.labels.name}' holds no nuclei yet.")

    def _show_failure(self, error: BaseException) -> None:
        """Show what is wrong with the chosen layers; what is wrong with us is napari's to show."""
        if not isinstance(error, ValueError | TypeError):
            raise error
        self._show_nothing(f"{str(error)[0].upper()}{str(error)[1:]}.")

    def _show_nothing(self, message: str) -> None:
        self._newest.forget()
        self._measured = None
        self._heat.clear()
        self.table.clear_numbers()
        self.next_button.setEnabled(False)
        self.histogram.show_parts({})
        self.numbers.setText("")
        self._say(message)

    def _say(self, message: str) -> None:
        self.message.setText(message)
        self.message.setVisible(bool(message))

    # Where to go

    def go_to_next_blurriest(self) -> None:
        """Fly to the blurriest nucleus, or from the one that is chosen to the next."""
        ranking = [] if self._measured is None else self._measured.blurriest_first.tolist()
        if not ranking:
            return
        after = ranking.index(self.table.chosen) + 1 if self.table.chosen in ranking else 0
        self.table.choose(ranking[after % len(ranking)])

    def _copy_command(self) -> None:
        if not self.chosen.complaint:
            QApplication.clipboard().setText(self.chosen.command(self.form.value))
            show_info("the command is on the clipboard")

    def _go_to(self, label: int) -> None:
        labels = self.labels.layer
        if self._flight.to_label(labels, label):
            labels.selected_label = label
        else:
            self._say(f"Nucleus {label} is not in '{labels.name}' any more.")


def _rank_of_image(layer: Any) -> int:
    return 2 * int(layer.name == TISSUE) + int(layer.rgb)
