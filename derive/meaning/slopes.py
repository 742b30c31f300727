"""Derivatives of a program's values as numbers, by complex step through its forward equations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from derive.program.evaluate import NUMERIC, Array, evaluate
from derive.program.program import Equation, Program

STEP = 1e-30
"""The complex step: its square is lost in rounding, so the derivative is exact to rounding."""


class Slopes:
    """Jacobians of one program at one point; each is computed once.

    Args:
        program: whose variables.
        forward: its equations without the backward ones.
        known: the value of every variable.
        sizes: a number for every named size.
    """

    def __init__(
        self,
        program: Program,
        forward: Sequence[Equation],
        known: Mapping[str, Array],
        sizes: Mapping[str, int],
    ):
        self._program, self._forward, self._known, self._sizes = program, forward, known, sizes
        self._jacobians: dict[tuple[str, str], Array] = {}

    def jacobian(self, top: str, below: str) -> Array:
        """``d top / d below``; where below is an intermediate value it counts as free."""
        if (top, below) not in self._jacobians:
            self._jacobians[top, below] = self._complex_step(top, below)
        return self._jacobians[top, below]

    def _complex_step(self, top: str, below: str) -> Array:
        base = self._known[below]
        result = np.zeros((*self._known[top].shape, *base.shape))
        equations = between(self._forward, below, top)
        for index in np.ndindex(base.shape):
            moved = base.astype(complex)
            moved[index] += 1j * STEP
            known = {**self._known, below: moved}
            values = evaluate(self._program, known, self._sizes, NUMERIC, equations)
            result[(..., *index)] = np.imag(values[top]) / STEP
        return result


def between(equations: Sequence[Equation], start: str, end: str) -> list[Equation]:
    """The equations through which ``end`` depends on ``start``."""
    moved, chosen = {start}, []
    for equation in equations:
        if equation.out != start and moved.intersection(equation.arguments):
            moved.add(equation.out)
            chosen.append(equation)
        if equation.out == end:
            break
    return chosen
