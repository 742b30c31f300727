"""SymPy expressions as people write them."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.errors import DerivationError
from derive.meaning.expression import write_expression
from derive.meaning.formula import formula
from derive.notation.text import text
from derive.notation.tree import Symbol
from derive.program.functions import parameter

a, b, m = sp.Symbol("u0", real=True), sp.Symbol("u1", real=True), sp.Symbol("m", integer=True)
ATOMS = {a: Symbol("p"), b: Symbol("y"), m: Symbol("m")}

TABLE = [
    (2 * a - 2 * b, "2(p - y)"),
    ((2 * a - 2 * b) / m, "(2/m)(p - y)"),
    (1 - a**2, "1 - p²"),
    (a * (1 - a), "p (1 - p)"),
    ((b - a) / (a * (a - 1)), "(p - y) / [p (1 - p)]"),
    (-b / a, "-y/p"),
    (b - 1, "y - 1"),
    (-b, "-y"),
    (sp.Rational(1, 2) * a, "(1/2) p"),
    (1 / (1 + sp.exp(-a)), "1/[1 + exp(-p)]"),
    (-(b * sp.log(a) + (1 - b) * sp.log(1 - a)), "-(y log(p) + (1 - y) log(1 - p))"),
    (1 - sp.tanh(a) ** 2, "1 - tanh²(p)"),
    (sp.Piecewise((1, a > 0), (0, True)), "{ 1 if p > 0; 0 otherwise }"),
    ((a - b) ** 2 / 2, "(1/2) (p - y)²"),
]


@pytest.mark.parametrize(("expression", "expected"), TABLE)
def test_written_form(expression: sp.Expr, expected: str) -> None:
    assert text(write_expression(expression, ATOMS)) == expected


def test_arrays_are_elementwise() -> None:
    assert text(write_expression(1 - a**2, ATOMS, arrays=True)) == "1 - p ⊙ p"
    assert text(write_expression(a * (1 - a), ATOMS, arrays=True)) == "p ⊙ (1 - p)"


def test_what_has_no_notation_is_refused() -> None:
    with pytest.raises(DerivationError, match="no notation"):
        write_expression(sp.gamma(a), ATOMS)


ARRAYS = {
    "z sqrt(2) / (sqrt(3) + z^2)": "sqrt(2)(Z ⊘ (sqrt(3) 1 + Z ⊙ Z))",
    "z^2 / sqrt(pi)": "(1/sqrt(π))(Z ⊙ Z)",
    "pi z": "π Z",
    "tanh(z) - sqrt(2)": "tanh(Z) - sqrt(2) 1",
}


@pytest.mark.parametrize("source", ARRAYS)
def test_a_constant_scales_an_array(source: str) -> None:
    function = formula(source, ("z",))
    node = write_expression(function.expression, {parameter(0): Symbol("Z")}, arrays=True)
    assert text(node) == ARRAYS[source]
