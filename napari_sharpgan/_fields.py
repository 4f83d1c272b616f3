"""Annotations for config fields: plain dicts, so no GUI is imported.

A config is a frozen dataclass. Limits stand in ``Annotated[float, {"min": 0, "max": 1, "step": 0.1}]``,
choices in ``Annotated[str, one_of(TABLE)]``, and what a field means in the numpydoc section
*Parameters*: forms, command line and run folders are all read off these.
"""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar, get_origin, get_type_hints

from docstring_parser import parse

T = TypeVar("T")

_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text", dict: "an object"}


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


def from_json(kind: type[T], given: object, name: str) -> T:
    """Return a dataclass made of a JSON object; an error names the field of ``name`` that does not fit.

    Each field, of type int, float, bool, str or dict, has to be there, and no other.
    """
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} must be an object with fields, got {given!r}")
    types = {field: get_origin(hint) or hint for field, hint in get_type_hints(kind).items()}
    for field in types:
        if field not in given:
            raise ValueError(f"{name}.{field} is missing; expected {_WORDS[types[field]]}")
        check_type(given[field], types[field], f"{name}.{field}")
    unknown = [str(field) for field in given if field not in types]
    if unknown:
        raise ValueError(f"{name}.{unknown[0]} is unknown; expected only {', '.join(types)}")
    try:
        return kind(**given)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name}.{error}") from error


def check_type(value: object, kind: type, name: str) -> None:
    """Raise unless a value from JSON is of the type asked for, one of `_WORDS`; an int is a float, too."""
    fits = isinstance(value, (int, float) if kind is float else kind)
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{name} must be {_WORDS[kind]}, got {value!r}")
