"""The prime field by itself: what is tied holds, what is free is free."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st

from derive.calculus.proof.domain import Singular, Unsupported
from derive.calculus.proof.field import FIELD, PRIME, compiled, exponential, inverse, positive

U, V = sp.symbols("u v", real=True)
elements = st.integers(1, PRIME - 1)


def value(expression: sp.Expr, *arguments: int) -> int:
    return int(compiled(expression, (U, V), {})(arguments))


def test_the_modulus_is_prime() -> None:
    assert sp.isprime(PRIME)
    assert PRIME == 2**61 - 1


@given(elements, elements)
def test_rational_identities_hold(u: int, v: int) -> None:
    left = (U**2 - V**2) / (U + V) + sp.Rational(1, 3)
    if (u + v) % PRIME and (u - v) % PRIME:
        assert value(left, u, v) == value(U - V + sp.Rational(1, 3), u, v)
        assert value(left, u, v) != value(U + V, u, v)


@given(elements)
def test_exponentials_of_opposite_arguments_are_inverse(u: int) -> None:
    assert exponential(u) * exponential(-u) % PRIME == 1
    assert value(sp.exp(U) / (1 + sp.exp(U)), u, 0) == value(1 / (1 + sp.exp(-U)), u, 0)


@given(elements, elements)
def test_exponentials_of_sums_are_products(u: int, v: int) -> None:
    assert value(sp.exp(2 * U - V), u, v) == value(sp.exp(U) * sp.exp(U) / sp.exp(V), u, v)
    third = sp.Rational(1, 3)
    assert value(sp.exp(third * U) ** 3, u, v) == value(
        sp.exp(third * U) * sp.exp(2 * third * U), u, v
    )


@given(elements)
def test_a_condition_and_its_opposite_exclude_each_other(u: int) -> None:
    assert positive(u) + positive(-u) == 1
    cases = [
        sp.Piecewise((1, U > 0), (0, True)),
        sp.Piecewise((0, U <= 0), (1, True)),
        sp.Piecewise((0, U < 0), (1, True)),
        sp.Piecewise((1, -U < 0), (0, True)),
    ]
    assert len({value(case, u, 0) for case in cases}) == 1


@given(elements, elements)
def test_functions_are_free(u: int, v: int) -> None:
    assert value(sp.tanh(U), u, v) == value(sp.tanh(U), u, v + 1)
    if u != v:
        assert value(sp.tanh(U), u, v) != value(sp.tanh(V), u, v)
    assert value(sp.tanh(U), u, v) != value(sp.sin(U), u, v)


def test_fractions_are_exact() -> None:
    third = FIELD.fraction(Fraction(-1, 3))
    assert FIELD.equal(FIELD.reduce(3 * third), -1)


def test_drawn_elements_depend_on_the_source_alone() -> None:
    assert FIELD.draw(random.Random(1)) == FIELD.draw(random.Random(1))


def test_what_has_no_meaning_is_refused() -> None:
    with pytest.raises(Unsupported):
        compiled(2**U, (U,), {})
    with pytest.raises(Unsupported):
        compiled(sp.Piecewise((1, sp.Eq(U, 0)), (0, True)), (U,), {})
    with pytest.raises(Singular):
        inverse(PRIME)
