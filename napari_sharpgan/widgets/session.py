"""What the docks of one viewer share: a scene, its layers, and tissue that follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from napari.layers import Image
from napari.utils.notifications import show_error
from numpy.typing import ArrayLike
from qtpy.QtCore import QObject, QTimer, Signal

from napari_sharpgan._tasks import run_to_end
from napari_sharpgan.formats import Nuclei
from napari_sharpgan.nuclei import NucleiConfig, nuclei_statistics, random_nuclei
from napari_sharpgan.scene import Edit, Scene, Window
from napari_sharpgan.scene.facts import Facts
from napari_sharpgan.scene.found_nuclei import FoundNuclei, Taken, take_found
from napari_sharpgan.scene.open_document import as_nuclei, check_size
from napari_sharpgan.widgets._connections import Connections
from napari_sharpgan.widgets._documents import Documents
from napari_sharpgan.widgets._edit_tools import EditTools
from napari_sharpgan.widgets._filling import Filling
from napari_sharpgan.widgets._generating import SAMPLE, Generating, Wish
from napari_sharpgan.widgets._in_turns import InTurns, Steps
from napari_sharpgan.widgets._keys import bind_keys
from napari_sharpgan.widgets._labels_link import LabelsLink
from napari_sharpgan.widgets._layers import SceneLayers, prepare_pictures, take_units
from napari_sharpgan.widgets._live_tissue import LiveTissue
from napari_sharpgan.widgets._outlines import OutlineLink
from napari_sharpgan.widgets._overview import Overview
from napari_sharpgan.widgets._place import shape_of
from napari_sharpgan.widgets._run import Background
from napari_sharpgan.widgets._safety import CloseGuard

if TYPE_CHECKING:
    from napari import Viewer

    from napari_sharpgan.measures import NucleusTable

SAMPLE_SHAPE = (512, 512)
LETS_GO = 100  # ms after a canvas is there, when nothing holds what was there before
THUMBNAILS_REST = 2000  # ms; drawing them anew lets the whole window be painted


def session_of(viewer: Viewer) -> Session:
    """Return the session of a viewer; the first call makes it, with a sample scene if the viewer is empty.

    The sample comes in turns of the event loop, after what is there is painted, or at once for who needs it.
    """
    viewer = getattr(viewer, "__wrapped__", viewer)  # napari hands docks a proxy of it
    session: Session | None = viewer.window._qt_window.findChild(Session)
    if session is None:
        session = Session(viewer)
        if not viewer.layers:
            session.begin_sample()
    return session


class Session(QObject):  # type: ignore[misc]
    """A scene in a viewer: everything that docks ask for, in the user's words. It ends with the window.

    Parameters
    ----------
    viewer : napari Viewer
        Where the layers are.
    """

    scene_replaced = Signal()  # another canvas
    counted = Signal(object)  # NucleiStatistics, a moment after an edit
    generated = Signal(int, int)  # how many nuclei were asked for (−1: by density) and how many fit

    def __init__(self, viewer: Viewer) -> None:
        super().__init__(viewer.window._qt_window)
        self.viewer = viewer
        self.scene = Scene(SAMPLE_SHAPE)
        self.random = SAMPLE  # settings of random nuclei as they were asked for last
        self._sample: InTurns | None = None
        self.layers = SceneLayers(viewer, missed=self._finish_sample)
        self.tissue = LiveTissue(self)
        self.tissue.rendered.connect(self.layers.refresh_tissue)
        self.tissue.progressed.connect(lambda *_: self._count_timer.start())
        self.tissue.failed.connect(show_error)
        self.tools: EditTools = EditTools(self)
        self._outlines: OutlineLink | None = None
        self._overview = Overview(viewer, self)
        self._labels: LabelsLink | None = None
        self.documents = Documents(self)
        self._guard = CloseGuard(self)
        self._filling = Filling(
            self, is_busy=lambda: self.is_drawing, is_outdated=lambda: self._generating.is_outdated
        )
        self._generating = Generating(self, self._filling)
        self._generating.generated.connect(self.generated)
        self._counts = Background(self)
        self._counts.done.connect(self.counted)
        self._count_timer: QTimer = QTimer(self, interval=150, singleShot=True)
        self._count_timer.timeout.connect(self._count)
        self._thumbnail_timer = QTimer(self, interval=THUMBNAILS_REST, singleShot=True)
        self._thumbnail_timer.timeout.connect(self._draw_thumbnails)
        self._followed = Connections()

    # Canvases

    def begin_sample(self) -> None:
        """Let a sample scene come in the next turns, unless there are other layers or a canvas by then."""
        self._sample = InTurns(self._sample_steps, self)
        self._sample.ended.connect(self.tissue.expect_no_more)
        self.tissue.expect()

    def new_canvas(self, shape: tuple[int, int]) -> None:
        """Begin with an empty canvas."""
        check_size(shape, "the canvas")
        self.show(Scene(shape), self.documents.blank())

    def from_labels(self, labels: ArrayLike, like: Any = None) -> None:
        """Begin with the nuclei of a label image, in the place of the layer ``like`` if there is one."""
        self.show(Scene.from_labels(labels), self.documents.facts_of(like))

    def from_image(self, image: Image) -> None:
        """Begin with an empty canvas on the pixels (of the first level) of an image, which stays in sight."""
        shape = shape_of(image)
        if shape is None:
            raise ValueError(
                f"expected a 2-D image, gray or RGB, got {image.name} of shape {image.data.shape}"
            )
        check_size(shape, image.name)
        self.show(Scene(shape), self.documents.facts_of(image), image=image)

    def take_found(self, image: Image, found: FoundNuclei, *, replace: bool = True) -> Taken:
        """Make nuclei that were found in an image nuclei of the scene on it, in one step; see `take_found`.

        If the scene does not lie on the image it is put aside, and there is an empty one on it first.
        """
        if not self.documents.lies_on(image):
            self.from_image(image)
        elif self.documents.image is not image:  # that of a mask that lies on it
            self.documents.image, self.layers.tissue.visible = image, False
        self.finish()
        with self.documents.by_machine():
            return take_found(self.scene, found, replace=replace)

    def in_view(self, layer: Any) -> Window:
        """Return the window of a layer that is in sight, of at least one pixel."""
        return self._overview.window(layer)

    def in_turns(self, steps: Iterator[Any]) -> None:
        """Do work a step a turn, the first at once; all is done before what a person does next."""
        self._filling.run(steps)

    def ensure_canvas(self) -> None:
        """Put back layers that the user removed; if there was no canvas yet begin one, on an image if any."""
        self._finish_sample()
        self._filling.finish()
        if self._outlines is not None:
            self.layers.put_back()
            return
        images = [layer for layer in self.viewer.layers if isinstance(layer, Image) and shape_of(layer)]
        if images:
            self.from_image(images[-1])
        else:
            self.new_canvas(self.scene.shape)

    def generate(self, config: NucleiConfig, *, keep: bool, live: bool = False) -> None:
        """Fill the canvas with random nuclei in the background; the newest wish wins.

        Parameters
        ----------
        config : NucleiConfig
            What nuclei.
        keep : bool
            Put them on top of what is there instead of in its place.
        live : bool
            A stage of a gesture, such as a slider that moves; all stages, until none comes for a second, are
            one step of undo.
        """
        self._generating.wish(Wish(config, keep, live))
        self.ensure_canvas()
        self.random = config
        self._generating.begin()

    @property
    def is_generating(self) -> bool:
        """Whether random nuclei are drawn or come."""
        return self._generating.is_on

    def can_fill(self, scene: Scene) -> bool:
        """Return whether a scene is shown; a nucleus that is being drawn or dragged is ended where it is."""
        if scene is not self.scene or self._outlines is None:
            return False
        self._outlines.finish()
        return True

    # Editing

    def edit(self, mode: str) -> None:
        """Take up a tool of the outlines: "brush", "eraser", "knife", or one of napari's modes."""
        self.tools.take(mode)

    def show_outlines(self) -> None:
        """Let the outlines be seen, and be what mouse and keys act on."""
        self.ensure_canvas()
        self.layers.nuclei.visible = True
        self.viewer.layers.selection.active = self.layers.nuclei

    @property
    def selected(self) -> list[int]:
        """Keys of the nuclei that are selected, in drawing order."""
        selected: set[int] = set() if self._outlines is None else self._outlines.selected
        return sorted(key for key in selected if key in self.scene.info)  # the layer may be a moment behind

    def select(self, keys: Iterable[int]) -> None:
        """Select these nuclei, and no others."""
        if self._outlines is not None:
            self._outlines.select(keys)

    def color_by(self, values: Mapping[int, float] | None, colormap: Any = "viridis", **look: Any) -> None:
        """Color outlines by a number of each nucleus, or by their classes again; see `OutlineColors`."""
        if self._outlines is not None:
            self._outlines.color_by(values, colormap, **look)

    def describe(self, table: NucleusTable | None) -> None:
        """Let the feature table of the outlines say the measures of their nuclei."""
        if self._outlines is not None:
            self._outlines.describe(table)

    @property
    def is_drawing(self) -> bool:
        """Whether a nucleus is being drawn or dragged in the outlines."""
        return self._outlines is not None and self._outlines.is_gesture

    def finish(self) -> None:
        """End a drawing or a drag that is going on where it is; nuclei that come in turns come at once."""
        self._filling.finish()
        if self._outlines is not None:
            self._outlines.finish()

    def new_label(self) -> None:
        """Let what is painted next into the labels be a nucleus of its own."""
        self.layers.labels.selected_label = self.scene.next_key

    def undo(self) -> None:
        """Take the last step back; a nucleus that is being drawn goes first."""
        self._filling.finish()
        if self._outlines is None or not self._outlines.give_up():
            self._filling.replay(self.scene, back=True)

    def redo(self) -> None:
        """Do the step again that was undone last."""
        self.finish()
        self._filling.replay(self.scene, back=False)

    def side_by_side(self, on: bool) -> None:
        """Show tissue and maps beside each other, or only tissue and outlines above each other."""
        self.ensure_canvas()
        for layer in self.layers.maps:
            layer.visible = on
        self.viewer.canvas.grid.enabled = on
        self.viewer.reset_view()

    @property
    def outlines(self) -> Nuclei:
        """The outlines of the scene, as `write_nuclei` takes them."""
        self._filling.finish()
        current = self.documents.current
        return current.nuclei if current else as_nuclei(self.scene.nuclei, self.scene.shape, Facts())

    @property
    def is_rendered(self) -> bool:
        """Whether the canvas has nuclei and all of its tissue is up to date."""
        return self._outlines is not None and len(self.scene) > 0 and self.tissue.is_done

    # How it goes

    def show(self, scene: Scene, facts: Facts, *, image: Image | None = None, saved: bool = True) -> None:
        """Put a scene into the viewer; the one before is put aside, see `Documents`.

        Parameters
        ----------
        scene : Scene
            The nuclei.
        facts : Facts
            What else is known, its place in the world too.
        image : Image, optional
            The layer on whose pixels it lies, which stays in sight instead of the tissue, as it is seen now.
        saved : bool
            Whether it holds no work that could be lost.
        """
        run_to_end(self.show_steps(scene, facts, image=image, saved=saved))

    def show_steps(
        self, scene: Scene, facts: Facts, *, image: Image | None = None, saved: bool = True
    ) -> Steps:
        """Do what `show` does, a step a layer."""
        if self._sample is not None:
            self._sample.finish_or_drop()
        self.finish()
        for link in (self._outlines, self._labels):
            if link is not None:
                link.close()
        self._followed.close()
        self._outlines = self._labels = None  # until all of the other scene is there
        begin, is_quick = partial(self.tissue.begin, scene), self.tissue.is_quick
        begun = begin if is_quick else lambda: None
        yield from self.layers.show_steps(scene, facts.place, fit=image is None, begun=begun)
        self.scene = scene
        if image is not None:
            self.layers.tissue.visible = False
        self.documents.begin(scene, facts, image=image, saved=saved)
        self._outlines = OutlineLink(
            scene,
            self.layers.nuclei,
            later=self._filling.later,
            view=partial(self._overview.window, self.layers.labels),
        )
        self._overview.follow(self._outlines, self.layers.maps[1])
        self._labels = LabelsLink(scene, self.layers.labels)
        bind_keys(self)
        self.tools.follow()
        self._followed.add(self._after_edit, scene.edited)
        if not is_quick:
            begin()
        self.scene_replaced.emit()
        self._count_timer.start()
        QTimer.singleShot(LETS_GO, partial(self.layers.collect, at_rest=False))

    def _sample_steps(self) -> Steps:
        """Fill the scene that there is with random nuclei, and show it."""
        polygons = yield partial(random_nuclei, SAMPLE_SHAPE, **asdict(SAMPLE))
        take_units((yield prepare_pictures))
        if self.viewer.layers or self._outlines is not None:
            return
        self.scene.add_many(polygons or [])
        yield None
        yield from self.show_steps(self.scene, self.documents.blank())

    def _finish_sample(self) -> None:
        if self._sample is not None:
            self._sample.finish()

    def _after_edit(self, edit: Edit) -> None:
        """Let maps, tissue and numbers follow."""
        if edit.windows:
            self.layers.refresh_maps(edit.windows)
            self.tissue.follow(edit.windows)
            self._count_timer.start()

    def _draw_thumbnails(self) -> None:
        if self.is_drawing:
            self._thumbnail_timer.start()
        else:
            self.layers.refresh_thumbnails()
            self.layers.collect(at_rest=True)

    def _count(self) -> None:
        self._thumbnail_timer.start()
        labels = self.scene.labels
        self._counts.submit(lambda: nuclei_statistics(labels.copy()))
