"""Parts of expressions that have a name of their own: ``1/(1 + exp(-u))`` is sigmoid of u.

SymPy keeps definitions as they are, and every proof is about them. Where an expression is measured,
written or emitted, these parts count as one function: formulas become shorter, and code calls the
form of it that cannot overflow.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import sympy as sp


class Sigmoid(sp.Function):  # type: ignore[misc]
    """``1 / (1 + exp(-x))``."""

    nargs = 1


class Softplus(sp.Function):  # type: ignore[misc]
    """``log(1 + exp(x))``."""

    nargs = 1


class LogCosh(sp.Function):  # type: ignore[misc]
    """``log(cosh(x))``."""

    nargs = 1


class Erfc(sp.Function):  # type: ignore[misc]
    """``1 - erf(x)``."""

    nargs = 1


class Expm1(sp.Function):  # type: ignore[misc]
    """``exp(x) - 1``."""

    nargs = 1


DEFINITIONS: dict[type[sp.Function], Callable[[sp.Expr], sp.Expr]] = {
    Sigmoid: lambda x: 1 / (1 + sp.exp(-x)),
    Softplus: lambda x: sp.log(1 + sp.exp(x)),
    LogCosh: lambda x: sp.log(sp.cosh(x)),
    Erfc: lambda x: 1 - sp.erf(x),
    Expm1: lambda x: sp.exp(x) - 1,
}
"""Part -> what it stands for."""


@cache
def fold(expression: sp.Expr) -> sp.Expr:
    """The expression with such parts as one function each.

    >>> x = sp.Symbol("x", real=True)
    >>> fold(x / (1 + sp.exp(-x)))
    x*Sigmoid(x)
    """
    if not expression.has(sp.exp, sp.cosh, sp.erf):
        return expression
    return _named(expression.func(*(_argument(part) for part in expression.args)))


def _argument(part: sp.Basic) -> sp.Basic:
    if isinstance(part, sp.Expr):
        return fold(part)
    if isinstance(part, sp.functions.elementary.piecewise.ExprCondPair):
        return sp.Tuple(fold(part.args[0]), part.args[1])
    return part


def _named(node: sp.Expr) -> sp.Expr:
    """The node as a part, if it is one; its own parts are named already."""
    if isinstance(node, sp.Pow) and node.exp.is_Integer and node.exp < 0:
        argument = _one_plus_exp(node.base)
        return node if argument is None else Sigmoid(-argument) ** -node.exp
    if isinstance(node, sp.log):
        argument = _one_plus_exp(node.args[0])
        if argument is not None:
            return Softplus(argument)
        return LogCosh(*node.args[0].args) if isinstance(node.args[0], sp.cosh) else node
    if isinstance(node, sp.Add):
        return _complement(node)
    return node


def _one_plus_exp(node: sp.Expr) -> sp.Expr | None:
    """The x of ``1 + exp(x)``."""
    number, rest = node.as_coeff_Add()
    return rest.args[0] if number == 1 and isinstance(rest, sp.exp) else None


def _complement(node: sp.Add) -> sp.Expr:
    """``c + c erf(x)`` is ``c erfc(-x)``, ``c - c erf(x)`` is ``c erfc(x)``; ``c exp(x) - c``."""
    number, rest = node.as_coeff_Add()
    factor, inner = rest.as_coeff_Mul()
    if isinstance(inner, sp.exp) and factor == -number:
        return factor * Expm1(inner.args[0])
    for term in node.args:
        factor, inner = term.as_coeff_Mul()
        if isinstance(inner, sp.erf) and number != 0 and abs(factor) == abs(number):
            sign = -1 if factor == number else 1
            return node - number - term + number * Erfc(sign * inner.args[0])
    return node
