"""What reading a document gives: pieces of mathematics, each with its place, and the prose around.

Everything keeps its offset. The document's text is the file as given, repaired, and every piece is
a stretch of it in which what does not belong (frames, quote marks, comments, tags, alignment marks)
is replaced by blanks: character `i` of a row is character ``row.start + i`` of the text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from derive.checking.places import Place, Places


class Kind(Enum):
    """How a segment is marked as mathematics."""

    DISPLAY = "display"
    """``$$ $$``, ``\\\\[ \\\\]``, a fence named math, ``.. math::``."""
    INLINE = "inline"
    """``$ $``, ``\\\\( \\\\)``, ``:math:``."""
    ENVIRONMENT = "environment"
    """``\\\\begin{align}`` and its kin."""
    FENCE = "fence"
    """A fence without a language, or of text."""
    INDENTED = "indented"
    """A block that is indented as code."""
    ITEM = "item"
    """A list item that is a formula, perhaps after a label."""
    CELL = "cell"
    """A table cell that is a formula."""
    LINE = "line"
    """A line of plain text that is a formula and nothing else."""
    CODE = "code"
    """A formula between single backticks."""


class Aside(Enum):
    """What stands beside a formula and is no part of it."""

    TAG = "tag"
    LABEL = "label"
    COMMENT = "comment"
    SHAPE = "shape"
    """``(m, n)`` after a formula: the shape of its left side."""
    MEMBER = "member"
    """``\\\\in \\\\mathbb{R}^{n}`` after a formula: where its left side lies."""
    CONDITION = "condition"
    """``if``, ``for``, ``when``, ``where``, ``at``: when the formula holds."""
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Note:
    """An aside, as written."""

    kind: Aside
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class Row:
    """One statement, its continuation rows included."""

    text: str
    """As in the document, what is no part of the statement blanked."""
    start: int
    """Offset of the text's first character in the document."""
    label: str = ""
    """Words before a colon: ``Linear`` in ``Linear: z = W x + b``."""
    notes: tuple[Note, ...] = ()
    breaks: tuple[int, ...] = ()
    """Offsets in `text` at which a continuation row begins."""
    open: bool = False
    """Whether it begins with a relation: the left side stands before the segment."""

    @property
    def end(self) -> int:
        """Offset just after the text in the document."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of mathematics."""

    kind: Kind
    start: int
    end: int
    """Offsets in the document, the delimiters included."""
    rows: tuple[Row, ...]
    latex: bool
    """Whether it is written in LaTeX; else in Unicode and ASCII."""
    context: str = ""
    """The nearest heading above."""
    quoted: bool = False
    """Whether it stands in a blockquote."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of prose; inline mathematics in it stays as written."""

    text: str
    start: int
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Directive:
    """``<!-- derive: key = value -->``, ``% derive: ...`` or a key of the front matter."""

    key: str
    value: str
    start: int


@dataclass(frozen=True, slots=True)
class Macro:
    """A ``\\\\newcommand`` or ``\\\\def``; it is expanded by the parser."""

    name: str
    """With its backslash."""
    arguments: int
    body: str
    start: int
    default: str | None = None
    """Of the first argument, if it is optional."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read; the rest of the document was."""

    message: str
    start: int


@dataclass(frozen=True, slots=True)
class Guess:
    """A character whose lost byte was filled in."""

    place: Place
    chosen: str
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes became text."""

    codec: str
    """Of the file itself."""
    damage: tuple[str, ...] = ()
    """Code pages as which its UTF-8 had been read before, the last one first."""
    restored: int = 0
    """Characters that were restored."""
    guesses: tuple[Guess, ...] = ()

    @property
    def repaired(self) -> bool:
        """Whether anything was restored."""
        return bool(self.damage)


@dataclass(frozen=True, slots=True)
class Document:
    """A file, read."""

    path: str
    encoding: Encoding
    segments: tuple[Segment, ...]
    prose: tuple[Sentence, ...]
    directives: tuple[Directive, ...]
    macros: tuple[Macro, ...] = ()
    problems: tuple[Problem, ...] = ()
    text: str = field(default="", repr=False)
    """Repaired, lines ended by line feeds."""
    places: Places = field(default=Places((0,)), repr=False)

    def place(self, start: int, end: int) -> Place:
        """Where a stretch of the text stands in the file as given."""
        return self.places.place(start, end)
