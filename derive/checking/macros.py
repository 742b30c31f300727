"""``\\\\newcommand``, ``\\\\DeclareMathOperator`` and ``\\\\def``: collected, not expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derive.checking.blanks import Span
from derive.checking.segments import Macro

_HEAD = re.compile(
    r"\\(?:(?:re)?newcommand\*?|providecommand\*?|DeclareMathOperator\*?|def|let)"
    r"\s*\{?\s*(?P<name>\\[A-Za-z]+)\s*\}?"
    r"(?:\s*\[(?P<count>[0-9])\])?(?:\s*\[(?P<default>[^\[\]\n]{0,200})\])?(?P<plain>(?:#[1-9])*)\s*"
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_MOST = 1000
"""Macros of a document."""

_BODY = 4000
"""Characters of a macro's body."""


def macros(text: str) -> Iterator[tuple[Macro, Span]]:
    """Every definition with a body in braces, and where it stands."""
    for count, match in enumerate(_HEAD.finditer(text)):
        if count == _MOST:
            return
        end = _group(text, match.end())
        if end is None:
            continue
        body = text[match.end() + 1 : end - 1]
        if match.group().startswith("\\DeclareMathOperator"):
            body = f"\\operatorname{{{body}}}"
        arguments = int(match["count"] or 0) or len(match["plain"]) // 2
        macro = Macro(match["name"], arguments, body, match.start(), match["default"])
        yield macro, (match.start(), end)


def _group(text: str, at: int) -> int | None:
    """The offset after a group in braces that begins at an offset."""
    if text[at : at + 1] != "{":
        return None
    depth = 0
    for match in _BRACE.finditer(text, at, at + _BODY):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0:
            return match.end()
    return None
