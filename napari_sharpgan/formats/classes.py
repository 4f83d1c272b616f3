"""Names of classes as the numbers that files hold."""

from __future__ import annotations

from collections.abc import Iterable


def class_codes(names: Iterable[str]) -> dict[str, int]:
    """Return a number above 0 for each name of a class; the empty name, no class, has none.

    Names that are all whole numbers above 0 keep them; else they are numbered from 1 in alphabetical order.
    """
    known = sorted(set(names) - {""})
    if names_are_codes(known):
        return {name: int(name) for name in known}
    return {name: code for code, name in enumerate(known, start=1)}


def names_are_codes(names: Iterable[str]) -> bool:
    """Return whether every name is the text of a whole number from 1 to 999,999,999."""
    return all(name.isascii() and name.isdigit() and name[0] != "0" and len(name) < 10 for name in names)
