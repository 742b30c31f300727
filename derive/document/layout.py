"""How formulas are broken into lines, the same way in every format.

A chain of equations stands on one line where it fits, else it gets a line for each sign; a side
that is still too wide is broken before a factor or a term. What "fits" means is the printer's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from derive.notation.tree import (
    BigSum,
    Negative,
    Node,
    Product,
    Relation,
    Sign,
    Sum,
)

Measure = Callable[[Node], float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a display."""

    left: Node | None
    """What stands before the first sign; None in the lines that follow."""
    parts: tuple[tuple[Sign, Node], ...]
    """What is aligned: signs, each with the side after it."""
    between: str = ""
    """In a line that goes on with a broken side: the glyph of the product, or ``+`` or ``-``."""
    rest: Node | None = None
    """What such a line holds."""


def rows(relations: Sequence[Relation], measure: Measure, limit: float) -> list[Row]:
    """The lines of relations below each other."""
    left = max(measure(relation.sides[0]) for relation in relations)
    return [
        row for relation in relations for row in _rows(relation, measure, limit, limit - left - 2)
    ]


def _rows(relation: Relation, measure: Measure, limit: float, room: float) -> Iterator[Row]:
    parts = tuple(zip(relation.signs, relation.sides[1:], strict=True))
    first = relation.sides[0]
    if not parts or sum(measure(side) + 2 for _, side in parts) <= room + 2:
        yield Row(first, parts)
        return
    for place, (sign, side) in enumerate(parts):
        head, *tail = broken(side, measure, room)
        yield Row(None if place else first, ((sign, head[1]),))
        for glyph, rest in tail:
            yield Row(None, (), glyph, rest)


def broken(side: Node, measure: Measure, room: float) -> list[tuple[str, Node]]:
    """A side in pieces that fit, each with the sign before it; whole where it cannot be broken."""
    if measure(side) <= room:
        return [("", side)]
    if isinstance(side, Sum) and len(side.terms) > 1:
        return _broken_sum(side, measure, room)
    if isinstance(side, Product) and side.glyph and len(side.factors) > 1:
        return _broken_product(side, measure, room)
    if isinstance(side, BigSum):
        return _first(broken(side.body, measure, room - 2), lambda body: BigSum(body, side.index))
    if isinstance(side, Product) and isinstance(side.factors[-1], BigSum):
        heads = side.factors[:-1]
        inner = broken(side.factors[-1], measure, room - 2)
        return _first(inner, lambda last: Product((*heads, last), side.glyph))
    if isinstance(side, Negative):
        return _first(broken(side.body, measure, room - 1), Negative)
    return [("", side)]


def _first(pieces: list[tuple[str, Node]], wrap: Callable[[Node], Node]) -> list[tuple[str, Node]]:
    """The first piece wrapped in what stands before it."""
    (glyph, head), *tail = pieces
    return [(glyph, wrap(head)), *tail]


def _broken_product(side: Product, measure: Measure, room: float) -> list[tuple[str, Node]]:
    groups = _groups(side.factors, lambda group: Product(tuple(group), side.glyph), measure, room)
    pieces = [Product(tuple(group), side.glyph) for group in groups]
    return [("" if not place else side.glyph, piece) for place, piece in enumerate(pieces)]


def _broken_sum(side: Sum, measure: Measure, room: float) -> list[tuple[str, Node]]:
    pieces: list[tuple[str, Node]] = []
    for place, group in enumerate(_groups(side.terms, _sum, measure, room)):
        first = group[0]
        minus = place > 0 and isinstance(first, Negative)
        if minus and isinstance(first, Negative):
            group = [first.body, *group[1:]]
        sign = "" if not place else "-" if minus else "+"
        pieces.append((sign, group[0] if len(group) == 1 else Sum(tuple(group))))
    return pieces


def _sum(terms: Sequence[Node]) -> Node:
    return Sum(tuple(terms))


def _groups(
    parts: Sequence[Node], join: Callable[[list[Node]], Node], measure: Measure, room: float
) -> list[list[Node]]:
    """Neighbours together as long as they fit, with the signs between them."""
    groups: list[list[Node]] = []
    used = 0.0
    for part in parts:
        needed = measure(part) + 2
        together = [*groups[-1], part] if groups else []
        if groups and used + needed <= room and measure(join(together)) <= room:
            groups[-1].append(part)
            used += needed
        else:
            groups.append([part])
            used = needed
    return groups
