"""Where a formula of one's own is defined: an activation for every number, a loss for what the
output gives.

A pre-activation may be any number, so ``log(z)`` and ``sqrt(z)`` are no activations. A loss may
have a smaller domain: ``-y log(y_hat)`` is right behind a sigmoid, not behind an output that can be
negative.
"""

from __future__ import annotations

import numpy as np

from derive.networks.blocks import BLOCKS
from derive.networks.catalogue import activation, loss
from derive.networks.faults import Fault, shown
from derive.program.evaluate import NUMERIC, Array
from derive.program.functions import Function

_POINTS = np.linspace(-7.31, 7.23, 37)
"""Numbers of both signs; none is where a formula is likely to have a pole."""

_TARGETS = np.asarray([0.13, 0.5, 0.87])


def check_activation(word: str, position: int) -> None:
    """The own activation of a layer has a value for every number.

    Raises:
        Fault: with a number for which it has none.
    """
    bad = _undefined(activation(word).definition, _POINTS)
    if bad is not None:
        raise Fault(
            f"layer {position + 1}: {shown(word)} is not defined for z = {_POINTS[bad]:.2f}, and "
            "a pre-activation may be any number; write what it is there, as in "
            "'if z > 0 then ... else ...'",
            ("layers", position, "activation"),
        )


def check_domain(word: str, last: str) -> None:
    """An own loss has a value for every prediction that the last activation gives.

    Raises:
        Fault: with a prediction for which it has none.
    """
    predictions = 1 / (1 + np.exp(-_POINTS))
    if last not in BLOCKS:
        predictions = NUMERIC.apply(activation(last).definition, (_POINTS,), {})
    y_hat, y = (axis.ravel() for axis in np.meshgrid(predictions, _TARGETS))
    bad = _undefined(loss(word).definition, y_hat, y)
    if bad is not None:
        raise Fault(
            f"loss: {shown(word)} is not defined for y_hat = {y_hat[bad]:.2f}, which the output "
            f"activation {last!r} can give; take another one, such as sigmoid or softplus",
            ("loss",),
        )


def _undefined(function: Function, *arguments: Array) -> int | None:
    """The first place at which a function has no real value; an overflow is one."""
    with np.errstate(all="ignore"):
        values = np.asarray(NUMERIC.apply(function, arguments, {}))
    bad = np.flatnonzero(np.isnan(values.real) | (values.imag != 0))
    return int(bad[0]) if bad.size else None
