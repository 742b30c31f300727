"""Real numbers of fifty digits: the judge of what the prime field cannot decide."""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]
import sympy as sp

from derive.calculus.proof.domain import Compiled, Domain
from derive.calculus.proof.opaque import plain

DIGITS = 50

POINTS = 3
"""How many random points an agreement needs."""

TOLERANCE = mpmath.mpf(10) ** -35
"""Relative; wide enough for any cancellation, and far below any wrong formula's error."""

_CONTEXT = mpmath.mp.clone()
_CONTEXT.dps = DIGITS


def _draw(source: random.Random) -> Any:
    return _CONTEXT.mpf(source.randrange(1, 10**DIGITS)) / 10**DIGITS


def _fraction(value: Fraction) -> Any:
    return _CONTEXT.mpf(value.numerator) / value.denominator


def _compiled(
    expression: sp.Expr, formal: tuple[sp.Symbol, ...], sizes: Mapping[sp.Symbol, int]
) -> Compiled:
    numbers = {symbol: sp.Integer(number) for symbol, number in sizes.items()}
    call = sp.lambdify(formal, expression.xreplace(numbers), "mpmath")

    def value(values: tuple[Any, ...]) -> Any:
        with mpmath.workdps(DIGITS):
            return _CONTEXT.convert(call(*values))

    return value


def agree(left: sp.Expr, right: sp.Expr) -> bool:
    """Whether two expressions are equal at a few random points."""
    difference = plain(left), plain(right)
    symbols = sorted(difference[0].free_symbols | difference[1].free_symbols, key=str)
    sides = [_compiled(side, tuple(symbols), {}) for side in difference]
    source = random.Random(len(symbols))
    points = [tuple(_draw(source) * 2 - 1 for _ in symbols) for _ in range(POINTS)]
    return all(_same(*(side(point) for side in sides)) for point in points)


def _same(left: Any, right: Any) -> bool:
    return bool(abs(left - right) <= TOLERANCE * max(abs(left), abs(right)))


REAL = Domain("50 digits", _draw, _fraction, _compiled, lambda value: value, _same)
