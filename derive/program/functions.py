"""Elementwise functions: each is one SymPy expression, and everything about it follows from that.

``FUNCTIONS`` is the table; a line in it is all that a new function needs. Derivatives are SymPy's.
The kinks are declared by Piecewise, so that the derivative at a kink is the value of the branch
"otherwise": relu'(0) = 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import sympy as sp

from derive.errors import DerivationError

_UNKNOWN = (sp.Derivative, sp.Subs, sp.Heaviside, sp.DiracDelta)
"""What SymPy answers where it has no closed form, or differentiates a kink as a distribution."""


@cache
def parameter(position: int) -> sp.Symbol:
    """The k-th formal argument of every function."""
    return sp.Symbol(f"u{position}", real=True)


@cache
def size_symbol(name: str) -> sp.Symbol:
    """A named size inside an expression: the ``m`` of ``2 (y_hat - y) / m``."""
    return sp.Symbol(name, positive=True, integer=True)


@dataclass(frozen=True, slots=True)
class Function:
    """``name(u0, ..., u_arity-1) = expression``; anonymous functions have the name ``""``."""

    name: str
    arity: int
    expression: sp.Expr

    def __call__(self, *arguments: sp.Expr) -> sp.Expr:
        """The expression with the arguments in place of the formal ones."""
        pairs = {parameter(k): argument for k, argument in enumerate(arguments)}
        return self.expression.xreplace(pairs)

    @property
    def constant(self) -> bool:
        """Whether no argument occurs in it."""
        return not any(parameter(k) in self.expression.free_symbols for k in range(self.arity))


def anonymous(expression: sp.Expr, arity: int) -> Function:
    """A function without a name, for what arises while deriving."""
    return Function("", arity, expression)


@cache
def derivative(function: Function, position: int) -> Function:
    """``d function / d u_position``, by SymPy.

    Raises:
        DerivationError: SymPy has no closed form for it.
    """
    raw = sp.diff(function.expression, parameter(position))
    if raw.has(*_UNKNOWN):
        raise DerivationError(
            f"the derivative of {function.name or function.expression} has no closed form: {raw}"
        )
    name = f"{function.name}'" if function.name and function.arity == 1 else ""
    return Function(name, function.arity, raw)


FUNCTIONS: dict[str, Function] = {}


def define(name: str, arity: int, formula: Callable[..., sp.Expr]) -> None:
    """Enter a function into the table."""
    FUNCTIONS[name] = Function(name, arity, formula(*(parameter(k) for k in range(arity))))


def _positive(u: sp.Expr, then: sp.Expr, otherwise: sp.Expr) -> sp.Expr:
    return sp.Piecewise((then, u > 0), (otherwise, True))


define("identity", 1, lambda u: u)
define("exp", 1, sp.exp)
define("log", 1, sp.log)
define("reciprocal", 1, lambda u: 1 / u)
define("tanh", 1, sp.tanh)
define("sinh", 1, sp.sinh)
define("cosh", 1, sp.cosh)
define("sin", 1, sp.sin)
define("cos", 1, sp.cos)
define("arctan", 1, sp.atan)
define("sqrt", 1, sp.sqrt)
define("sigmoid", 1, lambda u: 1 / (1 + sp.exp(-u)))
define("relu", 1, lambda u: _positive(u, u, sp.Integer(0)))
define("sign", 1, lambda u: sp.Piecewise((1, u > 0), (-1, u < 0), (0, True)))
define("abs", 1, lambda u: sp.Piecewise((u, u > 0), (-u, u < 0), (0, True)))
define("squared_difference", 2, lambda u, v: (u - v) ** 2)
define("half_squared_difference", 2, lambda u, v: (u - v) ** 2 / 2)
define("binary_cross_entropy", 2, lambda p, t: -(t * sp.log(p) + (1 - t) * sp.log(1 - p)))
define("weighted_log", 2, lambda p, t: -t * sp.log(p))
