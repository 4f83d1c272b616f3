"""Options that are read off a config: names, types, limits, choices, help and defaults stand there only."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser, Namespace
from collections.abc import Collection
from dataclasses import fields
from typing import Any, TypeVar

from napari_sharpgan._fields import field_notes

Config = TypeVar("Config")


def add_config_arguments(
    parser: Any, config_class: type, *, leave_out: Collection[str] = (), default: str | None = None
) -> None:
    """Add one option for each field of a config; one that is not given is absent from the parsed options.

    Parameters
    ----------
    parser : ArgumentParser or a group of its arguments
        Gets them, a parser as a group of its own.
    config_class : type
        Of the config.
    leave_out : collection of str
        Fields that have no option.
    default : str, optional
        What the help calls the default of all; by default each field's own is said.
    """
    group = parser.add_argument_group("settings") if isinstance(parser, ArgumentParser) else parser
    for name, notes in field_notes(config_class).items():
        if name in leave_out:
            continue
        notes |= {} if default is None else {"default": default}
        settings: dict[str, Any] = {"default": argparse.SUPPRESS, "help": _help(notes)}
        if notes["type"] is bool:
            settings["action"] = argparse.BooleanOptionalAction
        elif "choices" in notes:
            settings.update(type=notes["type"], choices=notes["choices"](), metavar=name.upper())
        else:
            settings.update(type=notes["type"], metavar="N" if notes["type"] is int else "X")
        group.add_argument(f"--{name.replace('_', '-')}", **settings)


def given_settings(options: Namespace, config_class: type) -> dict[str, Any]:
    """Return the fields of a config that were given as options."""
    given = vars(options)
    return {field.name: given[field.name] for field in fields(config_class) if field.name in given}


def config_from(options: Namespace, config_class: type[Config]) -> Config:
    """Return the config that the options ask for; what was not given has its default."""
    return config_class(**given_settings(options, config_class))


def _help(notes: dict[str, Any]) -> str:
    """Return what a field means, which values it takes and which is its default."""
    values = ""
    if "choices" in notes:
        values = ", ".join(str(choice) for choice in notes["choices"]()) + "; "
    elif "min" in notes and "max" in notes:
        values = f"{notes['min']} to {notes['max']}; "
    return f"{notes['help']} ({values}default: {notes['default']})".replace("%", "%%")
