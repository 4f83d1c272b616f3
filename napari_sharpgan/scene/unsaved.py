"""Whether a scene holds work by hand that no file holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from napari_sharpgan.scene.document import Scene
from napari_sharpgan.scene.edit import Edit
from napari_sharpgan.scene.nucleus import Changes, Nucleus


class Unsaved:
    """Follow the edits of a scene and know whether what it holds is safe: in a file, or made by the machine.

    It goes by what the scene holds: undo back to what was saved is saved. Each state is remembered as one
    number, so that this costs next to nothing.

    Parameters
    ----------
    scene : Scene
        The document.
    safe : bool
        Whether what it holds now is safe.
    """

    def __init__(self, scene: Scene, *, safe: bool = True) -> None:
        self._scene = scene
        self._machine = False
        self._marks: dict[int, int] = {}
        self.state = 0
        self._take_in(scene.nuclei)
        self._safe = {self.state} if safe else set()
        scene.edited.connect(self._on_edited)

    def close(self) -> None:
        """Let go of the scene."""
        self._scene.edited.disconnect(self._on_edited)

    @property
    def by_hand(self) -> bool:
        """Whether the scene holds work by hand that is not saved."""
        return self.state not in self._safe

    def saved(self, state: int) -> None:
        """Note that a file holds what the scene held when ``state`` was that number."""
        self._safe.add(state)

    @contextmanager
    def by_machine(self) -> Iterator[None]:
        """Let edits in a ``with`` block not count as work by hand; what was unsaved before still is."""
        before, self._machine = self._machine, True
        try:
            yield
        finally:
            self._machine = before

    def _on_edited(self, edit: Edit) -> None:
        was_safe, nuclei = not self.by_hand, self._scene
        for key in edit.removed:
            self.state ^= self._marks.pop(key, 0)
        changed = (*edit.added, *edit.moved, *edit.informed)
        self._take_in({key: Nucleus(nuclei.polygons[key], nuclei.info[key]) for key in changed})
        if self._machine and (was_safe or len(edit.added) == len(nuclei)):
            self._safe.add(self.state)

    def _take_in(self, nuclei: Changes) -> None:
        """Bring the number of the state up to date with nuclei that are new or changed."""
        for key, nucleus in nuclei.items():
            mark = 0 if nucleus is None else _mark(key, nucleus)
            self.state ^= self._marks.get(key, 0) ^ mark
            self._marks[key] = mark


def _mark(key: int, nucleus: Nucleus) -> int:
    """Return a number of 64 bits that another nucleus does not have."""
    info = nucleus.info
    said = (info.id, info.object_type, info.name, info.color, info.class_name, info.class_color)
    more = (info.is_locked, *info.measurements.items(), *info.metadata.items())
    return hash((key, nucleus.outline.tobytes(), said, more))
