"""Text whose unwanted parts are blanked, so that every offset stays what it was."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_VISIBLE = re.compile(r"[^\n]")

Span = tuple[int, int]
"""Start and end (exclusive) in a text."""


def blank(text: str, spans: Iterable[Span]) -> str:
    """The text with these ascending spans replaced by blanks; line feeds stay.

    >>> blank("a % b", [(2, 5)])
    'a    '
    """
    pieces, done = [], 0
    for start, end in spans:
        if end <= done:
            continue
        start = max(start, done)
        pieces += [text[done:start], hollow(text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])


def hollow(text: str) -> str:
    """Blanks of the same length and lines."""
    if "\n" not in text:
        return " " * len(text)
    return _VISIBLE.sub(" ", text)


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without blanks at its ends."""
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    return (start + left, start + left + len(piece.strip())) if piece.strip() else (start, start)


def line_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """The lines of a stretch, without their line feeds.

    >>> list(line_spans("ab\\nc", 0, 4))
    [(0, 2), (3, 4)]
    """
    while start <= end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        yield start, stop
        start = stop + 1


@dataclass(frozen=True, slots=True)
class Body:
    """A stretch of the document by itself, still addressed by the document's offsets."""

    text: str
    start: int

    @classmethod
    def of(cls, text: str, span: Span, blanks: Iterable[Span] = ()) -> Body:
        """The stretch `span` of a document with these of its spans blanked."""
        start, end = span
        inside = sorted((max(a, start) - start, min(b, end) - start) for a, b in blanks)
        return cls(blank(text[start:end], [(a, b) for a, b in inside if a < b]), start)

    def cut(self, start: int, end: int) -> str:
        """The text between two offsets of the document."""
        return self.text[start - self.start : end - self.start]

    def without(self, spans: Iterable[Span]) -> Body:
        """With more of it blanked."""
        whole = 0, len(self.text)
        moved = [(a - self.start, b - self.start) for a, b in spans]
        return Body(Body.of(self.text, whole, moved).text, self.start)
