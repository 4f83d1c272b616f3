"""Forms made from config dataclasses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any, Generic, TypeVar

from magicgui.widgets import create_widget
from psygnal import Signal
from qtpy.QtWidgets import QComboBox, QFormLayout, QLabel, QWidget

from napari_sharpgan._fields import field_notes

Config = TypeVar("Config")


class ConfigForm(Generic[Config]):
    """One row a field of a config; words, limits, choices and tooltips come from its class.

    Parameters
    ----------
    config : dataclass instance
        What the form shows first. Fields that the form has no row for keep their values.
    only : collection of str, optional
        The fields that get a row, in this order; all of them by default.
    words : dict, optional
        Label of a row by field, in the user's words with a unit; else the field's name in words.

    Attributes
    ----------
    native : QWidget
        The form, its fields in one column.
    rows : dict
        The magicgui widget of each field.
    changed : psygnal signal
        Emits the config after each change by the user.
    """

    changed = Signal(object)

    def __init__(
        self, config: Config, only: Collection[str] | None = None, words: dict[str, str] | None = None
    ) -> None:
        self._config = config
        notes = field_notes(type(config))
        names = list(notes) if only is None else list(only)
        self.rows = {
            name: _row(name, getattr(config, name), notes[name], (words or {}).get(name)) for name in names
        }
        self.native = QWidget()
        layout = QFormLayout(self.native)
        layout.setContentsMargins(0, 0, 0, 0)
        for row in self.rows.values():
            label = QLabel(row.label, toolTip=row.tooltip)
            layout.addRow(label, row.native)
            if isinstance(row.native, QComboBox):  # may be narrower than its longest choice
                row.native.setMinimumContentsLength(6)
                row.native.setSizeAdjustPolicy(
                    QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
                )
            row.changed.connect(self._emit)

    @property
    def value(self) -> Config:
        """The config that the form shows."""
        return replace(self._config, **{name: row.value for name, row in self.rows.items()})  # type: ignore[type-var]

    @value.setter
    def value(self, config: Config) -> None:
        self._config = config
        for name, row in self.rows.items():
            with row.changed.blocked():
                row.value = getattr(config, name)

    def _emit(self, _value: Any) -> None:
        self.changed.emit(self.value)


def _row(name: str, value: Any, notes: dict[str, Any], words: str | None) -> Any:
    """Return the widget of one field."""
    options: dict[str, Any] = {
        key: notes[key] for key in ("min", "max", "step", "widget_type") if key in notes
    }
    if "choices" in notes:
        options["choices"] = list(notes["choices"]())
    options["tooltip"] = notes["help"]
    label = words or name.replace("_", " ").capitalize()
    made = create_widget(value, name=name, label=label, annotation=notes["type"], options=options)
    if notes["type"] is bool:
        made.text = ""  # the form has the words
    return made
