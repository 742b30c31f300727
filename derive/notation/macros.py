r"""Macros: what a document defines for itself with ``\newcommand`` or ``\def``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_PLACE = re.compile(r"#([1-9])")


@dataclass(frozen=True, slots=True)
class Macro:
    r"""``\name`` with so many arguments stands for ``body``, in which they are ``#1``, ``#2``."""

    body: str
    arguments: int = 0
    default: str | None = None
    """What the first argument is where it is left out, if it may be."""

    def expand(self, given: Sequence[str]) -> str:
        """The body with its arguments put in."""
        return _PLACE.sub(lambda place: _nth(given, int(place[1])), self.body)


def _nth(given: Sequence[str], place: int) -> str:
    return given[place - 1] if place <= len(given) else ""


Macros = Mapping[str, Macro | str]
r"""Name without its backslash -> what it stands for."""

USUAL: dict[str, Macro] = {
    "R": Macro(r"\mathbb{R}"),
    "E": Macro(r"\mathbb{E}"),
    "argmax": Macro(r"\operatorname{argmax}"),
    "argmin": Macro(r"\operatorname{argmin}"),
}
"""Macros that nearly every document means the same by."""


def table(macros: Macros | None) -> dict[str, Macro]:
    """What a caller gives, with the usual ones behind it."""
    given = {
        name.removeprefix("\\"): macro if isinstance(macro, Macro) else Macro(macro)
        for name, macro in (macros or {}).items()
    }
    return USUAL | given
