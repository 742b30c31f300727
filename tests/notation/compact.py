"""A tree as one line of ASCII, prefix first: what the table of written forms compares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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

PRODUCTS = {"": ".", "times": "x", "cdot": "dot", "hadamard": "had", "ast": "*", "at": "@"}
SHAPES = {"round": "()", "square": "[]", "curly": "{}", "angle": "<>"}


def form(*parts: str) -> str:
    return f"({' '.join(parts)})"


def compact(node: Node | None) -> str:
    """``a b + c`` is ``(+ (. a b) c)``."""
    return "_" if node is None else RULES[type(node)](node)


def every(nodes: tuple[Node, ...]) -> list[str]:
    return [compact(node) for node in nodes]


def relation(node: Relation) -> str:
    sides = every(node.sides)
    if len(set(node.signs)) == 1:
        return form(node.signs[0], *sides)
    rest = [part for pair in zip(node.signs, sides[1:], strict=True) for part in pair]
    return form("chain", sides[0], *rest)


def cases(node: Cases) -> str:
    rows = [form(compact(v), *([compact(c)] if c else [])) for v, c in node.rows]
    return form("cases", *rows)


def apply(node: Apply) -> str:
    power = f"^{node.power}" if node.power != 1 else ""
    return form(node.function + "'" * node.primes + below(node.sub) + power, *every(node.arguments))


def matrix(node: Matrix) -> str:
    rows = ["[" + " ".join(every(row)) + "]" for row in node.rows]
    return form("matrix" + SHAPES.get(node.shape, node.shape), *rows)


def symbol(node: Symbol) -> str:
    name = ".".join(part for part in (node.style, node.accent, node.glyph) if part)
    above = " ".join(map(compact, node.sup))
    if above:
        above = f"^[{above}]" if node.bracket else f"^{{{above}}}"
    return name + "'" * node.primes + below(node.sub) + above


def below(sub: tuple[Node, ...]) -> str:
    if not sub:
        return ""
    parts = [compact(part) for part in sub]
    return f"_{parts[0]}" if len(parts) == 1 else f"_{{{' '.join(parts)}}}"


RULES: dict[type[Node], Callable[[Any], str]] = {
    Blank: lambda n: "_",
    Number: lambda n: n.digits,
    Symbol: symbol,
    Sum: lambda n: form("+", *every(n.terms)),
    Negative: lambda n: form("-", compact(n.body)),
    Product: lambda n: form(PRODUCTS.get(n.glyph, n.glyph), *every(n.factors)),
    Quotient: lambda n: form(
        "./" if n.elementwise else "/", compact(n.numerator), compact(n.denominator)
    ),
    Power: lambda n: form("^", compact(n.base), compact(n.exponent)),
    Transpose: lambda n: form("T", compact(n.body)),
    Apply: apply,
    Function: lambda n: f"fn:{n.name}" + "'" * n.primes,
    Call: lambda n: form(f"call{SHAPES[n.shape]}", compact(n.head), *every(n.arguments)),
    Indexed: lambda n: form("sub", compact(n.body), *every(n.sub)),
    Derivative: lambda n: form(
        "d/d" if n.total else "D", compact(n.numerator), compact(n.denominator)
    ),
    Differential: lambda n: form("d" if n.total else "partial", compact(n.body)),
    BigSum: lambda n: form(n.glyph, *map(compact, (n.index, n.lower, n.upper, n.body))),
    Cases: cases,
    Matrix: matrix,
    Fenced: lambda n: form(SHAPES[n.shape], compact(n.body)),
    Delta: lambda n: form("delta", compact(n.first), compact(n.second)),
    Listed: lambda n: form("list" if n.glyph == "," else n.glyph, *every(n.items)),
    Qualified: lambda n: form(n.word, compact(n.body), compact(n.condition)),
    Range: lambda n: form(":", compact(n.lower), compact(n.upper)),
    Relation: relation,
}
