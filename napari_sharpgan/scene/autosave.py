"""Copies of a scene on the disk while it is edited, so that a crash costs at most the last second."""

from __future__ import annotations

import atexit
import re
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from filelock import FileLock, Timeout

from napari_sharpgan._files import written_whole
from napari_sharpgan._state import state_folder
from napari_sharpgan.scene.document import Scene
from napari_sharpgan.scene.edit import Edit
from napari_sharpgan.scene.facts import Facts
from napari_sharpgan.scene.nucleus import Changes, Nucleus
from napari_sharpgan.scene.packing import pack

EVERY = 0.5  # seconds from one copy to the next, at least
RETRY = 2.0  # seconds more after one that could not be written
COPIES = 3  # of a document
DOCUMENTS = 20  # whose processes have ended; the oldest of more are forgotten
LOCK = "lock"  # held by the living process; the system lets go of it when the process ends, however it ends
SEEN = "seen"  # there where the user knows of the copies, so that they need not be offered

_NAME = re.compile(r"\d{8}\.npz")


@dataclass(frozen=True)
class Moment:
    """A scene at one moment, which the writing thread has for itself."""

    nuclei: Changes
    shape: tuple[int, int]
    facts: Facts
    time: float

    def packed(self) -> bytes:
        """Return it as bytes."""
        version = metadata.version("napari-sharpgan")
        about = {**asdict(self.facts), "shape": self.shape, "time": self.time, "program": version}
        return pack(self.nuclei, about)


class Autosave:
    """Write copies of a scene on a thread of its own, twice a second while edits go on.

    Nothing is written before there is work by hand in it. An edit costs its thread no more than to note the
    nuclei that it changed: the writing thread has a dict of all of its own.

    Parameters
    ----------
    scene : Scene
        The document.
    facts : callable
        Returns what is known of it beside its nuclei, at this moment.
    failed : callable, optional
        Gets one sentence, on the writing thread, when a copy cannot be written: once, until one can again.
    every : float
        Seconds from one copy to the next, at least; also the longest that an edit waits to be written while
        the disk keeps up.
    """

    def __init__(
        self,
        scene: Scene,
        facts: Callable[[], Facts],
        *,
        failed: Callable[[str], object] = lambda _: None,
        every: float = EVERY,
    ) -> None:
        self._scene, self._facts, self._failed, self._every = scene, facts, failed, every
        self._wake = threading.Condition()
        self._waiting: tuple[Facts, float] | None = None  # what is to be written, and of what time it is
        self._whole: dict[int, Nucleus | None] = {}  # all nuclei at a moment
        self._changes: dict[int, Nucleus | None] = {}  # what they became since then
        self._thread: threading.Thread | None = None
        self._ended = self._in_trouble = False
        self._disk = _Disk(autosaves() / f"{time.time_ns():x}-{facts().document[:8]}")
        scene.edited.connect(self.note)
        atexit.register(self.close)

    @property
    def folder(self) -> Path:
        """Where its copies lie, once there are any."""
        return self._disk.folder

    def note(self, edit: Edit | None = None) -> None:
        """Have what the scene holds now written soon, if there was ever work by hand in it.

        Parameters
        ----------
        edit : Edit, optional
            What changed since the last call, if it is known.
        """
        facts = self._facts()
        if facts.by_hand or self._thread is not None:
            self._take(facts, edit)

    def close(self, *, keep: bool | None = None, seen: bool = False) -> None:
        """Write what still waits, and end.

        Parameters
        ----------
        keep : bool, optional
            Whether the copies stay, to be found by `found`; without it they do if there is work by hand in
            them.
        seen : bool
            Whether the user knows of them, so that they need not be offered.
        """
        with self._wake:
            if self._ended:
                return
            self._ended = True
            self._wake.notify()
        atexit.unregister(self.close)
        self._scene.edited.disconnect(self.note)
        if self._thread is not None:
            self._thread.join()
        self._disk.close(keep=self._facts().by_hand if keep is None else keep, seen=seen)

    def hold(self) -> None:
        """Have what the scene holds now written soon, by whomever it was made."""
        self._take(self._facts())

    def _take(self, facts: Facts, edit: Edit | None = None) -> None:
        with self._wake:
            if edit is None or self._thread is None:
                self._whole, self._changes = dict(self._scene.nuclei), {}
            else:
                outlines, info = self._scene.polygons, self._scene.info
                for key in (*edit.added, *edit.moved, *edit.removed, *edit.informed):
                    self._changes[key] = Nucleus(outlines[key], info[key]) if key in outlines else None
            self._waiting = facts, time.time()
            self._wake.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="sharpgan-autosave", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        """Write the newest moment, wait a while, and so on."""
        due = 0.0
        while True:
            with self._wake:
                self._wake.wait_for(lambda: self._waiting is not None or self._ended)
                self._wake.wait_for(lambda: self._ended, max(due - time.monotonic(), 0))
                waiting, self._waiting = self._waiting, None
                nuclei, changes, self._changes = self._whole, self._changes, {}
            if waiting is None:
                return
            due = time.monotonic() + self._every
            _change(nuclei, changes)
            if not self._write(Moment(nuclei, self._scene.shape, *waiting)):
                due += RETRY
                with self._wake:
                    if self._waiting is None and not self._ended:
                        self._waiting = waiting

    def _write(self, moment: Moment) -> bool:
        """Write a moment, or say once why not; return whether it was written."""
        try:
            self._disk.write(moment.packed())
        except (OSError, Timeout) as error:
            if not self._in_trouble:
                self._in_trouble = True
                reason = getattr(error, "strerror", None) or str(error)
                self._failed(
                    f"nuclei are not autosaved now: {self.folder.parent} cannot be written to ({reason}); "
                    "save them to a file yourself"
                )
            return False
        self._in_trouble = False
        return True


