"""Text as lines of at most a hundred columns, broken as a formatter breaks them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

from derive.codegen.statements import Statement

WIDTH = 100
STEP = " " * 4


def listed(
    before: str, items: Sequence[str], after: str, indent: int = 1, comma: bool = False
) -> list[str]:
    """``before item, item after``: on one line, else the items on their own, else one a line.

    Only the arguments of a call share a line of their own, not the items of a tuple. ``comma`` puts
    one behind the last item too, as a tuple of one needs it.

    >>> listed("f(", ["a", "b"], ")", indent=0)
    ['f(a, b)']
    """
    margin, inner = STEP * indent, STEP * (indent + 1)
    line = f"{margin}{before}{', '.join(items)}{',' if comma else ''}{after}"
    if len(line) <= WIDTH:
        return [line]
    middle = f"{inner}{', '.join(items)}"
    together = len(middle) <= WIDTH and before[-2:-1].isidentifier()
    body = [middle] if together else [f"{inner}{item}," for item in items]
    return [f"{margin}{before}", *body, f"{margin}{after}"]


def unpacked(names: Sequence[str], source: str, attributes: Sequence[str]) -> list[str]:
    """``a, b = source.a, source.b``, in as many lines as it needs; the attributes are short."""
    lines: list[str] = []
    row: list[tuple[str, str]] = []
    for pair in zip(names, attributes, strict=True):
        if row and len(_assignment([*row, pair], source)) > WIDTH:
            lines.append(_assignment(row, source))
            row = []
        row.append(pair)
    return [*lines, _assignment(row, source)] if row else lines


def _assignment(pairs: Iterable[tuple[str, str]], source: str) -> str:
    pairs = tuple(pairs)
    left = ", ".join(name for name, _ in pairs)
    right = ", ".join(f"{source}.{attribute}" for _, attribute in pairs)
    return f"{STEP}{left} = {right}"


def commented(statement: Statement, indent: int = 1, append: bool = False) -> list[str]:
    """A line of code with its formula."""
    target, value = statement.target, statement.code
    code = f"{target}.append({value})" if append else f"{target} = {value}"
    return noted(code, statement.formula, indent)


def noted(code: str, note: str, indent: int = 1) -> list[str]:
    """A line of code with a comment behind it, or above it where that is too long.

    >>> noted("W1: Array", "(3, 2)")
    ['    W1: Array  # (3, 2)']
    """
    margin = STEP * indent
    if len(margin + code) + len(note) + 4 <= WIDTH:
        return [f"{margin}{code}  # {note}"]
    above = textwrap.wrap(note, WIDTH - len(margin) - 2, break_long_words=False)
    return [*(f"{margin}# {line}" for line in above), f"{margin}{code}"]


def paragraph(text: str, hanging: str = "") -> list[str]:
    """A paragraph of a docstring."""
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )
