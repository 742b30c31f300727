"""The numbers of a worked example: computed with many digits, rounded only to be printed.

Given numbers are taken as the decimals that they are written as. What is printed is either exact
or four significant digits of the exact chain, never of rounded intermediate values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np
import sympy as sp

from derive.networks.model import Network, Value
from derive.notation.tree import Matrix, Negative, Node, Number
from derive.program.evaluate import Arithmetic, Array, evaluate
from derive.program.functions import Function, parameter
from derive.program.program import Program
from derive.program.shapes import Scale

DIGITS = 50
SIGNIFICANT = 4
"""Digits of a rounded number; an exact one may have two more."""
_TINY = Decimal("1e-4")
"""Below it a number is written with a power of ten."""


@cache
def _compiled(function: Function) -> Any:
    symbols = sorted(function.expression.free_symbols, key=str)
    formal = [parameter(k) for k in range(function.arity)]
    sizes = [symbol for symbol in symbols if symbol not in formal]
    return sp.lambdify([*formal, *sizes], function.expression, "mpmath"), [str(s) for s in sizes]


def _apply(function: Function, arrays: tuple[Array, ...], sizes: Mapping[str, int]) -> Array:
    call, names = _compiled(function)
    out = np.empty(arrays[0].shape, dtype=object)
    with mpmath.workdps(DIGITS):
        for index in np.ndindex(out.shape):
            values = (array[index] for array in arrays)
            out[index] = mpmath.mpmathify(call(*values, *(sizes[name] for name in names)))
    return out


def _scale(scale: Scale, sizes: Mapping[str, int]) -> Any:
    value: Fraction = scale.value(sizes)
    with mpmath.workdps(DIGITS):
        return mpmath.mpf(value.numerator) / value.denominator


PRECISE = Arithmetic(_apply, _scale, dtype=object)
"""Numbers of fifty digits."""


def given(value: Value) -> Array:
    """A value of a network file with all its decimals."""
    floats = np.asarray(value, dtype=float)
    array = np.empty(floats.shape, dtype=object)
    for index in np.ndindex(floats.shape):
        with mpmath.workdps(DIGITS):
            array[index] = mpmath.mpf(repr(float(floats[index])))
    return array


def computed(network: Network, program: Program) -> dict[str, Array]:
    """The value of every name of a network's program in its worked example."""
    values = {**network.values, **network.constants}
    inputs = {name: given(values[name]) for name in program.inputs}
    with mpmath.workdps(DIGITS):
        return evaluate(program, inputs, {}, PRECISE)


def exact(value: Any) -> bool:
    """Whether a number has so few digits that it is printed as it is."""
    decimal = _decimal(value)
    return len(decimal.as_tuple().digits) <= SIGNIFICANT + 2 or decimal == 0


def all_exact(array: Array) -> bool:
    """Whether every entry is printed as it is."""
    return all(exact(value) for value in np.asarray(array, dtype=object).flat)


def number(value: Any) -> Node:
    """A number as it is printed: exact where it is short, else four significant digits."""
    decimal = _decimal(value)
    if not exact(value):
        decimal = _rounded(decimal)
    body = Number(_digits(abs(decimal)))
    return Negative(body) if decimal < 0 else body


def written(array: Array, column: bool = True) -> Node:
    """A number, a vector (as a column or a row) or a matrix."""
    array = np.asarray(array, dtype=object)
    if array.ndim == 0:
        return number(array[()])
    if array.ndim == 1:
        array = array[:, None] if column else array[None, :]
    return Matrix(tuple(tuple(number(entry) for entry in row) for row in array))


def _decimal(value: Any) -> Decimal:
    """To thirty digits, without trailing zeros: what is exact shows as a short decimal."""
    with mpmath.workdps(DIGITS):
        digits = mpmath.nstr(mpmath.mpmathify(value), 40)
    return Context(prec=30).create_decimal(digits).normalize()


def _rounded(decimal: Decimal) -> Decimal:
    """To four significant digits, but never before the decimal point."""
    before_point = decimal.adjusted() + 1
    return Context(prec=max(SIGNIFICANT, before_point)).plus(decimal)


def _digits(decimal: Decimal) -> str:
    """Plain digits; a power of ten for very small and very large numbers."""
    if decimal and (decimal < _TINY or decimal.adjusted() >= 15):
        mantissa = decimal.scaleb(-decimal.adjusted())
        return f"{mantissa:f}e{decimal.adjusted()}"
    return f"{decimal:f}"


def largest(arrays: Iterable[Array]) -> int:
    """The longest axis of any of them."""
    return max((max(array.shape, default=1) for array in arrays), default=1)
