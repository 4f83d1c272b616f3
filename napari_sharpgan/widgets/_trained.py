"""What comes of a training, and what to do with it: use the network, read the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import QUrl
from qtpy.QtGui import QDesktopServices

from napari_sharpgan.run_folders.names import REPORT
from napari_sharpgan.widgets._docks import dock_of
from napari_sharpgan.widgets._segmenter_choice import best_of

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session


def has_network(run: Path | None) -> bool:
    """Whether a run has made a network that can be used."""
    return run is not None and best_of(run).is_file()


def use_network(session: Session, run: Path, kind: str) -> None:
    """Use the best network of a run from now on; once more takes the newest best.

    A generator renders the tissue; for a segmenter the dock *Segment* opens.
    """
    if kind == "segmenter":
        dock_of(session.viewer, "Segment").use_segmenter(best_of(run))
    else:
        session.tissue.choose(generator=str(best_of(run)))


def has_report(run: Path | None) -> bool:
    """Whether a run has ended with a report."""
    return run is not None and (run / REPORT).is_file()


def open_report(run: Path) -> None:
    """Show the report of a run in the browser."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(run / REPORT)))
