"""Marks into statements: rows joined where one continues the other, lines cut where two meet.

A cut needs a relation on both sides: ``f(x, y)`` and ``i = 1, 2`` stay whole, ``a = b, c = d`` does
not. What stands beside a statement (a shape, a condition, words) becomes a note.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import dropwhile

from derive.checking.blanks import Body, Span
from derive.checking.marks import (
    BINDING,
    BOUNDS,
    CONDITIONS,
    REASONS,
    RELATING,
    Line,
    Mark,
    Sign,
    first_words,
)
from derive.checking.segments import Aside, Note, Row

_SHAPE = re.compile(
    r"(?:shape|size|dim|dims|dimension|dimensions)?\s*[:=]?\s*"
    r"[(\[]\s*[^\s,()\[\]=]+(?:\s*[,×x*]\s*[^\s,()\[\]=]+){0,3}\s*,?\s*[)\]]",
    re.IGNORECASE,
)
_SHAPED = re.compile(r"\b(?:shapes?|sizes?|dim|dimensions?)\b[^()\[\]\n]*[(\[]", re.IGNORECASE)
_WORD = re.compile(r"[(\[]\s*[^\W\d_]{4,}\s*[)\]]")
_END = " \t\n.,;:，。；：&"
_LONE = (Sign.COLUMN, Sign.GAP, Sign.COMMA)


@dataclass(slots=True)
class Joined:
    """The marks of a statement's rows, and where the continuation rows begin."""

    marks: list[Mark]
    notes: list[Note]
    label: str = ""
    value: bool = False
    breaks: list[int] = field(default_factory=list)

    @property
    def states(self) -> bool:
        """Whether it says anything: it has a relation, or a value after a label."""
        return self.value or any(mark.sign in RELATING for mark in self.marks)


def joined(lines: Iterable[Line]) -> list[Joined]:
    """Rows, each with the rows that continue it."""
    found: list[Joined] = []
    unclosed = False
    for line in lines:
        if found and (unclosed or continues(found[-1].marks, line.marks)):
            found[-1].breaks.append(line.marks[0].start)
            found[-1].marks += dropwhile(lambda mark: mark.sign in _LONE, line.marks)
            found[-1].notes += line.notes
        else:
            found.append(Joined([*line.marks], [*line.notes], line.label, line.value))
        unclosed = line.unclosed
    return found


def continues(before: Sequence[Mark], marks: Sequence[Mark]) -> bool:
    """Whether a row belongs to the row before."""
    signs = [mark.sign for mark in marks if mark.sign not in {Sign.COLUMN, Sign.GAP}]
    last = next((mark.sign for mark in reversed(before) if mark.sign not in _LONE), None)
    if not signs:
        return False
    if signs[0] in RELATING or last in BINDING:
        return True
    related = any(sign in RELATING for sign in signs)
    return signs[0] is Sign.OPERATOR and not related


@dataclass(slots=True)
class _Piece:
    """A stretch between two separators."""

    marks: list[Mark]
    gap: Sign | None
    """The separator before it."""
    ranges: bool = False
    """Whether it is a range such as ``1, ..., n``."""

    def has(self, *signs: Sign) -> bool:
        return any(mark.sign in signs for mark in self.marks)

    @property
    def first(self) -> Sign:
        return self.marks[0].sign

    @property
    def last(self) -> Sign:
        return self.marks[-1].sign

    @property
    def span(self) -> Span:
        return self.marks[0].start, self.marks[-1].end


def rows(body: Body, item: Joined) -> list[Row]:
    """The statements of one joined row; `body` is its stretch of the document with its blanks.

    Without a relation there is one row all the same: an expression.
    """
    fold = _Fold(body)
    fold.notes += [(note, (note.start, note.start)) for note in item.notes]
    for piece in _pieces(item.marks):
        fold.add(piece)
    return fold.rows(tuple(item.breaks), item.label)


def _pieces(marks: Iterable[Mark]) -> list[_Piece]:
    """Cut at every separator; a condition and words begin a piece of their own."""
    found = [_Piece([], None)]
    for mark in marks:
        if mark.sign is Sign.COMMA and found[-1].ranges:
            continue
        if mark.sign in _LONE:
            found.append(_Piece([], mark.sign))
        elif mark.sign in {Sign.CONDITION, Sign.WORDS}:
            found.append(_Piece([mark], mark.sign))
            if mark.sign is Sign.WORDS:
                found.append(_Piece([], Sign.WORDS))
        elif mark.sign in BINDING and not found[-1].marks and found[-1].gap is Sign.COLUMN:
            found[-2:] = [_Piece([*found[-2].marks, mark], found[-2].gap)]
        elif mark.sign is Sign.DOTS and not found[-1].marks and len(found) > 1:
            found.pop()
            found[-1].marks.append(mark)
            found[-1].ranges = True
        else:
            found[-1].marks.append(mark)
    return [piece for piece in found if piece.marks]


