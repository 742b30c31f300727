"""Fenced and indented blocks: what their language makes of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from derive.checking.blanks import Span
from derive.checking.collect import Collector
from derive.checking.delimiters import Delimiters
from derive.checking.segments import Kind

LATEX = frozenset(("math", "latex", "tex", "katex", "mathjax"))
PLAIN = frozenset(("", "text", "txt", "plain", "plaintext", "none", "ascii", "unicode"))

_NAME = re.compile(r"\{?[=.]?([A-Za-z0-9_+-]*)")
_COMMAND = re.compile(r"\\(?:[A-Za-z]{2,}|\\)")
_CODE = re.compile(
    r"^\s*(?:import \w|from [\w.]+ import |def \w+\(|class \w+[(:]|return\b|print\(|#include|"
    r"pip3? |\$ \w|>>> |@\w+$|const |let \w+ =|var |function |public |assert |with .*:\s*$|"
    r"for \w+ in .*:\s*$|if __name__)|\b(?:np|torch|tf|plt|self|jnp|nn|F|keras|math)\.\w",
    re.MULTILINE,
)


def language(info: str) -> str:
    """The language of a fence's first line, in small letters.

    >>> language("{math}"), language("python title=x"), language("")
    ('math', 'python', '')
    """
    match = _NAME.match(info.strip())
    return match[1].lower() if match else ""


def fence(
    collector: Collector, name: str, whole: Span, lines: Sequence[Span], text: str, quoted: bool
) -> None:
    """Read a block by its language; code of any other language is skipped."""
    if not lines or name not in LATEX | PLAIN:
        return
    inner = lines[0][0], lines[-1][1]
    if name in LATEX:
        latex_block(collector, whole, inner, text, quoted, Kind.DISPLAY)
    else:
        plain_block(collector, Kind.FENCE, whole, lines, text, quoted)


def plain_block(
    collector: Collector, kind: Kind, whole: Span, lines: Sequence[Span], text: str, quoted: bool
) -> None:
    """Plain text, or LaTeX in a block that does not say so; program code is skipped."""
    inner = lines[0][0], lines[-1][1]
    if _CODE.search(text, *inner):
        return
    if _COMMAND.search(text, *inner):
        latex_block(collector, whole, inner, text, quoted, kind)
    else:
        collector.plain(kind, whole, lines, text, quoted)


def latex_block(
    collector: Collector, whole: Span, inner: Span, text: str, quoted: bool, kind: Kind
) -> None:
    """LaTeX with delimiters of its own, or mathematics from its first character.

    In a block of plain text a line's end is a row's end.
    """
    start, end = inner
    delimiters = Delimiters(text, lambda _: end, markdown=False)
    found = [item for item in delimiters.scan(start, end) if item.kind is not None]
    for item in found:
        collector.latex(item.kind or kind, item.whole, item.inner, text, quoted)
    if found:
        return
    if kind is Kind.DISPLAY:
        collector.latex(kind, whole, inner, text, quoted)
    else:
        collector.latex_lines(kind, whole, inner, text, quoted)
