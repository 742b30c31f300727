"""Expressions are written as a person writes them, and mean what they meant."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from derive.codegen import load_module
from derive.codegen.elementwise import writer
from derive.codegen.text import FORMULA, PYTHON, Piece, added, scaled, signed
from derive.errors import ProgramError
from derive.program.functions import FUNCTIONS, parameter, size_symbol
from derive.program.shapes import Scale

U, V = parameter(0), parameter(1)
M, N = size_symbol("m"), size_symbol("n1")
ARGUMENTS = [Piece("y_hat"), Piece("y")]

WRITTEN = [
    (2 * U - 2 * V, "2 * (y_hat - y)", "2 (y_hat - y)"),
    (-2 * U + 2 * V, "2 * (y - y_hat)", "2 (y - y_hat)"),
    ((2 * U - 2 * V) / M, "2 / m * (y_hat - y)", "2 (y_hat - y) / m"),
    ((-U + V) / M, "(y - y_hat) / m", "(y - y_hat) / m"),
    ((U - V) / (2 * M * N), "(y_hat - y) / (2 * m * n1)", "(y_hat - y) / (2 m n1)"),
    (2 * (U - V) / (3 * M), "2 / (3 * m) * (y_hat - y)", "2 (y_hat - y) / (3 m)"),
    (1 - U**2, "1 - y_hat**2", "1 - y_hat^2"),
    (U * (1 - U), "y_hat * (1 - y_hat)", "y_hat * (1 - y_hat)"),
    ((U - V) ** 2, "(y_hat - y) ** 2", "(y_hat - y)^2"),
    (-U - V, "-(y_hat + y)", "-(y_hat + y)"),
    (-V / U, "-y / y_hat", "-y / y_hat"),
    ((V - U) / (U * (1 - U)), "(y - y_hat) / (y_hat * (1 - y_hat))", None),
    (1 / U, "1 / y_hat", "1 / y_hat"),
    (-(U**2), "-(y_hat**2)", "-y_hat^2"),
    (sp.Rational(1, 2) * U, "y_hat / 2", "y_hat / 2"),
    (M * U, "m * y_hat", "m y_hat"),
    (U / M**2, "y_hat / m**2", "y_hat / m^2"),
    (sp.exp(-U), "np.exp(-y_hat)", "exp(-y_hat)"),
    (sp.Integer(1), "1", "1"),
    (sp.Rational(851, 500) * U, "1.702 * y_hat", "1.702 y_hat"),
    (U / 10, "0.1 * y_hat", "0.1 y_hat"),
    (U / 200000, "y_hat / 200000", "y_hat / 200000"),
    (sp.sqrt(1 + U**2), "np.sqrt(1 + y_hat**2)", "sqrt(1 + y_hat^2)"),
    (U * sp.sqrt(2 / sp.pi), "2**0.5 * y_hat / np.pi**0.5", "sqrt(2) * y_hat / sqrt(pi)"),
    (U + sp.log(2), "float(np.log(2)) + y_hat", "log(2) + y_hat"),
    (sp.atan(U) + sp.E, "np.e + np.arctan(y_hat)", "e + arctan(y_hat)"),
    (
        FUNCTIONS["abs"].expression,
        "np.where(y_hat > 0, y_hat, np.where(y_hat < 0, -y_hat, 0))",
        "(y_hat if y_hat > 0 else (-y_hat if y_hat < 0 else 0))",
    ),
    (
        FUNCTIONS["sign"].expression,
        "np.where(y_hat > 0, 1, np.where(y_hat < 0, -1, 0)).astype(y_hat.dtype)",
        "(1 if y_hat > 0 else (-1 if y_hat < 0 else 0))",
    ),
    (FUNCTIONS["relu"].expression, "np.maximum(y_hat, 0)", "max(y_hat, 0)"),
    (
        FUNCTIONS["binary_cross_entropy"].expression,
        "-(y * np.log(y_hat) + (1 - y) * np.log(1 - y_hat))",
        "-(y * log(y_hat) + (1 - y) * log(1 - y_hat))",
    ),
]


def computed(text: str) -> float:
    """The value of a text at the numbers of the tests."""
    source = f"import numpy as np\n\ndef value(y_hat, y, m, n1):\n    return {text}\n"
    return float(load_module(source).value(np.float64(0.3), np.float64(0.8), 5, 7))


@pytest.mark.parametrize(("expression", "python", "formula"), WRITTEN)
def test_written_order(expression: sp.Expr, python: str, formula: str | None) -> None:
    assert writer(PYTHON, ARGUMENTS).piece(expression).text == python
    assert formula in (None, writer(FORMULA, ARGUMENTS).piece(expression).text)


@pytest.mark.parametrize("expression", [line[0] for line in WRITTEN])
def test_the_text_has_the_expressions_value(expression: sp.Expr) -> None:
    values = {U: 0.3, V: 0.8, M: 5, N: 7}
    text = writer(PYTHON, ARGUMENTS).piece(expression).text
    expected = float(expression.xreplace(values))
    assert computed(text) == pytest.approx(expected, rel=1e-14)


polynomials = st.recursive(
    st.sampled_from([U, V, M, sp.Integer(1), sp.Integer(2), sp.Rational(1, 2)]),
    lambda inner: st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a: a / M, inner),
        st.builds(lambda a: a**2, inner),
        st.builds(sp.tanh, inner),
    ),
    max_leaves=8,
)


@given(polynomials)
def test_any_expression_keeps_its_value(expression: sp.Expr) -> None:
    text = writer(PYTHON, ARGUMENTS).piece(expression).text
    expected = float(expression.xreplace({U: sp.Float(0.3, 30), V: sp.Float(0.8, 30), M: 5}))
    assert computed(text) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_an_unknown_function_is_refused() -> None:
    with pytest.raises(ProgramError, match="no NumPy for"):
        writer(PYTHON, ARGUMENTS).piece(sp.gamma(U))
    with pytest.raises(ProgramError, match="no NumPy for"):
        writer(PYTHON, ARGUMENTS).piece(sp.Piecewise((1, sp.Ne(U, 0)), (0, True)))


def test_a_coefficient_meets_numbers_before_arrays() -> None:
    scale = Scale(Fraction(2)) * Scale.of_size("m", -1)
    assert signed(*scaled(scale, Piece("z"), PYTHON)).text == "2 / m * z"
    assert signed(*scaled(-scale, Piece("z"), FORMULA)).text == "-2 z / m"
    assert signed(*scaled(scale, None, PYTHON)).text == "2 / m"


def test_sums_start_with_what_is_positive() -> None:
    terms = [(True, Piece("a")), (False, Piece("b"))]
    assert signed(*added(terms)).text == "b - a"
