"""How values and gradients change along a direction of the parameters, as numbers.

The direction is the complex step; gradients are carried forward through the equations with it,
so that the judge of a printed tangent shares no equation with it. A value of the network that a
gradient is taken by counts as free, as in every derivative quotient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from derive.meaning.slopes import STEP, Slopes, between
from derive.program.evaluate import NUMERIC, Array, contract, evaluate
from derive.program.functions import derivative
from derive.program.output import last_preactivation
from derive.program.program import Contraction, Equation, Map, Program, Role, Term


class Rates:
    """Rates of change in one program at one point.

    Args:
        program: whose variables; its directions are inputs of :attr:`Role.TANGENT`.
        forward: its equations without the backward ones.
        known: the value of every variable.
        sizes: a number for every named size.
        slopes: its Jacobians.
    """

    def __init__(
        self,
        program: Program,
        forward: Sequence[Equation],
        known: Mapping[str, Array],
        sizes: Mapping[str, int],
        slopes: Slopes,
    ):
        self._program, self._forward, self._sizes = program, forward, sizes
        self._slopes = slopes
        variables = dict(program.variables)
        variables |= {_rate(n): replace(v, name=_rate(n)) for n, v in program.variables.items()}
        self._doubled = Program(variables, (), ())
        self._known = known
        self._moved = self._along(known)
        self._gradients: dict[tuple[str, str], Array] = {}

    def _along(self, known: Mapping[str, Array]) -> dict[str, Array]:
        """Every value at the parameters moved by an imaginary step along their directions."""
        program = self._program
        inputs = {name: known[name].astype(complex) for name in program.inputs if name in known}
        for name in program.named(Role.TANGENT):
            own = program.variables[name]
            if not own.target:
                inputs[own.of] = inputs[own.of] + 1j * STEP * known[name]
        return evaluate(program, inputs, self._sizes, NUMERIC, self._forward)

    def value(self, name: str) -> Array:
        """``R(name)``."""
        return np.asarray(np.imag(self._moved[name]) / STEP)

    def gradient(self, top: str, below: str) -> Array:
        """``R(d top / d below)``, the axes of top first."""
        if (top, below) not in self._gradients:
            base = self._moved[below]
            equations = between(self._forward, below, top)
            result = np.zeros((*self._moved[top].shape, *base.shape))
            for index in np.ndindex(base.shape):
                unit = np.zeros(base.shape, complex)
                unit[index] = 1
                rate = np.imag(self._pushed(below, unit, equations, top, self._moved))
                result[(..., *index)] = rate / STEP
            self._gradients[top, below] = result
        return self._gradients[top, below]

    def second(self, top: str, first: str, then: str) -> Array:
        """``d(d top / d first) / d then`` of a scalar, the axes of ``first`` before the others."""
        shapes = self._known[first].shape, self._known[then].shape
        result = np.zeros((*shapes[0], *shapes[1]))
        after = between(self._forward, then, top)
        for place in np.ndindex(shapes[1]):
            moved = {name: array.astype(complex) for name, array in self._known.items()}
            moved[then][place] += 1j * STEP
            values = evaluate(self._program, moved, self._sizes, NUMERIC, after)
            for index in np.ndindex(shapes[0]):
                unit = np.zeros(shapes[0], complex)
                unit[index] = 1
                equations = between(self._forward, first, top)
                pushed = self._pushed(first, unit, equations, top, values)
                result[(*index, *place)] = np.imag(pushed) / STEP
        return result

    def gauss_newton(self, top: str, below: str) -> Array:
        """``G(d top / d below)``: the output's own rate, carried back by the output's Jacobian."""
        output = last_preactivation(self._program)
        rate = self.gradient(top, output)
        return np.asarray(np.tensordot(rate, self._slopes.jacobian(output, below), rate.ndim))

    def _pushed(
        self,
        below: str,
        unit: Array,
        equations: Sequence[Equation],
        top: str,
        values: Mapping[str, Array],
    ) -> Array:
        """The derivative of ``top`` when ``below`` moves by a unit, at these values."""
        rates = {_rate(below): unit}
        for equation in equations:
            if isinstance(equation, Map):
                rates[_rate(equation.out)] = self._map(equation, rates, values)
                continue
            terms = tuple(_product_rule(equation, rates))
            doubled = Contraction(equation.out, equation.letters, terms)
            every = {**values, **rates}
            rates[_rate(equation.out)] = contract(
                doubled, self._doubled, every, self._sizes, NUMERIC
            )
        return rates.get(_rate(top), np.zeros(()))

    def _map(self, equation: Map, rates: Mapping[str, Array], values: Mapping[str, Array]) -> Array:
        arguments = tuple(values[name] for name in equation.arguments)
        total: Array = np.zeros(())
        for k, name in enumerate(equation.arguments):
            if _rate(name) in rates:
                slope = NUMERIC.apply(derivative(equation.function, k), arguments, self._sizes)
                total = total + slope * rates[_rate(name)]
        return total


def _rate(name: str) -> str:
    return f"{name}'"


def _product_rule(equation: Contraction, rates: Mapping[str, Array]) -> list[Term]:
    """Each factor that moves replaced by its rate, one at a time."""
    return [
        replace(term, operands=(*term.operands[:k], _rate(name), *term.operands[k + 1 :]))
        for term in equation.terms
        for k, name in enumerate(term.operands)
        if _rate(name) in rates
    ]
