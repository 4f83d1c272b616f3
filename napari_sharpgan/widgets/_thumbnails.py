"""Small pictures of a few tiles with the outlines of their nuclei; a click opens the tile."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from napari.utils.notifications import show_error
from numpy.typing import NDArray
from PIL import Image
from qtpy.QtCore import QObject, QSize, Signal
from qtpy.QtGui import QColor, QIcon, QPixmap
from qtpy.QtWidgets import QGridLayout, QToolButton, QWidget

from napari_sharpgan._tasks import ShouldStop
from napari_sharpgan.maps import contour_map
from napari_sharpgan.widgets._layers import OUTLINE_COLOR
from napari_sharpgan.widgets._run import Background
from napari_sharpgan.widgets._run_folder import pairs_of
from napari_sharpgan.widgets._sample_strip import qt_image

if TYPE_CHECKING:
    from napari.components import ViewerModel

    from napari_sharpgan.data import Manifest, Sample

MOST = 6
IN_A_ROW = 3
SIDE = 102  # px on the screen
SEEN = 2 * SIDE  # px of the tile


@dataclass(frozen=True)
class Thumbnail:
    """A small picture of a tile, which ``read`` reads."""

    name: str
    read: Callable[[], Sample]
    nuclei: int
    pixels: NDArray[np.uint8]


def thumbnails(data: Manifest, *, should_stop: ShouldStop) -> Generator[Thumbnail, None, list[Thumbnail]]:
    """Make small pictures of up to six tiles, evenly spread; those that cannot be read are left out."""
    made: list[Thumbnail] = []
    tiles = _readers(data)
    for index in sorted({round(at) for at in np.linspace(0, len(tiles) - 1, min(MOST, len(tiles)))}):
        if should_stop():
            break
        try:
            sample = tiles[index]()
        except (OSError, TypeError, ValueError):
            continue  # the survey says what is wrong with it
        nuclei = len(np.unique(sample.labels[sample.labels > 0]))
        picture = outlined(sample.image, sample.labels)
        made.append(Thumbnail(sample.name, tiles[index], nuclei, picture))
        yield made[-1]
    return made


def _readers(data: Manifest) -> list[Callable[[], Sample]]:
    """Return what reads each image of some data, or of a set of tiles the first of each shard."""
    from napari_sharpgan.data import read_sample, tile_set_in  # brings PyTorch, slow the first time

    try:
        tiles = tile_set_in(Path(data.folder))
    except (OSError, ValueError):
        return []
    if tiles is None:
        return [partial(read_sample, image, labels, image.stem) for image, labels in pairs_of(data)]
    return [partial(tiles.read, one.as_shard, one.first) for one in tiles.finished]


def outlined(image: NDArray[np.uint8], labels: NDArray[np.int32], side: int = SIDE) -> NDArray[np.uint8]:
    """Return the middle of an image with the outlines of its nuclei, (side, side, 3)."""
    seen = min(SEEN, *labels.shape)
    top, left = ((length - seen) // 2 for length in labels.shape)
    part = np.s_[top : top + seen, left : left + seen]
    size = side, side
    picture = np.array(Image.fromarray(image[part]).resize(size, Image.Resampling.LANCZOS))
    contour = Image.fromarray(contour_map(labels)[part].astype(np.uint8) * 255)
    share = np.asarray(contour.resize(size, Image.Resampling.BOX), np.float32)[..., None] / 255
    color = np.array(QColor(OUTLINE_COLOR).getRgb()[:3], np.float32)
    mixed: NDArray[np.uint8] = (picture + np.minimum(1, 1.6 * share) * (color - picture)).astype(np.uint8)
    return mixed


class Thumbnails(QWidget):  # type: ignore[misc]
    """Up to six small pictures in two rows."""

    picked = Signal(object)  # the Thumbnail that was clicked

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.buttons: list[QToolButton] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        self._grid.setColumnStretch(IN_A_ROW, 1)
        self.setVisible(False)

    def clear(self) -> None:
        """Show none."""
        for made in self.buttons:
            self._grid.removeWidget(made)
            made.deleteLater()
        self.buttons = []
        self.setVisible(False)

    def add(self, thumbnail: Thumbnail) -> None:
        """Show one more."""
        made = QToolButton(autoRaise=True)
        made.setIcon(QIcon(QPixmap.fromImage(qt_image(thumbnail.pixels))))
        made.setIconSize(QSize(SIDE, SIDE))
        made.setFixedSize(SIDE, SIDE)
        made.setStyleSheet("QToolButton { border: none; padding: 0px; }")
        nuclei = "1 nucleus" if thumbnail.nuclei == 1 else f"{thumbnail.nuclei:,} nuclei"
        made.setToolTip(f"{thumbnail.name}, {nuclei}: click to open it with its labels")
        made.clicked.connect(partial(self._pick, thumbnail))
        self._grid.addWidget(made, len(self.buttons) // IN_A_ROW, len(self.buttons) % IN_A_ROW)
        self.buttons.append(made)
        self.setVisible(True)

    def _pick(self, thumbnail: Thumbnail, _clicked: bool = False) -> None:
        self.picked.emit(thumbnail)


class TileOpener(QObject):  # type: ignore[misc]
    """Open tiles and their labels as layers of a viewer, read in a thread."""

    def __init__(self, viewer: ViewerModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._viewer = viewer
        self._reader = Background(self)
        self._reader.done.connect(self._add)
        self._reader.failed.connect(self._say)

    def open(self, tile: Thumbnail) -> None:
        """Open a tile in a moment."""
        self._reader.submit(tile.read)

    def _add(self, sample: Sample) -> None:
        self._viewer.add_image(sample.image, name=sample.name, rgb=True)
        self._viewer.add_labels(sample.labels, name=f"{sample.name} nuclei").contour = 1

    def _say(self, error: BaseException) -> None:
        show_error(str(error))
