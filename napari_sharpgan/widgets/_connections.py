"""Listening to napari's events for as long as a widget lives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Connections:
    """Slots that listen to events, until they are all let go.

    Its method ``close`` can be called by the signal ``destroyed``, where a partial or a lambda crashes PyQt5.
    """

    def __init__(self) -> None:
        self._pairs: list[tuple[Any, Callable[..., Any]]] = []

    def add(self, slot: Callable[..., Any], *events: Any) -> None:
        """Let a slot listen to events."""
        for event in events:
            event.connect(slot)
            self._pairs.append((event, slot))

    def close(self) -> None:
        """Let no slot listen any more."""
        for event, slot in self._pairs:
            event.disconnect(slot)
        self._pairs.clear()
