"""Finding the nuclei of an image layer, in a thread: what is wished for, how far it is, what came."""

from __future__ import annotations

import shlex
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from napari.layers import Image
from numpy.typing import NDArray

from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.run_folders.words import clock
from napari_sharpgan.scene import Window
from napari_sharpgan.scene.found_nuclei import FoundNuclei
from napari_sharpgan.widgets._place import shape_of

if TYPE_CHECKING:
    from napari_sharpgan.segmentation import Predictor, SegmentStep

LOADING, MAKING = "Loading the segmenter…", "Making nuclei of what was seen…"

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Wish:
    """What is to be segmented, and how.

    Parameters
    ----------
    image : Image
        A layer for which `is_tissue` holds; of several levels the first is taken.
    view : tuple of (slice, slice) or None
        The window of it whose nuclei are wished for; None is all of it.
    segmenter : str or None
        Name or path; None is the shipped one.
    device : str
        "auto", "cuda", "mps" or "cpu".
    replace : bool
        Whether the nuclei that are there go.
    """

    image: Image
    view: Window | None = None
    segmenter: str | None = None
    device: str = "auto"
    replace: bool = True

    @property
    def window(self) -> Window:
        """The window whose nuclei are wished for."""
        rows, columns = shape_of(self.image) or (0, 0)
        return (slice(0, rows), slice(0, columns)) if self.view is None else self.view

    @property
    def is_out_of_view(self) -> bool:
        """Whether the image lies beside the window, which then has but its edge."""
        return any(side.stop - side.start < 2 for side in self.window)

    @property
    def command(self) -> str:
        """The command that finds the same nuclei in the file of the layer, or one it could be saved to."""
        file = str(self.image.source.path or f"{self.image.name}.tif")
        command = ["sharpgan", "segment", file, f"{Path(file).name.split('.')[0]}.geojson"]
        if self.segmenter is not None:
            command += ["--segmenter", self.segmenter]
        if self.device != "auto":
            command += ["--device", self.device]
        if self.view is not None:
            corner = [side.start for side in self.view]
            size = [side.stop - side.start for side in self.view]
            command += ["--window", *map(str, corner + size)]
        return shlex.join(command)


@dataclass(frozen=True)
class Stage:
    """How far it is: ``done`` of ``total`` windows, 0 of 0 while nobody knows, and that in words."""

    words: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, eq=False)
class Found:
    """Nuclei that were found in a window of the image, after how many seconds, on which device."""

    wish: Wish
    nuclei: FoundNuclei
    seconds: float
    device: str


class Loaded:
    """The segmenter that was used last, on its device, as long as its file stays what it was.

    Two threads may ask at once: one that was left ends while the next has begun.
    """

    def __init__(self) -> None:
        self._last: tuple[tuple[Any, ...], Predictor] | None = None  # one attribute: nobody sees half of it

    def of(self, wish: Wish) -> Predictor:
        """Return the segmenter of a wish."""
        from napari_sharpgan.segmentation import Predictor, segmenter_path

        path = segmenter_path(wish.segmenter)
        facts = path.stat()
        key = path, facts.st_mtime_ns, facts.st_size, wish.device
        last = self._last
        if last is not None and last[0] == key:
            return last[1]
        predictor = Predictor(path, device=wish.device)
        self._last = key, predictor
        return predictor


def find_nuclei(
    wish: Wish, loaded: Loaded, *, should_stop: ShouldStop
) -> Generator[Stage, None, Found | str | None]:
    """Find the nuclei of a wish, yielding a `Stage` now and then.

    Returns
    -------
    Found, str or None
        What was found; one sentence about what is wrong; nothing if ``should_stop()`` said so.
    """
    try:
        return (yield from _found(wish, loaded, should_stop))
    except (OSError, TypeError, ValueError) as error:
        return _sentence(error)
    except Exception as error:  # noqa: BLE001  torch raises errors of any type; the window must not stop
        return f"the image could not be segmented: {_sentence(error)}"


def _found(wish: Wish, loaded: Loaded, should_stop: ShouldStop) -> Generator[Stage, None, Found | None]:
    yield Stage(LOADING)
    from napari_sharpgan.segmentation import part_around, predict_windows

    predictor = loaded.of(wish)
    if should_stop():
        return None
    start = time.monotonic()
    place = part_around(wish.window, shape_of(wish.image) or (0, 0))
    task = predict_windows(pixels_of(wish.image, place), predictor, should_stop=should_stop)
    seen = yield from _told(task)
    if should_stop():
        return None
    yield Stage(MAKING)
    nuclei = FoundNuclei.of(predictor.target.instances(seen), place, wish.window)
    return Found(wish, nuclei, time.monotonic() - start, predictor.engine.words)


def _told(task: Generator[SegmentStep, None, Any]) -> Generator[Stage, None, Any]:
    """Pass on how far a task is, with the time that is left, and what it returns."""
    start = time.monotonic()
    while True:
        try:
            step = next(task)
        except StopIteration as end:
            return end.value
        left = (time.monotonic() - start) / step.done * (step.total - step.done)
        yield Stage(f"{step.done:,} of {step.total:,} windows · {clock(left)} left", step.done, step.total)


def is_tissue(layer: Any) -> bool:
    """Whether a layer is a picture of rows and columns in color, 8 bits each, of any number of levels."""
    is_color = isinstance(layer, Image) and layer.rgb and layer.dtype == np.uint8
    return bool(is_color and shape_of(layer))


def pixels_of(image: Image, place: Window) -> Pixels:
    """Return a window of the first level of an image, (H, W, 3), without transparency."""
    level = image.data[0] if image.multiscale else image.data
    pixels: Pixels = np.asarray(level[place])[..., :3]
    return pixels


def _sentence(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
