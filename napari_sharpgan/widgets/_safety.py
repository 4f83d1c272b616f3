"""Closing the window: unsaved work is named and asked for, once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QEvent, QObject, QTimer
from qtpy.QtWidgets import QFileDialog, QMessageBox

from napari_sharpgan.formats import NUCLEI_FORMATS, NucleiFormat
from napari_sharpgan.widgets._remembered import remember, remembered

if TYPE_CHECKING:
    from napari_sharpgan.widgets._documents import Documents
    from napari_sharpgan.widgets.session import Session

FOLDER = "nuclei/folder"
SUFFIX = "nuclei/suffix"
FIRST_SUFFIX = ".geojson"
NOT_TO_LOSE = {"id", "class_name", "is_locked"}


class CloseGuard(QObject):  # type: ignore[misc]
    """Ask before a window with unsaved nuclei is closed by its user.

    Code that closes the viewer is not asked, nor is anybody while nothing was edited by hand.

    Parameters
    ----------
    session : Session
        Whose window it is.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._is_decided = False
        self._window.installEventFilter(self)

    @property
    def _window(self) -> Any:
        """The window; kept by nobody here, else Python could not let go of it after it is closed."""
        return self._session.viewer.window._qt_window

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Hold the event that closes the window back until the user has answered."""
        if event.type() != QEvent.Type.Close or self._is_decided or not self._is_asked_for():
            return False
        self._is_decided = self._may_close()
        if self._is_decided and not event.spontaneous():
            return False
        event.ignore()
        if self._is_decided:  # napari would ask another question of an event that comes from the system
            QTimer.singleShot(0, self._window.close)
        else:
            self._window._quit_app = False
        return True

    def _is_asked_for(self) -> bool:
        """Return whether the user closes the window, and there is something to lose."""
        seen = self._window.isVisible() and self._window._qt_viewer.isVisible()  # code hides the viewer first
        if seen:
            self._session.finish()
        return bool(seen and self._session.documents.is_unsaved)

    def _may_close(self) -> bool:
        """Ask, and do what is answered; return whether the window may be closed."""
        documents = self._session.documents
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("Unsaved nuclei")
        box.setText(f"Save the nuclei of {documents.title} before closing?")
        box.setInformativeText("Without saving they can be recovered later: Nuclei ▸ Recover…")
        asks = _own_file(documents) is None
        save = box.addButton("Save…" if asks else "Save", QMessageBox.ButtonRole.AcceptRole)
        leave = box.addButton("Close without saving", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.setEscapeButton(cancel)
        box.exec_() if hasattr(box, "exec_") else box.exec()
        if box.clickedButton() is save:
            return save_nuclei(documents, self._window, wait=True)
        if box.clickedButton() is leave:
            documents.part()
            return True
        return False


def save_nuclei(documents: Documents, parent: Any, *, wait: bool = False, again: bool = True) -> bool:
    """Save to the file that is known, else to one that is asked for.

    Parameters
    ----------
    documents : Documents
        Of which the current one is saved.
    parent : QWidget
        Of the dialog.
    wait : bool
        Whether to wait until it is written.
    again : bool
        Whether the file that it came from, if such a file keeps all that is known, is taken without a
        question.

    Returns
    -------
    bool
        Whether it is saved or, without ``wait``, will be in a moment.
    """
    path = (_own_file(documents) if again else None) or _asked_for(documents, parent)
    if path is None:
        return False
    if wait:
        return documents.save_now(path)
    documents.save(path)
    return True


def open_nuclei_file(documents: Documents, parent: Any) -> None:
    """Ask for a file of nuclei and open it."""
    patterns = [_pattern(suffix) for suffix, kind in NUCLEI_FORMATS.items() if not kind.folder]
    kinds = f"Nuclei ({' '.join(patterns)});;All files (*)"
    name, _ = QFileDialog.getOpenFileName(parent, "Open nuclei", remembered(FOLDER), kinds)
    if name:
        remember(FOLDER, str(Path(name).parent))
        documents.open(Path(name))


def _asked_for(documents: Documents, parent: Any) -> Path | None:
    """Ask for a file to save nuclei to; its suffix is added where there is none that we know."""
    suffix = remembered(SUFFIX, FIRST_SUFFIX)
    kinds = {
        f"{kind.title} ({_pattern(end)})": end
        for end, kind in NUCLEI_FORMATS.items()
        if kind.write is not None
    }
    stem = documents.name.split(".")[0] or "nuclei"
    first = next((words for words, end in kinds.items() if end == suffix), next(iter(kinds)))
    place = str(Path(remembered(FOLDER)) / f"{stem}{suffix}")
    name, chosen = QFileDialog.getSaveFileName(parent, "Save nuclei", place, ";;".join(kinds), first)
    if not name:
        return None
    path = Path(name)
    if not _is_writable(path):
        path = path.with_name(path.name + kinds.get(chosen, FIRST_SUFFIX))
    remember(FOLDER, str(path.parent))
    ends = [end for end in NUCLEI_FORMATS if path.name.lower().endswith(end)]
    remember(SUFFIX, max(ends, key=len, default=FIRST_SUFFIX))
    return path


def _own_file(documents: Documents) -> Path | None:
    """Return the file that the nuclei came from, if writing it again loses nothing that is known of them."""
    path = None if documents.current is None else documents.current.path
    kind = None if path is None else _format(path)
    return path if kind is not None and kind.write is not None and kind.keeps >= NOT_TO_LOSE else None


def _is_writable(path: Path) -> bool:
    """Return whether we write files with such a name."""
    kind = _format(path)
    return kind is not None and kind.write is not None


def _format(path: Path) -> NucleiFormat | None:
    """Return the format of files with such a name."""
    ends = [end for end in NUCLEI_FORMATS if path.name.lower().endswith(end)]
    return NUCLEI_FORMATS[max(ends, key=len)] if ends else None


def _pattern(suffix: str) -> str:
    return f"*{suffix}"
