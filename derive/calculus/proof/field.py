"""The prime field of 2^61 - 1 elements, in which a false identity almost never holds.

Functions are free: every pair (function, argument) has an element of its own, tied only by
``exp(a + b) = exp(a) exp(b)``; a condition ``a > 0`` has a free truth value, tied by ``-a > 0``.
What holds here at random elements is an identity of rational functions in the inputs and the
function values, up to a chance of degree / 2^61. What fails may still be true by a relation that is
not tied (``cosh^2 - sinh^2 = 1``), so a failure is decided elsewhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from fractions import Fraction
from hashlib import blake2b
from math import prod
from typing import Any

import sympy as sp
from sympy.core.relational import Relational

from derive.calculus.proof.domain import Compiled, Domain, Singular, Unsupported

PRIME = 2**61 - 1


def element(name: str, *arguments: int) -> int:
    """The free element of a function at an argument; never 0."""
    text = f"{name}:{','.join(map(str, arguments))}".encode()
    return 1 + int.from_bytes(blake2b(text, digest_size=16).digest()) % (PRIME - 1)


def inverse(value: int) -> int:
    """``1/value``.

    Raises:
        Singular: value is 0.
    """
    if value % PRIME == 0:
        raise Singular
    return pow(value, -1, PRIME)


def exponential(value: int) -> int:
    """``exp``, with ``exp(-a) = 1/exp(a)`` and ``exp(0) = 1``."""
    value %= PRIME
    if value == 0:
        return 1
    if value > PRIME // 2:
        return inverse(element("exp", PRIME - value))
    return element("exp", value)


def positive(value: int) -> int:
    """The free truth value of ``value > 0``, with exactly one of ``a > 0`` and ``-a > 0``."""
    value %= PRIME
    if value == 0:
        return 0
    if value > PRIME // 2:
        return 1 - positive(PRIME - value)
    return element("positive", value) & 1


def compiled(
    expression: sp.Expr, formal: tuple[sp.Symbol, ...], sizes: Mapping[sp.Symbol, int]
) -> Compiled:
    """An expression as a function on field elements.

    Raises:
        Unsupported: a power that is no whole number, a condition that is no comparison.
    """
    if expression in formal:
        place = formal.index(expression)
        return lambda values: values[place]
    if expression in sizes:
        return _constant(sizes[expression])
    if expression.is_Rational:
        return _constant(fraction(Fraction(int(expression.p), int(expression.q))))
    for kind, make in _NODES:
        if isinstance(expression, kind):
            return make(expression, lambda part: compiled(part, formal, sizes))
    raise Unsupported(f"{expression} has no meaning in a prime field")


Inner = Callable[[sp.Expr], Compiled]


def _constant(value: int) -> Compiled:
    return lambda values: value


def _sum(expression: sp.Expr, inner: Inner) -> Compiled:
    parts = [inner(part) for part in expression.args]
    return lambda values: sum(part(values) for part in parts) % PRIME


def _product(expression: sp.Expr, inner: Inner) -> Compiled:
    parts = [inner(part) for part in expression.args]
    return lambda values: prod(part(values) for part in parts) % PRIME


def _power(expression: sp.Expr, inner: Inner) -> Compiled:
    """A whole power; of a fractional one the root is a free element."""
    base, exponent = expression.args
    if not exponent.is_Rational:
        raise Unsupported(f"{expression} is not a power with a rational exponent")
    of, power, root = inner(base), int(exponent.p), int(exponent.q)
    if root == 1:
        return lambda values: _raised(of(values), power)
    return lambda values: _raised(element(f"root {root}", of(values)), power)


def _raised(value: int, power: int) -> int:
    return pow(inverse(value), -power, PRIME) if power < 0 else pow(value, power, PRIME)


def _exp(expression: sp.Expr, inner: Inner) -> Compiled:
    """A product over the terms of the exponent; ``exp(p/q a)`` is a power of ``exp(a/q)``."""
    factors = []
    for term in sp.Add.make_args(expression.args[0]):
        number = term.as_coeff_Mul()[0]
        whole = number if number.is_Rational else sp.Integer(1)
        factors.append((inner(term / whole.p), int(whole.p)))
    return lambda values: prod(_raised(exponential(of(values)), n) for of, n in factors) % PRIME


def _number(expression: sp.Expr, inner: Inner) -> Compiled:
    return _constant(element("number", *map(ord, str(expression))))


def _free(expression: sp.Expr, inner: Inner) -> Compiled:
    name, parts = type(expression).__name__, [inner(part) for part in expression.args]
    return lambda values: element(name, *(part(values) for part in parts))


def _piecewise(expression: sp.Expr, inner: Inner) -> Compiled:
    cases = [(inner(value), _truth(condition, inner)) for value, condition in expression.args]

    def value(values: tuple[Any, ...]) -> Any:
        return next(then(values) for then, holds in cases if holds(values))

    return value


def _truth(condition: Any, inner: Inner) -> Compiled:
    if condition is sp.true:
        return _constant(1)
    if isinstance(condition, sp.Or):
        parts = [_truth(part, inner) for part in condition.args]
        return lambda values: any(part(values) for part in parts)
    if not isinstance(condition, Relational) or condition.rel_op not in _SIGNS:
        raise Unsupported(f"{condition} is not a comparison")
    sign, strict = _SIGNS[condition.rel_op]
    difference = inner(sign * (condition.lhs - condition.rhs))
    if strict:
        return lambda values: positive(difference(values))
    return lambda values: 1 - positive(-difference(values))


_SIGNS = {">": (1, True), "<": (-1, True), ">=": (1, False), "<=": (-1, False)}

_NODES: tuple[tuple[type, Callable[[sp.Expr, Inner], Compiled]], ...] = (
    (sp.Add, _sum),
    (sp.Mul, _product),
    (sp.exp, _exp),
    (sp.Pow, _power),
    (sp.Piecewise, _piecewise),
    (sp.Function, _free),
    (sp.NumberSymbol, _number),
)


def fraction(value: Fraction) -> int:
    """A rational number as an element."""
    return value.numerator * inverse(value.denominator) % PRIME


def _draw(source: random.Random) -> int:
    return source.randrange(1, PRIME)


def _same(left: int, right: int) -> bool:
    return bool((left - right) % PRIME == 0)


FIELD = Domain("prime field", _draw, fraction, compiled, lambda value: value % PRIME, _same)
