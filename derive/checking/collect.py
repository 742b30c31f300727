"""What the readers of the formats find, put together to a document's pieces.

A reader says where mathematics stands and how it is marked; here it becomes rows. The number of
pieces is bounded: what comes after :data:`derive.config.LIMITS` is one problem, not a full memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from derive.checking.blanks import Body, Span, line_spans, trimmed
from derive.checking.latex_marks import LatexMarks
from derive.checking.marks import Line
from derive.checking.plain_marks import Plain, plain
from derive.checking.segments import (
    Directive,
    Kind,
    Macro,
    Problem,
    Row,
    Segment,
    Sentence,
)
from derive.checking.statements import continues, joined, rows
from derive.config import LIMITS

_LONGEST = 50_000
"""Characters of one segment in LaTeX."""

_TOLD = 1000
"""Problems that are recorded."""

_WIDEST = 5_000
"""Characters of one line of plain text that is read as a formula."""

_STOP = re.compile(
    r"(?<=[.!?])(?<!\b\w\.)(?<!\be\.g\.)(?<!\bi\.e\.)\s+(?=[^\Wa-z]|[^\x00-\x7f]|[\"“(\[*$\\])"
)
_WORDS = re.compile(r"(?<![\\\w{])[A-Za-z]{2,}[,;]? +[A-Za-z]{2,}[,;]? +[A-Za-z]{2,}")
_PLAIN_TEXT = re.compile(r"\\(?:text|mathrm|operatorname|mbox)\{[^{}]*\}")
_DIRECTIVE = re.compile(r"\s*derive\s*:\s*(.*)", re.DOTALL)


class Collector:
    """The pieces of one text, in the order in which they are found."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.segments: list[Segment] = []
        self.prose: list[Sentence] = []
        self.directives: list[Directive] = []
        self.macros: list[Macro] = []
        self.problems: list[Problem] = []
        self.heading = ""
        self._rows = 0
        self.full = False
        """Whether the limit is reached: nothing more is kept."""

    def latex(self, kind: Kind, whole: Span, inner: Span, text: str, quoted: bool = False) -> None:
        """A stretch of LaTeX; `text` is the document with what surrounds it blanked."""
        start, end = inner
        if self.full or not text[start:end].strip():
            return
        if end - start > _LONGEST:
            self.problem(f"a formula of {end - start} characters is too long to read", whole[0])
            return
        marks = LatexMarks(text, start, end)
        body = Body.of(text, inner, marks.blanks)
        found = [row for item in joined(marks.rows) for row in rows(body, item)]
        self._segment(Segment(kind, *whole, tuple(found), True, self.heading, quoted))

    def latex_lines(
        self, kind: Kind, whole: Span, inner: Span, text: str, quoted: bool = False
    ) -> None:
        """LaTeX in a block of text: a line's end is a row's end, lines of words are prose."""
        if inner[1] - inner[0] > _LONGEST:
            self.problem(f"a block of {inner[1] - inner[0]} characters is too long", whole[0])
            return
        blanks: list[Span] = []
        lines: list[Line] = []
        for start, end in line_spans(text, *inner):
            marks = LatexMarks(text, start, end)
            if _WORDS.search(_PLAIN_TEXT.sub("", text[start:end])):
                self.sentences(Body(text[start:end], start))
            else:
                lines += marks.rows
                blanks += marks.blanks
        body = Body.of(text, inner, blanks)
        found = [row for item in joined(lines) if item.states for row in rows(body, item)]
        self._segment(Segment(kind, *whole, tuple(found), True, self.heading, quoted))

    def plain(
        self, kind: Kind, whole: Span, lines: Iterable[Span], text: str, quoted: bool = False
    ) -> None:
        """Lines of plain text, formulas and words mixed."""
        group = _Group()
        for start, end in lines:
            if self.full or not self._room(self._rows + len(group), start):
                break
            if end - start > _WIDEST:
                self.problem(f"a line of {end - start} characters is too long to read", start)
                continue
            self._line(group, Body(text[start:end], start))
        found = group.rows()
        if found:
            self._segment(Segment(kind, *whole, tuple(found), False, self.heading, quoted))

    def formula(self, kind: Kind, item: Plain, body: Body, quoted: bool) -> None:
        """One line of plain text that is known to be a formula."""
        group = _Group()
        group.add(item, body)
        whole = body.start, body.start + len(body.text)
        self._segment(Segment(kind, *whole, tuple(group.rows()), False, self.heading, quoted))

    def _line(self, group: _Group, body: Body) -> None:
        if not body.text.strip():
            group.pause()
            return
        item = plain(body.text, body.start)
        if item.bullet and not item.formula:
            bare = plain(body.text, body.start, bullets=False)
            item = bare if group.hangs(bare) else item
        if not item.wordy:
            group.add(item, body)
            return
        group.pause()
        if item.line.marks or item.line.label:
            self.sentences(body)

    def sentences(self, body: Body, heading: bool = False) -> None:
        """A stretch of prose, cut into sentences; a heading is one."""
        if self.full:
            return
        at = 0
        stops = iter(()) if heading else _STOP.finditer(body.text)
        for match in chain(stops, [None]):
            stop = match.start() if match else len(body.text)
            first, last = trimmed(body.text, at, stop)
            if first < last and self._room(len(self.prose), body.start + first):
                sentence = Sentence(body.text[first:last], body.start + first, heading)
                self.prose.append(sentence)
            at = match.end() if match else stop

    def directive(self, body: str, start: int) -> bool:
        """Whether a comment's body is a directive; if so, it is kept."""
        match = _DIRECTIVE.match(body)
        if match is None:
            return False
        for line in match[1].splitlines():
            key, sign, value = line.partition("=")
            if not sign:
                key, _, value = line.strip().partition(" ")
            if key.strip() and len(self.directives) < LIMITS.max_document_pieces:
                self.directives.append(Directive(key.strip(), value.strip(), start))
        return True

    def problem(self, message: str, start: int) -> None:
        """Something that could not be read."""
        if len(self.problems) < _TOLD:
            self.problems.append(Problem(message, start))

    def _segment(self, segment: Segment) -> None:
        if segment.rows and self._room(self._rows, segment.start):
            self._rows += len(segment.rows)
            self.segments.append(segment)

    def _room(self, count: int, start: int) -> bool:
        if count < LIMITS.max_document_pieces:
            return True
        if not self.full:
            self.full = True
            most = LIMITS.max_document_pieces
            self.problem(
                f"there are more than {most} formulas or sentences; the rest is not read", start
            )
        return False


