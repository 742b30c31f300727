"""A fault in a definition, with the entry that is to blame.

A definition comes as TOML, as one line, or from Python. The checks are the same for all of them, so
they name the entry (``("layers", 1, "activation")``), and the reader of each form turns that into
its own kind of place: a line of the file, a column of the line.
"""

from __future__ import annotations

from collections.abc import Iterable

from derive.errors import NetworkError, nearest

Place = tuple[str | int, ...]
"""Keys and positions from the outermost table inwards; positions count from 0."""

_SHOWN = 60
"""Characters of a user's own word that a message repeats."""


class Fault(NetworkError):
    """A NetworkError that knows its place in the definition."""

    def __init__(
        self,
        message: str,
        place: Place = (),
        *,
        path: str | None = None,
        line: int | None = None,
    ):
        super().__init__(message, path=path, line=line)
        self.place = place


def shown(value: object) -> str:
    """A value as a message repeats it: quoted, and never longer than a line.

    >>> shown("x" * 100)
    "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...'"
    """
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else f"{value[:_SHOWN]}...")
    try:
        text = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, a list in itself
        text = f"this {type(value).__name__}"
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def unknown(what: str, word: str, valid: Iterable[str], place: Place, where: str = "") -> Fault:
    """The fault of a word that is none of the valid ones, with the nearest of them."""
    start = f"{where}: " if where else ""
    return Fault(f"{start}unknown {what} {shown(word)}{nearest(word[:_SHOWN], valid)}", place)
