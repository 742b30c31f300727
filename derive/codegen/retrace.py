"""The steps that a module takes, against the equations of the table."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from derive.networks.optimiser import Optimiser
from derive.program.evaluate import NUMERIC

Array = NDArray[Any]

STEPS = 4
"""How many steps are compared: the state matters from the second on."""

RESOLVED = 1e-4
"""The least that a parameter is taken to have moved, in parts of itself: less is rounding."""


def step_error(
    module: ModuleType, chosen: Optimiser, params: Any, gradients: Any, steps: int = STEPS
) -> float:
    """The largest error of the parameters and the state after some steps; nan if there is a nan.

    It is relative to how far a parameter has moved, and to the size of a state.

    Args:
        module: an emitted module.
        chosen: its optimiser, with its rate.
        params: where it starts.
        gradients: those of every step are multiples of these, below and above every limit.
        steps: how many.
    """
    stepper = chosen.stepper(NUMERIC)
    begin = {k: np.asarray(a) for k, a in module.named(params).items()}
    moment = stepper.start(begin)
    state = None if chosen.plain else module.start(params)
    scale = _scale(chosen, [np.asarray(g) for g in module.named(gradients).values()])
    for t in range(1, steps + 1):
        factor = scale * (3 - 2 * t)
        arrays = {k: np.asarray(factor * g) for k, g in module.named(gradients).items()}
        slopes = module.like(gradients, arrays.values())
        moment = stepper.step(moment, arrays)
        if state is None:
            params = module.update(params, slopes, float(stepper.rate))
        else:
            params, state = module.update(params, slopes, state)
    errors = [
        _relative(array, moment.values[key]["theta"], begin[key])
        for key, array in module.named(params).items()
    ]
    for name, kept in _kept(state).items():
        for key, array in module.named(kept).items():
            errors.append(_relative(array, moment.values[key][name], np.asarray(0.0)))
    return float(np.max(errors))


def _scale(chosen: Optimiser, arrays: list[Array]) -> float:
    """What brings gradients to less than half of a limit."""
    flat = np.concatenate([array.ravel() for array in arrays])
    sizes = {"norm": float(np.linalg.norm(flat)), "value": float(np.max(np.abs(flat)))}
    scales = [_BELOW * float(limit) / (sizes[word] or 1.0) for word, limit in chosen.limits]
    return min(scales, default=1.0)


_BELOW = 0.4


def _kept(state: Any) -> dict[str, Any]:
    """The arrays of a state, by name."""
    if state is None:
        return {}
    return {name: value for name, value in state._asdict().items() if name != "t"}


def _relative(found: Array, expected: Array, start: Array) -> float:
    if np.shape(found) != np.shape(expected):
        return float("inf")
    moved = float(np.max(np.abs(expected - start)))
    size = max(moved, RESOLVED * float(np.max(np.abs(expected))), np.finfo(float).tiny)
    return float(np.max(np.abs(found - expected))) / size
