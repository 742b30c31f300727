"""Derivative quotients: what a fraction with a differential above and below says.

``d^2 L / (dx dy)`` is the derivative by ``x`` of that by ``y``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from derive.notation.tree import (
    Blank,
    Derivative,
    Differential,
    Fenced,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Sum,
    Transpose,
)

Orders = Mapping[int, tuple[Node, Node]]
"""``id(differential)`` -> itself, and the exponent of its d."""


def open_(node: Node) -> Node:
    """What stands within round brackets."""
    while isinstance(node, Fenced) and node.shape == "round":
        node = node.body
    return node


def derivative(above: Node, below: Node, orders: Orders) -> Node | None:
    """The derivative that ``above / below`` is, if it is one."""
    above, steps = open_(above), _steps(open_(below))
    if isinstance(above, Negative):
        inner = derivative(above.body, below, orders)
        return inner and Negative(inner)
    first = _first(above)
    if first is None or not steps:
        return None
    order = orders.get(id(first), (first, Number("1")))[1]
    by = _expanded(order, steps, orders)
    if by is None:
        return None
    node = _body(above, first)
    for step in reversed(by):
        node = Derivative(node, step, first.total)
    return node


def _first(node: Node) -> Differential | None:
    """The differential at the head of a numerator, if it has only that one."""
    parts: tuple[Node, ...] = (node,)
    if isinstance(parts[0], Sum):
        parts = parts[0].terms
    if isinstance(parts[0], Product):
        parts = (*parts[0].factors, *parts[1:])
    head = bare(parts[0])
    alone = not any(isinstance(part, Differential) for part in parts[1:])
    return head if isinstance(head, Differential) and alone else None


def bare(node: Node) -> Node:
    """What carries an exponent."""
    node = node.base if isinstance(node, Power) else node
    return node.body if isinstance(node, Transpose) else node


def _body(node: Node, first: Differential) -> Node:
    """The numerator without its d."""
    if node is first:
        return first.body
    if isinstance(node, Sum):
        return Sum((_body(node.terms[0], first), *node.terms[1:]))
    if isinstance(node, Product):
        if isinstance(first.body, Blank) and node.factors[0] is first:
            rest = node.factors[1:]
            return rest[0] if len(rest) == 1 else replace(node, factors=rest)
        return replace(node, factors=(_body(node.factors[0], first), *node.factors[1:]))
    if isinstance(node, Power):
        return Power(first.body, node.exponent)
    assert isinstance(node, Transpose)
    return Transpose(first.body)


def _steps(node: Node) -> list[Node]:
    """The differentials of a denominator, each with its exponent."""
    parts = node.factors if isinstance(node, Product) and not node.glyph else (node,)
    found = []
    for part in parts:
        step = bare(part)
        if not isinstance(step, Differential) or isinstance(step.body, Blank):
            return []
        found.append(part)
    return found


def _expanded(order: Node, steps: list[Node], orders: Orders) -> list[Node] | None:
    """What is derived by, one after the other: as many as the order says."""
    if not isinstance(order, Number) or not order.digits.isdigit():
        return None
    count = int(order.digits)
    if count == len(steps):
        return [_inner(step) for step in steps]
    if len(steps) != 1 or not 1 < count < 10:
        return None
    (step,) = steps
    if isinstance(step, Power) and step.exponent == order:
        assert isinstance(step.base, Differential)
        return [step.base.body] * count
    return None


def _inner(step: Node) -> Node:
    """``d(W^L)`` for ``dW^L``."""
    if isinstance(step, Power):
        assert isinstance(step.base, Differential)
        return Power(step.base.body, step.exponent)
    if isinstance(step, Transpose):
        assert isinstance(step.body, Differential)
        return Transpose(step.body.body)
    assert isinstance(step, Differential)
    return step.body


def applied(operator: Derivative, body: Node) -> Derivative | None:
    """An operator ``d/dx`` with what it is applied to, or None where it has that already."""
    if isinstance(operator.numerator, Blank):
        return replace(operator, numerator=open_(body))
    if isinstance(operator.numerator, Derivative):
        inner = applied(operator.numerator, body)
        return inner and replace(operator, numerator=inner)
    return None
