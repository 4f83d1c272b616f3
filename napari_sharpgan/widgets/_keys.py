"""The keys of our layers: one list that binds them, makes the help, and stands in the docs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from inspect import isgeneratorfunction
from typing import TYPE_CHECKING, Any, TypeAlias

from app_model.types import KeyBinding, KeyCode, KeyMod

if TYPE_CHECKING:
    from napari_sharpgan.widgets.session import Session

NUCLEI, LABELS, EACH = "nuclei", "labels", "each of our layers"


Act: TypeAlias = "Callable[[Session], Any]"


@dataclass(frozen=True)
class Key:
    """What a key does.

    Parameters
    ----------
    codes : tuple of int
        Key codes of app_model; each does it.
    words : str
        What it does, for the help and the docs.
    act : callable, or one for each code, optional
        Does it, given the session; a generator function goes on when the key is let go. Without it the key
        is napari's own, and we only name it.
    layer : str
        The name of the layer that has to be chosen.
    text : str
        How the keys are written, where that is not how each of them is.
    """

    codes: tuple[int, ...]
    words: str
    act: Act | tuple[Act, ...] | None = None
    layer: str = NUCLEI
    text: str = ""

    @property
    def written(self) -> str:
        """The keys as a person reads them."""
        return self.text or ", ".join(KeyBinding.from_int(code).to_text() for code in self.codes)


def _take(tool: str) -> Callable[[Session], None]:
    return lambda session: session.tools.take(tool)


def _hold_view(session: Session) -> Iterator[None]:
    yield from session.tools.hold_view()


def _classify(number: int) -> Callable[[Session], None]:
    return lambda session: session.tools.classify(number)


DIGITS = [getattr(KeyCode, f"Digit{number}") for number in range(10)]
SHIFT, CTRL = KeyMod.Shift, KeyMod.CtrlCmd
KEYS = (
    Key((CTRL | KeyCode.KeyZ,), "undo, 500 steps and more", lambda session: session.undo(), EACH),
    Key((CTRL | SHIFT | KeyCode.KeyZ, CTRL | KeyCode.KeyY), "redo", lambda session: session.redo(), EACH),
    Key((KeyCode.KeyS,), "move whole nuclei; drag a box to select several"),
    Key((KeyCode.KeyD,), "reshape: drag single points"),
    Key((KeyCode.KeyI, KeyCode.KeyX), "insert a point, remove a point"),
    Key((KeyCode.KeyP,), "draw point by point, double-click ends"),
    Key((SHIFT | KeyCode.KeyP,), "draw freehand"),
    Key((KeyCode.KeyB,), "brush: adds to the nucleus where you start, with Alt held erases", _take("brush")),
    Key((KeyCode.KeyE,), "eraser", _take("eraser")),
    Key((KeyCode.BracketLeft,), "narrower brush, also in `labels`", lambda session: session.tools.resize(-1)),
    Key((KeyCode.BracketRight,), "wider brush, also in `labels`", lambda session: session.tools.resize(1)),
    Key((KeyCode.KeyK,), "knife: drag a line across nuclei to split them", _take("knife")),
    Key((KeyCode.KeyM,), "merge the selected", lambda session: session.tools.merge()),
    Key((KeyCode.KeyH,), "fill holes of the selected", lambda session: session.tools.fill()),
    Key((SHIFT | KeyCode.KeyS,), "smooth the selected", lambda session: session.tools.smooth()),
    Key((SHIFT | KeyCode.KeyF,), "fewer points in the selected", lambda session: session.tools.lighten()),
    Key((KeyCode.KeyL,), "lock or unlock the selected", lambda session: session.tools.toggle_lock()),
    Key(
        tuple(DIGITS),
        "class of the selected, in the order of the list; 0 takes it away",
        tuple(map(_classify, range(10))),
        text="0 … 9",
    ),
    Key((KeyCode.KeyA,), "select all"),
    Key((KeyCode.Delete, KeyCode.Backspace), "remove the selected", lambda session: session.tools.delete()),
    Key((KeyCode.Escape,), "back to Move; once more: select none", lambda session: session.tools.escape()),
    Key((KeyCode.Space,), "held: move the view", _hold_view),
    Key((KeyCode.KeyP,), "paint with the label of the selected nucleus", None, LABELS),
    Key((KeyCode.KeyE,), "erase", None, LABELS),
    Key((KeyCode.KeyF,), "fill a region", None, LABELS),
    Key((KeyCode.KeyL,), "pick the label, and with it the nucleus, under the mouse", None, LABELS),
    Key((KeyCode.KeyM,), "a new nucleus", lambda session: session.new_label(), LABELS),
)


def bind_keys(session: Session) -> None:
    """Bind the keys, on the session's own layers only."""
    layers = session.layers
    for key in KEYS:
        if key.act is None:
            continue
        acts = key.act if isinstance(key.act, tuple) else (key.act,) * len(key.codes)
        for layer in layers.own if key.layer == EACH else [getattr(layers, key.layer)]:
            for code, act in zip(key.codes, acts, strict=True):
                layer.bind_key(code, _on_layer(act, session), overwrite=True)


def table() -> list[tuple[str, str, str]]:
    """Return a row for each key: layer, how it is written, what it does."""
    return [(key.layer, key.written, key.words) for key in KEYS]


def as_words() -> str:
    """Return the keys and what they do, as a table for a label that knows rich text."""
    rows = [
        f"<tr><td><b>{written}</b>&nbsp;&nbsp;</td><td>{words.replace('`', '')}"
        f"{'' if layer == NUCLEI else f' <i>({layer})</i>'}</td></tr>"
        for layer, written, words in table()
    ]
    return f"<table>{''.join(rows)}</table>"


def _on_layer(act: Act, session: Session) -> Callable[[Any], Any]:
    """Return what napari calls with a layer."""
    if isgeneratorfunction(act):

        def held(_layer: Any) -> Iterator[None]:
            yield from act(session)

        return held
    return lambda _layer: act(session)
