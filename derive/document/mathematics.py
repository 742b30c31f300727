"""Displayed formulas in LaTeX, as the article and Markdown both set them."""

from __future__ import annotations

from collections.abc import Sequence

from derive.document.layout import Row, rows
from derive.document.width import width
from derive.notation.glyphs import PRODUCTS, SIGNS
from derive.notation.latex import latex
from derive.notation.tree import Relation

LINE = 38.0
"""What fits on a line of an A4 page with one inch of margin, in em."""

_BETWEEN: dict[str, str] = {glyph: spelling.latex.strip() for glyph, spelling in PRODUCTS.items()}


def displayed(relations: Sequence[Relation], environment: str = "aligned") -> str:
    """The body of a displayed formula: one line, or lines aligned at their first sign."""
    laid = rows(relations, width, LINE)
    if len(laid) == 1:
        return latex(relations[0])
    lines = " \\\\\n".join(map(_line, laid))
    return f"\\begin{{{environment}}}\n{lines}\n\\end{{{environment}}}"


def _line(row: Row) -> str:
    if row.rest is not None:
        sign = _BETWEEN.get(row.between, row.between)
        return f"&\\quad {{}}{sign} {latex(row.rest)}"
    left = latex(row.left) if row.left is not None else ""
    if not row.parts:
        return f"& {left}"
    parts = [f"{SIGNS[sign].latex} {latex(side)}" for sign, side in row.parts]
    text = f"{left} &{parts[0]}".lstrip() + "".join(f" {part}" for part in parts[1:])
    return "{}" + text if text.startswith("[") else text
