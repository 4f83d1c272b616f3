"""Segmenting beside the window: the newest wish wins, and its nuclei become those of the live scene."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from qtpy.QtCore import QObject, Signal

from napari_sharpgan.scene.open_document import check_size
from napari_sharpgan.widgets._activity import Activity
from napari_sharpgan.widgets._place import shape_of
from napari_sharpgan.widgets._run import Run
from napari_sharpgan.widgets._segment_work import Found, Loaded, Stage, Wish, find_nuclei

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
        self._run: Run | None = None
        self._newest: Wish | None = None
        self._activity: Activity | None = None

    @property
    def is_busy(self) -> bool:
        """Whether it is at a wish."""
        return self._run is not None

    def ask(self, wish: Wish) -> None:
        """Segment, in the place of what goes on."""
        self._leave()
        try:
            check_size(shape_of(wish.image) or (0, 0), wish.image.name)
        except ValueError as error:
            self.failed.emit(str(error))
            self.ended.emit()
            return
        self._newest = wish
        activity = Activity(f"Segmenting {wish.image.name}", self.cancel)  # turns the event loop
        if self._newest is not wish:
            activity.close()
            return
        run = Run(find_nuclei, wish, self._loaded, parent=self)
        run.progressed.connect(partial(self._show, run))
        run.succeeded.connect(partial(self._take, run))
        run.failed.connect(partial(self._fail, run))
        run.ended.connect(run.deleteLater)
        self.destroyed.connect(activity.close)
        self._run, self._activity = run, activity
        self.begun.emit()
        run.start()

    def cancel(self) -> None:
        """End what goes on; nothing comes of it."""
        if self._run is not None:
            self._leave()
            self.canceled.emit()
            self.ended.emit()

    def _leave(self) -> None:
        """Let go of what goes on; it ends after its current windows, unheard."""
        if self._run is not None:
            self._run.stop()
        if self._activity is not None:
            self._activity.close()
        self._run = self._activity = None

    def _show(self, run: Run, stage: Stage) -> None:
        if run is self._run and self._activity is not None:
            self.progressed.emit(stage)
            self._activity.show(stage.done, stage.total)  # last: it turns the event loop

    def _take(self, run: Run, found: Found | str | None) -> None:
        """Put what was found into the scene, unless something else was wished for meanwhile."""
        if run is not self._run or found is None:
            return
        self._leave()
        if isinstance(found, str):
            self.failed.emit(found)
        elif found.wish.image not in self._session.viewer.layers:
            self.failed.emit(GONE)
        else:
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

    def _fail(self, run: Run, error: BaseException) -> None:
        if run is self._run:
            self._leave()
            self.failed.emit(str(error))
            self.ended.emit()
