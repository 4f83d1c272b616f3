"""What the Score dock compares, and the work that is done in a thread; knows no Qt."""

from __future__ import annotations

import shlex
import time
import zlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from napari.layers import Labels
from numpy.typing import NDArray

from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.scene import Scene
from napari_sharpgan.scoring.pairs import Arrays, Pair, pairs_of
from napari_sharpgan.widgets._chosen import is_flat, same_size
from napari_sharpgan.widgets._measure import unit_levels

if TYPE_CHECKING:
    from napari_sharpgan.scoring.folders import ScoreStep
    from napari_sharpgan.scoring.score import Scored

MASKS, IMAGES, FOLDERS = "masks", "images", "folders"
CHEAP = 1.0  # s: what scores so fast follows every edit
FILE = "sharpgan file"  # where a layer that the dock opened says its file
OUTPUTS = ("--csv", "nuclei.csv", "--per-image", "scores.csv")


@dataclass(frozen=True, eq=False)
class Live:
    """The scene of a session and the labels layer that stands for it; its file, if it has one."""

    scene: Scene
    layer: Any
    file: Path | None = None


@dataclass(frozen=True, eq=False)
class Compared:
    """Two layers, true (or reference) and predicted, and the nuclei of images; what is not chosen is None."""

    kind: str
    true: Any
    predicted: Any
    nuclei: Any = None
    live: Live | None = None

    @property
    def layers(self) -> list[Any]:
        """The layers that are chosen."""
        return [layer for layer in (self.true, self.predicted, self.nuclei) if layer is not None]

    @property
    def complaint(self) -> str:
        """What keeps these layers from being scored, as one sentence, or nothing."""
        if self.true is None or self.predicted is None:
            what = "a labels layer with nuclei" if self.kind == MASKS else "an image layer"
            return f"Open {what} to score another one against it."
        for layer in self.layers:
            if not is_flat(layer):
                found = "several scales" if layer.multiscale else f"{layer.ndim} dimensions"
                return f"Choose a layer of rows and columns at one scale: '{layer.name}' has {found}."
            if _is_float(layer) and self.kind == MASKS:
                return (
                    f"A mask holds whole numbers, one a nucleus: '{layer.name}' holds {layer.dtype}; "
                    "choose another layer, or right-click it in the layer list and Convert to Labels."
                )
        other = next((layer for layer in self.layers if not same_size(self.true, layer)), None)
        if other is None:
            return ""
        (rows, columns), (high, wide) = self.true.data.shape[:2], other.data.shape[:2]
        return (
            f"Both must have the same size: '{self.true.name}' has {rows} × {columns} pixels, "
            f"'{other.name}' {high} × {wide}."
        )

    @property
    def is_color(self) -> bool:
        """Whether both are images in color."""
        return self.kind == IMAGES and bool(self.true.rgb and self.predicted.rgb)

    @property
    def name(self) -> str:
        """What the pair is called in tables: the file of the predicted one, or its layer."""
        path = self.file_of(self.predicted)
        return str(self.predicted.name) if path is None else path.name

    def is_live(self, layer: Any) -> bool:
        """Whether a layer stands for the live scene."""
        return self.live is not None and layer is self.live.layer

    def file_of(self, layer: Any) -> Path | None:
        """Return the file that a layer, or the live scene, came from, if any."""
        if self.live is not None and layer is self.live.layer:
            return self.live.file
        path = layer.metadata.get(FILE) or layer.source.path
        return None if path is None else Path(path)

    @property
    def command(self) -> str:
        """The command that scores the same files and writes the same tables; empty if one is in no file."""
        paths = [self.file_of(layer) for layer in self.layers]
        if len(paths) < 2 or None in paths:
            return ""
        nuclei = ["--nuclei", str(paths[2])] if len(paths) > 2 else []
        color = ["--color"] if self.is_color else []
        has_nuclei = self.kind == MASKS or bool(nuclei)
        outputs = [*OUTPUTS[0 if has_nuclei else 2 :]]
        if self.kind == MASKS:
            outputs += ["--error-map", "errors.png"]
        return shlex.join(
            ["sharpgan", "score", *map(str, paths[:2]), "--as", self.kind, *nuclei, *color, *outputs]
        )

    def read(self) -> Arrays:
        """Return copies of the pixels: while they are scored, the layers may be edited."""
        if self.kind == MASKS:
            return Arrays(True, self._labels(self.true), self._labels(self.predicted))
        nuclei = None if self.nuclei is None else self._labels(self.nuclei)
        return Arrays(False, _levels(self.true), _levels(self.predicted), nuclei)

    def _labels(self, layer: Any) -> NDArray[Any]:
        if self.live is not None and layer is self.live.layer:
            return self.live.scene.labels.copy()
        return np.array(layer.data)


