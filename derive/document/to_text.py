"""The terminal's printer: Unicode, at most 100 columns."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence
from typing import Any

from derive.document.blocks import Formula
from derive.document.layout import Row, rows
from derive.document.printer import Printer
from derive.notation.glyphs import PRODUCTS, SIGNS
from derive.notation.text import text
from derive.notation.tree import Node

WIDTH = 96
_INDENT = 10
"""What stands to the left of a formula at most."""


_BETWEEN: dict[str, str] = {glyph: spelling.text.strip() for glyph, spelling in PRODUCTS.items()}


def _display(formulas: Sequence[Formula]) -> str:
    """Every line, the first signs below each other."""
    laid = rows([formula.relation for formula in formulas], _measure, WIDTH - _INDENT)
    lefts = [text(row.left) if row.left is not None else "" for row in laid]
    margin = max(map(_width, lefts))
    lines = [
        " " * (margin - _width(left)) + left + _right(row)
        for left, row in zip(lefts, laid, strict=True)
    ]
    return "\n".join(lines)


def _right(row: Row) -> str:
    if row.rest is not None:
        sign = _BETWEEN.get(row.between, row.between)
        return f"     {sign} {text(row.rest)}"
    return "".join(f" {SIGNS[sign].text} {text(side)}" for sign, side in row.parts)


def _measure(node: Node) -> float:
    return _width(text(node))


def _width(line: str) -> int:
    return sum(not unicodedata.combining(char) for char in line)


def _heading(title: str, level: int, number: str) -> str:
    line = f"{number}  {title}"
    return f"{line}\n{'=-'[level - 1] * _width(line)}"


def _wrap(paragraph: str) -> str:
    return textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)


def _table(rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    widths = [max(_width(row[k]) for row in rows) for k in range(len(rows[0]))]
    padded = [
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        )
        for row in rows
    ]
    rule = "  ".join("-" * width for width in widths)
    return {"lines": [line.rstrip() for line in (padded[0], rule, *padded[1:])]}


TEXT = Printer(
    folder="text",
    suffix="txt",
    words=lambda words: words,
    inline=text,
    display=_display,
    heading=_heading,
    table=_table,
    wrap=_wrap,
)
