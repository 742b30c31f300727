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
    return [*(f"{margin}# {line}" for line in above), *_broken(code, indent)]


def _broken(code: str, indent: int) -> list[str]:
    """A long sum with a term on each line.

    >>> _broken("L = " + " + ".join(["np.sum(W1**2)"] * 7), 0)[:3]
    ['L = (', '    np.sum(W1**2)', '    + np.sum(W1**2)']
    """
    margin, inner = STEP * indent, STEP * (indent + 1)
    if len(margin + code) <= WIDTH:
        return [margin + code]
    before, value, after = _assigned(code)
    terms = _terms(value)
    if len(terms) == 1:
        return _call(code, indent)
    lines = [value] if len(inner + value) <= WIDTH else terms
    return [f"{margin}{before}", *(inner + line for line in lines), f"{margin}{after}"]


def _call(code: str, indent: int) -> list[str]:
    """A long call with its arguments on a line of their own, or on one each."""
    margin, inner = STEP * indent, STEP * (indent + 1)
    start, items = _arguments(code)
    if not items:
        return [margin + code]
    together = f"{inner}{', '.join(items)}"
    body = [together] if len(together) <= WIDTH else [f"{inner}{item}," for item in items]
    if len(body) == len(items) == 1 and not start[-2:-1].isidentifier():
        body = [inner + factor for factor in _terms(items[0], (" * ", " @ "))]
    return [f"{margin}{start}", *body, f"{margin})"]


def _arguments(code: str) -> tuple[str, list[str]]:
    """``x = f(`` and the arguments of the call that a line ends with; none if it ends otherwise."""
    depth, end = 0, len(code) - 1
    items: list[str] = []
    for place in range(end, -1, -1) if code.endswith(")") else ():
        depth += (code[place] in ")]}") - (code[place] in "([{")
        if depth == 1 and code[place : place + 2] == ", ":
            items.append(code[place + 2 : end])
            end = place
        if depth == 0:
            return code[: place + 1], [*items, code[place + 1 : end]][::-1]
    return code, []


def _assigned(code: str) -> tuple[str, str, str]:
    """``x = (``, the value, ``)``; or ``x.append(``, the value, ``)``."""
    target, equals, value = code.partition(" = ")
    if equals:
        return f"{target} = (", value, ")"
    target, _, value = code.partition(".append(")
    return f"{target}.append(", value[:-1], ")"


def _terms(value: str, signs: tuple[str, ...] = (" + ", " - ")) -> list[str]:
    """The terms of a sum, or what other signs join, each but the first with its sign before it."""
    depth, start = 0, 0
    found: list[str] = []
    for place, letter in enumerate(value):
        depth += (letter in "([{") - (letter in ")]}")
        if depth == 0 and value[place : place + 3] in signs:
            found.append(value[start:place])
            start = place + 1
    return [*found, value[start:]]


def paragraph(text: str, hanging: str = "") -> list[str]:
    """A paragraph of a docstring."""
    return textwrap.wrap(
        text, WIDTH, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
    )
