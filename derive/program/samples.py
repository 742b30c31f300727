"""Numbers at which a program is tried: sizes that differ, and inputs that obey its facts.

Sizes are pairwise different and at least 2 wherever the program leaves them open, so that neither
a transpose nor a lost sum can hide behind equal axes.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, count, islice

import numpy as np

from derive.program.evaluate import Array
from derive.program.program import Program, Role
from derive.program.shapes import concrete

_SIZES = (2, 3, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12)
"""The first sizes: neighbours differ by more than one where that is possible."""


def distinct_sizes(program: Program, period: int = 0) -> dict[str, int]:
    """A number for every named size: different ones, none that the program has already.

    Args:
        program: whose sizes they are; the batch gets the smallest.
        period: from so many sizes on the numbers repeat; 0 for never.
    """
    taken = {d for v in program.variables.values() for d in v.shape if isinstance(d, int)}
    names = sorted(program.sizes, key=lambda name: name != program.batch)
    open_ones = (size for size in chain(_SIZES, count(14)) if size not in taken)
    free = list(islice(open_ones, period or len(names)))
    return {name: free[k % len(free)] for k, name in enumerate(names)}


def random_inputs(program: Program, sizes: Mapping[str, int], seed: int = 0) -> dict[str, Array]:
    """Random values for every input: targets lie in (0, 1) and obey the program's facts."""
    rng = np.random.default_rng(seed)
    values: dict[str, Array] = {}
    for name in program.inputs:
        variable = program.variables[name]
        shape = concrete(variable.shape, sizes)
        if variable.role is Role.TARGET:
            values[name] = np.asarray(rng.uniform(0.1, 0.9, shape))
        else:
            # Wide layers would saturate a sigmoid, and log(1 - p) has no digits left at p = 1.
            width = max(shape, default=1)
            values[name] = np.asarray(rng.uniform(-1.5, 1.5, shape) / np.sqrt(width))
    return obeying(program, values)


def obeying(program: Program, values: Mapping[str, Array]) -> dict[str, Array]:
    """The values scaled along an axis so that the sums that the program assumes are right."""
    scaled = dict(values)
    for fact in program.hypotheses:
        total = scaled[fact.name].sum(axis=fact.axis, keepdims=True)
        scaled[fact.name] = scaled[fact.name] * fact.value / total
    return scaled
