"""What prints the same means the same: all small trees, valued with matrices.

Every node is given a value that sees grouping: products of one kind are associative and nothing
else is, a big sum is a linear map, scripts and divisors are bent by functions that are not. Two
trees that print the same must have the same value; a lost pair of brackets shows as a collision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from derive.notation import latex, text
from derive.notation.tree import (
    Apply,
    BigSum,
    Glyph,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
    Transpose,
)

Matrix = NDArray[np.float64]
Valued = tuple[Node, Matrix]

RNG = np.random.default_rng(7)
LEFT, RIGHT = RNG.normal(size=(2, 3, 3))
LEAVES: list[Valued] = [
    (Symbol("x"), RNG.normal(size=(3, 3))),
    (Symbol("y", sup=(Symbol("l"),)), RNG.normal(size=(3, 3))),
    (Number("2"), RNG.normal(size=(3, 3))),
]
PRODUCTS: list[Glyph] = ["", "times", "cdot"]
TWO, INDEX = Number("2"), Symbol("i")


def unary(operand: Valued) -> Iterator[Valued]:
    node, value = operand
    yield Negative(node), -value
    yield Transpose(node), value.T
    yield Power(node, TWO), np.cos(value)
    yield Apply("tanh", (node,)), np.tanh(value)
    yield BigSum(node, INDEX), LEFT @ value @ RIGHT


def binary(first: Valued, second: Valued) -> Iterator[Valued]:
    (a, u), (b, v) = first, second
    yield Sum((a, b)), u + v
    yield Sum((a, Negative(b))), u - v
    for glyph in PRODUCTS:
        yield Product((a, b), glyph), u @ v
    yield Product((a, b), "hadamard"), u * v
    yield Quotient(a, b), u @ np.cos(v)
    yield Quotient(a, b, elementwise=True), u * np.sin(v)


def grown(trees: list[Valued], others: list[Valued]) -> Iterator[Valued]:
    for tree in trees:
        yield from unary(tree)
        for other in others:
            yield from binary(tree, other)
            yield from binary(other, tree)


def collisions(trees: list[Valued], printer: Callable[[Node], str]) -> list[str]:
    """Lines that stand for two values."""
    seen: dict[str, Matrix] = {}
    for node, value in trees:
        known = seen.setdefault(printer(node), value)
        if not np.allclose(known, value, rtol=1e-6, atol=1e-9):
            return [printer(node)]
    return []


@pytest.mark.parametrize("printer", [latex, text])
def test_what_prints_the_same_means_the_same(printer: Callable[[Node], str]) -> None:
    small = list(grown(LEAVES, LEAVES))
    middle = list(grown(small, LEAVES))
    large = list(grown(middle[::50], LEAVES[:2]))
    assert collisions([*LEAVES, *small, *middle, *large], printer) == []
