"""The dock *Score*: masks, images and folders of them against true ones; numbers, errors, tables."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from napari.utils.notifications import show_info
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QApplication, QCheckBox, QWidget

from napari_sharpgan.widgets._connections import Connections
from napari_sharpgan.widgets._fly import Flight
from napari_sharpgan.widgets._newest import Newest
from napari_sharpgan.widgets._parts import button, column, row, words
from napari_sharpgan.widgets._remembered import remember, remembered
from napari_sharpgan.widgets._score_choice import ScoreChoice
from napari_sharpgan.widgets._score_folders import FolderScores
from napari_sharpgan.widgets._score_saving import ScoreSaving
from napari_sharpgan.widgets._score_tables import ScoreTables
from napari_sharpgan.widgets._score_view import Legend, Numbers, nucleus_of, sentences
from napari_sharpgan.widgets._score_work import (
    CHEAP,
    FOLDERS,
    IMAGES,
    MASKS,
    FolderResult,
    Result,
    print_of,
    score_layers,
)
from napari_sharpgan.widgets._shown_errors import ShownErrors
from napari_sharpgan.widgets.session import session_of

if TYPE_CHECKING:
    from napari import Viewer

RESTS = 250  # ms without an edit before what changed is scored again
LIVE = "score/live"
WELCOME = "Choose what is compared and press Score."
STALE = "Edited since: these numbers are of before. Press Score."
OTHERS = "Something else is chosen: these numbers are of before. Press Score."
SCORING = "Scoring …"
HELP = {
    "score": "Compare what is chosen, off the window's thread.",
    "live": "Score again a moment after each edit, as long as that takes less than a second.",
    "errors": "Show the layer errors: each nucleus in the color of what became of it.",
    "next": "Fly to the next nucleus that is missed, extra, merged or split, and select it.",
    "open": "Open both files of the chosen row as layers and score them.",
    "copy": "Copy the command that scores the same files.",
    "no file": "There is no command: one of both is in no file. Save it, or open it from a file.",
}


class ScoreDock(QWidget):  # type: ignore[misc]
    """Score nuclei or images against true ones.

    Parameters
    ----------
    napari_viewer : napari Viewer
        The viewer whose layers are compared.
    """

    def __init__(self, napari_viewer: Viewer) -> None:
        super().__init__()
        self._session = session_of(napari_viewer)
        self._viewer = self._session.viewer  # itself, not the proxy of it that docks get
        self.result: Result | FolderResult | None = None
        self._of_folders: FolderResult | None = None  # the last one: one comes back to it
        self._edits = 0  # of what is chosen, as far as the dock was told
        self._is_unseen = False  # whether something changed while the dock lay behind others
        self._is_begun = False  # whether Score was pressed for what is compared
        self._seconds = 0.0  # that scoring took last
        self._chosen: object = None
        self._prints: dict[Any, int] = {}  # of the pixels of layers
        self._followed = Connections()
        self._newest = Newest(self)
        self._settle = QTimer(self, interval=RESTS, singleShot=True)
        self._settle.timeout.connect(self._ask)
        self._flight = Flight(self._viewer, self)
        self._make()
        column(self, *self._parts(), fills=self.tables)
        self._connect()
        self._follow()
        self._show_kind()

    # The window

    def _make(self) -> None:
        self.choice = ScoreChoice(self._session)
        self.folders = FolderScores(self._session, self)
        self.saving = ScoreSaving(self)
        self.main = button("Score", HELP["score"], self.score)
        self.live = QCheckBox("Live", toolTip=HELP["live"])
        self.live.setChecked(remembered(LIVE, "on") == "on")
        self.errors = QCheckBox("Errors", toolTip=HELP["errors"])
        self.errors.setChecked(True)
        self.shown_errors = ShownErrors(self._session, self.errors)
        self.status, self.message = words(WELCOME), words()
        self.numbers, self.legend = Numbers(), Legend()
        self.tables = ScoreTables(self)
        self.next_button = button("Next error", HELP["next"], self.go_to_next_error)
        self.open_button = button("Open this pair", HELP["open"], self._open_pair)
        self.copy_button = button("Copy command", HELP["copy"], self._copy_command)

    def _parts(self) -> list[QWidget]:
        return [
            self.choice,
            row(self.main, self.live, self.errors),
            self.folders,
            self.status,
            self.message,
            self.numbers,
            self.legend,
            self.tables,
            row(self.next_button, self.open_button, self.copy_button),
            self.saving,
        ]

    def _connect(self) -> None:
        self.choice.kind_changed.connect(self._on_kind_changed)
        self.choice.changed.connect(self._on_choice_changed)
        self.live.toggled.connect(self._on_live)
        self.tables.nucleus_chosen.connect(self._go_to)
        self._newest.done.connect(self._show)
        self._newest.failed.connect(self._show_failure)
        self.folders.progressed.connect(self.status.setText)
        self.folders.scored.connect(self._show_folders)
        self.folders.failed.connect(self._show_nothing)
        self.folders.opened.connect(self._compare_opened)
        self.saving.wanted.connect(self.score)
        self._session.scene_replaced.connect(self._follow)
        self._session.tools.selection_changed.connect(self._mark_selected)
        self._session.tissue.rendered.connect(self._on_rendered)
        self.destroyed.connect(self._followed.close)

    # What is scored

    def score(self) -> None:
        """Score what is chosen, in a thread."""
        self._settle.stop()
        self._is_unseen, self._is_begun = False, True
        if self.choice.kind == FOLDERS:
            self._of_folders = None
            self._show_nothing(self.choice.folders.complaint)
            if not self.choice.folders.complaint:
                self.folders.score(self.choice.folders)
            return
        self.shown_errors.want()
        self._ask()

    def _ask(self) -> None:
        compared = self.choice.compared
        if compared.complaint:
            self._show_nothing(compared.complaint)
        else:
            if self.result is None or self._seconds > CHEAP:
                self.status.setText(SCORING)
            self._newest.ask(partial(score_layers, compared, self._edits))

    @property
    def is_stale(self) -> bool:
        """Whether what is shown is of before an edit, or of other folders."""
        if isinstance(self.result, FolderResult):
            return self.result.folders != self.choice.folders
        return self.result is not None and self.result.edits != self._edits

    # What changes

    def _on_kind_changed(self) -> None:
        self.folders.cancel()
        self._settle.stop()
        self._is_begun = False
        self._follow()
        self._show_kind()
        self._show_nothing("")
        self.saving.give_up()
        self.status.setText(WELCOME)
        if self.choice.kind == FOLDERS and self._of_folders is not None:
            self._is_begun = True
            self._show_folders(self._of_folders)

    def _on_choice_changed(self) -> None:
        before = self._chosen
        self._follow()
        if self._chosen != before:
            self._on_changed(said=OTHERS)

    def _follow(self) -> None:
        """Listen to the chosen layers."""
        self._followed.close()
        compared = self.choice.compared
        is_of_layers = self.choice.kind != FOLDERS
        self._chosen = (
            (compared.true, compared.predicted, compared.nuclei) if is_of_layers else self.choice.folders
        )
        self._prints = {}
        for layer in compared.layers if is_of_layers else ():
            if compared.live is not None and compared.is_live(layer):
                self._followed.add(self._on_edited, compared.live.scene.edited)
                continue
            names = ("data", "contrast_limits", "labels_update")
            events = [getattr(layer.events, name) for name in names if hasattr(layer.events, name)]
            self._followed.add(self._on_changed, *events)
            if layer not in self._session.layers.own:  # the tissue says itself what was rendered
                self._prints[layer] = print_of(layer)
                self._followed.add(self._on_drawn, layer.events.set_data)
        self._show_command()

    def _on_rendered(self, _: Any = None) -> None:
        own = self._session.layers.own
        if self.choice.kind == IMAGES and own and own[0] in self.choice.compared.layers:
            self._on_changed()

    def _on_drawn(self, event: Any) -> None:
        """Look whether pixels were changed in place: layers are drawn anew for many reasons."""
        now = print_of(event.source)
        if self._prints.get(event.source) != now:
            self._prints[event.source] = now
            self._on_changed()

    def _on_edited(self, edit: Any) -> None:
        if edit.windows:
            self._on_changed()

    def _on_changed(self, _: Any = None, said: str = STALE) -> None:
        """Score again soon, or say that the numbers are of before."""
        self._edits += 1
        if not self._is_begun:
            return
        self.saving.tell_stale()
        if self.choice.kind == FOLDERS or not self.live.isChecked() or self._seconds > CHEAP:
            self.status.setText(said)
        elif self._is_behind and not self.shown_errors.is_seen:
            self._is_unseen = True
        else:
            self._settle.start()

    def _on_live(self, on: bool) -> None:
        remember(LIVE, "on" if on else "off")
        if on and self.is_stale:
            self.score()

    @property
    def _is_behind(self) -> bool:
        """Whether the dock lies behind another one in a window that is open."""
        return bool(self.window().isVisible() and not self.isVisible())

    def showEvent(self, event: Any) -> None:
        """Catch up with what changed while the dock lay behind others."""
        super().showEvent(event)
        if self._is_unseen:
            self.score()

    # What is shown

    def _show_kind(self) -> None:
        """Show the controls of what is compared."""
        kind = self.choice.kind
        self.live.setVisible(kind != FOLDERS)
        for part in (self.errors, self.next_button):
            part.setVisible(kind == MASKS)
        self.open_button.setVisible(kind == FOLDERS)

    def _show(self, result: Result) -> None:
        """Show what was scored, unless other layers have been chosen since."""
        compared, now = result.compared, self.choice.compared
        if compared.kind != self.choice.kind or compared.layers != now.layers or now.complaint:
            return
        self.result, self._seconds = result, result.seconds
        scored = result.scored
        self.numbers.show_scores(scored.scores)
        self.legend.show_counts(scored.counts)
        self.tables.show_nuclei(scored)
        self.shown_errors.show(result)
        self.status.setText(STALE if self.is_stale and not self._settle.isActive() else result.summary)
        what = "a mask" if scored.are_masks else "an image"
        alone = [f"this is {what} against itself"] if compared.true is compared.predicted else []
        self._say([*alone, *scored.remarks])
        self._mark_selected()
        self._show_command()
        self.saving.offer([scored], self.is_stale)

    def _show_folders(self, result: FolderResult) -> None:
        """Show what was scored, and whether other folders have been chosen since."""
        self.result = self._of_folders = result
        self.status.setText(OTHERS if self.is_stale else result.summary)
        self.numbers.show_scores(self.tables.show_images(result))
        counts = [one.counts for one in result.scored]
        self.legend.show_counts({word: sum(count[word] for count in counts) for word in counts[0]})
        self._say(
            [*result.notes, *(f"{one.name}: {remark}" for one in result.scored for remark in one.remarks)]
        )
        self._show_command()
        self.saving.offer(result.scored, self.is_stale)

    def _show_failure(self, error: BaseException) -> None:
        """Show what is wrong with the chosen layers; what is wrong with us is napari's to show."""
        if not isinstance(error, ValueError | TypeError):
            raise error
        self._show_nothing(f"{error}.")

    def _show_nothing(self, message: str) -> None:
        self._newest.forget()
        self.result = None
        self.numbers.show_scores({})
        self.legend.show_counts({})
        self.tables.clear()
        self.shown_errors.clear()
        self.status.setText("")
        self._say([message] if message else [])
        self.saving.offer([], False)
        if message:
            self.saving.give_up()
        self._show_command()

    def _say(self, said: list[str]) -> None:
        self.message.setText(sentences(said))
        self.message.setVisible(bool(said))

    # Where to go

    def go_to_next_error(self) -> None:
        """Fly to the next nucleus of the table that was not matched."""
        self.tables.choose_next_error()

    def _go_to(self, key: int) -> None:
        """Fly to a nucleus, and select it, or its partner, in the live scene."""
        if not isinstance(self.result, Result):
            return
        compared = self.result.compared
        label, side = nucleus_of(key) if compared.kind == MASKS else (key, 2)
        layer = (compared.true, compared.predicted, compared.nuclei)[side]
        if not self._flight.to_label(layer, label):
            self.status.setText(f"Nucleus {label} is not in '{layer.name}' any more.")
        elif compared.is_live(layer):
            self._session.select([label])
        elif compared.kind == MASKS and compared.is_live((compared.predicted, compared.true)[side]):
            partner = int(self.result.scored.nuclei["partner"][self.result.row_of(label, side)])
            self._session.select([partner] if partner else [])

    def _mark_selected(self, _: Any = None) -> None:
        """Mark the row of the nucleus that is selected in the live scene."""
        selected = self._session.selected
        if isinstance(self.result, Result) and len(selected) == 1:
            self.tables.mark(selected[0], self.result.compared)

    def _open_pair(self) -> None:
        place = self.tables.chosen_image
        if isinstance(self.result, FolderResult) and place is not None:
            self.folders.open(self.result.pairs[place], self.result.scored[place].are_masks)

    def _compare_opened(self, kind: str, true: Any, predicted: Any) -> None:
        """Score two layers that were just opened."""
        self.choice.choose(kind)
        first, second = (self.choice.true, self.choice.predicted)
        if kind == IMAGES:
            first, second = (self.choice.reference, self.choice.image)
        first.choose(true)
        second.choose(predicted)
        self.score()

    # Commands

    @property
    def command(self) -> str:
        """The command that scores the same files; empty if something is in no file."""
        if self.choice.kind == FOLDERS:
            return "" if self.choice.folders.complaint else self.choice.folders.command
        return "" if self.choice.compared.complaint else self.choice.compared.command

    def _show_command(self) -> None:
        command = self.command
        self.copy_button.setEnabled(bool(command))
        self.copy_button.setToolTip(HELP["copy"] if command else HELP["no file"])

    def _copy_command(self) -> None:
        QApplication.clipboard().setText(self.command)
        compared = self.choice.compared
        is_live = self.choice.kind == MASKS and any(map(compared.is_live, compared.layers))
        hint = (
            "; it reads the file, so save the nuclei first"
            if is_live and self._session.documents.is_unsaved
            else ""
        )
        show_info(f"the command is on the clipboard{hint}")
