"""Rates of change as they are printed: one glyph for the operator, and read back as printed."""

from __future__ import annotations

import pytest

from derive.notation import latex, text
from derive.notation.glyphs import OPERATORS
from derive.notation.parse import FUNCTIONS, parse
from derive.notation.tree import Apply, Derivative, Node, Number, Product, Sum, Symbol, Transpose

Z = Symbol("z", sub=(Number("1"),))
W = Symbol("W", sub=(Number("2"),))
LOSS = Symbol("L", style="cal")

PRINTED: list[tuple[Node, str, str]] = [
    (Apply("R", (Z,)), "R(z₁)", r"\mathcal{R}(z_1)"),
    (Product((W, Apply("R", (Z,)))), "W₂ R(z₁)", r"W_2 \mathcal{R}(z_1)"),
    (Transpose(Apply("R", (Z,))), "R(z₁)ᵀ", r"\mathcal{R}(z_1)^{\top}"),
    (Apply("G", (Derivative(LOSS, W),)), "G(∂L/∂W₂)", r"\mathcal{G}"),
]


@pytest.mark.parametrize(("node", "plain", "tex"), PRINTED)
def test_printed(node: Node, plain: str, tex: str) -> None:
    assert text(node) == plain
    assert latex(node).startswith(tex)


@pytest.mark.parametrize(
    "node",
    [
        Apply("R", (Z,)),
        Product((W, Apply("R", (Z,)))),
        Sum((Apply("R", (Z,)), Product((Apply("R", (W,)), Z)))),
    ],
)
def test_read_back(node: Node) -> None:
    assert parse(text(node), FUNCTIONS | set(OPERATORS)).tree == node


def test_in_a_formula_of_ones_own_they_are_letters() -> None:
    assert not set(OPERATORS) & FUNCTIONS
