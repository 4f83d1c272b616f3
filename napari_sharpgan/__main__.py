"""``python -m napari_sharpgan``: napari with our docks and a rendered sample."""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import napari

    from napari_sharpgan.widgets.session import Session

SIZE = 1500, 950
DOCKS = ("Nuclei", "Tissue", "Sharpness", "Train", "Segment", "Score")
LONGEST_WAIT = 120.0  # seconds for the sample to be rendered, on the slowest machine


def main(argv: list[str] | None = None) -> int:
    """Open the window; with ``--screenshot FOLDER`` save what it shows, and close it."""
    parser = argparse.ArgumentParser(prog="python -m napari_sharpgan", description=__doc__)
    parser.add_argument("--screenshot", type=Path, metavar="FOLDER", help="save pictures there and end")
    folder = parser.parse_args(argv).screenshot
    if folder is not None and folder.exists() and not folder.is_dir():
        parser.error(f"{folder} must be a folder, but it is a file")
    try:
        import napari
    except ImportError:
        parser.error("napari is not installed; install it with: pip install 'napari-sharpgan[gui]'")
    viewer = _open()
    if folder is None:
        napari.run()
        return 0
    try:
        return _save(viewer, folder)
    finally:
        viewer.close()


def _open() -> napari.Viewer:
    """Open napari with all docks as tabs of one column, tissue and maps side by side."""
    import napari
    from napari._qt import qt_main_window

    from napari_sharpgan.widgets._parts import WIDEST
    from napari_sharpgan.widgets.session import session_of

    qt_main_window.SHOW_QT_WARNING = False  # PyQt5 is what our users ask for, and it works
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="System theme detection")
        viewer = napari.Viewer(title="napari-sharpgan", show=False)
    docks: list[Any] = []
    for name in DOCKS:
        dock, _ = viewer.window.add_plugin_dock_widget("napari-sharpgan", name, tabify=bool(docks))
        dock.setWindowTitle(name)
        dock.setMaximumWidth(WIDEST)
        docks.append(dock)
    docks[0].raise_()
    viewer.show()
    viewer.window.resize(*SIZE)
    _lay_out(session_of(viewer))
    return viewer


def _lay_out(session: Session) -> None:
    """Lay tissue and maps side by side as soon as there are such layers."""
    from qtpy.QtCore import QTimer

    def lay() -> None:
        session.scene_replaced.disconnect(lay)
        QTimer.singleShot(0, lambda: session.side_by_side(True))

    session.scene_replaced.connect(lay)


def _save(viewer: napari.Viewer, folder: Path) -> int:
    """Wait for the sample's tissue, then write window, tissue and nuclei."""
    from PIL import Image

    from napari_sharpgan.formats import write_image, write_nuclei
    from napari_sharpgan.rendering import synthetic_note
    from napari_sharpgan.widgets.session import session_of

    session = session_of(viewer)
    if not _wait_until(lambda: session.is_rendered):
        sys.stderr.write("napari-sharpgan: the sample was not rendered in time\n")
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    _wait_until(lambda: False, longest=1.0)  # let the window draw what it has
    Image.fromarray(viewer.window.screenshot(canvas_only=False, flash=False)).save(folder / "window.png")
    write_image(session.layers.tissue.data, folder / "tissue.png", synthetic_note(seed=session.tissue.seed))
    write_nuclei(session.outlines, folder / "nuclei.geojson")
    return 0


def _wait_until(condition: Callable[[], bool], longest: float = LONGEST_WAIT) -> bool:
    """Turn the event loop until a condition holds; return whether it did in time."""
    from qtpy.QtWidgets import QApplication

    end = time.monotonic() + longest
    while time.monotonic() < end:
        QApplication.processEvents()
        if condition():
            return True
        time.sleep(0.01)
    return False


if __name__ == "__main__":
    sys.exit(main())
