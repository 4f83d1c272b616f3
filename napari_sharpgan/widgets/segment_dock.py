"""The dock *Segment*: the nuclei of an image that is open, found by a network, to be corrected at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_error, show_info
from qtpy.QtGui import QHideEvent, QShowEvent
from qtpy.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QProgressBar,
    QWidget,
)

from napari_sharpgan.run_folders.words import clock
from napari_sharpgan.widgets._docks import dock_of
from napari_sharpgan.widgets._layer_choice import LayerChoice
from napari_sharpgan.widgets._parts import button, column, row, words
from napari_sharpgan.widgets._remembered import remember, remembered
from napari_sharpgan.widgets._run import Background
from napari_sharpgan.widgets._run_list import RunWatch
from napari_sharpgan.widgets._segment_work import LOADING, Found, Stage, Wish, is_tissue
from napari_sharpgan.widgets._segmenter_choice import SegmenterChoice
from napari_sharpgan.widgets._segmenting import Segmenting
from napari_sharpgan.widgets.session import session_of

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_sharpgan.scene.found_nuclei import Taken

DEVICES = ("auto", "cuda", "mps", "cpu")
VIEW, WHOLE = "what is in view", "the whole image"
REPLACE, ADD = "replace what is there", "add to what is there"
NO_IMAGE = "Open an H&E image in color, 8 bits: drop it on the window."
NO_SEGMENTER = (
    "No segmenter is here yet: open a file of weights, or train one on images whose nuclei are known."
)
LOOKING = "Looking for segmenters…"
READY = "What is found becomes outlines that can be corrected at once; one undo takes them back."
TAKEN = "Correct them with the tools of the dock Nuclei; one undo takes them back."
OUT_OF_VIEW = "nothing of the image is in view; move the camera there, or take the whole image"
CANCELED = "Canceled; nothing was changed."
HELP = {
    "image": "The H&E image whose nuclei are searched; of a slide of several levels the finest.",
    "part": "In view: nuclei that lie wholly in view are replaced, those that its edge crosses stay.",
    "there": "Locked nuclei stay in any case, and win where others meet them.",
    "device": "Where the network runs; auto takes the fastest that this computer has.",
    "segment": "Find the nuclei, off the window's thread; what goes on is canceled.",
    "cancel": "Stop; nothing is changed.",
    "open": "Use weights from a .safetensors file, such as checkpoints/best.safetensors of a run.",
    "train": "Open the dock Train with a recipe of segmenters: it needs images whose nuclei are known.",
    "copy": "Copy the command that finds the same nuclei.",
}


class SegmentDock(QWidget):  # type: ignore[misc]
    """Choose an image, a part of it and a segmenter; the nuclei found become those of the live scene.

    Parameters
    ----------
    napari_viewer : napari Viewer
        Where the layers are.
    """

    def __init__(self, napari_viewer: ViewerModel) -> None:
        super().__init__()
        self._session = session_of(napari_viewer)
        self._viewer = self._session.viewer  # itself, not the proxy of it that docks get
        self._work = Segmenting(self._session, self)
        self._outcome = ""  # of the last wish, until something else is chosen
        self._make_controls()
        column(
            self,
            self._form(),
            row(
                button("Open weights…", HELP["open"], self._open),
                button("Train a segmenter…", HELP["train"], self.train),
            ),
            row(self.main, self.cancel),
            self.progress,
            self.numbers,
            self.status,
            self.copy,
        )
        self._connect()
        self._loader = Background(self)
        self._loader.done.connect(self._show_shipped)
        self._loader.failed.connect(self._fail_to_look)
        self._loader.submit(_shipped)
        self._refresh()

    def use_segmenter(self, path: Path) -> None:
        """Segment with the weights in a file from now on."""
        self.segmenter.use(str(path))

    # How it is made

    def _make_controls(self) -> None:
        self.image = LayerChoice(self._viewer.layers, self._is_offered, rank=self._rank, parent=self)
        self.part = _box(WHOLE, VIEW)
        self.there = _box(REPLACE, ADD)
        self.segmenter = SegmenterChoice(remembered("segment/segmenter"))
        self.device = _box(*DEVICES)
        self.device.setCurrentText(remembered("segment/device", DEVICES[0]))
        for name in ("image", "part", "there", "device"):
            getattr(self, name).setToolTip(HELP[name])
        self.main = button("Segment", HELP["segment"], self.segment)
        self.cancel = button("Cancel", HELP["cancel"], self._work.cancel)
        self.copy = button("Copy command", HELP["copy"], self._copy)
        self.progress = QProgressBar()
        self.status, self.numbers = words(), words()
        self.numbers.hide()
        self.run_watch = RunWatch(self)

    def _form(self) -> QWidget:
        holder = QWidget()
        form = QFormLayout(holder)
        form.setContentsMargins(0, 0, 0, 0)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow("Image", self.image)
        form.addRow("Part", self.part)
        form.addRow("Nuclei", self.there)
        form.addRow("Segmenter", self.segmenter)
        form.addRow("Device", self.device)
        return holder

    def _connect(self) -> None:
        self.image.layer_changed.connect(self._forget)
        self._session.scene_replaced.connect(self.image.refill)
        self.segmenter.chosen_changed.connect(self._forget)
        self.segmenter.activated.connect(self._remember)
        self.device.activated.connect(self._remember)
        self.run_watch.seen.connect(self.segmenter.show_runs)
        self._work.begun.connect(self._begin)
        self._work.progressed.connect(self._show_stage)
        self._work.taken.connect(self._show_taken)
        self._work.failed.connect(self._fail)
        self._work.canceled.connect(partial(self._tell, CANCELED))
        self._work.ended.connect(self._refresh)

    def _is_offered(self, layer: Any) -> bool:
        return is_tissue(layer) and layer not in self._session.layers

    def _rank(self, layer: Any) -> int:
        return int(layer is self._session.documents.image)

    # What the controls do

    @property
    def wish(self) -> Wish | None:
        """What *Segment* would do now, or None where an image or a segmenter is missing."""
        layer, segmenter = self.image.layer, self.segmenter.segmenter
        if layer is None or not segmenter:
            return None
        view = self._session.in_view(layer) if self.part.currentText() == VIEW else None
        replace = self.there.currentText() == REPLACE
        return Wish(layer, view, segmenter, self.device.currentText(), replace)

    def segment(self) -> None:
        """Find the nuclei, in the place of what goes on."""
        wish = self.wish
        if wish is None:
            return
        if wish.is_out_of_view:
            self._fail(OUT_OF_VIEW)
        else:
            self._work.ask(wish)

    def train(self) -> None:
        """Open the dock *Train* with a recipe of segmenters."""
        dock_of(self._viewer, "Train").prefer("segmenter")

    def _open(self) -> None:
        name, _ = QFileDialog.getOpenFileName(self, "Open weights", "", "Weights (*.safetensors)")
        if name:
            self.use_segmenter(Path(name))
            self._remember()

    def _copy(self) -> None:
        wish = self.wish
        if wish is not None:
            QApplication.clipboard().setText(wish.command)
            show_info("the command is on the clipboard")

    def _remember(self, _chosen: object = None) -> None:
        remember("segment/segmenter", self.segmenter.segmenter)
        remember("segment/device", self.device.currentText())

    # What is shown

    def showEvent(self, event: QShowEvent) -> None:
        """Look for trained segmenters while someone sees the dock."""
        super().showEvent(event)
        self.run_watch.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the runs be while nobody sees the dock."""
        super().hideEvent(event)
        self.run_watch.stop()

    def _refresh(self) -> None:
        """Show what can be done now, and say what is missing."""
        is_busy, has_image = self._work.is_busy, self.image.layer is not None
        is_ready = has_image and bool(self.segmenter.segmenter)
        for part in (self.main, self.copy):
            part.setEnabled(is_ready)
        for part in (self.cancel, self.progress):
            part.setVisible(is_busy)
        if is_busy:
            return
        if not has_image:
            self.status.setText(NO_IMAGE)
        elif is_ready:
            self.status.setText(self._outcome or READY)
        else:
            self.status.setText(NO_SEGMENTER if self.segmenter.is_known else LOOKING)

    def _show_shipped(self, names: list[str]) -> None:
        """Offer what comes with us, or say that nothing does."""
        self.segmenter.show_shipped(names)
        self._refresh()

    def _fail_to_look(self, error: BaseException) -> None:
        """Do not look for ever: a file of weights can still be opened."""
        self._show_shipped([])
        show_error(f"the segmenters that come with us were not found: {error}")

    def _forget(self, _chosen: object = None) -> None:
        """Say nothing more of what came of other choices."""
        self._tell("")

    def _tell(self, outcome: str) -> None:
        """Say what came of a wish."""
        self._outcome = outcome
        if not outcome:
            self._show_numbers("")
        self._refresh()

    def _begin(self) -> None:
        self._forget()
        self._show_stage(Stage(LOADING))

    def _show_stage(self, stage: Stage) -> None:
        self.status.setText(stage.words)
        self.progress.setMaximum(stage.total)
        self.progress.setValue(stage.done)

    def _show_taken(self, found: Found, taken: Taken) -> None:
        """Say what came, and let it be corrected."""
        self._session.show_outlines()
        count, seconds = len(taken.added), found.seconds
        time = f"{seconds:.1f} s" if seconds < 10 else clock(seconds)
        self._show_numbers(f"{count:,} {_nuclei(count)} found · {time} · {found.device}")
        told = [f"{taken.replaced:,} replaced"] if taken.replaced else []
        told += [f"{taken.stayed:,} stayed"] if taken.stayed else []
        told += [f"{taken.left_out:,} left out, on nuclei that stayed"] if taken.left_out else []
        self._tell(f"{' · '.join(told)}. {TAKEN}" if told else TAKEN)

    def _show_numbers(self, text: str) -> None:
        self.numbers.setText(text)
        self.numbers.setVisible(bool(text))

    def _fail(self, message: str) -> None:
        self._tell(f"{message[:1].upper()}{message[1:]}.")
        show_error(message)


def _box(*choices: str) -> QComboBox:
    made = QComboBox()
    made.addItems(choices)
    return made


def _nuclei(count: int) -> str:
    return "nucleus" if count == 1 else "nuclei"


def _shipped() -> list[str]:
    """Return the names of the segmenters that come with us; in a thread, as disks can be slow."""
    from napari_sharpgan._resources import shipped_segmenters

    return list(shipped_segmenters())
