"""Values and directional derivatives of a program in any domain: the judge of the reverse mode.

It shares nothing with what it judges. Tangents run forward, one product rule a contraction and one
chain rule a map; the partial derivatives are ``sympy.diff`` of each function's definition.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from derive.calculus.proof.domain import Compiled, Domain, Number
from derive.program.functions import Function, parameter, size_symbol
from derive.program.program import Contraction, Equation, Map, Program, Term
from derive.program.shapes import concrete

Value = Any
"""A number for shape (), an object array for others."""

Values = dict[str, Value]

Product = tuple[Term, Sequence[Value]]
"""A term with the values of its operands."""


@cache
def partial(expression: sp.Expr, position: int) -> sp.Expr:
    """The partial derivative of an expression of formal arguments, by SymPy alone."""
    return sp.diff(expression, parameter(position))


class Evaluation:
    """One program at given sizes in one domain."""

    def __init__(self, program: Program, sizes: Mapping[str, int], domain: Domain):
        self.program, self.sizes, self.domain = program, sizes, domain
        self._symbols = {size_symbol(name): number for name, number in sizes.items()}
        self._compiled: dict[tuple[Function, int | None], Compiled] = {}

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a variable in numbers."""
        return concrete(self.program.variables[name].shape, self.sizes)

    def draw(self, name: str, source: random.Random) -> Value:
        """A random value of a variable's shape; facts are not looked at."""
        return filled(self.shape(name), lambda: self.domain.draw(source))

    def inputs(self, source: random.Random) -> Values:
        """A random value for every input, with the program's facts true."""
        values = {name: self.draw(name, source) for name in self.program.inputs}
        for fact in self.program.hypotheses:
            moved = np.moveaxis(values[fact.name], fact.axis, 0)
            last = self.domain.fraction(Fraction(fact.value)) - moved[:-1].sum(axis=0)
            moved[-1] = self.domain.reduce(last)
        return values

    def run(self, values: Values, equations: Iterable[Equation] | None = None) -> Values:
        """Add the value of every equation, in place."""
        for equation in self.program.equations if equations is None else equations:
            values[equation.out] = self.value(equation, values)
        return values

    def value(self, equation: Equation, values: Mapping[str, Value]) -> Value:
        """The right side of one equation."""
        if isinstance(equation, Map):
            return self._apply(equation, values, None)
        return self._sum(equation, _products(equation, values))

    def push(
        self, tangents: Values, values: Mapping[str, Value], equations: Iterable[Equation]
    ) -> Values:
        """Add the tangent of every equation that depends on a name with a tangent, in place.

        A name with a tangent already is an independent variable: it keeps its tangent.
        """
        for equation in equations:
            if equation.out in tangents or not any(a in tangents for a in equation.arguments):
                continue
            tangents[equation.out] = (
                self._push_map(equation, tangents, values)
                if isinstance(equation, Map)
                else self._sum(equation, _pushed(equation, tangents, values))
            )
        return tangents

    def pair(self, left: Value, right: Value) -> Number:
        """``<left, right>``: the sum of the products of their entries."""
        product = left * right
        return self.domain.reduce(product.sum() if isinstance(product, np.ndarray) else product)

    def _apply(self, equation: Map, values: Mapping[str, Value], by: int | None) -> Value:
        """The function of a map, or its partial derivative by one argument."""
        call = self._call(equation.function, by)
        arrays = [values[name] for name in equation.arguments]
        if not isinstance(arrays[0], np.ndarray):
            return call(tuple(arrays))
        out = np.empty(arrays[0].shape, dtype=object)
        flat = out.reshape(-1)
        for k, entries in enumerate(zip(*(array.ravel() for array in arrays), strict=True)):
            flat[k] = call(entries)
        return out

    def _call(self, function: Function, by: int | None) -> Compiled:
        key = (function, by)
        if key not in self._compiled:
            expression = function.expression if by is None else partial(function.expression, by)
            formal = tuple(parameter(k) for k in range(function.arity))
            self._compiled[key] = self.domain.compile(expression, formal, self._symbols)
        return self._compiled[key]

    def _push_map(self, equation: Map, tangents: Values, values: Mapping[str, Value]) -> Value:
        """``sum over k of (d f / d u_k) du_k``."""
        total: Value = 0
        for k, name in enumerate(equation.arguments):
            if name in tangents:
                total = total + self._apply(equation, values, k) * tangents[name]
        return self.domain.reduce(total)

    def _sum(self, equation: Contraction, products: Iterable[Product]) -> Value:
        total: Value = self.domain.fraction(Fraction(0))
        for term, factors in products:
            total = total + self._product(equation.letters, term, factors)
        total, shape = self.domain.reduce(total), self.shape(equation.out)
        if not shape:
            return total.item() if isinstance(total, np.ndarray) else total
        if np.shape(total) == shape:
            return total
        return np.broadcast_to(np.asarray(total, dtype=object), shape).copy()

    def _product(self, letters: str, term: Term, factors: Sequence[Value]) -> Value:
        """A term; its axes are those of ``letters``, with length 1 where it is broadcast."""
        value = self.domain.fraction(term.scale.value(self.sizes))
        if not any(term.letters):
            for factor in factors:
                value = self.domain.reduce(value * factor)
            return value
        kept = "".join(k for k in letters if any(k in used for used in term.letters))
        arrays = [np.asarray(factor, dtype=object) for factor in factors]
        product = np.asarray(np.einsum(f"{','.join(term.letters)}->{kept}", *arrays), dtype=object)
        places = tuple(product.shape[kept.index(k)] if k in kept else 1 for k in letters)
        return self.domain.reduce(product.reshape(places)) * value


def filled(shape: tuple[int, ...], make: Callable[[], Number]) -> Value:
    """A value of a shape with every entry made anew."""
    if not shape:
        return make()
    array = np.empty(shape, dtype=object)
    for place in np.ndindex(shape):
        array[place] = make()
    return array


def _products(equation: Contraction, values: Mapping[str, Value]) -> Iterator[Product]:
    for term in equation.terms:
        yield term, [values[name] for name in term.operands]


def _pushed(
    equation: Contraction, tangents: Mapping[str, Value], values: Mapping[str, Value]
) -> Iterator[Product]:
    """The product rule: in every term every factor in turn is replaced by its tangent."""
    for term, factors in _products(equation, values):
        for k, name in enumerate(term.operands):
            if name in tangents:
                yield term, [*factors[:k], tangents[name], *factors[k + 1 :]]
