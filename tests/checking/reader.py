"""Short ways to what a text is read as."""

from __future__ import annotations

from derive.checking.reading import read_document
from derive.checking.segments import Document, Row


def read(text: str, name: str = "x.md") -> Document:
    return read_document(text.encode(), name)


def rows(document: Document) -> list[Row]:
    return [row for segment in document.segments for row in segment.rows]


def formulas(text: str, name: str = "x.md") -> list[str]:
    """The statements of a text, blanks folded."""
    return [" ".join(row.text.split()) for row in rows(read(text, name))]


def notes(text: str) -> list[tuple[str, str]]:
    return [(n.kind.value, n.text) for row in rows(read(text)) for n in row.notes]
