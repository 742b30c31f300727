"""The words that a network may use. A new activation or loss is one line here.

An activation is an elementwise function of the program's table, or a named block. A loss names the
elementwise function of (prediction, target) whose values are summed over the outputs, what factor
stands before the sum, and which output activations it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Activation:
    """One word of ``activation = "..."``."""

    function: str
    """Of ``program.functions.FUNCTIONS``; empty for a block."""
    block: str = ""
    init: str = "xavier"
    """``xavier`` or ``he``: the initialisation that keeps variances even."""
    analytic: bool = True
    """Whether complex step holds everywhere; False where there is a kink."""
    monotone: bool = True
    bounded: tuple[float, float] | None = None
    """The range, where it is bounded."""


@dataclass(frozen=True, slots=True)
class Loss:
    """One word of ``loss = "..."``."""

    function: str
    title: str
    factor: Fraction = Fraction(1)
    mean: bool = False
    """Divide by the number of outputs too."""
    heads: tuple[str, ...] = ()
    """The output activations that it fits; empty for any."""
    one_hot: bool = False
    """The target is a distribution: sum(y) = 1."""


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation("identity"),
    "tanh": Activation("tanh", bounded=(-1, 1)),
    "sigmoid": Activation("sigmoid", bounded=(0, 1)),
    "relu": Activation("relu", init="he", analytic=False),
    "softmax": Activation("", block="softmax", monotone=False, bounded=(0, 1)),
}

KINDS: dict[str, str] = {"dense": "W x + b, then an activation"}
"""Words of ``kind = "..."``, each with what such a layer computes."""

REPEATS: dict[str, str] = {"L-1": "all layers but the last, of a network of any depth"}
"""Words of ``repeat = "..."``."""

LOSSES: dict[str, Loss] = {
    "squared_error": Loss("squared_difference", "squared error"),
    "half_squared_error": Loss("half_squared_difference", "half the squared error"),
    "mse": Loss("squared_difference", "mean squared error, summed over the outputs"),
    "mean_mse": Loss("squared_difference", "mean squared error, also over the outputs", mean=True),
    "binary_cross_entropy": Loss(
        "binary_cross_entropy", "binary cross-entropy", heads=("sigmoid",)
    ),
    "softmax_cross_entropy": Loss(
        "weighted_log", "cross-entropy", heads=("softmax",), one_hot=True
    ),
}

ALIASES: dict[str, str] = {
    "linear": "identity",
    "bce": "binary_cross_entropy",
    "cross_entropy": "softmax_cross_entropy",
    "half_mse": "half_squared_error",
}
"""Other words in use, each with the one that it stands for."""
