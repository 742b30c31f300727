"""LaTeX documents: comments and verbatim text away, then mathematics by its delimiters."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right

from derive.checking.blanks import Body, blank
from derive.checking.collect import Collector
from derive.checking.delimiters import Delimiters
from derive.checking.macros import macros

_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*(%[^\n]*)")
_VERBATIM = re.compile(
    r"\\begin\{(verbatim\*?|Verbatim|lstlisting|minted|comment|filecontents\*?)\}"
)
_VERB = re.compile(r"\\(?:verb\*?|lstinline)([^\w\s{*])[^\n]*?\1")
_SECTION = re.compile(r"\\(?:part|chapter|section|subsection|subsubsection|paragraph)\*?\s*\{")
_BARRIER = re.compile(r"\\(?:part|chapter|(?:sub){0,2}section)\*?\s*\{|\\end\{document\}")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_BEGIN = "\\begin{document}"


def read_tex(collector: Collector, start: int = 0, end: int | None = None) -> None:
    """Read a LaTeX text; what stands before ``\\\\begin{document}`` gives macros only."""
    text = _prepared(collector)
    first = text.find(_BEGIN)
    start = max(start, first + len(_BEGIN) if first >= 0 else 0)
    stop = text.find("\\end{document}")
    end = stop if stop >= 0 else len(text) if end is None else end
    barriers = array("q", (match.start() for match in _BARRIER.finditer(text)))

    def reach(offset: int) -> int:
        index = bisect_right(barriers, offset)
        return barriers[index] if index < len(barriers) else end

    delimiters = Delimiters(text, reach, markdown=False)
    at = start
    while at < end and not collector.full:
        match = _PARAGRAPH.search(text, at, end)
        stop = match.start() if match else end
        at = _paragraph(collector, delimiters, text, at, stop)
        at = max(at, match.end() if match else end)


def _paragraph(
    collector: Collector, delimiters: Delimiters, text: str, start: int, stop: int
) -> int:
    """The pieces of one paragraph, which a display may lengthen; where it ends."""
    if section := _SECTION.search(text, start, stop):
        collector.heading = text[section.end() : section.end() + 200].partition("}")[0]
    spans = []
    end = stop
    for found in delimiters.scan(start, stop):
        if found.missing:
            collector.problem(f"{found.missing} is missing", found.whole[0])
        elif found.kind is not None:
            collector.latex(found.kind, found.whole, found.inner, text)
            end = max(end, found.whole[1])
            if found.kind.value != "inline":
                spans.append(found.whole)
    collector.sentences(Body.of(text, (start, end), spans))
    return end


def _prepared(collector: Collector) -> str:
    """The text without verbatim stretches, comments and definitions."""
    text = _without_verbatim(collector.text)
    comments = []
    for match in _COMMENT.finditer(text):
        collector.directive(match[1][1:], match.start(1))
        comments.append(match.span(1))
    text = blank(text, comments)
    defined = list(macros(text))
    collector.macros += [macro for macro, _ in defined]
    return blank(text, [span for _, span in defined])


def _without_verbatim(text: str) -> str:
    spans = [match.span() for match in _VERB.finditer(text)]
    at = 0
    closed: dict[str, bool] = {}
    while match := _VERBATIM.search(text, at):
        closer = f"\\end{{{match[1]}}}"
        stop = text.find(closer, match.end()) if closed.get(closer, True) else -1
        closed[closer] = stop >= 0
        at = stop + len(closer) if stop >= 0 else match.end()
        if stop >= 0:
            spans.append((match.start(), at))
    return blank(text, sorted(spans))
