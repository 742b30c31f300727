"""Markdown and plain text: blocks by their lines, mathematics by its delimiters."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from itertools import pairwise

from derive.checking.blanks import Body, Span, blank, hollow, line_spans
from derive.checking.collect import Collector
from derive.checking.delimiters import Delimiters, Found
from derive.checking.fences import fence, language, plain_block
from derive.checking.plain_marks import plain
from derive.checking.segments import Kind
from derive.config import LIMITS

_QUOTE = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+", re.MULTILINE)
_FENCE = re.compile(r"[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+)?(?P<mark>`{3,}|~{3,})(?P<info>[^`\n]*)$")
_HEADING = re.compile(r"[ \t]{0,3}#{1,6}(?:[ \t]+|$)")
_BARRIER = re.compile(r"^(?:[ \t]{0,3}#{1,6}[ \t]|[ \t]*(?:`{3,}|~{3,}))", re.MULTILINE)
_UNDERLINE = re.compile(r"[ \t]{0,3}(?:=+|-{3,}|\*{3,}|_{3,})[ \t]*$")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_TABLE = re.compile(r"[ \t]*\|")
_CELL = re.compile(r"(?<!\\)\|")
_MARKUP = re.compile(
    r"(?<![\w*])\*{1,2}(?=\S)|(?<=\S)\*{1,2}(?![\w*])|(?<!\w)__(?=\S)|(?<=\S)__(?!\w)|"
    r"</?[A-Za-z][^<>\n]{0,200}>"
)
_CALL = re.compile(
    r"\$|\w\.\w+\(|==|[A-Za-z]{2,}\([^()]*=|\b(?:self|None|True|False|return)\b|['\"]"
)
_EQUALS = re.compile(r"[=≈←]")
_RELATION = re.compile(r"[=≈←∈<>≤≥≡∝≠]")
_SENTENCE = re.compile(
    r"\s*(?:(?:with|where|let|and|so|then|thus|hence|therefore|which|while|here|now|also)\b|.*:\s*$)",
    re.IGNORECASE,
)
"""How a line of running text begins or ends that is no formula by itself."""
_LONGEST_CODE = 1000
"""Characters of a code span or of a line of text that is read as a formula."""

_MATTER = re.compile(r"---[ \t]*\n(?:.*\n){0,200}?(?:---|\.\.\.)[ \t]*(?:\n|\Z)")


class Markdown:
    """Reads one text; the pieces go to the collector."""

    def __init__(self, collector: Collector, start: int = 0, end: int | None = None) -> None:
        self.given = collector.text
        self.collector = collector
        self.end = len(self.given) if end is None else end
        self.at = start
        self.text = self._prepared(start)
        barriers = (match.start() for match in _BARRIER.finditer(self.text, start, self.end))
        self._barriers = array("q", barriers)
        self.delimiters = Delimiters(self.text, self._reach, markdown=True)
        self._dead: set[tuple[str, int]] = set()
        self._list = False
        """Whether the lines before belong to a list."""
        self._empty = True
        """Whether the line before was empty."""
        self._quote = False
        """Whether the block in turn stands in a blockquote."""

    def read(self) -> None:
        """Every block, from top to bottom."""
        while self.at < self.end and not self.collector.full:
            stop = self._line_end(self.at)
            line = self.text[self.at : stop]
            self._quote = self.given[self.at : self.at + 4].lstrip().startswith(">")
            opening = _FENCE.match(line) if "`" in line or "~" in line else None
            if not line.strip():
                self._empty, self.at = True, stop + 1
            elif opening:
                self._fence(opening, stop)
            elif heading := _HEADING.match(line):
                self._heading(self.at + heading.end(), stop)
            elif self._indented(line):
                self._code_block()
            else:
                self._paragraph()

    def _line_end(self, at: int) -> int:
        stop = self.text.find("\n", at, self.end)
        return self.end if stop < 0 else stop

    def _reach(self, offset: int) -> int:
        """Where a display that begins at an offset must have ended: the next heading or fence."""
        index = bisect_right(self._barriers, offset)
        return self._barriers[index] if index < len(self._barriers) else self.end

    def _prepared(self, start: int) -> str:
        """The text without front matter, comments and quote marks; directives are kept."""
        text = self.given
        matter = _MATTER.match(text, start, self.end)
        if matter and start == 0:
            _front_matter(self.collector, matter)
            text = hollow(matter.group()) + text[matter.end() :]
        spans = []
        at = text.find("<!--", start, self.end)
        while at >= 0:
            stop = text.find("-->", at + 4, self.end)
            if stop < 0:
                break
            self.collector.directive(text[at + 4 : stop], at)
            spans.append((at, stop + 3))
            at = text.find("<!--", stop + 3, self.end)
        text = blank(text, spans)
        return blank(text, (match.span() for match in _QUOTE.finditer(text, start, self.end)))

    def _fence(self, opening: re.Match[str], stop: int) -> None:
        start, mark = self.at, opening["mark"]
        lines: list[Span] = []
        at, closed = stop + 1, False
        limit = self.end
        if any(mark[0] == char and len(mark) >= length for char, length in self._dead):
            limit = self._reach(stop)
        while at < limit and not closed:
            end = self._line_end(at)
            body = self.text[at:end].strip()
            closed = body.startswith(mark) and not body.strip(mark[0])
            if not closed:
                lines.append((at, end))
            at = end + 1
        if not closed and limit == self.end:
            self._dead.add((mark[0], len(mark)))
            self.collector.problem(f"the fence {mark} is not closed", start)
            lines, at = self._cut(lines, self._reach(stop))
        self.at, self._empty = at, True
        whole = start, min(at, self.end)
        name = language(opening["info"])
        fence(self.collector, name, whole, lines, self.text, self._quote)

    def _cut(self, lines: list[Span], limit: int) -> tuple[list[Span], int]:
        kept = [line for line in lines if line[0] < limit]
        return kept, (kept[-1][1] + 1 if kept else self._line_end(self.at) + 1)

    def _heading(self, start: int, stop: int) -> None:
        title = self.text[start:stop].rstrip("# \t")
        self.collector.heading = title.strip("*_ ")[:200]
        self._inline(start, stop)
        self.collector.sentences(Body(title, start), heading=True)
        self.at, self._list, self._empty = stop + 1, False, True

    def _indented(self, line: str) -> bool:
        if not self._empty or self._list or not line.startswith(("    ", "\t")):
            return False
        return not line.lstrip().startswith(("$$", "\\begin", "\\["))

    def _code_block(self) -> None:
        start, lines = self.at, []
        while self.at < self.end:
            stop = self._line_end(self.at)
            line = self.text[self.at : stop]
            if line.strip() and not line.startswith(("    ", "\t")):
                break
            lines.append((self.at, stop))
            self.at = stop + 1
        while lines and not self.text[slice(*lines[-1])].strip():
            lines.pop()
        whole = start, lines[-1][1]
        plain_block(self.collector, Kind.INDENTED, whole, lines, self.text, self._quote)

    def _paragraph(self) -> None:
        """Lines up to an empty one, a heading or a fence; a display may reach beyond them."""
        start = self.at
        stop = self._paragraph_end(start)
        found: list[Found] = []
        for item in self.delimiters.scan(start, stop):
            if len(found) > LIMITS.max_document_pieces:
                break
            found.append(item)
            if item.whole[1] > stop:
                stop = self._line_end(item.whole[1])
        self._segments(found)
        self._lines(start, stop, found)
        self.at, self._empty = stop + 1, False

    def _paragraph_end(self, at: int) -> int:
        limit = self._reach(at)
        stop = self._line_end(at)
        while stop + 1 < limit:
            end = self._line_end(stop + 1)
            if not self.text[stop + 1 : end].strip():
                break
            stop = end
        return min(stop, limit)

    def _inline(self, start: int, stop: int) -> list[Found]:
        found = list(self.delimiters.scan(start, stop))
        self._segments(found)
        return found

    def _segments(self, found: list[Found]) -> None:
        for item in found:
            if item.missing:
                self.collector.problem(f"{item.missing} is missing", item.whole[0])
            elif item.kind is not None:
                self.collector.latex(item.kind, item.whole, item.inner, self.text, self._quote)
            elif item.inner[1] - item.inner[0] < _LONGEST_CODE:
                self._code_span(Body.of(self.text, item.inner))

    def _code_span(self, body: Body) -> None:
        if _CALL.search(body.text) is None and _EQUALS.search(body.text):
            line = plain(body.text, body.start)
            if line.formula:
                self.collector.formula(Kind.CODE, line, body, self._quote)

    def _lines(self, start: int, stop: int, found: list[Found]) -> None:
        """What a paragraph's lines are beside their delimited mathematics."""
        displays = [item.whole for item in found if item.kind not in {None, Kind.INLINE}]
        paragraph = Body.of(self.text, (start, stop), displays)
        spans = [match.span() for match in _MARKUP.finditer(paragraph.text)]
        paragraph = Body(blank(paragraph.text, spans), start)
        marked = [item.whole for item in found if not item.missing]
        index, prose = 0, start
        for at, end in line_spans(self.text, start, stop):
            if self.collector.full:
                return
            while index < len(marked) and marked[index][1] <= at:
                index += 1
            delimited = index < len(marked) and marked[index][0] < end
            line = Body(paragraph.cut(at, end), at)
            then = self._line(line, delimited)
            if then is not None:
                self._prose(paragraph, prose, at)
                prose = then
        self._prose(paragraph, prose, stop)

    def _prose(self, paragraph: Body, start: int, end: int) -> None:
        if start < end:
            self.collector.sentences(Body(paragraph.cut(start, end), start))

    def _line(self, line: Body, delimited: bool) -> int | None:
        """Where prose begins anew if a line ends what was before, else None: it goes on."""
        item = _ITEM.match(line.text)
        end = line.start + len(line.text)
        if item:
            self._list = True
        elif self._empty and not line.text.startswith((" ", "\t")):
            self._list = False
        self._empty = False
        if not line.text.strip() or _UNDERLINE.match(line.text):
            return end
        if _TABLE.match(line.text) and not delimited:
            self._table(line)
            return end
        if not delimited and self._formula(Kind.ITEM if item else Kind.LINE, line):
            return end
        return line.start + item.end() if item else None

    def _formula(self, kind: Kind, line: Body) -> bool:
        """Whether a line is one formula; if so, it is kept."""
        if len(line.text) > _LONGEST_CODE or "$" in line.text:
            return False
        if _RELATION.search(line.text) is None:
            return False
        item = plain(line.text, line.start)
        if not item.formula or not item.relates:
            return False
        if kind is Kind.LINE and _SENTENCE.match(line.text):
            return False
        self.collector.formula(kind, item, line, self._quote)
        return True

    def _table(self, line: Body) -> None:
        cuts = [*(match.end() for match in _CELL.finditer(line.text)), len(line.text) + 1]
        for first, last in pairwise(cuts):
            cell = Body(line.text[first : last - 1], line.start + first)
            if cell.text.strip(" :-") and not self._formula(Kind.CELL, cell):
                self.collector.sentences(cell)


def _front_matter(collector: Collector, matter: re.Match[str]) -> None:
    """``derive: key = value``, or the keys below a line ``derive:``."""
    inside = False
    for line in matter.group().splitlines()[1:-1]:
        if collector.directive(line, matter.start()):
            inside = line.strip() == "derive:"
        elif inside and line.startswith((" ", "\t")):
            key, _, value = line.partition(":")
            collector.directive(f"derive: {key.strip()} = {value.strip()}", matter.start())
        else:
            inside = False
