"""A scene that somebody works on: what it is called, which file holds it, whether all of it is safe."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from napari_sharpgan.formats import Nuclei, read_nuclei, write_nuclei
from napari_sharpgan.scene.autosave import Autosave
from napari_sharpgan.scene.document import Scene
from napari_sharpgan.scene.facts import Facts, identified
from napari_sharpgan.scene.nucleus import Changes, Nucleus
from napari_sharpgan.scene.rasters import Outline
from napari_sharpgan.scene.unsaved import Unsaved

MOST_PIXELS = 2**26  # of a canvas: its arrays and its tissue then take about 1 GB of memory


class OpenDocument:
    """A scene with its name, its file and its autosave.

    Parameters
    ----------
    scene : Scene
        The nuclei.
    facts : Facts
        What else is known.
    saved : bool
        Whether what the scene holds now is no work that could be lost.
    failed : callable, optional
        Gets one sentence, on another thread, when it cannot be autosaved.
    """

    def __init__(
        self,
        scene: Scene,
        facts: Facts,
        *,
        saved: bool = True,
        failed: Callable[[str], object] = lambda _: None,
    ) -> None:
        self.scene = scene
        self._facts = facts
        self._is_made = False
        self._unsaved = Unsaved(scene, safe=saved)
        self.autosave = Autosave(scene, lambda: self.facts, failed=failed)
        self.autosave.note()

    @property
    def facts(self) -> Facts:
        """What is known of it at this moment."""
        return replace(self._facts, by_hand=self.is_unsaved)

    @property
    def is_unsaved(self) -> bool:
        """Whether it holds work by hand that no file holds."""
        return self._unsaved.by_hand

    @property
    def path(self) -> Path | None:
        """The file that it was opened from, or saved to last."""
        return Path(self._facts.source) if self._facts.source else None

    @property
    def title(self) -> str:
        """What to call it: the name of its file, or of its image; empty for none."""
        return self._facts.title

    @property
    def nuclei(self) -> Nuclei:
        """All that it knows, as `write_nuclei` takes it."""
        return as_nuclei(self.scene.nuclei, self.scene.shape, self._facts)

    @contextmanager
    def by_machine(self, *, sample: bool = False) -> Iterator[None]:
        """Let edits in a ``with`` block not count as work by hand, those of a ``sample`` as none at all."""
        self._is_made |= not sample
        with self._unsaved.by_machine():
            yield

    def saving(self, path: str | os.PathLike[str]) -> Callable[[], Callable[[], None]]:
        """Return a function that writes to a file what it holds now, on any thread.

        It returns another function, to be called on the thread of the scene when that is done, which takes
        note of it.
        """
        nuclei, shape, facts, state = self.scene.nuclei, self.scene.shape, self._facts, self._unsaved.state
        target = Path(path).absolute()

        def done() -> None:
            self._facts = replace(self._facts, title=target.name, source=str(target))
            self._unsaved.saved(state)
            self.autosave.note()

        def write() -> Callable[[], None]:
            write_nuclei(as_nuclei(nuclei, shape, facts), target)
            return done

        return write

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write all that it knows to a file of any kind that we write; see `write_nuclei`."""
        self.saving(path)()()

    @property
    def is_worth_keeping(self) -> bool:
        """Whether it has anything that no file has, made by hand or not."""
        made = self._is_made and len(self.scene) > 0 and not self._facts.source
        return self.is_unsaved or made

    def put_aside(self) -> Callable[[], None]:
        """Return a function that ends it, on any thread: what it is worth keeping for can be recovered."""
        keep = self.is_worth_keeping
        if keep:
            self.autosave.hold()
        self._unsaved.close()
        return lambda: self.autosave.close(keep=keep, seen=True)


def as_nuclei(nuclei: Changes, shape: tuple[int, int], facts: Facts) -> Nuclei:
    """Return the nuclei of a scene as files take them: their keys as numbers, a UUID each."""
    there = {key: nucleus for key, nucleus in nuclei.items() if nucleus is not None}
    return Nuclei(
        polygons=tuple(nucleus.outline for nucleus in there.values()),
        shape=shape,
        numbers=tuple(there),
        info=identified({key: nucleus.info for key, nucleus in there.items()}, facts.document),
        micrometers_per_pixel=facts.micrometers_per_pixel,
    )


def open_nuclei(
    path: str | os.PathLike[str], shape: tuple[int, int] | None = None, fallback: tuple[int, int] = (1, 1)
) -> tuple[Scene, Nuclei]:
    """Return a scene of the nuclei in a file of any kind that we read, and all that the file says.

    Parameters
    ----------
    path : path
        The file. Its numbers become keys.
    shape : (rows, columns), optional
        Shape of the image that they must belong to; without it the shape that the file names is taken.
    fallback : (rows, columns)
        Least shape of the canvas where neither is known.

    Raises
    ------
    FileNotFoundError, ValueError, TypeError
        If the file cannot be read, or belongs to an image of another shape.
    """
    nuclei = read_nuclei(path)
    if shape and nuclei.shape and tuple(nuclei.shape) != tuple(shape):
        raise ValueError(
            f"{Path(path).name} must hold nuclei of an image of {_size(shape)} pixels, as the open one has, "
            f"but holds those of one of {_size(nuclei.shape)}; open its own image first"
        )
    numbers, polygons = nuclei.to_polygons()
    grid = shape or nuclei.shape or _around(polygons, fallback)
    check_size(grid, Path(path).name)
    known = {n: Nucleus(p) for n, p in zip(numbers, polygons, strict=True)}
    known |= {n: known[n]._replace(info=said) for n, said in nuclei.info.items() if n in known}
    return Scene.of(grid, known), nuclei


def check_size(shape: tuple[int, int], name: str) -> None:
    """Raise if a canvas of this shape would take too much memory."""
    if shape[0] * shape[1] > MOST_PIXELS:
        raise ValueError(
            f"expected at most {MOST_PIXELS // 10**6} million pixels, such as 8192 × 8192, "
            f"but {name} has {_size(shape)}; crop it first"
        )


def _around(polygons: Sequence[Outline], least: tuple[int, int]) -> tuple[int, int]:
    """Return the smallest shape that holds all outlines, at least ``least``."""
    rows, columns = np.max([least, *(np.ceil(polygon.max(axis=0)) + 1 for polygon in polygons)], axis=0)
    return int(rows), int(columns)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]} × {shape[1]}"
