"""LaTeX into rows of marks: rows at ``\\\\\\\\``, environments that only lay out rows seen through.

``cases`` and matrices are one thing to the statement that they stand in; ``aligned``, ``split`` and
a ``cases`` with nothing before it hold statements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from derive.checking.blanks import Span
from derive.checking.marks import (
    BINDING,
    RELATIONS,
    Line,
    Mark,
    Sign,
    sign_of,
    words_of,
    words_sign,
)
from derive.checking.segments import Aside, Note

ROWS = words_of(
    "align alignat aligned alignedat equation gather gathered multline multlined eqnarray split ",
    "flalign math displaymath dmath subequations IEEEeqnarray",
)
"""Environments of rows."""

_SYSTEM = frozenset(("cases", "array", "dcases", "rcases"))
"""Environments of rows if nothing stands before them."""

_LEXER = re.compile(
    r"\\[A-Za-z@]+\*?|\\.|:=|\.\.\.|[{}()\[\]&,;~]|[^\W\d_]+|[\d.]+|\s+|.", re.DOTALL
)
_TEXTS = words_of(r"\text \mbox \textrm \textnormal \hbox \textit \textbf \textsf")
_DROPPED = words_of(r"\nonumber \notag \hline \noindent \allowdisplaybreaks \medskip")
_NAMED = {"\\tag": Aside.TAG, "\\tag*": Aside.TAG, "\\label": Aside.LABEL}
_GAPS = words_of(r"\quad \qquad \hspace \hspace* \hfill \hskip \enspace")
_SPACES = frozenset(("\\,", "\\;", "\\:", "\\!", "\\ ", "~", "\\>"))
_BREAKS = frozenset(("\\\\", "\\\\*", "\\newline", "\\cr", "\\intertext", "\\shortintertext"))
_STACKED = words_of(r"\overset \stackrel \underset")
_INVISIBLE = words_of(r"\displaystyle \textstyle \small \large")
_BOXES = words_of(r"\boxed \fbox")


@dataclass(slots=True)
class _Row:
    """The row being read."""

    marks: list[Mark] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    depth: int = 0
    """Of brackets, not of braces."""


class LatexMarks:
    """Reads one stretch of LaTeX. `rows` and `blanks` are the result."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text = text
        self.rows: list[Line] = []
        self.blanks: list[Span] = []
        self._tokens = [match.span() for match in _LEXER.finditer(text, start, end)]
        self._mates = self._pairs()
        self._row = _Row()
        self._closed: list[bool] = []
        """Of each brace and environment that is open: whether it hides what is in it."""
        self._hiding = 0
        """How many of them do."""
        self._systems = 0
        """How many braces to the left of several rows are open."""
        self._at = 0
        while self._at < len(self._tokens):
            self._step()
        self._end_row()

    def _pairs(self) -> dict[int, int]:
        """Index of each opening brace -> index of its closing one."""
        mates, open_at = {}, []
        for index, (start, end) in enumerate(self._tokens):
            if end - start != 1:
                continue
            if self.text[start] == "{":
                open_at.append(index)
            elif self.text[start] == "}" and open_at:
                mates[open_at.pop()] = index
        return mates

    def _word(self, index: int) -> str:
        if index >= len(self._tokens):
            return ""
        start, end = self._tokens[index]
        return self.text[start:end]

    def _step(self) -> None:
        word = self._word(self._at)
        if word in _BREAKS:
            self._break(word)
        elif word in {"\\begin", "\\end"}:
            self._environment(word)
        elif word in {"\\left", "\\right"}:
            self._delimiter(word)
        elif word in _TEXTS:
            self._words()
        elif word in _NAMED or word in _DROPPED or word in _GAPS:
            self._aside(word)
        elif word in _STACKED:
            self._stacked()
        else:
            self._plain(word)

    def _plain(self, word: str) -> None:
        if word in _BOXES and self._word(self._at + 1) == "{" and not self._hidden:
            self._skip(1)
        elif word in _INVISIBLE or word.isspace() or word in _SPACES:
            self._at += 1
        elif word == "&":
            if not self._hidden:
                self._mark(Sign.COLUMN, blank=True)
            else:
                self._mark(Sign.OTHER)
        elif word in "{}":
            self._brace(word)
        elif word in {"(", "[", "\\{", ")", "]", "\\}"}:
            self._bracket(1 if word in {"(", "[", "\\{"} else -1)
        else:
            outside = not self._hidden and not self._row.depth
            self._mark(sign_of(word) if outside else Sign.OTHER)

    @property
    def _hidden(self) -> bool:
        return self._hiding > 0

    def _open(self, hides: bool) -> None:
        self._closed.append(hides)
        self._hiding += hides

    def _close(self) -> bool:
        hides = self._closed.pop() if self._closed else False
        self._hiding -= hides
        return hides

    def _mark(self, sign: Sign, count: int = 1, blank: bool = False) -> None:
        """The next tokens as one mark; neighbouring mathematics is one mark."""
        last = min(self._at + count, len(self._tokens)) - 1
        start, end = self._tokens[self._at][0], self._tokens[last][1]
        marks = self._row.marks
        if blank:
            self.blanks.append((start, end))
        if sign is Sign.OTHER and marks and marks[-1].sign is Sign.OTHER:
            marks[-1] = Mark(sign, marks[-1].start, end)
        else:
            marks.append(Mark(sign, start, end))
        self._at = last + 1

    def _brace(self, word: str) -> None:
        boxed = word == "{" and self._word(self._at - 1) in _BOXES
        if word == "{":
            self._open(not boxed)
        else:
            boxed = bool(self._closed) and not self._close()
        if boxed:
            self._skip(1)
        else:
            self._mark(Sign.OTHER)

    def _bracket(self, step: int) -> None:
        self._mark(Sign.OTHER)
        if not self._hidden:
            self._row.depth = max(0, self._row.depth + step)

    def _delimiter(self, word: str) -> None:
        if self._hidden:
            self._mark(Sign.OTHER, 2)
            return
        after = self._word(self._at + 1)
        begins = word == "\\left" and after == "\\{" and not self._row.marks
        ends = (word, after) == ("\\right", ".") and self._systems > 0
        if begins or ends:
            self._systems += 1 if begins else -1
            self._skip(2)
            return
        self._mark(Sign.OTHER, 2)
        self._row.depth = max(0, self._row.depth + (1 if word == "\\left" else -1))

    def _skip(self, count: int) -> None:
        """Blank the next tokens."""
        last = min(self._at + count, len(self._tokens)) - 1
        self.blanks.append((self._tokens[self._at][0], self._tokens[last][1]))
        self._at = last + 1

    def _group(self, index: int) -> int | None:
        """The index of the closing brace of a group that begins at a token, blanks skipped."""
        while self._word(index).isspace():
            index += 1
        return self._mates.get(index) if self._word(index) == "{" else None

    def _environment(self, word: str) -> None:
        close = self._group(self._at + 1)
        if close is None:
            self._skip(1)
            return
        name = self.text[self._tokens[self._at + 1][1] : self._tokens[close][0]].strip("{ *")
        count = close - self._at + 1
        if word == "\\end":
            hides = self._close()
        else:
            laid_out = name in ROWS or (name in _SYSTEM and not self._row.marks)
            hides = not laid_out
            count = count if hides else self._arguments(close, name) - self._at + 1
            self._open(hides)
        if hides or self._hidden:
            self._mark(Sign.OTHER, count)
        else:
            self._skip(count)

    def _arguments(self, index: int, name: str) -> int:
        """The index of the last token of an environment's arguments."""
        if self._word(index + 1) == "[":
            end = index + 1
            while self._word(end) not in {"]", ""} and end < index + 12:
                end += 1
            index = end if self._word(end) == "]" else index
        if name in {"array", "alignat", "alignedat", "IEEEeqnarray"}:
            return self._group(index + 1) or index
        return index

    def _words(self) -> None:
        close = self._group(self._at + 1)
        if close is None or self._hidden or self._row.depth:
            self._mark(Sign.OTHER)
            return
        first = self._tokens[self._at][1]
        words = self.text[first : self._tokens[close][1]].strip("{} ")
        sign = words_sign(words)
        if sign is Sign.WORDS and self._is_name(words, close):
            sign = Sign.OTHER
        self._mark(sign, close - self._at + 1)

    def _is_name(self, words: str, close: int) -> bool:
        """Whether words are mathematics: one word, or an operand between signs."""
        if words[:1] in {"(", "["} or words[-1:] in {":", ""}:
            return False
        before = self._row.marks[-1].sign if self._row.marks else None
        after = self._word(close + 2 if self._word(close + 1).isspace() else close + 1)
        return len(words.split()) < 2 or before in BINDING or sign_of(after) in BINDING

    def _aside(self, word: str) -> None:
        close = self._group(self._at + 1) if word not in _DROPPED else None
        count = 1 if close is None else close - self._at + 1
        if word in _GAPS:
            self._mark(Sign.GAP if not self._hidden and not self._row.depth else Sign.OTHER, count)
            return
        if word in _NAMED and close is not None:
            start = self._tokens[self._at + 1][1]
            body = self.text[start : self._tokens[close][0]].strip("{ ")
            self._row.notes.append(Note(_NAMED[word], body, self._tokens[self._at][0]))
        self._skip(count)

    def _stacked(self) -> None:
        first = self._group(self._at + 1)
        second = self._group(first + 1) if first is not None else None
        if first is None or second is None or self._hidden or self._row.depth:
            self._mark(Sign.OTHER)
            return
        body = self.text[self._tokens[first][1] : self._tokens[second][0]].strip("{ ")
        sign = Sign.RELATION if body in RELATIONS else Sign.OTHER
        self._mark(sign, second - self._at + 1)

    def _break(self, word: str) -> None:
        if self._hidden:
            self._mark(Sign.OTHER)
            return
        if word.startswith(("\\int", "\\short")):
            close = self._group(self._at + 1)
            self._skip(1 if close is None else close - self._at + 1)
        else:
            self._skip(1)
            self._spacing()
        self._end_row()

    def _spacing(self) -> None:
        """``[2pt]`` after a row's end, and a second pair of backslashes."""
        if self._word(self._at) == "\\\\":
            self._skip(1)
        if self._word(self._at) != "[":
            return
        start = self._tokens[self._at][1]
        length = self.text[start : start + 12].partition("]")[0]
        if re.fullmatch(r"-?[\d.]*\s*(?:pt|em|ex|cm|mm|in)", length):
            end = start + len(length) + 1
            while self._at < len(self._tokens) and self._tokens[self._at][0] < end:
                self._skip(1)

    def _end_row(self) -> None:
        row = self._row
        while row.marks and row.marks[-1].sign in {Sign.COLUMN, Sign.GAP}:
            row.marks.pop()
        if not row.marks and row.notes and self.rows:
            self.rows[-1] = replace(self.rows[-1], notes=(*self.rows[-1].notes, *row.notes))
        elif row.marks:
            self.rows.append(Line(tuple(row.marks), row.depth > 0, notes=tuple(row.notes)))
        self._row = _Row()
