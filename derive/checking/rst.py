"""reStructuredText: the math directive and role, literal blocks."""

from __future__ import annotations

import re

from derive.checking.blanks import Body, Span, line_spans
from derive.checking.collect import Collector
from derive.checking.fences import LATEX, PLAIN, fence, plain_block
from derive.checking.segments import Kind

_DIRECTIVE = re.compile(r"(?P<indent>[ \t]*)\.\.[ \t]+(?P<name>[\w-]+)::[ \t]*(?P<argument>.*)$")
_COMMENT = re.compile(r"[ \t]*\.\.[ \t]+(?P<body>.*)$")
_OPTION = re.compile(r"[ \t]*:[\w-]+:")
_ROLE = re.compile(r":math:`([^`]{1,3000})`")
_UNDERLINE = re.compile(r"([=\-~^\"'`#*+])\1{2,}[ \t]*$")
_CODE = frozenset(("code", "code-block", "sourcecode", "highlight"))


def read_rst(collector: Collector) -> None:
    """Read a reStructuredText document."""
    reader = _Reader(collector)
    while reader.at < len(reader.lines) and not collector.full:
        reader.block()
    reader.flush()


class _Reader:
    """Walks the lines; `prose` is where the running text since the last block begins."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.text = collector.text
        self.lines = list(line_spans(self.text, 0, len(self.text)))
        self.at = 0
        self.prose: list[Span] = []

    def block(self) -> None:
        """The block that begins at the line in turn."""
        start, end = self.lines[self.at]
        line = self.text[start:end]
        if directive := _DIRECTIVE.match(line):
            self._directive(directive, start)
        elif comment := _COMMENT.match(line):
            self.collector.directive(comment["body"], start)
            self.at += 1
        elif not line.strip():
            self.flush()
            self.at += 1
        elif _UNDERLINE.match(line) and self.prose:
            first, last = self.prose.pop()
            self.flush()
            self.collector.heading = self.text[first:last].strip()[:200]
            self.collector.sentences(Body(self.text[first:last], first), heading=True)
            self.at += 1
        else:
            self.prose.append((start, end))
            self.at += 1
            if line.rstrip().endswith("::"):
                self._literal(line)

    def flush(self) -> None:
        """The running text so far: its roles are mathematics, the rest prose."""
        if not self.prose:
            return
        start, end = self.prose[0][0], self.prose[-1][1]
        self.prose = []
        for match in _ROLE.finditer(self.text, start, end):
            self.collector.latex(Kind.INLINE, match.span(), match.span(1), self.text)
        self.collector.sentences(Body(self.text[start:end], start))

    def _directive(self, match: re.Match[str], start: int) -> None:
        self.flush()
        name, argument = match["name"].lower(), match["argument"].strip()
        first = start + match.start("argument")
        self.at += 1
        lines = self._indented(len(match["indent"]))
        end = lines[-1][1] if lines else start + match.end()
        if name == "math":
            self._math(first, lines, (start, end))
        elif name in _CODE and argument.lower() in LATEX | PLAIN:
            fence(self.collector, argument.lower(), (start, end), lines, self.text, False)
        elif name not in _CODE:
            self.at -= len(lines)

    def _math(self, first: int, lines: list[Span], whole: Span) -> None:
        """Empty lines part equations."""
        runs: list[list[Span]] = [[(first, self.lines[self.at - len(lines) - 1][1])]]
        for start, end in lines:
            if not self.text[start:end].strip():
                runs.append([])
            elif not _OPTION.match(self.text, start, end):
                runs[-1].append((start, end))
        for run in runs:
            if run:
                inner = run[0][0], run[-1][1]
                self.collector.latex(Kind.DISPLAY, whole, inner, self.text)

    def _literal(self, line: str) -> None:
        indent = len(line) - len(line.lstrip())
        self.flush()
        lines = self._indented(indent)
        if lines:
            whole = lines[0][0], lines[-1][1]
            plain_block(self.collector, Kind.INDENTED, whole, lines, self.text, False)

    def _indented(self, indent: int) -> list[Span]:
        """The lines from here that are empty or indented deeper."""
        first = self.at
        while self.at < len(self.lines):
            line = self.text[slice(*self.lines[self.at])]
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                break
            self.at += 1
        lines = self.lines[first : self.at]
        while lines and not self.text[slice(*lines[-1])].strip():
            lines.pop()
            self.at -= 1
        return lines
