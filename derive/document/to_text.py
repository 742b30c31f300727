"""The terminal's printer: Unicode, at most 100 columns."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import zip_longest
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
COLUMNS = WIDTH - _INDENT
"""What fits on a line of a formula."""


_CASES = "{ "
"""How cases begin."""

_BETWEEN: dict[str, str] = {glyph: spelling.text.strip() for glyph, spelling in PRODUCTS.items()}


def _display(formulas: Sequence[Formula], script: bool = False) -> str:
    """Every line, the first signs below each other."""
    spell = partial(text, script=script)
    laid = rows([formula.relation for formula in formulas], columns, COLUMNS)
    lefts = [spell(row.left) if row.left is not None else "" for row in laid]
    margin = max(map(_width, lefts))
    lines = [
        " " * (margin - _width(left)) + left + _right(row, spell)
        for left, row in zip(lefts, laid, strict=True)
    ]
    return "\n".join(part for line in lines for part in _folded(line))


def _folded(line: str) -> list[str]:
    """A line that is too long with its first cases below each other."""
    start = line.find(_CASES) + len(_CASES)
    if _width(line) <= COLUMNS or start < len(_CASES):
        return [line]
    first, *others = line.split("; ")
    below = " " * _width(line[:start])
    parts = [first, *(below + other for other in others)]
    return [*(f"{part};" for part in parts[:-1]), parts[-1]]


def _right(row: Row, spell: Callable[[Node], str]) -> str:
    if row.rest is not None:
        sign = _BETWEEN.get(row.between, row.between)
        return f"     {sign} {spell(row.rest)}"
    return "".join(f" {SIGNS[sign].text} {spell(side)}" for sign, side in row.parts)


def columns(node: Node) -> float:
    """How many columns a formula takes on one line."""
    return _width(text(node))


def _width(line: str) -> int:
    return sum(not unicodedata.combining(char) for char in line)


def _heading(title: str, level: int, number: str) -> str:
    line = f"{number}  {title}"
    return f"{line}\n{'=-'[level - 1] * _width(line)}"


def _wrap(paragraph: str) -> str:
    return textwrap.fill(paragraph, WIDTH, break_long_words=False, break_on_hyphens=False)


def _table(rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Columns side by side; a table that is too wide has lines in the cells of its widest one."""
    widths = [max(_width(row[k]) for row in rows) for k in range(len(rows[0]))]
    widest = widths.index(max(widths))
    widths[widest] -= max(0, sum(widths) + 2 * len(widths) - 2 - WIDTH)
    head, *body = ([_padded(line, widths) for line in _lines(row, widths)] for row in rows)
    rule = "  ".join("-" * width for width in widths)
    return {"lines": [*head, rule, *(line for lines in body for line in lines)]}


def _lines(row: Sequence[str], widths: Sequence[int]) -> list[tuple[str, ...]]:
    """The lines of one row."""
    cells = [
        [cell] if _width(cell) <= width else textwrap.wrap(cell, width, break_long_words=False)
        for cell, width in zip(row, widths, strict=True)
    ]
    return list(zip_longest(*cells, fillvalue=""))


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    parts = (cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(parts).rstrip()


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

SCRIPTED_TEXT = replace(
    TEXT, inline=partial(text, script=True), display=partial(_display, script=True)
)
"""For networks of any depth: L is the number of layers, and the loss a calligraphic one."""
