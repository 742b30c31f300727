"""The words that a network may use. A new one is one line in ``program.functions``.

An activation is an elementwise function of the program's table, or a named block. A loss names the
elementwise function of (prediction, target) whose values are summed over the outputs, what factor
stands before the sum, and which output activations it needs.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import cache

import sympy as sp

from derive.networks.formulas import definition, name_of
from derive.program import functions
from derive.program.functions import Function


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
    values: str = ""
    """The range, as ``(-1, 1)``; empty where it is not known."""
    formula: Function | None = None
    """Of a network's own; then ``function`` is only its name, or empty."""

    @property
    def definition(self) -> Function:
        """The elementwise function; a block has none."""
        return _definition(self.function, self.formula)


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
    formula: Function | None = None
    """Of a network's own; then ``function`` is only its name, or empty."""
    spread: bool = False
    """It is a function of (prediction, s, target), s being the logarithm of the variance."""
    binary: bool = False
    """A target is the probability of one of two classes."""

    @property
    def definition(self) -> Function:
        """The elementwise function of (prediction, target), or with the spread between them."""
        return _definition(self.function, self.formula)


def _definition(word: str, formula: Function | None) -> Function:
    return formula if formula is not None else functions.FUNCTIONS[word]


def _of_function(name: str) -> Activation:
    """An elementwise activation, from its one line in the program's table."""
    facts, kinks = functions.ACTIVATIONS[name], _has_kinks(functions.FUNCTIONS[name])
    return Activation(
        name, init=facts.init, analytic=not kinks, monotone=facts.monotone, values=facts.values
    )


def _has_kinks(function: Function) -> bool:
    return bool(function.expression.has(sp.Piecewise))


ACTIVATIONS: dict[str, Activation] = {
    **{name: _of_function(name) for name in functions.ACTIVATIONS},
    "softmax": Activation("", block="softmax", monotone=False, values="(0, 1)"),
    "log_softmax": Activation("", block="log_softmax", monotone=False, values="(-oo, 0)"),
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
    "softmax_cross_entropy": Loss(
        "weighted_log", "cross-entropy", heads=("softmax",), one_hot=True
    ),
    **{name: Loss(name, **asdict(facts)) for name, facts in functions.LOSSES.items()},
}

ALIASES: dict[str, str] = {
    "linear": "identity",
    "swish": "silu",
    "bce": "binary_cross_entropy",
    "bce_with_logits": "logit_cross_entropy",
    "mae": "absolute_error",
    "kl": "kullback_leibler",
    "nll": "negative_log_likelihood",
    "gaussian_nll": "gaussian",
    "cross_entropy": "softmax_cross_entropy",
    "half_mse": "half_squared_error",
}
"""Other words in use, each with the one that it stands for."""


@cache
def activation(word: str) -> Activation:
    """What a checked network's word of an activation stands for, be it a formula or the table's."""
    if word in ACTIVATIONS:
        return ACTIVATIONS[word]
    function = definition(word, "activation")
    kinks = _has_kinks(function)
    return Activation(function.name, analytic=not kinks, monotone=False, formula=function)


@cache
def loss(word: str) -> Loss:
    """What a checked network's word of a loss stands for, be it a formula or the table's."""
    if word in LOSSES:
        return LOSSES[word]
    function = definition(word, "loss")
    return Loss(function.name, name_of(word, "loss") or word, formula=function)


def known_functions(kind: str) -> dict[str, Function]:
    """Word -> function of the table's activations, or of its losses that fit any head."""
    if kind == "activation":
        return {word: a.definition for word, a in ACTIVATIONS.items() if not a.block}
    return {
        word: loss.definition for word, loss in LOSSES.items() if not (loss.heads or loss.spread)
    }
