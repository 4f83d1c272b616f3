"""Annotations for config fields: plain dicts, so no GUI is imported.

A config is a frozen dataclass. Limits stand in ``Annotated[float, {"min": 0, "max": 1, "step": 0.1}]``,
choices in ``Annotated[str, one_of(TABLE)]``, and what a field means in the numpydoc section
*Parameters*: forms, command line and run folders are all read off these.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_type_hints

from docstring_parser import parse


def one_of(table: Mapping[str, Any]) -> dict[str, Any]:
    """Annotate a field as a name out of ``table``, read when it is asked for."""
    return {"choices": lambda *_: tuple(table)}


def field_notes(config_class: type) -> dict[str, dict[str, Any]]:
    """Return, for each field of a config, its limits or choices, ``type``, ``default`` and ``help``."""
    described = {p.arg_name: p.description or "" for p in parse(config_class.__doc__ or "").params}
    hints = get_type_hints(config_class, include_extras=True)
    notes = {}
    for field in fields(config_class):
        limits = dict(getattr(hints[field.name], "__metadata__", ({},))[0])
        plain = getattr(hints[field.name], "__origin__", hints[field.name])
        text = " ".join(described.get(field.name, "").split())
        notes[field.name] = {**limits, "type": plain, "default": field.default, "help": text}
    return notes


def check_limits(config: Any) -> None:
    """Raise if a field of ``config`` lies outside its limits or choices; call it in ``__post_init__``."""
    for name, notes in field_notes(type(config)).items():
        value = getattr(config, name)
        low, high = notes.get("min"), notes.get("max")
        if (low is not None and not value >= low) or (high is not None and not value <= high):
            raise ValueError(f"{name} must lie between {low} and {high}, got {value}")
        if "choices" in notes and value not in notes["choices"]():
            names = ", ".join(str(choice) for choice in notes["choices"]())
            raise ValueError(f"{name} must be one of {names}; got {value!r}")
