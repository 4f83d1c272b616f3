"""The part *Many tiles, or a slide* of the Tissue dock: synthesis in bulk, in a process of its own."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_error, show_info
from qtpy.QtWidgets import QApplication, QProgressBar, QVBoxLayout, QWidget

from napari_sharpgan.run_folders.words import clock, gigabytes
from napari_sharpgan.widgets._parts import button, row, words
from napari_sharpgan.widgets._remembered import remember, remembered
from napari_sharpgan.widgets._run import Background
from napari_sharpgan.widgets._synthesis_job import SynthesisJob, in_words
from napari_sharpgan.widgets._synthesis_open import show_slide, show_tiles
from napari_sharpgan.widgets._synthesis_wish import Look, Wish

if TYPE_CHECKING:
    from napari_sharpgan.synthesis import There
    from napari_sharpgan.widgets._synthesis_settings import SynthesisSettings
    from napari_sharpgan.widgets.session import Session

TITLE = "Many tiles, or a slide"
HELP = {
    "title": "Labeled tissue like that on the canvas, as much as you like, written to files.",
    "start": "Make what is not there yet, beside the window, which stays free. When napari is closed it ends "
    "in good order: what is finished stays, and can be gone on with.",
    "cancel": "End in good order: what is finished stays, and can be gone on with.",
    "copy": "Copy the command that makes the same, here or on another machine.",
    "open": "Show the slide, also while it is being written, in the place of the canvas, which is hidden; of "
    "tiles the first sixteen, beside the canvas.",
    "like": "As the docks Nuclei and Tissue have it set now.",
}
LOADING = "Loading PyTorch…"
STARTING = "Starting…"
CANCELING = "Canceling: what is finished stays…"
SHORTEST = 2.0  # seconds; what took less says nothing of how fast the next one will be


class SynthesisPart(QWidget):  # type: ignore[misc]
    """Settings, *Start*, how far it is, *Open*.

    Parameters
    ----------
    session : Session
        Whose nuclei and tissue are imitated, and with whose window the process ends.
    """

    settings: SynthesisSettings

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._job = SynthesisJob.of(session)
        self._there: There | None = None
        self._is_loading = self.is_ready = False
        self.like, self.says, self.status = words(), words(), words(LOADING)
        self.like.setToolTip(HELP["like"])
        self.start_button = button("Start", HELP["start"], self.start)
        self.cancel_button = button("Cancel", HELP["cancel"], self.cancel)
        self.copy_button = button("Copy command", HELP["copy"], self._copy)
        self.open_button = button("Open", HELP["open"], self.open)
        self.bar = QProgressBar(textVisible=False)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        for part in (
            self.like,
            self.says,
            row(self.start_button, self.cancel_button, self.open_button, self.copy_button),
            self.bar,
            self.status,
        ):
            self._layout.addWidget(part)
        self._looker = Background(self)
        self._looker.done.connect(self._take)
        self._looker.failed.connect(self._say_error)
        self._show_controls()

    # What the buttons do

    def load(self, _is_open: bool = True) -> None:
        """Add the settings, which need PyTorch, the first time that somebody looks."""
        if not self._is_loading:
            self._is_loading = True
            self._looker.submit(_load)

    @property
    def wish(self) -> Wish:
        """What *Start* makes."""
        session, tissue = self._session, self._session.tissue
        return self.settings.wish(Look.of(session.random, session.scene.shape, tissue.settings, tissue.seed))

    def start(self) -> None:
        """Make what is not there yet."""
        try:
            self._job.begin(self.wish)
        except (OSError, ValueError) as error:
            show_error(str(error))

    def cancel(self) -> None:
        """Let it end in good order."""
        self._job.cancel()
        self.status.setText(CANCELING)
        self._show_controls()

    def open(self) -> None:
        """Show what is there in the viewer."""
        out = self.settings.out
        if out is None:
            return
        if not self.settings.is_slide:
            self._looker.submit(partial(_sheet, out))
            return
        try:
            show_slide(self._session, out)
        except (OSError, ValueError) as error:
            show_error(str(error))

    def _copy(self) -> None:
        try:
            QApplication.clipboard().setText(self.wish.command)
        except ValueError as error:
            show_error(str(error))
            return
        show_info("the command is on the clipboard")

    # What is told

    def _take(self, result: Any) -> None:
        """Take in what a job beside the window came to."""
        if isinstance(result, _Sheet):
            show_tiles(self._session, result.out.name, result.tissue, result.labels)
        elif isinstance(result, _Found):
            if result.out == self.settings.out and not self._job.is_running:
                self._there = result.there
                if result.is_new_place:
                    self.settings.show_there(result.there)
                self._show_estimate()
                self._show_controls()
        else:
            self._complete(result)

    def _complete(self, make: Any) -> None:
        """Add the settings."""
        self.settings = make(self)
        self._layout.insertWidget(0, self.settings)
        self.is_ready = True
        self.status.setText("")
        self.settings.changed.connect(self.refresh)
        self.settings.moved.connect(self._look)
        session, job = self._session, self._job
        session.generated.connect(self.refresh)
        session.scene_replaced.connect(self.refresh)
        session.tissue.chosen.connect(self.refresh)
        job.begun.connect(self._after_begin)
        job.progressed.connect(self._after_progress)
        job.ended.connect(self._after_end)
        if job.is_running:
            self.status.setText(in_words(job.facts, job.wish.unit))
        self._look()
        self.refresh()

    def _look(self) -> None:
        """See what is there, at a place that was just chosen."""
        self._there = None
        self.settings.show_there(None)
        self.status.setText("")
        self._submit_look(is_new_place=True)

    def _submit_look(self, *, is_new_place: bool) -> None:
        if self.settings.out is not None:
            self._looker.submit(partial(_look_at, self.settings.out, is_new_place))

    def _after_begin(self, _wish: Wish) -> None:
        self.settings.keep()
        self.bar.setRange(0, 0)
        self.status.setText(STARTING)
        self.refresh()

    def _after_progress(self, facts: dict[str, Any]) -> None:
        if not self._job.is_canceled:
            self.status.setText(in_words(facts, self._job.wish.unit))
        if "done" in facts:
            self.bar.setRange(0, facts["total"])
            self.bar.setValue(facts["done"])
        self._show_controls()

    def _after_end(self, error: str) -> None:
        """Say how it ended, and look at what is there now."""
        wish, facts, canceled = self._job.wish, self._job.facts, self._job.is_canceled
        if facts.get("made") and facts["seconds"] > SHORTEST:
            pixels = facts.get("pixels") or facts["made"] * wish.pixels / facts["total"]
            remember(wish.speed_name, f"{pixels / facts['seconds']:.0f}")
        if error:
            self._say_error(error)
        elif canceled:
            self.status.setText("Canceled; what is finished stays.")
        else:
            self.status.setText(f"Finished: {wish.out}")
            show_info(f"{wish.out} is finished")
        self._submit_look(is_new_place=False)
        self.refresh()

    def _say_error(self, error: str | BaseException) -> None:
        self.status.setText(str(error))
        show_error(str(error))

    # Look

    def refresh(self, *_: object) -> None:
        """Show what would be made, and what can be done now."""
        if not self.is_ready:
            return
        self.like.setText(like_in_words(self.wish.look))
        self._show_estimate()
        self._show_controls()

    def _show_estimate(self) -> None:
        wish, there = self.wish, self._there
        left = wish.pixels if there is None else wish.pixels_left(there.done, there.total)
        said = []
        if there is not None:
            said.append(f"{there.done:,} of {there.total:,} {wish.unit} are there.")
        if left:
            speed = float(remembered(wish.speed_name) or 0)
            time = [clock(left / speed)] if speed > 0 else []
            said.append(f"About {' and '.join([*time, gigabytes(int(left * wish.bytes_a_pixel))])} to make.")
        self.says.setText(" ".join(said))

    def _show_controls(self) -> None:
        running, there = self._job.is_running, self._there
        has_some = (there is not None and there.done > 0) or (running and self._job.facts.get("done", 0) > 0)
        begun = there is not None and there.done < there.total
        self.start_button.setText("Go on" if begun else "Start")
        self.start_button.setVisible(not running)
        self.start_button.setEnabled(self.is_ready and self.settings.out is not None)
        self.cancel_button.setVisible(running)
        self.cancel_button.setEnabled(not self._job.is_canceled)
        self.copy_button.setEnabled(self.is_ready)
        self.open_button.setEnabled(self.is_ready and self.settings.out is not None and has_some)
        self.bar.setVisible(running)
        if self.is_ready:
            self.settings.setEnabled(not running)
            self.says.setVisible(not running and bool(self.says.text()))
        self.status.setVisible(bool(self.status.text()))


def like_in_words(look: Look) -> str:
    """Return what tiles are like, in a sentence."""
    nuclei = look.nuclei
    if nuclei.count >= 0:
        many = f"{nuclei.count:,} on a canvas of {look.canvas[0]:,} × {look.canvas[1]:,} px"
    elif nuclei.density > 0:
        many = f"{nuclei.density:,.0f} a mm²"
    else:
        many = f"density class {nuclei.level:g}"
    stain = "the generator's own stain" if look.stain is None else "the stain chosen above"
    return f"Nuclei as in the dock Nuclei ({many}), in {stain}, variation {look.seed}."


class _Found:
    """What is there at a place."""

    def __init__(self, out: Path, there: There | None, is_new_place: bool) -> None:
        self.out, self.there, self.is_new_place = out, there, is_new_place


class _Sheet:
    """The first tiles of a set."""

    def __init__(self, out: Path, tissue: Any, labels: Any) -> None:
        self.out, self.tissue, self.labels = out, tissue, labels


def _load() -> type[SynthesisSettings]:
    """Load what needs PyTorch; in a thread."""
    from napari_sharpgan.widgets._synthesis_settings import SynthesisSettings

    return SynthesisSettings


def _look_at(out: Path, is_new_place: bool) -> _Found:
    from napari_sharpgan.synthesis import what_is_there

    return _Found(out, what_is_there(out), is_new_place)


def _sheet(out: Path) -> _Sheet:
    from napari_sharpgan.synthesis import contact_sheet

    return _Sheet(out, *contact_sheet(out))
