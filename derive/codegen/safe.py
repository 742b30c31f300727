"""Expressions as code may compute them: nothing overflows that the result does not need.

``np.where`` computes every case everywhere. So what could fail where its case does not hold is
computed there at a harmless value instead: an exponential at 0; a divisor, a root and a logarithm
at 1.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp

from derive.program.functions import Function
from derive.program.parts import Expm1, Sigmoid, fold


class Guard(sp.Function):  # type: ignore[misc]
    """``Guard(condition, number, value)``: the number where the condition holds, in code only.

    SymPy would move the power of a Piecewise into its cases, and divide there again.
    """

    nargs = 3


def safe(function: Function) -> Function:
    """The same function with named parts, and with cases that can be computed everywhere."""
    return Function(function.name, function.arity, _safe(function.expression))


@cache
def _safe(expression: sp.Expr) -> sp.Expr:
    small = fold(expression).replace(_is_sum, _without_cancellation)
    return small.replace(sp.Piecewise, _guarded_cases)


def _is_sum(node: sp.Expr) -> bool:
    return isinstance(node, sp.Add)


def _without_cancellation(total: sp.Add) -> sp.Expr:
    """``c + c tanh(x)`` is ``2 c sigmoid(2 x)``, which keeps its digits where it is nearly 0."""
    number = total.as_coeff_Add()[0]
    for term in total.args:
        factor, inner = term.as_coeff_Mul()
        if isinstance(inner, sp.tanh) and number != 0 and abs(factor) == abs(number):
            argument = 2 * inner.args[0] * (factor / number)
            return total - number - term + 2 * number * Sigmoid(argument)
    return total


def _guarded_cases(*rows: tuple[sp.Expr, sp.Basic]) -> sp.Expr:
    guarded, earlier = [], sp.false
    for value, condition in rows:
        outside = sp.Or(earlier, sp.Not(condition))
        guarded.append((_guarded(value, outside), condition))
        earlier = sp.Or(earlier, condition)
    return sp.Piecewise(*guarded)


def _guarded(value: sp.Expr, outside: sp.Basic) -> sp.Expr:
    """The value with its fragile parts harmless where ``outside`` holds."""

    def at(harmless: int, part: sp.Expr) -> sp.Expr:
        return Guard(outside, sp.Integer(harmless), part) if part.free_symbols else part

    for kind, harmless in FRAGILE.items():
        value = value.replace(kind, lambda x, kind=kind, k=harmless: kind(at(k, x)))
    return value.replace(_is_fragile_power, lambda power: at(1, power.base) ** power.exp)


FRAGILE: dict[Callable[[sp.Expr], sp.Expr], int] = {sp.exp: 0, Expm1: 0, sp.log: 1}
"""Function -> an argument at which it is harmless."""


def _is_fragile_power(node: sp.Expr) -> bool:
    """A division, or a root."""
    if not isinstance(node, sp.Pow) or not node.base.free_symbols:
        return False
    return bool(node.exp.is_negative or node.exp.is_integer is False)
