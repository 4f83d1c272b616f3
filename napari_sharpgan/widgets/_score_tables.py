"""The tables of the Score dock, of which one is shown: nuclei of masks, nuclei in images, images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHeaderView, QStackedWidget, QWidget

from napari_sharpgan.widgets._score_view import (
    A_ROW,
    image_columns,
    key_of,
    outcome_columns,
    similarity_columns,
)
from napari_sharpgan.widgets._score_work import MASKS, Compared, FolderResult
from napari_sharpgan.widgets._table import NucleusTable

if TYPE_CHECKING:
    from napari_sharpgan.scoring.score import Scored

LOWEST = 170  # px
NUMBER_WIDTH = 52  # px
OUTCOME_WIDTHS = {0: 54, 1: 74, 3: 44, 4: 58}  # px, of the columns but that of the outcome
FLY = "Click a nucleus, or go to it by the arrow keys, to fly there and select it."
PICK = "Click an image; Open this pair opens both files as layers."


class ScoreTables(QStackedWidget):  # type: ignore[misc]
    """Nuclei of masks, nuclei in images, or images, worst first.

    Attributes
    ----------
    nucleus_chosen : Qt signal
        The key of a nucleus that a person chose: see `key_of` for masks, its label for images.
    """

    nucleus_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.outcomes = NucleusTable(outcome_columns(), sort_by=2, parent=self)
        self.similarities = NucleusTable(similarity_columns(), sort_by=1, parent=self)
        self.images = NucleusTable(image_columns(str, ("dq", "sq", "pq", "aji")), sort_by=3, parent=self)
        self._codes: dict[int, int] = {}
        self._images: FolderResult | None = None  # whose images were shown last
        for table, tip in ((self.outcomes, FLY), (self.similarities, FLY), (self.images, PICK)):
            table.setToolTip(tip)
            self.addWidget(table)
        for table in (self.outcomes, self.similarities):
            table.nucleus_chosen.connect(self.nucleus_chosen)
        _fix(self.images, dict.fromkeys(range(1, A_ROW + 1), NUMBER_WIDTH))
        _fix(self.outcomes, OUTCOME_WIDTHS)
        self.setMinimumHeight(LOWEST)
        self.hide()

    def show_nuclei(self, scored: Scored) -> None:
        """Show the nuclei of a pair; nothing for images without."""
        nuclei = scored.nuclei
        self.setVisible(bool(nuclei))
        if scored.are_masks:
            order = np.argsort(nuclei["iou"], kind="stable")  # the worst first, where the rest is equal
            keys = key_of(nuclei["nucleus"], nuclei["mask"])[order]
            self._codes = dict(zip(keys.tolist(), nuclei["outcome"][order].tolist(), strict=True))
            columns = [nuclei[name][order] for name in ("mask", "outcome", "iou", "area")]
            self.outcomes.show_numbers(keys, *(_signed(values) for values in columns))
            self.setCurrentWidget(self.outcomes)
        elif nuclei:
            names = ("nucleus", "ssim", "gms", "gmsd", "nrmse")
            self.similarities.show_numbers(*(nuclei[name] for name in names))
            self.setCurrentWidget(self.similarities)

    def show_images(self, result: FolderResult) -> dict[str, float]:
        """Show the images of two folders, and return the mean of their scores."""
        from napari_sharpgan.metrics.evaluation import mean_scores

        scored = result.scored
        mean = mean_scores(one.scores for one in scored)
        names = list(mean)[:A_ROW]
        columns = image_columns(lambda place: scored[place].name, names)
        values = [np.array([one.scores[name] for one in scored]) for name in names]
        if result is not self._images:  # else one comes back to it
            self._images, self.images.chosen = result, None
        self.images.show_numbers(np.arange(len(scored)), *values, columns=columns)
        worst = 3 if scored[0].are_masks else 1  # by PQ, or by SSIM
        self.images.sortByColumn(worst, Qt.SortOrder.AscendingOrder)
        self.setCurrentWidget(self.images)
        self.show()
        return mean

    def clear(self) -> None:
        """Show nothing."""
        self._codes = {}
        for table in (self.outcomes, self.similarities, self.images):
            table.clear_numbers()
        self.hide()

    @property
    def chosen_image(self) -> int | None:
        """The position of the image that is chosen among those that were scored."""
        return self.images.chosen

    def mark(self, label: int, compared: Compared) -> None:
        """Mark a nucleus of the live scene."""
        if compared.kind == MASKS:
            side = 1 if compared.is_live(compared.predicted) else 0
            if compared.is_live((compared.true, compared.predicted)[side]):
                self.outcomes.mark(int(key_of(label, side)))
        elif compared.is_live(compared.nuclei):
            self.similarities.mark(label)

    def choose_next_error(self) -> None:
        """Choose the next nucleus, in the order of the table, that was not matched."""
        from napari_sharpgan.metrics import Outcome  # torch takes seconds

        keys = self.outcomes.numbers.labels.tolist()
        errors = [key for key in keys if self._codes.get(key, Outcome.MATCHED) != Outcome.MATCHED]
        if not errors:
            return
        chosen = self.outcomes.chosen
        after = keys.index(chosen) + 1 if chosen in keys else 0
        wrong = set(errors)
        self.outcomes.choose(next((key for key in keys[after:] if key in wrong), errors[0]))


def _fix(table: NucleusTable, widths: dict[int, int]) -> None:
    """Give columns fixed widths; the others take what is left."""
    header = table.horizontalHeader()
    for place, width in widths.items():
        header.setSectionResizeMode(place, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(place, width)


def _signed(values: NDArray[Any]) -> NDArray[Any]:
    """Return numbers that can be negated, as sorting does."""
    return values.astype(np.int64) if values.dtype.kind == "u" else values
