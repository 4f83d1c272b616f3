"""What the Score dock compares: two masks, two images, or two folders."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.layers import Image, Labels
from qtpy.QtCore import Signal
from qtpy.QtWidgets import QComboBox, QVBoxLayout, QWidget

from napari_sharpgan.scoring.pairs import KINDS
from napari_sharpgan.widgets._chosen import is_picture
from napari_sharpgan.widgets._error_layer import is_mask
from napari_sharpgan.widgets._layer_choice import LayerChoice
from napari_sharpgan.widgets._layers import TISSUE
from napari_sharpgan.widgets._parts import labeled
from napari_sharpgan.widgets._path_row import FolderRow
from napari_sharpgan.widgets._remembered import remember, remembered
from napari_sharpgan.widgets._score_work import FOLDERS, IMAGES, MASKS, Compared, Folders, Live

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

WORDS = {MASKS: "Two masks", IMAGES: "Two images", FOLDERS: "Two folders"}
LABEL_WIDTH = 66  # px, so that what stands below each other is in line
READ_AS = {"auto": "masks or images, as they are", "masks": "masks", "images": "images, gray ones too"}
HELP = {
    "kind": "What is compared: nuclei with nuclei, an image with an image, or the files of two folders.",
    "true": "The true nuclei, such as a pathologist's: a labels layer, one number a nucleus.",
    "predicted": "The nuclei that are scored: a labels layer, or the live ones that you edit.",
    "reference": "The image as it should be, such as real tissue.",
    "image": "The image that is scored, such as synthetic tissue of the same nuclei.",
    "nuclei": "Score within each of these nuclei and at their contours, too.",
    "true folder": "Folder of true masks, or of reference images.",
    "predicted folder": "Folder of predicted masks, or of images; files of one name are compared.",
    "as": "Files that hold one number a pixel are masks, unless you say that they are images.",
}


class ScoreChoice(QWidget):  # type: ignore[misc]
    """Choose what is compared.

    Parameters
    ----------
    session : Session
        Whose layers are offered; the live scene stands for its layers.

    Attributes
    ----------
    kind_changed : Qt signal
        Says that another kind of things is compared.
    changed : Qt signal
        Says that another layer or folder was chosen.
    """

    kind_changed = Signal()
    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.box = _box(WORDS)
        self.box.setToolTip(HELP["kind"])
        self._make()
        pages = {
            MASKS: [("True", self.true), ("Predicted", self.predicted)],
            IMAGES: [("Reference", self.reference), ("Image", self.image), ("Nuclei", self.nuclei)],
            FOLDERS: [
                ("True", self.true_folder),
                ("Predicted", self.predicted_folder),
                ("Read as", self.read_as),
            ],
        }
        self._pages = {kind: _page(rows) for kind, rows in pages.items()}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for part in (labeled("Compare", self.box, LABEL_WIDTH), *self._pages.values()):
            layout.addWidget(part)
        self._connect()
        self._show_page()

    def _make(self) -> None:
        session = self._session

        def choice(fits: Any, help_: str, **options: Any) -> LayerChoice:
            made = LayerChoice(session.viewer.layers, fits, named=self._named, parent=self, **options)
            made.setToolTip(HELP[help_])
            return made

        self.true = choice(self._is_mask, "true", rank=lambda layer: self._rank_of_mask(layer, live=False))
        self.predicted = choice(self._is_mask, "predicted", rank=self._rank_of_predicted)
        self.reference = choice(self._is_picture, "reference", rank=lambda layer: int(layer.name != TISSUE))
        self.image = choice(self._is_picture, "image", rank=lambda layer: int(layer.name == TISSUE))
        self.nuclei = choice(is_mask, "nuclei", nothing="none")
        self.true_folder = FolderRow(HELP["true folder"], "Folder of true masks or images", self)
        self.predicted_folder = FolderRow(HELP["predicted folder"], "Folder of what is scored", self)
        self.true_folder.show_path(_path("score/true"))
        self.predicted_folder.show_path(_path("score/predicted"))
        self.read_as = _box({kind: READ_AS[kind] for kind in KINDS})
        self.read_as.setToolTip(HELP["as"])

    def _connect(self) -> None:
        self.box.activated.connect(lambda _: self._on_kind_changed())
        self.true.layer_changed.connect(lambda _: self.predicted.refill())
        for choice in (self.true, self.predicted, self.reference, self.image, self.nuclei):
            choice.layer_changed.connect(lambda _: self.changed.emit())
        self.true_folder.chosen.connect(lambda path: self._remember("score/true", path))
        self.predicted_folder.chosen.connect(lambda path: self._remember("score/predicted", path))
        self.read_as.activated.connect(lambda _: self.changed.emit())
        self._session.scene_replaced.connect(self._refill)

    # What is chosen

    @property
    def kind(self) -> str:
        """What is compared: "masks", "images" or "folders"."""
        return str(self.box.currentData())

    def choose(self, kind: str) -> None:
        """Choose what is compared as a person would."""
        self.box.setCurrentIndex(list(WORDS).index(kind))
        self._on_kind_changed()

    @property
    def compared(self) -> Compared:
        """The layers that are chosen."""
        own, current = self._session.layers.own, self._session.documents.current
        file = None if current is None else current.path
        live = Live(self._session.scene, self._session.layers.labels, file) if own else None
        if self.kind == MASKS:
            return Compared(MASKS, self.true.layer, self.predicted.layer, live=live)
        return Compared(IMAGES, self.reference.layer, self.image.layer, self.nuclei.layer, live)

    @property
    def folders(self) -> Folders:
        """The folders that are chosen."""
        kind = str(self.read_as.currentData())
        return Folders(self.true_folder.path, self.predicted_folder.path, kind)

    # What is offered

    def _is_own(self, layer: Any) -> bool:
        return layer in self._session.layers

    def _is_live(self, layer: Any) -> bool:
        own = self._session.layers.own
        return bool(own) and layer is self._session.layers.labels

    def _is_mask(self, layer: Any) -> bool:
        """Whether a layer may be a mask: napari opens label images as gray pictures."""
        is_gray = isinstance(layer, Image) and is_picture(layer) and not layer.rgb and not self._is_own(layer)
        return is_mask(layer) or is_gray

    def _is_picture(self, layer: Any) -> bool:
        own = self._session.layers.own
        return is_picture(layer) and (not self._is_own(layer) or layer in own[:1])

    def _named(self, layer: Any) -> str:
        return f"{layer.name}: the live nuclei" if self._is_live(layer) else str(layer.name)

    def _rank_of_mask(self, layer: Any, *, live: bool) -> int:
        return int(isinstance(layer, Labels)) + int(is_mask(layer) and self._is_live(layer) == live)

    def _rank_of_predicted(self, layer: Any) -> int:
        return 2 * self._rank_of_mask(layer, live=True) + int(layer is not self.true.layer)

    # How it goes

    def _refill(self) -> None:
        for choice in (self.true, self.predicted, self.reference, self.image, self.nuclei):
            choice.refill()

    def _on_kind_changed(self) -> None:
        self._show_page()
        self.kind_changed.emit()

    def _show_page(self) -> None:
        for kind, page in self._pages.items():
            page.setVisible(kind == self.kind)

    def _remember(self, name: str, path: Any) -> None:
        remember(name, "" if path is None else str(path))
        self.changed.emit()


def _path(name: str) -> Path | None:
    """Return a path that is remembered."""
    return Path(remembered(name)) if remembered(name) else None


def _box(words: dict[str, str]) -> QComboBox:
    """Return a box of words that does not make the dock wider."""
    made = QComboBox()
    for name, text in words.items():
        made.addItem(text, name)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(8)
    return made


def _page(rows: list[tuple[str, QWidget]]) -> QWidget:
    """Return the rows of a kind."""
    holder = QWidget()
    layout = QVBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    for words, part in rows:
        layout.addWidget(labeled(words, part, LABEL_WIDTH))
    return holder
