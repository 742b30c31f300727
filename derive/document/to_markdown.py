"""The Markdown printer: GitHub's flavour, with formulas that KaTeX and MathJax set.

A displayed formula stands in a fence of the language ``math``, where no character of it can be
mistaken for Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from derive.document.blocks import Formula
from derive.document.mathematics import displayed
from derive.document.printer import Printer
from derive.notation.latex import latex

_MISREAD = re.compile(r"([\\`*_\[\]<>$|#])")


def _words(words: str) -> str:
    return _MISREAD.sub(r"\\\1", words)


def _fenced(formulas: Sequence[Formula]) -> str:
    return f"```math\n{displayed([formula.relation for formula in formulas])}\n```"


def _in_dollars(formulas: Sequence[Formula]) -> str:
    return f"$$\n{displayed([formula.relation for formula in formulas])}\n$$"


def _table(rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    return {"head": rows[0], "rule": ["---"] * len(rows[0]), "rows": rows[1:]}


MARKDOWN = Printer(
    folder="markdown",
    suffix="md",
    words=_words,
    inline=lambda node: f"${latex(node)}$",
    display=_fenced,
    heading=lambda title, level, number: f"{'#' * (level + 1)} {number} {title}",
    table=_table,
)

NOTEBOOK = replace(MARKDOWN, display=_in_dollars)
"""For Jupyter, which does not know fences of mathematics."""
