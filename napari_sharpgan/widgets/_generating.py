"""Random nuclei for a session: drawn off the window's thread, put into its scene in turns."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING

from napari.utils.notifications import show_error
from numpy import float64
from numpy.typing import NDArray
from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan.nuclei import NucleiConfig, random_nuclei
from napari_sharpgan.scene import Scene
from napari_sharpgan.widgets._filling import Filling
from napari_sharpgan.widgets._run import Background

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

SAMPLE = NucleiConfig(seed=7, rounding=2)
SLIDER_RESTS = 1000  # ms


@dataclass(frozen=True)
class Wish:
    """What nuclei are wanted, whether on top of what is there, and whether as a stage of a gesture."""

    config: NucleiConfig
    keep: bool
    live: bool


@dataclass(frozen=True)
class Drawn:
    """Outlines that were drawn for a scene."""

    scene: Scene
    polygons: list[NDArray[float64]]
    wish: Wish


class Generating(QObject):  # type: ignore[misc]
    """Fill the scene of a session with random nuclei.

    Parameters
    ----------
    session : Session
        Whose scene it is.
    filling : Filling
        Puts many nuclei into a scene in turns.
    """

    generated = Signal(int, int)  # how many nuclei were asked for (−1: by density) and how many fit

    def __init__(self, session: Session, filling: Filling) -> None:
        super().__init__(session)
        self._session, self._filling = session, filling
        filling.ended.connect(self._after_filling)
        self._drawing = Background(self)
        self._drawing.done.connect(self._take)
        self._drawing.failed.connect(self._after_error)
        self._wish: Wish | None = None
        self._is_on = False
        self._asked: tuple[int, int] | None = None  # how many nuclei there were to be, and are
        self._slider_timer = QTimer(self, interval=SLIDER_RESTS, singleShot=True)
        self._slider_timer.timeout.connect(self._end_slide)

    @property
    def is_on(self) -> bool:
        """Whether nuclei are drawn or put into the scene."""
        return self._is_on

    @property
    def is_outdated(self) -> bool:
        """Whether other nuclei are wanted by now than those that come."""
        return self._wish is not None

    def wish(self, wish: Wish) -> None:
        """Want these nuclei from now on, not those that may be coming."""
        self._wish = wish

    def begin(self) -> None:
        """Draw what is wanted off the window's thread, unless it is at it already."""
        if self._is_on or self._wish is None:
            return
        wish, self._wish = self._wish, None
        self._is_on = True
        scene, shape = self._session.scene, self._session.scene.shape
        self._drawing.submit(lambda: Drawn(scene, random_nuclei(shape, **asdict(wish.config)), wish))

    def _after_error(self, error: BaseException) -> None:
        self._is_on = False
        show_error(str(error))
        self.begin()

    def _take(self, drawn: Drawn) -> None:
        """Put drawn nuclei into the scene, if it is still the one they were drawn for."""
        self._filling.finish()  # of another canvas, which may be opening
        if not self._session.can_fill(drawn.scene):
            self._after_filling()
            return
        wish = drawn.wish
        if wish.live:
            self._slider_timer.start()
        machine = partial(self._session.documents.by_machine, sample=wish.config == SAMPLE)
        self._asked = (wish.config.count, len(drawn.polygons))
        self._filling.begin(drawn.scene, drawn.polygons, keep=wish.keep, live=wish.live, machine=machine)

    def _after_filling(self) -> None:
        """Say how many nuclei fit, and go on with what was wished for meanwhile."""
        self._is_on, asked, self._asked = False, self._asked, None
        if asked is not None:
            self.generated.emit(*asked)
        self.begin()

    def _end_slide(self) -> None:
        """Make what a slider did one step once all of it is there, unless a drag did so already."""
        if self._filling.is_on:
            self._slider_timer.start()
        elif not self._session.is_drawing:
            with self._session.documents.by_machine():
                self._session.scene.commit()
