"""What an edit did, and which outlines it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from numpy.typing import ArrayLike

from napari_sharpgan.nuclei import check_polygon, repair
from napari_sharpgan.scene.rasters import Outline
from napari_sharpgan.scene.windows import Window


@dataclass(frozen=True)
class Edit:
    """What an edit, an undo or a redo did.

    Parameters
    ----------
    added, moved, removed : tuple of int
        Keys of the nuclei that are new, have another outline, or are gone, in drawing order.
    notes : mapping of int to str
        One sentence for the user for each nucleus, listed above too, whose outline is not the one that was
        given: it crossed itself and was replaced by its largest valid part, say.
    windows : tuple of (slice, slice)
        Together they hold every changed pixel; for nuclei far apart they are smaller than the one window
        of ``Scene.changed``. Empty where no pixel changed.
    live : bool
        Whether this is a stage of a drag, or the like, that is still going on.
    """

    added: tuple[int, ...] = ()
    moved: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    notes: Mapping[int, str] = field(default_factory=dict)
    windows: tuple[Window, ...] = ()
    live: bool = False

    @property
    def repaired(self) -> tuple[int, ...]:
        """Keys of the nuclei that have a note: a view must show them as the scene keeps them."""
        return tuple(self.notes)


def kept(points: Outline) -> Outline:
    """Return an outline as an array of our own that nobody can write to."""
    outline = points.copy()
    outline.flags.writeable = False
    return outline


def accepted(polygon: ArrayLike, *, live: bool) -> tuple[Outline, str | None]:
    """Return an outline as the scene keeps it, and a note if it had to be repaired.

    Parameters
    ----------
    polygon : array of shape (N, 2)
        Rows before columns.
    live : bool
        Whether it is still being dragged; then it is not yet repaired.

    Raises
    ------
    ValueError
        If it has fewer than three distinct points or is not finite or, when not live, encloses no area.
    """
    points, note = (check_polygon(polygon), None) if live else repair(polygon)
    return kept(points), note


def dropped(outline: Outline, before: Outline | None) -> tuple[Outline | None, str | None]:
    """Return the outline that a drag ends with, and a note if it is not ``outline``.

    What encloses no area goes back to what it was ``before`` the drag, or away if it is new.
    """
    try:
        return accepted(outline, live=False)
    except ValueError as error:
        return before, f"{'Not kept' if before is None else 'Put back as it was'}: {error}."
