"""What an edit did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from napari_sharpgan.scene.windows import Window


@dataclass(frozen=True)
class Edit:
    """What an edit, an undo or a redo did.

    Parameters
    ----------
    added, moved, removed : tuple of int
        Keys of the nuclei that are new, have another outline, or are gone, in drawing order.
    informed : tuple of int
        Keys of the nuclei, new ones aside, of which something else is said than before: a class, a lock.
    notes : mapping of int to str
        One sentence for the user for each nucleus whose outline is not the one that was given: it crossed
        itself and was replaced by its largest valid part, say, or it is locked.
    windows : tuple of (slice, slice)
        Together they hold every changed pixel; for nuclei far apart they are smaller than the one window
        of ``Scene.changed``. Empty where no pixel changed.
    live : bool
        Whether this is a stage of a drag, or the like, that is still going on.
    """

    added: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    informed: tuple[int, ...] = ()
    notes: Mapping[int, str] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    live: bool = False