class _Group:
    """Lines of plain text that may continue each other."""

    def __init__(self) -> None:
        self._items: list[tuple[Line, Body]] = []

    def __len__(self) -> int:
        return len(self._items)

    def add(self, item: Plain, body: Body) -> None:
        """A line that is no words."""
        if item.line.marks:
            self._items.append((item.line, body.without(item.blanks)))

    def hangs(self, item: Plain) -> bool:
        """Whether a line continues the one before."""
        if not self._items or item.wordy:
            return False
        return continues(self._items[-1][0].marks, item.line.marks)

    def pause(self) -> None:
        """An empty line or words: no bracket stays open."""
        if self._items:
            line, body = self._items[-1]
            self._items[-1] = replace(line, unclosed=False), body

    def rows(self) -> list[Row]:
        """The statements among them."""
        found: list[Row] = []
        at = 0
        for item in joined(line for line, _ in self._items):
            count = 1 + len(item.breaks)
            if item.states:
                found += rows(_together([body for _, body in self._items[at : at + count]]), item)
            at += count
        return found


def _together(bodies: list[Body]) -> Body:
    """Lines that belong together, what lies between them blank."""
    pieces: list[str] = []
    done = bodies[0].start
    for body in bodies:
        pieces += [" " * (body.start - done), body.text]
        done = body.start + len(body.text)
    return Body("".join(pieces), bodies[0].start)