def _change(nuclei: dict[int, Nucleus | None], changes: Changes) -> None:
    """Bring nuclei up to date, in the order of their keys."""
    last = next(reversed(nuclei), 0)
    in_order = all(key > last for key in sorted(changes) if key not in nuclei)
    nuclei.update(sorted(changes.items()))
    for key in [key for key, nucleus in changes.items() if nucleus is None]:
        del nuclei[key]
    if not in_order:
        ordered = sorted(nuclei.items())
        nuclei.clear()
        nuclei.update(ordered)


class _Disk:
    """The folder of the copies of one document, claimed for this process when the first is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock: FileLock | None = None
        self._number = 0

    def write(self, content: bytes) -> None:
        """Write one more copy, whole, and remove the oldest of too many."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            lock = FileLock(self.folder / LOCK, timeout=0, thread_local=False)
            lock.acquire()
            self._lock = lock
            prune()
        with written_whole(self.folder / f"{self._number + 1:08d}.npz") as temporary:
            temporary.write_bytes(content)
        self._number += 1
        for path in copies(self.folder)[COPIES:]:
            path.unlink(missing_ok=True)

    def close(self, *, keep: bool, seen: bool) -> None:
        """Let go of the folder."""
        if self._lock is None:
            return
        if seen:
            mark_seen(self.folder)
        self._lock.release()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def autosaves() -> Path:
    """Return the folder that holds a folder for each document."""
    return state_folder() / "autosaves"


def copies(folder: Path) -> list[Path]:
    """Return the copies of a document, the newest first."""
    return sorted((path for path in folder.iterdir() if _NAME.fullmatch(path.name)), reverse=True)


def is_living(folder: Path) -> bool:
    """Return whether the process that writes copies into a folder is still there."""
    try:
        with FileLock(folder / LOCK, timeout=0, thread_local=False):
            return False
    except Timeout:
        return True


def mark_seen(folder: Path) -> None:
    """Note that the user knows of the copies in a folder; one that cannot be written is offered again."""
    try:
        (folder / SEEN).touch()
    except OSError:
        return


def ended() -> list[Path]:
    """Return the folders of documents whose processes have ended, the newest first."""
    try:
        folders = sorted((path for path in autosaves().iterdir() if path.is_dir()), reverse=True)
    except OSError:
        return []
    return [folder for folder in folders if not is_living(folder)]


def prune(most: int = DOCUMENTS) -> None:
    """Remove the oldest of too many documents whose processes have ended."""
    for folder in ended()[most:]:
        shutil.rmtree(folder, ignore_errors=True)
