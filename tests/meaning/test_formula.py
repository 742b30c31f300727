"""A formula as a function: its expression, its kinks, and what is refused."""

from __future__ import annotations

import contextlib
import time

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.calculus.local import local_derivative
from derive.errors import DerivationError, DeriveError
from derive.meaning.formula import ACTIVATION_ARGUMENTS, LOSS_ARGUMENTS, formula
from derive.notation.tokens import NotationError
from derive.program.functions import FUNCTIONS, derivative, parameter

Z, Y = parameter(0), parameter(1)

MEANINGS = [
    ("z / (1 + exp(-1.702 z))", Z / (1 + sp.exp(-sp.Rational(851, 500) * Z))),
    ("0.1z", Z / 10),
    ("1e-3 z", Z / 1000),
    ("e^z", sp.exp(Z)),
    ("pi z", sp.pi * Z),
    ("ln(z)", sp.log(Z)),
    ("sigma(z)", 1 / (1 + sp.exp(-Z))),
    ("tanh²(z)", sp.tanh(Z) ** 2),
    ("z^0.5", sp.sqrt(Z)),
    ("2^z", 2**Z),
    ("z^z", Z**Z),
    ("-z^2", -(Z**2)),
    ("z/2/3", Z / 6),
    ("max(0, z)", FUNCTIONS["relu"].expression),
    ("max(z, 0)", FUNCTIONS["relu"].expression),
    ("if z > 0 then z else 0", FUNCTIONS["relu"].expression),
    ("|z|", FUNCTIONS["abs"].expression),
    ("if 2 z > 0 then z else 0", FUNCTIONS["relu"].expression),
]


@pytest.mark.parametrize(("text", "expected"), MEANINGS)
def test_meaning(text: str, expected: sp.Expr) -> None:
    assert formula(text).expression == expected


KINKS = [
    ("|z|", 0, 0),
    ("max(0, z)", 0, 0),
    ("max(z, 0)", 0, 0),
    ("min(z, 0)", 0, 0),
    ("min(z, 1)", 1, 0),
    ("if z > 0 then z else 0.01 z", 0, sp.Rational(1, 100)),
    ("if z >= 0 then z else 0.01 z", 0, 1),
    ("if z < 0 then 3z else 2z", 0, 2),
    ("max(-1, min(1, z))", 1, 0),
    ("max(-1, min(1, z))", -1, 0),
    ("max(2z, 3z)", 0, 3),
    ("z/(1 + |z|)", 0, 1),
    ("if |z| < 1 then z^2 else 2|z| - 1", 1, 2),
]


@pytest.mark.parametrize(("text", "where", "slope"), KINKS)
def test_the_slope_at_a_kink_is_that_of_the_case_that_holds(
    text: str, where: int, slope: sp.Expr
) -> None:
    assert derivative(formula(text), 0).expression.subs(Z, where) == slope


REFUSED = [
    ("foo(z)", 1, "unknown function 'foo'"),
    ("z + tahn(z)", 5, "did you mean 'tanh'"),
    ("x + 1", 1, "known: z, e, pi"),
    ("z + zz", 5, "did you mean 'z'"),
    ("2", 1, "does not depend on z"),
    ("z - z", 1, "does not depend on z"),
    ("z + 1/0", 7, "division by zero"),
    ("1/(z - z)", 4, "division by zero"),
    ("0^-1 z", 1, "division by zero"),
    ("z log(0)", 3, "not a real number"),
    ("sqrt(-1) z", 1, "not a real number"),
    ("9^9^9^9", 3, "beyond the limit"),
    ("z^65", 1, "beyond the limit"),
    ("((z^8)^8)^8", 2, "the limit"),
    ("(z+1)^64 z", 1, "the limit"),
    ("z + 1e99", 5, "exponent up to 30"),
    ("tanh(z, z)", 1, "takes one argument, not 2"),
    ("max(z)", 1, "two arguments or more"),
    ("sigma'(z)", 1, "write the derivative of sigmoid out"),
    ("if sqrt(-1 - z^2) > 0 then z else 0", 1, "not a real number"),
]


