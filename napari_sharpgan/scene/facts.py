"""What is known of a document beside its nuclei, and the UUIDs that its nuclei have."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from napari_sharpgan.formats import NucleusInfo


@dataclass(frozen=True)
class Facts:
    """What is known of a document beside its nuclei; all of it can be JSON.

    Parameters
    ----------
    document : str
        UUID of the document, of which its nuclei get theirs.
    title : str
        What to call it: the name of its file, or of its image.
    source : str
        Path of the file that it was opened from, or saved to last; empty for none.
    image : str
        Path of the image that it lies on; empty where there is none, or it is no file.
    micrometers_per_pixel : float, optional
        Size of a pixel; None where it is not known.
    place : mapping of str to lists of numbers or str
        Where the canvas lies in the world: what napari's layers call ``scale``, ``translate``, ``units``, ….
    by_hand : bool
        Whether there is work by hand in it that no file holds.
    """

    document: str = field(default_factory=lambda: str(uuid.uuid4()))
    title: str = ""
    source: str = ""
    image: str = ""
    micrometers_per_pixel: float | None = None
    place: Mapping[str, Any] = field(default_factory=dict)
    by_hand: bool = False

    @classmethod
    def of(cls, known: Mapping[str, Any]) -> Facts:
        """Return the facts among what is known; names of a later version are passed over."""
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in known.items() if name in names})


def identified(info: Mapping[int, NucleusInfo], document: str) -> dict[int, NucleusInfo]:
    """Return what is said of nuclei, each with a UUID.

    A nucleus keeps the one that it has. Else it gets one made from the document's and its key, which no other
    nucleus of the document ever has: the same each time it is asked for.
    """
    space = uuid.UUID(document)
    return {
        key: said if said.id else replace(said, id=str(uuid.uuid5(space, str(key))))
        for key, said in info.items()
    }
