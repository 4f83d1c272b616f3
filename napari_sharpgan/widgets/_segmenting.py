"""Segmenting beside the window: the newest wish wins, and its nuclei become those of the live scene."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_sharpgan.scene.open_document import check_size
from napari_sharpgan.widgets._one_run import OneRun
from napari_sharpgan.widgets._place import shape_of
from napari_sharpgan.widgets._segment_work import Found, Loaded, Wish, find_nuclei

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

GONE = "the image is not among the layers any more; nothing was changed"


class Segmenting(QObject):  # type: ignore[misc]
    """Find nuclei off the window's thread and put them into the scene.

    Parameters
    ----------
    session : Session
        Whose scene takes them.
    parent : QObject, optional
        With it what goes on ends, and nothing comes of it.
    """

    begun = Signal()
    progressed = Signal(object)  # Stage
    taken = Signal(object, object)  # Found, and what became of it: Taken
    failed = Signal(str)  # one sentence; nothing was changed
    canceled = Signal()
    ended = Signal()  # after each of the last three

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent or session)
        self._session = session
        self._loaded = Loaded()
        self._run = OneRun(self)
        self._run.begun.connect(self.begun)
        self._run.progressed.connect(self.progressed)
        self._run.succeeded.connect(self._take)
        self._run.failed.connect(self._fail)

    @property
    def is_busy(self) -> bool:
        """Whether it is at a wish."""
        return self._run.is_busy

    def ask(self, wish: Wish) -> None:
        """Segment, in the place of what goes on."""
        self._run.leave()
        try:
            check_size(shape_of(wish.image) or (0, 0), wish.image.name)
        except ValueError as error:
            self.failed.emit(str(error))
            self.ended.emit()
            return
        what = f"Segmenting {wish.image.name}"
        self._run.begin(what, find_nuclei, wish, self._loaded, canceled=self.cancel)

    def cancel(self) -> None:
        """End what goes on; nothing comes of it."""
        if self.is_busy:
            self._run.leave()
            self.canceled.emit()
            self.ended.emit()

    def _take(self, found: Found | str | None) -> None:
        """Put what was found into the scene."""
        if isinstance(found, str):
            self.failed.emit(found)
        elif found is not None and found.wish.image not in self._session.viewer.layers:
            self.failed.emit(GONE)
        elif found is not None:
            self._put(found)
        self.ended.emit()

    def _put(self, found: Found) -> None:
        wish = found.wish
        try:
            taken = self._session.take_found(wish.image, found.nuclei, replace=wish.replace)
        except (TypeError, ValueError) as error:
            self.failed.emit(str(error))
        else:
            self.taken.emit(found, taken)

    def _fail(self, error: BaseException) -> None:
        self.failed.emit(str(error))
        self.ended.emit()