@pytest.mark.parametrize(("text", "column", "told"), REFUSED)
def test_refused(text: str, column: int, told: str) -> None:
    with pytest.raises(NotationError) as caught:
        formula(text)
    assert told in caught.value.message
    assert caught.value.column + 1 == column


@pytest.mark.parametrize("text", ["floor(z)", "z + ceil(z)", "if z > 0 then floor(z) else z"])
def test_no_closed_form_is_refused_by_name(text: str) -> None:
    with pytest.raises(DerivationError, match="no closed form") as caught:
        formula(text, name="steps")
    assert "the derivative of steps by z" in caught.value.message
    with pytest.raises(DerivationError) as caught:
        formula(text)
    assert text in caught.value.message


@pytest.mark.parametrize("text", ["if z > 0 then 1 else 0", "sign(z)"])
def test_no_slope_is_refused(text: str) -> None:
    with pytest.raises(DerivationError, match="no gradient passes"):
        formula(text)


def test_a_loss_must_depend_on_the_prediction() -> None:
    assert formula("log(cosh(y_hat - y))", LOSS_ARGUMENTS).expression == sp.log(sp.cosh(Z - Y))
    assert formula("(ŷ - y)²", LOSS_ARGUMENTS).arity == 2
    with pytest.raises(NotationError, match="does not depend on y_hat"):
        formula("y^2", LOSS_ARGUMENTS)


def test_a_comparison_of_two_names_ends() -> None:
    """SymPy's normal form of such a comparison with decimals does not."""
    found = formula("max(0.9(y - y_hat), -0.1(y - y_hat))", LOSS_ARGUMENTS)
    assert derivative(found, 0).expression == sp.Piecewise(
        (-sp.Rational(9, 10), Z - Y < 0), (sp.Rational(1, 10), True)
    )


SLOW = [
    "z / (1 + exp(-1.702 z))",
    "exp(1.23456789 z) / (1 + exp(2.3456789 z))",
    "z^1.702 / (1 + z^0.123)",
    " + ".join(f"1/({k} + exp({k} z) + log({k + 1} + z^2))" for k in range(1, 12)),
    "abs(" * 20 + "z" + ")" * 20,
    "abs(z - " * 12 + "1" + ")" * 12,
    "max(" + ", ".join(f"{k} z + {k * k}" for k in range(12)) + ")",
    "((z + 1)^8 + 1)^8",
    "exp(" * 15 + "z" + ")" * 15,
]


@pytest.mark.parametrize("text", SLOW, ids=range(len(SLOW)))
def test_an_answer_comes_soon(text: str) -> None:
    start = time.process_time()
    with contextlib.suppress(DeriveError):
        local_derivative(formula(text), 0)
    assert time.process_time() - start < 5


WORDS = "z z z y 0 1 2.5 3 1.702 + - * / ^ ( ) , | if then else > < "
WORDS += "tanh( exp( log( max( abs( sqrt( pi e"


@given(st.one_of(st.text(), st.lists(st.sampled_from(WORDS.split()), max_size=20).map(" ".join)))
@settings(deadline=None)
def test_any_text(text: str) -> None:
    for arguments in (ACTIVATION_ARGUMENTS, LOSS_ARGUMENTS):
        with contextlib.suppress(DeriveError):
            formula(text, arguments)


SMALL = st.recursive(
    st.sampled_from(["z", "1", "2", "0.3"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("{}({})".format, st.sampled_from(["tanh", "exp", "abs", "relu", "log"]), inner),
        st.builds("({})^{}".format, inner, st.sampled_from(["2", "3", "0.5", "-1"])),
        st.builds("max({}, {})".format, inner, inner),
        st.builds("(if {} > {} then {} else {})".format, inner, inner, inner, inner),
    ),
    max_leaves=8,
)


@given(SMALL)
@settings(deadline=None, max_examples=60)
def test_any_good_formula_has_a_local_derivative_or_is_refused(text: str) -> None:
    with contextlib.suppress(DeriveError):
        local_derivative(formula(text), 0)
