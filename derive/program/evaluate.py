"""Evaluate a program over any numbers: floats, complex numbers, SymPy expressions, a prime field.

The engine knows no number and no function; an :class:`Arithmetic` says how a map and a scale act.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive.program.functions import Function, parameter, size_symbol
from derive.program.program import Contraction, Equation, Map, Program, letter_sizes
from derive.program.shapes import Scale

Array = NDArray[Any]
Environment = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """What the evaluator must know about a kind of number."""

    apply: Callable[[Function, tuple[Array, ...], Mapping[str, int]], Array]
    """An elementwise function of equal-shaped arrays at given sizes."""
    scale: Callable[[Scale, Mapping[str, int]], Any]
    """A coefficient as such a number."""
    reduce: Callable[[Array], Array] = lambda array: array
    """Brings a result into normal form (the residue in a prime field)."""
    dtype: Any = float


def evaluate(
    program: Program,
    values: Mapping[str, Array],
    sizes: Mapping[str, int],
    arithmetic: Arithmetic,
    equations: Iterable[Equation] | None = None,
) -> Environment:
    """Values of every name, from the values of the inputs.

    Args:
        program: what to compute.
        values: an array for every input, of its shape at ``sizes``.
        sizes: a number for every named size.
        arithmetic: the kind of number.
        equations: compute these only; default all.
    """
    known: Environment = dict(values)
    for equation in program.equations if equations is None else equations:
        result = (
            arithmetic.apply(equation.function, tuple(known[a] for a in equation.arguments), sizes)
            if isinstance(equation, Map)
            else contract(equation, program, known, sizes, arithmetic)
        )
        known[equation.out] = arithmetic.reduce(result)
    return known


def contract(
    equation: Contraction,
    program: Program,
    known: Mapping[str, Array],
    sizes: Mapping[str, int],
    arithmetic: Arithmetic,
) -> Array:
    """One contraction, straight from its definition."""
    dims = letter_sizes(equation, None, program.variables)
    numbers = {k: d if isinstance(d, int) else sizes[d] for k, d in dims.items()}
    shape = tuple(numbers[letter] for letter in equation.letters)
    total: Any = None
    for term in equation.terms:
        kept = "".join(k for k in equation.letters if any(k in used for used in term.letters))
        value: Any = arithmetic.scale(term.scale, sizes)
        if term.operands:
            arrays = [known[name] for name in term.operands]
            value = value * np.einsum(f"{','.join(term.letters)}->{kept}", *arrays)
        place = tuple(numbers[k] if k in kept else 1 for k in equation.letters)
        grown = np.broadcast_to(np.asarray(value).reshape(place), shape)
        total = grown if total is None else total + grown
    return np.array(total)


@cache
def _compiled(function: Function) -> tuple[Callable[..., Any], tuple[str, ...]]:
    sizes = sorted(
        symbol.name
        for symbol in function.expression.free_symbols
        if symbol not in {parameter(k) for k in range(function.arity)}
    )
    symbols = [parameter(k) for k in range(function.arity)] + [size_symbol(name) for name in sizes]
    modules = [{"erf": _erf}, "numpy"]
    return sp.lambdify(symbols, function.expression, modules), tuple(sizes)


def _erf(values: Array) -> Array:
    """The error function, which NumPy lacks, of real numbers; a tiny imaginary part (a complex
    step) is carried along to first order.
    """
    values = np.asarray(values)
    real = np.vectorize(math.erf, otypes=[float])(values.real)
    if not np.iscomplexobj(values):
        return np.asarray(real)
    return np.asarray(real + 1j * values.imag * 2 / np.sqrt(np.pi) * np.exp(-(values.real**2)))


def _apply_numeric(
    function: Function, arrays: tuple[Array, ...], sizes: Mapping[str, int]
) -> Array:
    call, names = _compiled(function)
    shape = arrays[0].shape if arrays else ()
    with np.errstate(all="ignore"):
        value = call(*arrays, *(sizes[name] for name in names))
    return np.array(np.broadcast_to(value, shape))


def _apply_symbolic(
    function: Function, arrays: tuple[Array, ...], sizes: Mapping[str, int]
) -> Array:
    numbers = {size_symbol(name): sp.Integer(value) for name, value in sizes.items()}
    out = np.empty(arrays[0].shape, dtype=object)
    for index in np.ndindex(out.shape):
        out[index] = function(*(array[index] for array in arrays)).xreplace(numbers)
    return out


NUMERIC = Arithmetic(_apply_numeric, lambda scale, sizes: float(scale.value(sizes)))
"""Floating point, real or complex."""

SYMBOLIC = Arithmetic(
    _apply_symbolic, lambda scale, sizes: sp.Rational(scale.value(sizes)), dtype=object
)
"""SymPy expressions: exact."""
