"""SymPy arithmetic in which function values stay whole, for identities that are decided exactly.

SymPy joins ``exp(a) exp(b)`` and carries a Piecewise through every operation; both hide the
rational function that an identity is about. Here an exponential keeps to itself, and "a where
u > 0, else b" is ``c a + (1 - c) b`` with the truth value c of ``u > 0``, whose derivative is 0
off the kink.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import sympy as sp

from derive.program.evaluate import SYMBOLIC
from derive.program.functions import Function


class Exp(sp.Function):  # type: ignore[misc]
    """SymPy's exponential, but ``Exp(a) Exp(b)`` is left alone rather than made ``Exp(a + b)``."""

    nargs = 1
    is_positive = True
    is_finite = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """It is its own derivative; SymPy's exp would turn ``exp(log(a))`` into ``a`` first."""
        return self


class Truth(sp.Function):  # type: ignore[misc]
    """1 where its argument is positive, else 0."""

    nargs = 1
    is_nonnegative = True
    is_finite = True

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """0 everywhere but at the kink, where the convention is that of the branches."""
        return sp.Integer(0)


def plain(expression: sp.Expr) -> sp.Expr:
    """An opaque expression as SymPy's own again."""
    cases = lambda u: sp.Piecewise((1, u > 0), (0, True))  # noqa: E731
    return expression.replace(Exp, sp.exp).replace(Truth, cases)


def opaque(expression: sp.Expr) -> sp.Expr:
    """The expression with exponentials and cases made opaque; sinh is tanh times cosh."""
    expression = expression.replace(sp.exp, Exp).replace(sp.Piecewise, _cases)
    return expression.replace(sp.sinh, lambda x: sp.tanh(x) * sp.cosh(x))


def _cases(*cases: Any) -> sp.Expr:
    (value, condition), *others = cases
    if condition is sp.true:
        return value
    truth = _truth(condition)
    return truth * value + (1 - truth) * _cases(*others)


def _truth(condition: Any) -> sp.Expr:
    if isinstance(condition, sp.Or):
        return 1 - sp.Mul(*(1 - _truth(part) for part in condition.args))
    if condition.rel_op in (">", "<="):
        positive = Truth(condition.lhs - condition.rhs)
    else:
        positive = Truth(condition.rhs - condition.lhs)
    return positive if condition.rel_op in (">", "<") else 1 - positive


@cache
def _opaque(function: Function) -> Function:
    return replace(function, expression=opaque(function.expression))


OPAQUE = replace(SYMBOLIC, apply=lambda function, *rest: SYMBOLIC.apply(_opaque(function), *rest))
"""Evaluation in such expressions."""
