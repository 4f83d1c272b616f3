"""What is open in a session: opened, saved, put aside and recovered, so that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image, Labels
from napari.utils.notifications import show_error, show_info, show_warning
from qtpy.QtCore import QObject, Signal

from napari_sharpgan.nuclei.config import MICRONS_PER_PIXEL
from napari_sharpgan.scene import Scene
from napari_sharpgan.scene.facts import Facts
from napari_sharpgan.scene.open_document import OpenDocument, open_nuclei
from napari_sharpgan.scene.recovery import Left, dismiss, found, recover
from napari_sharpgan.widgets._place import micrometers_per_pixel, place_of, shape_of
from napari_sharpgan.widgets._run import Background

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

PUT_ASIDE = "The nuclei before were put aside; Recover… in the dock Nuclei brings them back."
UNNAMED = "untitled"

Rest = Callable[[], Iterator[Any] | None]  # what is left to do in the window's thread, perhaps in steps


class Documents(QObject):  # type: ignore[misc]
    """The document of a session, and those that were left behind.

    Parameters
    ----------
    session : Session
        Whose scenes they are.

    Attributes
    ----------
    changed : Qt signal
        Says that there is another title, or work by hand where all was saved, or the reverse.
    left_changed : Qt signal
        Says that ``offered`` is another one.
    offered : Left or None
        Unsaved work that a process which crashed left behind, the newest.
    image : Image or None
        The layer on whose pixels the scene lies.
    """

    changed = Signal()
    left_changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self.current: OpenDocument | None = None
        self.offered: Left | None = None
        self.image: Image | None = None
        self.is_busy = False
        self._shown = ("", False)
        self._window_title = session.viewer.title
        self.changed.connect(self._show_in_title)
        self._alarm = _Alarm()
        self._alarm.raised.connect(show_warning)
        self._work = Background(self)
        self._work.done.connect(self._after_work)
        self._work.failed.connect(self._after_failure)
        self._search = Background(self)
        self._search.done.connect(self._offer)
        self._search.submit(found)

    # What is open

    def begin(self, scene: Scene, facts: Facts, *, image: Image | None = None, saved: bool = True) -> None:
        """Put aside what is open, and work on a scene from now on."""
        before, self.current = (
            self.current,
            OpenDocument(scene, facts, saved=saved, failed=self._alarm.raised.emit),
        )
        self.image = image
        self.destroyed.connect(self.current.autosave.close)
        scene.edited.connect(self._tell)
        if before is not None:
            before.scene.edited.disconnect(self._tell)
            if before.is_worth_keeping:
                show_info(PUT_ASIDE)
            self._search.submit(before.put_aside())
        self.changed.emit()

    @property
    def title(self) -> str:
        """What to call what is open."""
        return self.name or UNNAMED

    @property
    def name(self) -> str:
        """The name of its file, or of its image; empty for none."""
        return "" if self.current is None else self.current.title

    @property
    def is_unsaved(self) -> bool:
        """Whether there is work by hand that no file holds."""
        return self.current is not None and self.current.is_unsaved

    def by_machine(self, *, sample: bool = False) -> AbstractContextManager[None]:
        """Let edits in a ``with`` block not count as work by hand."""
        assert self.current is not None
        return self.current.by_machine(sample=sample)

    def blank(self) -> Facts:
        """Return what is known of an empty canvas: in µm where all other layers are, which napari wants."""
        session = self._session
        others = [layer for layer in session.viewer.layers if layer not in session.layers]
        if {str(unit) for layer in others for unit in layer.units} != {"micrometer"}:
            return Facts()
        place = {"scale": [MICRONS_PER_PIXEL] * 2, "units": ["micrometer"] * 2}
        return Facts(micrometers_per_pixel=MICRONS_PER_PIXEL, place=place)

    def lies_on(self, image: Image) -> bool:
        """Whether the scene lies on the pixels of an image: on its layer, or named and in the same place."""
        facts = None if self.current is None else self.current.facts
        if facts is None or self.image is image:
            return facts is not None
        if self.image in self._session.viewer.layers or not facts.title:
            return False
        return self._session.scene.shape == shape_of(image) and _same_place(facts.place, place_of(image))

    def facts_of(self, layer: Any) -> Facts:
        """Return what is known of a new document in the place of a layer."""
        if layer is None:
            return Facts()
        source = getattr(layer.source, "path", None) if isinstance(layer, Image) else None
        return Facts(
            title=layer.name,
            image=str(source or ""),
            micrometers_per_pixel=micrometers_per_pixel(layer),
            place=place_of(layer),
        )

    # Files

    def open(self, path: Path) -> None:
        """Open a file of nuclei on the image that is open, if any; in the background."""
        image = self._image()
        shape = None if image is None else shape_of(image)
        facts = replace(self.facts_of(image), title=path.name, source=str(path.absolute()))
        fallback = self._session.scene.shape

        def read() -> Rest:
            scene, nuclei = open_nuclei(path, shape, fallback)
            size = facts.micrometers_per_pixel or nuclei.micrometers_per_pixel
            known = replace(facts, micrometers_per_pixel=size)
            return partial(self._show, scene, known, image, nuclei.notes)

        self._do(read)

    def from_labels(self, layer: Labels) -> None:
        """Begin with the nuclei of a labels layer, in its place; in the background."""
        labels, facts = np.array(layer.data), self.facts_of(layer)

        def read() -> Rest:
            return partial(self._take_over, layer, Scene.from_labels(labels), facts)

        self._do(read)

    def save(self, path: Path) -> None:
        """Write all that is known of the nuclei to a file, by its suffix; in the background."""
        self._session.finish()
        if self.current is not None:
            self._do(self.current.saving(path))

    def save_now(self, path: Path) -> bool:
        """Write them and wait for it; return whether it went well, and say why not."""
        self._session.finish()
        try:
            if self.current is not None:
                self.current.save(path)
        except (OSError, TypeError, ValueError) as error:
            show_error(str(error))
            return False
        return True

    # What was left behind

    def restore(self, left: Left) -> None:
        """Work on what was left behind; what is open is put aside."""

        def read() -> Rest:
            scene, facts, note = recover(left)
            dismiss(left)
            return partial(self._show, scene, facts, None, [note] if note else [], saved=not facts.by_hand)

        if self.offered is not None and left.folder == self.offered.folder:
            self._offer([])
        self._do(read)

    def dismiss(self) -> None:
        """Do not offer what was left behind again; it stays in the list."""
        if self.offered is not None:
            dismiss(self.offered)
            self._offer([])

    def part(self) -> None:
        """End without saving: what is not saved can be recovered, and the user knows it."""
        if self.current is not None:
            self.current.autosave.close(keep=True, seen=True)

    # How it goes

    def _image(self) -> Image | None:
        """Return the image that nuclei of a file belong to: that of the scene, else the topmost one."""
        session = self._session
        layers = [layer for layer in session.viewer.layers if isinstance(layer, Image)]
        if self.image in layers:
            return self.image
        others = [layer for layer in layers if layer not in session.layers and shape_of(layer)]
        return others[-1] if others else None

    def _show(
        self, scene: Scene, facts: Facts, image: Image | None, notes: Any, *, saved: bool = True
    ) -> Iterator[Any]:
        yield from self._session.show_steps(scene, facts, image=image, saved=saved)
        for note in dict.fromkeys(notes):
            show_warning(note)

    def _take_over(self, layer: Labels, scene: Scene, facts: Facts) -> Iterator[Any]:
        yield from self._session.show_steps(scene, facts)
        layer.visible = False

    def _do(self, work: Callable[[], Any]) -> None:
        self.is_busy = True
        self._work.submit(work)
        self.changed.emit()

    def _after_work(self, rest: Rest) -> None:
        self._session.in_turns(self._end(rest))

    def _end(self, rest: Rest) -> Iterator[Any]:
        try:
            yield from rest() or ()
        except BaseException:
            self.is_busy = False
            raise
        self.is_busy = False
        self.changed.emit()

    def _after_failure(self, error: BaseException) -> None:
        self.is_busy = False
        show_error(str(error))
        self.changed.emit()

    def _offer(self, left: Any) -> None:
        """Offer the newest of what was left behind unseen."""
        if left is not None:
            self.offered = next((one for one in left if one.is_offered), None)
            self.left_changed.emit()

    def _show_in_title(self) -> None:
        """Show in the title of the window what is open, with a mark if there is unsaved work in it."""
        mark, name = "• " * self.is_unsaved, f"{self.name} — " if self.name else ""
        self._session.viewer.title = mark + name + self._window_title

    def _tell(self, _: object) -> None:
        """Tell of an edit if with it all is saved, or not any more."""
        state = (self.title, self.is_unsaved)
        if state != self._shown:
            self._shown = state
            self.changed.emit()


def _same_place(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Return whether layers with these places, see `place_of`, have their pixels on each other."""
    names = [name for name in ("scale", "translate", "rotate", "shear", "affine") if name in first]
    return bool(names) and all(np.allclose(first[name], second.get(name, np.nan)) for name in names)


class _Alarm(QObject):  # type: ignore[misc]
    """What the autosaving thread speaks with; it outlives the window."""

    raised = Signal(str)
