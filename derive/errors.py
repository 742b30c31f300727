"""The one family of errors that a user sees.

Inside the package the message says what is wrong; the edge (a file reader, the command line) adds
where, once, with :meth:`DeriveError.at`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class DeriveError(Exception):
    """Base of every error that bad input can cause. The command line prints it and exits with 2."""

    def __init__(self, message: str, *, path: str | None = None, line: int | None = None):
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line

    def at(self, path: str | None = None, line: int | None = None) -> DeriveError:
        """The same error with a place, keeping a place that it already has."""
        placed = type(self)(self.message, path=self.path or path, line=self.line or line)
        return placed

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line) if part is not None)
        return f"{place}: {self.message}" if place else self.message


class NetworkError(DeriveError):
    """A network definition that cannot be understood: an unknown word, key, value or shape."""


class ProgramError(DeriveError):
    """A program that is not well formed: an unbound or rebound name, a shape that does not fit."""


class DerivationError(DeriveError):
    """A derivative that cannot be had in closed form, or a form that has no notation."""


class ProofError(DeriveError):
    """A formula or a generated module that failed its check."""


class DataError(DeriveError):
    """A data file that cannot be used."""


def nearest(word: str, valid: Iterable[str]) -> str:
    """``'; did you mean ...?'`` with the nearest valid word, or the list of all of them.

    >>> nearest("tahn", ["relu", "tanh"])
    "; did you mean 'tanh'? (known: relu, tanh)"
    """
    known = sorted(valid)
    close = [other for other in known if other.lower() == word.lower()]
    close = close or difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{hint} (known: {', '.join(known)})"
