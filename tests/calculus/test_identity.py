"""Exact identities: decided both ways, by expansion alone."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.calculus.proof.identity import Undecided, identical
from derive.calculus.proof.opaque import opaque

A, B, C = sp.symbols("a b c", real=True)
E, F = sp.exp(A), sp.exp(B)
RELU = sp.Piecewise((A, A > 0), (0, True))

TRUE = (
    ((A + B) ** 3, A**3 + 3 * A**2 * B + 3 * A * B**2 + B**3),
    ((A**2 - B**2) / (A - B), A + B),
    (1 / (1 + sp.exp(-A)), E / (1 + E)),
    (E / (E + F) * (1 - E / (E + F)), E * F / (E + F) ** 2),
    (sp.tanh(A * B) ** 2 - 1, (sp.tanh(A * B) - 1) * (1 + sp.tanh(A * B))),
    (RELU * RELU, A * RELU),  # a truth value is its own square
    (1 - sp.Piecewise((1, A > 0), (0, True)), sp.Piecewise((0, A > 0), (1, True))),
    (1 / (1 + E) + 1 / (1 + F) + 1 / (1 + 1 / E), 1 + 1 / (1 + F)),
    (opaque(sp.exp(2 * A)) - 1, (opaque(E) - 1) * (opaque(E) + 1)),
    (sp.sqrt(A) ** 3, sp.sqrt(A) * sp.sqrt(A) ** 2),
    (sp.pi * A + sp.pi * B, (A + B) * sp.pi),
    (sp.Rational(1, 3) * A / (2 * B), A / (6 * B)),
)

FALSE = (
    ((A + B) ** 2, A**2 + B**2),
    (1 / (1 + sp.exp(-A)), 1 / (1 + E)),
    (E / (E + F), F / (E + F)),
    (sp.tanh(A), sp.tanh(B)),
    (RELU, A),
    (E * (1 - E), E * (1 - F)),
    (A / (B * C), A / B / (C + 1)),
)


@pytest.mark.parametrize("pair", TRUE, ids=str)
def test_true(pair: tuple[sp.Expr, sp.Expr]) -> None:
    left, right = map(opaque, pair)
    assert identical([(left, right)])
    assert not identical([(left, right + 1)])
    assert not identical([(left, -right)])


@pytest.mark.parametrize("pair", FALSE, ids=str)
def test_false(pair: tuple[sp.Expr, sp.Expr]) -> None:
    left, right = map(opaque, pair)
    assert not identical([(left, right)])


def test_all_pairs_count() -> None:
    assert identical([])
    assert not identical([(A, A), (A, B)])


def test_what_is_not_rational_is_not_decided() -> None:
    with pytest.raises(Undecided):
        identical([(2**A, A)])


def test_relations_between_functions_are_neither_proved_nor_denied() -> None:
    with pytest.raises(Undecided):
        identical([(sp.cosh(A) ** 2, 1 + sp.sinh(A) ** 2)])
    assert not identical([(sp.cosh(A) ** 2, 2 + sp.sinh(A) ** 2)])


def test_derivatives_of_opaque_functions_are_sympys() -> None:
    sigmoid = 1 / (1 + sp.exp(-A * B))
    assert identical([(sp.diff(opaque(sigmoid), A), opaque(sp.diff(sigmoid, A)))])
    assert identical([(sp.diff(opaque(RELU), A), opaque(sp.diff(RELU, A)))])
