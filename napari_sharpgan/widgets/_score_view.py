"""How the Score dock shows scores: numbers in a grid, a legend, and the columns of its tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

from qtpy.QtCore import Qt
from qtpy.QtGui import QColor, QPainter, QPixmap
from qtpy.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from napari_sharpgan.scoring.pairs import CONTOUR, SIDES
from napari_sharpgan.widgets._table import UNKNOWN, Column

A_ROW = 4  # numbers
A_FEW = 3  # sentences
SWATCH = 11  # px
FRAME = "#808080"  # around colors, so that white is seen on white and black on black
TITLES = {
    "aji_plus": "AJI+",
    "dice": "Dice",
    "precision": "Precision",
    "recall": "Recall",
    "fsimc": "FSIMc",
}
MEANINGS = {
    "dq": "Detection quality, 1 is best: the F1 score of nuclei as objects; a pair has an IoU above 0.5.",
    "sq": "Segmentation quality, 1 is best: the mean IoU of the pairs.",
    "pq": "Panoptic quality, 1 is best: DQ × SQ.",
    "aji": "Aggregated Jaccard index, 1 is best: shared pixels of all nuclei over what they cover together.",
    "aji_plus": "As AJI, 1 is best, with each nucleus in at most one pair.",
    "dice": "Dice of the foregrounds, 1 is best: which pixels are nucleus, no matter of which.",
    "precision": "Of the predicted nuclei, the share that is one of a pair.",
    "recall": "Of the true nuclei, the share that is one of a pair.",
    "ssim": "Structural similarity of gray levels, 1 is best: mean over the grid of 256 × 256 crops.",
    "fsim": "Feature similarity of gray levels, 1 is best: mean over the grid of 256 × 256 crops.",
    "gmsd": "Deviation of the gradient similarity, 0 is best: mean over the grid of 256 × 256 crops.",
    "nrmse": "RMSE over the RMS of the reference, 0 is best: mean over the grid of 256 × 256 crops.",
    "fsimc": "Feature similarity that sees color too, 1 is best: of the whole images.",
    "gms": "Gradient magnitude similarity, 1 is best.",
}
NEAR = "Of the pixels within 2 px of contours."


def titled(name: str) -> str:
    """Return what a score is called."""
    short = name.removeprefix(CONTOUR)
    return TITLES.get(short, short.upper())


def sentences(said: Sequence[str]) -> str:
    """Return what is said a line each, at most three, and how many more there are."""
    whole = [f"{one[:1].upper()}{one[1:]}".rstrip(".") + "." for one in said[:A_FEW]]
    more = [f"And {len(said) - A_FEW:,} more."] if len(said) > A_FEW else []
    return "\n".join([*whole, *more])


def number(value: float) -> str:
    """Return a score as it is shown."""
    if value != value:
        return UNKNOWN
    return "∞" if value == float("inf") else f"{value:.3f}"


class Numbers(QWidget):  # type: ignore[misc]
    """Scores by name, four a row; those at contours in a row of their own."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 2, 0, 2)
        self._labels: dict[str, QLabel] = {}
        self._words: list[QLabel] = []

    def show_scores(self, scores: Mapping[str, float]) -> None:
        """Show other scores, or none."""
        if list(scores) != list(self._labels):
            self._lay_out(list(scores))
        for name, value in scores.items():
            self._labels[name].setText(f"{titled(name)}<br><b>{number(value)}</b>")
        self.setVisible(bool(scores))

    def _lay_out(self, names: Sequence[str]) -> None:
        for label in (*self._labels.values(), *self._words):
            self._grid.removeWidget(label)
            label.hide()
            label.deleteLater()
        self._labels, self._words = {}, []
        plain = [name for name in names if not name.startswith(CONTOUR)]
        for place, name in enumerate(plain):
            self._put(name, *divmod(place, A_ROW), MEANINGS.get(name, ""))
        near = [name for name in names if name.startswith(CONTOUR)]
        if near:
            start = -(-len(plain) // A_ROW)
            word = QLabel("At contours", toolTip=NEAR)
            self._words.append(word)
            self._grid.addWidget(word, start, 0, 1, A_ROW)
            for place, name in enumerate(near):
                meaning = MEANINGS[name.removeprefix(CONTOUR)].split(":")[0].rstrip(".")
                self._put(name, start + 1, place, f"{meaning}. {NEAR}")

    def _put(self, name: str, row: int, column: int, meaning: str) -> None:
        label = QLabel(toolTip=meaning)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._labels[name] = label
        self._grid.addWidget(label, row, column)
        self._grid.setColumnStretch(column, 1)


class Legend(QWidget):  # type: ignore[misc]
    """The outcomes of nuclei: color, word, and how many."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._words: dict[str, QLabel] = {}
        self.hide()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Show how many nuclei had which outcome, by its word: extra predicted ones, else true ones."""
        if counts and not self._words:
            self._fill()
        for word, count in counts.items():
            self._words[word].setText(f"{word} <b>{count:,}</b>")
        self.setVisible(bool(counts))

    def _fill(self) -> None:
        from napari_sharpgan.metrics import OUTCOME_STYLES  # torch takes seconds

        for place, style in enumerate(OUTCOME_STYLES.values()):
            counted = "predicted" if style.word == "extra" else "true"
            entry = QWidget(toolTip=f"{style.meaning} The number is of {counted} nuclei.")
            layout = QHBoxLayout(entry)
            layout.setContentsMargins(4, 0, 0, 0)
            layout.setSpacing(5)
            color, word = QLabel(), QLabel()
            color.setPixmap(swatch(style.color))
            self._words[style.word] = word
            layout.addWidget(color)
            layout.addWidget(word, stretch=1)
            self._grid.addWidget(entry, *divmod(place, 2))
            self._grid.setColumnStretch(place % 2, 1)


@cache
def swatch(color: str) -> QPixmap:
    """Return a square of a color with a frame."""
    made = QPixmap(SWATCH, SWATCH)
    made.fill(QColor(FRAME))
    inside = QPixmap(SWATCH - 2, SWATCH - 2)
    inside.fill(QColor(color))
    painter = QPainter(made)
    painter.drawPixmap(1, 1, inside)
    painter.end()
    return made


def key_of(label: Any, side: Any) -> Any:
    """Return what stands for a nucleus of one of two masks; also of arrays of them."""
    return label * len(SIDES) + side


def nucleus_of(key: int) -> tuple[int, int]:
    """Return label and side of a nucleus of one of two masks."""
    return divmod(key, len(SIDES))


def outcome_columns() -> list[Column]:
    """Return the columns of the table of nuclei of masks."""

    def style(code: int) -> Any:
        from napari_sharpgan.metrics import OUTCOME_STYLES, Outcome

        return OUTCOME_STYLES[Outcome(int(code))]

    return [
        Column("Nucleus", "Number of the nucleus in its mask", lambda key: str(nucleus_of(key)[0])),
        Column("Mask", "Whether it is a true or a predicted nucleus", lambda side: SIDES[side]),
        Column(
            "Outcome",
            "What became of it; see the colors above",
            lambda code: str(style(code).word),
            descending=True,
            mark=lambda code: swatch(style(code).color),
        ),
        Column("IoU", "With its partner in the other mask; 0 without one", "{:.2f}"),
        Column("Area px", "Pixels", "{:,}", descending=True),
    ]


def similarity_columns() -> list[Column]:
    """Return the columns of the table of nuclei in images."""
    return [
        Column("Nucleus", "Number of the nucleus: its value in the labels layer"),
        Column("SSIM", "Mean structural similarity within the nucleus, 1 is best", number),
        Column("GMS", "Mean gradient magnitude similarity within the nucleus, 1 is best", number),
        Column("GMSD", "Its standard deviation within the nucleus, 0 is best", number),
        Column("NRMSE", "RMSE over RMS of the reference within the nucleus, 0 is best", number),
    ]


def image_columns(name_of: Callable[[int], str], scores: Sequence[str]) -> list[Column]:
    """Return the columns of the table of images."""
    shown = list(scores)[:A_ROW]
    return [
        Column("Image", "Name of both files without ending", lambda place: name_of(int(place))),
        *(Column(titled(name), MEANINGS.get(name, ""), number) for name in shown),
    ]
