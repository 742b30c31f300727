"""The LaTeX printer: a complete article for pdflatex."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from derive.document.blocks import Formula
from derive.document.mathematics import displayed
from derive.document.printer import Printer
from derive.notation.latex import latex

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
} | {char: f"\\{char}" for char in "&%$#_{}"}
_ROWS = 24
"""Rows that fit on a page."""
_LINE, _GAP, _LETTER, _WIDE = 40.0, 1.2, 0.5, 10.0
"""The width of a line, of the gap beside a column, of a letter, and of a column that may be broken,
all in em."""
_COMMANDS = re.compile(r"\\[A-Za-z]+|[{}$^_\\]")
_SPECIAL = re.compile("[" + re.escape("".join(_ESCAPES)) + "]")


def _words(words: str) -> str:
    return _SPECIAL.sub(lambda match: _ESCAPES[match[0]], words)


def _display(formulas: Sequence[Formula]) -> str:
    """A display of its own; ``align*`` may be broken between pages, ``aligned`` may not."""
    body = displayed([formula.relation for formula in formulas], "align*")
    return body if body.startswith(r"\begin{align*}") else f"\\[\n{body}\n\\]"


def _heading(title: str, level: int, _: str) -> str:
    return f"\\{'sub' * (level - 1)}section{{{title}}}"


def _table(rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """A long table becomes several: ``tabular`` may not be broken between pages."""
    lines = [" & ".join(row) for row in rows]
    parts = [lines[start : start + _ROWS] for start in range(1, len(lines), _ROWS)]
    return {"columns": _columns(rows), "head": lines[0], "parts": parts}


def _columns(rows: Sequence[Sequence[str]]) -> str:
    """Left-aligned columns; in a wide table the wide ones hold paragraphs and share the room."""
    widths = [
        _LETTER * max(len(_COMMANDS.sub("", row[k])) for row in rows) for k in range(len(rows[0]))
    ]
    room = _LINE - len(widths) * _GAP
    if sum(widths) <= room:
        return "l" * len(widths)
    wide = [width for width in widths if width > _WIDE]
    share = (room - sum(widths) + sum(wide)) / sum(wide)
    return "".join(_paragraphs(share * width) if width > _WIDE else "l" for width in widths)


def _paragraphs(width: float) -> str:
    return f">{{\\raggedright\\arraybackslash}}p{{{width:.1f}em}}"


LATEX = Printer(
    folder="latex",
    suffix="tex",
    words=_words,
    inline=lambda node: f"${latex(node)}$",
    display=_display,
    heading=_heading,
    table=_table,
)
