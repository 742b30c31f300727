"""Runs of equal layers in a deep network: their steps are written once, for layer l.

Layers are equal if their forward equations, their steps and their shapes are the same up to the
layer's number. That is checked on the log, never assumed.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import groupby

from derive.calculus.depth import shift_name, shift_step
from derive.calculus.log import Log, Step
from derive.program.program import Equation, Map

BASE = 5
"""The number to which every layer is moved to be compared."""
SHORTEST = 3
"""Fewer equal layers are written one by one."""


@dataclass(frozen=True, slots=True)
class Run:
    """Layers ``first`` to ``last``, equal up to their number."""

    first: int
    last: int


def runs(log: Log, depth: int) -> list[Run]:
    """All layers in order, equal neighbours together; short runs are taken apart."""
    steps = _by_layer(log)
    keys = {number: _key(log, steps[number], number) for number in range(1, depth + 1)}
    found: list[Run] = []
    for _, group in groupby(range(1, depth + 1), key=keys.__getitem__):
        numbers = list(group)
        if len(numbers) >= SHORTEST:
            found.append(Run(numbers[0], numbers[-1]))
        else:
            found += [Run(number, number) for number in numbers]
    return found


def _by_layer(log: Log) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for step in log.steps:
        layer = log.forward.variables[step.of].layer
        if layer is not None:
            found.setdefault(layer, []).append(step)
    return found


def _key(log: Log, steps: list[Step], number: int) -> Hashable:
    """What is the same for equal layers."""
    by = BASE - number
    names = [step.of for step in steps]
    shapes = [tuple(shift_name(str(d), by) for d in log.forward.variables[n].shape) for n in names]
    equations = [_function(log.forward.equation(name)) for name in names]
    return (
        tuple(shift_step(step, by) for step in steps),
        tuple(shapes),
        tuple(equations),
    )


def _function(equation: Equation | None) -> Hashable:
    """What an equation computes, apart from the names in it."""
    if isinstance(equation, Map):
        return equation.function
    if equation is None:
        return None
    return tuple((term.letters, term.scale) for term in equation.terms)