@dataclass(frozen=True, eq=False)
class Result:
    """What came of scoring two layers."""

    compared: Compared
    scored: Scored
    errors: NDArray[np.uint8] | None  # (H, W), see `error_map`
    seconds: float
    edits: int  # how many the dock had seen when it asked

    @property
    def summary(self) -> str:
        """How many nuclei were compared, and how long it took."""
        took, nuclei = f"{self.seconds:.2f} s", self.scored.nuclei
        if "mask" in nuclei:
            true, predicted = ((nuclei["mask"] == side).sum() for side in (0, 1))
            return f"{true:,} true · {predicted:,} predicted nuclei · {took}"
        return f"{len(nuclei['nucleus']):,} nuclei · {took}" if nuclei else took

    def row_of(self, label: int, side: int) -> int:
        """Return the row of a nucleus in the table of nuclei; `side` as in `SIDES`."""
        nuclei = self.scored.nuclei
        return int(np.flatnonzero((nuclei["nucleus"] == label) & (nuclei["mask"] == side))[0])


class FolderResult(NamedTuple):
    """What came of scoring two folders, all of it or until it was stopped."""

    folders: Folders
    pairs: Sequence[Pair]
    scored: Sequence[Scored]
    notes: Sequence[str]

    @property
    def summary(self) -> str:
        """How many images were scored."""
        done, total = len(self.scored), len(self.pairs)
        what = f"Mean of {done:,} images" if done > 1 else "1 image"
        return what if done == total else f"{what}: stopped, there are {total:,}"


@dataclass(frozen=True)
class Folders:
    """Two folders whose files are compared."""

    true: Path | None
    predicted: Path | None
    kind: str = "auto"

    @property
    def complaint(self) -> str:
        """What is missing, as one sentence, or nothing."""
        missing = [
            word for word, path in (("true", self.true), ("predicted", self.predicted)) if path is None
        ]
        return f"Choose a folder of {missing[0]} masks or images." if missing else ""

    @property
    def command(self) -> str:
        """The command that scores the same folders."""
        kind = [] if self.kind == "auto" else ["--as", self.kind]
        return shlex.join(
            ["sharpgan", "score", str(self.true), str(self.predicted), *kind, "--color", *OUTPUTS]
        )


def score_layers(compared: Compared, edits: int) -> Result:
    """Score two layers; for a thread."""
    from napari_sharpgan.scoring.score import score_arrays  # torch takes seconds

    start = time.perf_counter()
    scored = score_arrays(compared.name, compared.read(), color=compared.is_color)
    errors = None if scored.errors is None else scored.errors()
    return Result(compared, scored, errors, time.perf_counter() - start, edits)


def score_folders(
    folders: Folders, should_stop: ShouldStop
) -> Generator[ScoreStep, None, FolderResult | str]:
    """Score two folders; what is wrong with them is a result, to be said in the dock."""
    from napari_sharpgan.scoring.folders import score_pairs

    assert folders.true is not None
    assert folders.predicted is not None
    try:
        pairs, notes = pairs_of(folders.true, folders.predicted)
        scored = yield from score_pairs(pairs, folders.kind, color=True, should_stop=should_stop)
    except (OSError, TypeError, ValueError) as error:
        return str(error)  # superqt would raise an error that is a result
    return FolderResult(folders, pairs, scored, notes)


def print_of(layer: Any) -> int:
    """Return a number that is another one when pixels of a layer were changed in place."""
    data = layer.data
    return zlib.crc32(np.ascontiguousarray(data).data) if isinstance(data, np.ndarray) else 0


def _levels(image: Any) -> NDArray[Any]:
    """Return an image in [0, 1] or uint8, without transparency."""
    pixels: NDArray[Any] = np.array(unit_levels(image.data, image.contrast_limits))
    return pixels[..., :3] if image.rgb else pixels


def _is_float(layer: Any) -> bool:
    return not isinstance(layer, Labels) and np.dtype(layer.dtype).kind not in "iub"
