"""Classes of nuclei: a name and a color, QuPath's to begin with, and how nuclei get them and their locks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from napari_sharpgan.scene.document import Scene

Color = tuple[int, int, int]

PLAIN_COLOR: Color = (200, 240, 49)  # of a class that came without one


@dataclass(frozen=True)
class NucleusClass:
    """A class that nuclei can have.

    Parameters
    ----------
    name : str
        What the class is called, in files too.
    color : (red, green, blue)
        0 to 255 each.

    Raises
    ------
    ValueError
        If the name is empty, or the color is none.
    """

    name: str
    color: Color

    def __post_init__(self) -> None:
        """Refuse what is no class."""
        if not self.name.strip():
            raise ValueError("a class needs a name, got an empty one")
        if len(self.color) != 3 or not all(0 <= part <= 255 for part in self.color):
            raise ValueError(f"a color is red, green and blue from 0 to 255 each, got {self.color}")


CLASSES = {
    name: NucleusClass(name, color)
    for name, color in {  # those that QuPath begins with, in its colors
        "Tumor": (200, 0, 0),
        "Stroma": (150, 200, 150),
        "Immune cells": (160, 90, 160),
        "Necrosis": (50, 50, 50),
        "Other": (255, 200, 0),
    }.items()
}


def classes_of(
    scene: Scene, known: Mapping[str, NucleusClass] = MappingProxyType(CLASSES)
) -> dict[str, NucleusClass]:
    """Return the classes that are known, in their order, and then others that nuclei of a scene have.

    A nucleus that came with a color of its class has a say in that color.
    """
    found, colored = dict(known), set[str]()
    for info in scene.info.values():
        name = info.class_name
        if not name.strip() or name in colored:
            continue
        if info.class_color is not None:
            found[name] = NucleusClass(name, info.class_color)
            colored.add(name)
        elif name not in found:
            found[name] = NucleusClass(name, PLAIN_COLOR)
    return found


def classify(scene: Scene, keys: Iterable[int], kind: NucleusClass | None) -> None:
    """Give nuclei a class, locked ones too, or take theirs away, in one step of undo."""
    name, color = ("", None) if kind is None else (kind.name, kind.color)
    scene.inform({key: replace(scene.info[key], class_name=name, class_color=color) for key in keys})


def lock(scene: Scene, keys: Iterable[int], on: bool) -> None:
    """Lock nuclei against edits, or unlock them, in one step of undo."""
    scene.inform({key: replace(scene.info[key], is_locked=on) for key in keys})
