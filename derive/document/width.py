"""How wide a formula is on the page, roughly: enough to decide where a line ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from derive.notation import glyphs
from derive.notation.tree import (
    Apply,
    BigSum,
    Blank,
    Call,
    Cases,
    Delta,
    Derivative,
    Differential,
    Fenced,
    Function,
    Indexed,
    Interval,
    Listed,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Qualified,
    Quotient,
    Range,
    Relation,
    Sum,
    Symbol,
    Transpose,
)

SCRIPT = 0.75
"""Size of scripts against the line."""
LETTER, DIGIT, SIGN, BRACKETS = 0.6, 0.5, 1.4, 0.8


def width(node: Node) -> float:
    """An estimate in em for LaTeX, too large rather than too small."""
    rule: Callable[[Any], float] = WIDTHS[type(node)]
    return rule(node)


def _all(nodes: Iterable[Node], between: float = 0.0) -> float:
    widths = [width(node) for node in nodes]
    return sum(widths) + between * max(len(widths) - 1, 0)


def _symbol(node: Symbol) -> float:
    word = len(node.glyph) if node.glyph not in glyphs.LETTERS else 1
    above = _all(node.sup) + (0.6 if node.bracket else 0)
    return LETTER * word + (0.2 if node.style else 0) + SCRIPT * max(_all(node.sub), above)


def _factor(node: Node) -> float:
    loose = isinstance(node, Sum | Negative) or (isinstance(node, Product) and bool(node.glyph))
    return width(node) + (BRACKETS if loose else 0)


def _product(node: Product) -> float:
    between = SIGN if node.glyph else 0.2
    return sum(map(_factor, node.factors)) + between * (len(node.factors) - 1)


def _quotient(node: Quotient) -> float:
    if node.elementwise:
        return _factor(node.numerator) + SIGN + _factor(node.denominator)
    return max(width(node.numerator), width(node.denominator)) + 0.3


def _apply(node: Apply) -> float:
    return _name(node.function) + BRACKETS + 0.3 * node.primes + _all(node.arguments, 0.6)


def _name(name: str) -> float:
    return 0.55 * len(glyphs.function_name(name).text) + 0.2


def _cases(node: Cases) -> float:
    rows = [width(v) + (4.5 if c is None else 2.5 + width(c)) for v, c in node.rows]
    return 1.5 + max(rows)


def _matrix(node: Matrix) -> float:
    columns = zip(*node.rows, strict=True)
    return 1.2 + sum(max(map(width, column)) + 0.8 for column in columns)


WIDTHS: dict[type[Node], Callable[[Any], float]] = {
    Number: lambda n: DIGIT * (len(n.digits) + (3 if "e" in n.digits else 0)),
    Symbol: _symbol,
    Sum: lambda n: _all(n.terms, SIGN),
    Negative: lambda n: 0.8 + _factor(n.body),
    Product: _product,
    Quotient: _quotient,
    Power: lambda n: _factor(n.base) + SCRIPT * width(n.exponent),
    Transpose: lambda n: width(n.body) + BRACKETS + 0.6,
    Apply: _apply,
    Derivative: lambda n: max(width(n.numerator), width(n.denominator)) + 0.9,
    BigSum: lambda n: 1.4 + _factor(n.body),
    Delta: lambda n: 0.5 + SCRIPT * (width(n.first) + width(n.second)),
    Cases: _cases,
    Function: lambda n: _name(n.name) + 0.3 * n.primes,
    Interval: lambda n: BRACKETS + 0.6 + width(n.lower) + width(n.upper),
    Matrix: _matrix,
    Fenced: lambda n: BRACKETS + width(n.body),
    Relation: lambda n: _all(n.sides, 1.8),
    Call: lambda n: width(n.head) + BRACKETS + _all(n.arguments, 0.6),
    Indexed: lambda n: width(n.body) + SCRIPT * _all(n.sub),
    Differential: lambda n: 0.6 + width(n.body),
    Listed: lambda n: _all(n.items, 0.6),
    Qualified: lambda n: width(n.body) + 2.5 + width(n.condition),
    Range: lambda n: 0.4 + _all(part for part in (n.lower, n.upper) if part is not None),
    Blank: lambda _: 0.0,
}
"""Kind of node -> its width; the same kinds as the printers'."""
