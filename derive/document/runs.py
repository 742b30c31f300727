"""Runs of equal layers in a deep network: their steps are written once, for layer l.

Layers are equal if their forward equations, their steps and their shapes are the same up to the
layer's number. That is checked on the log, never assumed.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby

from derive.calculus.depth import shift_equation, shift_name, shift_step
from derive.calculus.log import Log, Step
from derive.networks.model import Layer
from derive.program.program import Equation

BASE = 5
"""The number to which every layer is moved to be compared."""
SHORTEST = 3
"""Fewer equal layers are written one by one."""


@dataclass(frozen=True, slots=True)
class Run:
    """Layers ``first`` to ``last``, equal up to their number."""

    first: int
    last: int


def runs(log: Log, layers: Sequence[Layer]) -> list[Run]:
    """All layers in order, equal neighbours together; short runs are taken apart."""
    steps, numbered = _by_layer(log), range(1, len(layers) + 1)
    keys = {k: (_key(log, steps[k], k), layers[k - 1].dropout) for k in numbered}
    found: list[Run] = []
    for _, group in groupby(numbered, key=keys.__getitem__):
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
    equations = [eq for eq in map(log.forward.equation, names) if eq is not None]
    return (
        tuple(shift_step(step, by) for step in steps),
        tuple(shapes),
        tuple(shift_equation(equation, by) for equation in equations),
        None if _near(log, steps, equations, number) else number,
    )


def _near(log: Log, steps: Sequence[Step], equations: Sequence[Equation], number: int) -> bool:
    """Whether nothing in a layer's equations and steps belongs to a layer beyond its neighbours."""
    used = {name for equation in equations for name in equation.arguments}
    used |= {c.through for step in steps for c in step.contributions}
    used |= {n for step in steps for n in step.equation.arguments}
    layers = (log.program.variables[name].layer for name in used)
    return all(layer is None or abs(layer - number) <= 1 for layer in layers)