class _Fold:
    """Puts pieces together to statements and notes, from left to right."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.done: list[_Piece] = []
        self.notes: list[tuple[Note, Span]] = []
        self.aside = False
        """Whether what comes is part of a condition."""

    def add(self, piece: _Piece) -> None:
        """The next piece: part of the statement before, a note, or a statement."""
        words = piece.first in {Sign.WORDS, Sign.CONDITION}
        before = self.done[-1] if self.done else None
        if self.aside and not self._ends_aside(piece):
            self._note(piece)
        elif words:
            self._note(piece)
            self.aside = piece.first is Sign.CONDITION
        elif before is None:
            self.done.append(piece)
        elif piece.first in BINDING or before.last in BINDING:
            before.marks += piece.marks
        else:
            self._separate(piece, before)

    def _ends_aside(self, piece: _Piece) -> bool:
        """A condition goes on until a statement follows a gap, or a comma if it stands first."""
        gap = piece.gap is Sign.GAP or (not self.done and piece.gap in _LONE)
        ends = gap and piece.has(*RELATING) and piece.first is not Sign.CONDITION
        self.aside = not ends
        return ends

    def _separate(self, piece: _Piece, before: _Piece) -> None:
        gap = piece.gap is Sign.GAP
        related = piece.has(*RELATING)
        if not before.has(*RELATING):
            if gap and related:
                self._note(before)
                self.done[-1] = piece
            else:
                before.marks += piece.marks
        elif related and (piece.ranges or (gap and self._restricts(piece))):
            self._note(piece, Aside.CONDITION)
        elif related:
            self.done.append(piece)
        elif gap or piece.gap is Sign.WORDS:
            self._note(piece)
        else:
            before.marks += piece.marks

    def _restricts(self, piece: _Piece) -> bool:
        """Whether all its relations are bounds, as in ``x > 0``."""
        signs = (self.body.cut(m.start, m.end) for m in piece.marks if m.sign in RELATING)
        return all(sign in BOUNDS for sign in signs)

    def _note(self, piece: _Piece, kind: Aside | None = None) -> None:
        start, end = piece.span
        words = self.body.cut(start, end)
        kind = kind or aside(_unwrapped(words), piece.first)
        self.notes.append((Note(kind, _trimmed(words).strip(), start), (start, end)))

    def rows(self, breaks: tuple[int, ...], label: str) -> list[Row]:
        """The statements, each with the notes that follow it; the first also with those before."""
        starts = [piece.span[0] for piece in self.done]
        mine: list[list[tuple[Note, Span]]] = [[] for _ in starts]
        self.notes.sort(key=lambda item: item[1])
        for item in self.notes if starts else []:
            mine[max(0, bisect_right(starts, item[1][0]) - 1)].append(item)
        return [
            _row(self.body, piece, notes, breaks, "" if index else label)
            for index, (piece, notes) in enumerate(zip(self.done, mine, strict=True))
        ]


def _unwrapped(words: str) -> str:
    r"""``\text{by the chain rule}`` without its command."""
    return words.partition("{")[2].rstrip("} ") if words.startswith("\\") else words


def aside(words: str, sign: Sign = Sign.OTHER) -> Aside:
    """What kind of note these words are.

    >>> aside("(m, n)"), aside("(by the chain rule)"), aside("if x > 0")
    (<Aside.SHAPE: 'shape'>, <Aside.WORDS: 'words'>, <Aside.CONDITION: 'condition'>)
    """
    words = words.strip()
    if _SHAPED.search(words) or (_SHAPE.fullmatch(words) and not _WORD.fullmatch(words)):
        return Aside.SHAPE
    first = next(iter(first_words(words)), "")
    condition = first in CONDITIONS | {"where", "with"} or (
        sign is Sign.CONDITION and first not in REASONS
    )
    return Aside.CONDITION if condition else Aside.WORDS


def _row(
    body: Body,
    piece: _Piece,
    notes: list[tuple[Note, Span]],
    breaks: tuple[int, ...],
    label: str,
) -> Row:
    start, end = piece.span
    member = _member(piece, body)
    if member is not None:
        notes = [*notes, member]
    inside = [span for _, span in notes if start <= span[0] and span[1] <= end]
    text = _trimmed(body.without(inside).cut(start, end))
    inner = tuple(at - start for at in breaks if start < at < start + len(text))
    told = tuple(note for note, _ in notes)
    return Row(text, start, label, told, inner, open=piece.first in RELATING)


def _trimmed(body: str) -> str:
    r"""Without the full stop or comma that ends a sentence; ``...`` and ``\,`` are no such."""
    while body and body[-1] in _END and not body.endswith("..."):
        body = body[:-2] if body[-2:-1] == "\\" and body[-3:-2] != "\\" else body[:-1]
    return body


def _member(piece: _Piece, body: Body) -> tuple[Note, Span] | None:
    r"""``\in ...`` at the end of an equation, where it says where the left side lies."""
    last = next((m for m in reversed(piece.marks) if m.sign in RELATING), None)
    count = sum(mark.sign in RELATING for mark in piece.marks)
    if last is None or last.sign is not Sign.MEMBER or count < 2:
        return None
    span = last.start, piece.marks[-1].end
    return Note(Aside.MEMBER, _trimmed(body.cut(*span)), last.start), span
