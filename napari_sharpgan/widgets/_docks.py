"""One dock opens another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from napari import Viewer


def dock_of(viewer: Viewer, name: str) -> Any:
    """Open one of our docks by its display name, or bring it to the front; return its widget."""
    dock, widget = viewer.window.add_plugin_dock_widget("napari-sharpgan", name, tabify=True)
    dock.show()
    dock.raise_()
    return widget
