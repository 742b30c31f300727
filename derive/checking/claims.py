"""Rows into claims: one for each relation sign, between the sides next to it.

A row that begins with a relation takes the last side of the statement before. What cannot be parsed
is kept, with the place and the reason: it will be reported as not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from derive.checking.places import Place
from derive.checking.segments import Aside, Document, Row, Segment
from derive.notation.macros import Macro
from derive.notation.tokens import NotationError
from derive.notation.tree import (
    Blank,
    Listed,
    Node,
    Qualified,
    Relation,
    Sign,
)
from derive.notation.written import Written, read_latex, read_text

JUDGED: frozenset[Sign] = frozenset({"=", "approx", "gets", "def", "equiv"})
"""The relations that make a claim; an order or a membership makes none."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a row has no tree."""

    message: str
    start: int
    end: int
    """Offsets in the document."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One relation chain, or one labelled expression."""

    sides: tuple[Node, ...]
    signs: tuple[Sign, ...]
    spans: tuple[tuple[int, int], ...]
    """Of each side: offsets in the document."""
    latex: bool
    label: str
    context: str
    """The heading above."""
    segment: int
    """Number of the segment; rows of one fence share it."""
    conditions: tuple[str, ...] = ()
    """As written: ``at x = 0``, ``if k = y``."""
    failure: Failure | None = None

    @property
    def start(self) -> int:
        """Offset at which it begins."""
        return self.spans[0][0]


@dataclass(frozen=True, slots=True)
class Claim:
    """Two sides and the sign between them; a labelled value has its sides equal."""

    statement: Statement = field(repr=False)
    left: Node
    right: Node
    sign: Sign
    at: int
    """Which sign of its statement."""
    place: Place
    focus: Place
    """The right side."""
    source: str
    failure: Failure | None = None

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.place.line


def statements(document: Document) -> tuple[Statement, ...]:
    """Every statement of a document, in order."""
    macros = {
        macro.name.removeprefix("\\"): Macro(macro.body, macro.arguments, macro.default)
        for macro in document.macros
    }
    found: list[Statement] = []
    for number, segment in enumerate(document.segments):
        for row in segment.rows:
            found += _row(row, segment, number, macros, found)
    return tuple(found)


def claims(document: Document, found: tuple[Statement, ...]) -> tuple[Claim, ...]:
    """The claims of all statements."""
    return tuple(claim for item in found for claim in _of(document, item))


def _row(
    row: Row, segment: Segment, number: int, macros: dict[str, Macro], before: list[Statement]
) -> Iterator[Statement]:
    conditions = tuple(note.text for note in row.notes if note.kind is Aside.CONDITION)
    try:
        written = read_latex(row.text, macros) if segment.latex else read_text(row.text)
    except NotationError as error:
        start = row.start + min(error.column, len(row.text))
        failure = Failure(error.message, start, min(start + error.width, row.end))
        span = (row.start, row.end)
        yield Statement(
            (Blank(),),
            (),
            (span,),
            segment.latex,
            row.label,
            segment.context,
            number,
            conditions,
            failure,
        )
        return
    for tree, tests in _parts(written.tree):
        made = _statement(tree, written, row, before)
        if made is None and row.label:
            made = ((tree,), (), (_span(written, tree, row),))
        if made is not None:
            yield Statement(
                *made, segment.latex, row.label, segment.context, number, conditions + tests
            )


def _parts(tree: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """The relations that stand side by side, each with the conditions written with it."""
    if isinstance(tree, Listed):
        for item in tree.items:
            yield from _parts(item)
    elif isinstance(tree, Qualified):
        for inner, tests in _parts(tree.body):
            yield inner, (*tests, tree.word)
    else:
        yield tree, ()


_Sides = tuple[tuple[Node, ...], tuple[Sign, ...], tuple[tuple[int, int], ...]]


def _statement(tree: Node, written: Written, row: Row, before: list[Statement]) -> _Sides | None:
    if not isinstance(tree, Relation):
        return None
    spans = tuple(_span(written, side, row) for side in tree.sides)
    sides = tree.sides
    if isinstance(sides[0], Blank):
        if not before or before[-1].failure:
            return sides[1:], tree.signs[1:], spans[1:]
        sides = (before[-1].sides[-1], *sides[1:])
    return sides, tree.signs, spans


def _span(written: Written, node: Node, row: Row) -> tuple[int, int]:
    start, end = written.span(node) if id(node) in written.places else (0, len(row.text))
    return row.start + start, row.start + max(end, start + 1)


def _of(document: Document, item: Statement) -> Iterator[Claim]:
    if item.failure or (item.label and not item.signs):
        start, end = item.spans[0]
        place = document.place(start, end)
        focus = document.place(item.failure.start, item.failure.end) if item.failure else place
        source = document.text[start:end].strip()
        yield Claim(item, item.sides[0], item.sides[0], "=", 0, place, focus, source, item.failure)
        return
    for at, sign in enumerate(item.signs):
        if sign not in JUDGED:
            continue
        start, end = item.spans[at][0], item.spans[at + 1][1]
        place, focus = document.place(start, end), document.place(*item.spans[at + 1])
        left, right = item.sides[at], item.sides[at + 1]
        yield Claim(item, left, right, sign, at, place, focus, document.text[start:end].strip())
