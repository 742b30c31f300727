"""Steps of an optimiser over any numbers, straight from the table: floats, 50 digits, SymPy."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from derive.program.evaluate import Arithmetic, Array
from derive.program.functions import FUNCTIONS
from derive.program.optimisers import Assignment, Clipping, Rule, Schedule
from derive.program.shapes import Scale

Arrays = Mapping[str, Array]


def assigned(
    equations: Iterable[Assignment], known: Mapping[str, Any], arithmetic: Arithmetic
) -> dict[str, Array]:
    """All values after the equations, in order.

    Args:
        equations: of the tables of :mod:`derive.program.optimisers`.
        known: the value of every name that they read before they assign it.
        arithmetic: the kind of number.

    >>> from derive.program.evaluate import NUMERIC
    >>> from derive.program.optimisers import OPTIMISERS
    >>> rule = OPTIMISERS["momentum"]
    >>> after = assigned(
    ...     rule.equations, {"theta": 1.0, "g": 2.0, "v": 4.0, "alpha": 0.5, "beta": 0.25}, NUMERIC
    ... )
    >>> float(after["v"]), float(after["theta"])
    (3.0, -0.5)
    """
    values = {name: np.asarray(value) for name, value in known.items()}
    for equation in equations:
        arguments = np.broadcast_arrays(*(values[name] for name in equation.arguments))
        values[equation.name] = arithmetic.apply(equation.function, tuple(arguments), {})
    return values


@dataclass(frozen=True, slots=True)
class Moment:
    """Where an optimiser stands: before its first step, or after some."""

    t: int
    """Steps done."""
    values: Mapping[str, Arrays]
    """Parameter -> all that the last step computed for it: ``theta``, its state, what is between.
    """

    @property
    def parameters(self) -> dict[str, Array]:
        """The value of every parameter."""
        return {name: values["theta"] for name, values in self.values.items()}


@dataclass(frozen=True, slots=True)
class Stepper:
    """An optimiser, its clipping and its schedule with their numbers."""

    rule: Rule
    schedule: Schedule
    clips: tuple[tuple[Clipping, Fraction], ...]
    """Each with its limit."""
    rate: Fraction
    numbers: Mapping[str, Fraction]
    """The value of every setting."""
    arithmetic: Arithmetic

    def start(self, parameters: Arrays) -> Moment:
        """Before the first step: the whole state is 0."""
        zero = self._number(Fraction(0))
        values = {
            name: {"theta": theta, **dict.fromkeys(self.rule.state, np.asarray(theta * zero))}
            for name, theta in parameters.items()
        }
        return Moment(0, values)

    def step(self, moment: Moment, gradients: Arrays) -> Moment:
        """One step more, with the gradients at the parameters of this moment."""
        t = moment.t + 1
        numbers = {**self._numbers(), "alpha": self.rate_at(t), "t": self._number(Fraction(t))}
        clipped = self.clipped(gradients)
        values = {
            name: assigned(
                self.rule.equations, {**own, **numbers, "g": clipped[name]}, self.arithmetic
            )
            for name, own in moment.values.items()
        }
        return Moment(t, values)

    def rate_at(self, t: int) -> Array:
        """The rate of step t = 1, 2, 3, ..."""
        known = {**self._numbers(), "alpha": self._number(self.rate)}
        known["t"] = self._number(Fraction(t))
        return assigned(self.schedule.equations, known, self.arithmetic)["alpha"]

    def clipped(self, gradients: Arrays) -> dict[str, Array]:
        """The gradients after clipping."""
        found = dict(gradients)
        for clipping, limit in self.clips:
            known = {"c": self._number(limit), "norm": self._norm(found)}
            found = {
                name: assigned(clipping.equations, {**known, "g": g}, self.arithmetic)["g"]
                for name, g in found.items()
            }
        return found

    def _norm(self, arrays: Arrays) -> Array:
        """The Euclidean norm of all arrays together."""
        total = np.asarray(sum(np.sum(np.asarray(array) ** 2) for array in arrays.values()))
        return self.arithmetic.apply(FUNCTIONS["sqrt"], (total,), {})

    def _numbers(self) -> dict[str, Any]:
        return {name: self._number(value) for name, value in self.numbers.items()}

    def _number(self, value: Fraction) -> Any:
        return self.arithmetic.scale(Scale(value), {})
