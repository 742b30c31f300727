"""Single edits of a formula: one sign, factor, name, sum or slope other than it is written.

Each edit carries the name of the fault that it would mend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from functools import partial
from typing import Any

from derive.notation.tree import (
    Apply,
    BigSum,
    Derivative,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    negate,
)

Edit = tuple[str, Node]
"""The fault, and the formula without it."""


def edits(tree: Node, names: Iterable[Node], factors: Iterable[Node]) -> Iterator[Edit]:
    """Every formula that is one edit away, the likeliest faults first.

    Args:
        tree: the formula.
        names: what may stand in place of a name.
        factors: what may be missing as a factor.
    """
    for rule, change in _LOCAL:
        for new in _everywhere(tree, change):
            yield rule, new
    for factor in factors:
        yield _missing(factor), _times(tree, factor)
    for name in names:
        for new in _everywhere(tree, partial(_renamed, name)):
            yield "wrong-symbol", new


def _missing(factor: Node) -> str:
    if isinstance(factor, Number | Quotient):
        return "wrong-factor"
    slope = isinstance(factor, Derivative | Sum | Apply)
    return "missing-activation-derivative" if slope else "dropped-factor"


def _times(tree: Node, factor: Node) -> Node:
    if isinstance(tree, Product):
        return replace(tree, factors=(*tree.factors, factor))
    return Product((tree, factor), "times")


def _everywhere(tree: Node, change: Callable[[Node], Iterable[Node]]) -> Iterator[Node]:
    """The tree with one node replaced, for each node and each replacement."""
    yield from change(tree)
    if isinstance(tree, Symbol):
        return
    kind: Any = type(tree)
    for item in fields(kind):
        old = getattr(tree, item.name)
        if isinstance(old, Node):
            for new in _everywhere(old, change):
                yield replace(tree, **{item.name: new})
        elif isinstance(old, tuple):
            for k, part in enumerate(old):
                if isinstance(part, Node):
                    for new in _everywhere(part, change):
                        changed = (*old[:k], new, *old[k + 1 :])
                        yield replace(tree, **{item.name: changed})


def _signs(node: Node) -> Iterator[Node]:
    if isinstance(node, Sum):
        for k, term in enumerate(node.terms):
            yield replace(node, terms=(*node.terms[:k], negate(term), *node.terms[k + 1 :]))
    elif isinstance(node, Negative):
        yield node.body


def _whole_sign(node: Node) -> Iterator[Node]:
    yield negate(node)


def _without_sum(node: Node) -> Iterator[Node]:
    if isinstance(node, BigSum):
        yield node.body


def _without_factor(node: Node) -> Iterator[Node]:
    if isinstance(node, Product):
        for k in range(len(node.factors)):
            rest = node.factors[:k] + node.factors[k + 1 :]
            yield rest[0] if len(rest) == 1 else replace(node, factors=rest)
    elif isinstance(node, Sum) and len(node.terms) > 1:
        for k in range(len(node.terms)):
            rest = node.terms[:k] + node.terms[k + 1 :]
            yield rest[0] if len(rest) == 1 else replace(node, terms=rest)


def _powers(node: Node) -> Iterator[Node]:
    if isinstance(node, Power):
        yield node.base
    elif isinstance(node, Symbol):
        yield Power(node, Number("2"))
    elif isinstance(node, Apply) and node.power == 1:
        yield replace(node, power=2)
    elif isinstance(node, Apply):
        yield replace(node, power=1)


def _primes(node: Node) -> Iterator[Node]:
    if isinstance(node, Apply):
        yield replace(node, primes=1 - min(node.primes, 1))


def _numbers(node: Node) -> Iterator[Node]:
    if isinstance(node, Number) and node.digits.isdigit() and len(node.digits) < 3:
        for value in (1, 2, 3, 4):
            if value != int(node.digits):
                yield Number(str(value))


def _renamed(name: Node, node: Node) -> Iterator[Node]:
    if isinstance(node, Symbol) and node != name:
        yield name


_LOCAL: tuple[tuple[str, Callable[[Node], Iterable[Node]]], ...] = (
    ("summed-per-sample-derivative", _without_sum),
    ("wrong-sign", _signs),
    ("wrong-sign", _whole_sign),
    ("missing-prime", _primes),
    ("wrong-power", _powers),
    ("wrong-factor", _numbers),
    ("extra-factor", _without_factor),
)
"""The faults and the edits that mend them."""
