"""What is minimised besides the plain loss: weights, further losses, penalties, kinds of target."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derive.networks.model import Network

LAMBDA, OMEGA = "lambda", "omega"
"""The names of the weights of losses and penalties, and of the vector of the outputs' weights."""

PENALTIES: dict[str, str] = {"l1": "abs", "l2": "half_square"}
"""Penalty -> the elementwise function that is summed over all entries of a weight."""

NO_LOSS_WEIGHT = Fraction(1)


@dataclass(frozen=True, slots=True)
class Objective:
    """The default is the loss alone."""

    weight: Fraction = NO_LOSS_WEIGHT
    """Of the network's loss."""
    further: tuple[tuple[str, Fraction], ...] = ()
    """More losses of the same prediction and target, each with its weight."""
    l1: Fraction = Fraction(0)
    """Times the sum of all weights' absolute values; a layer's own takes precedence."""
    l2: Fraction = Fraction(0)
    """Times half the sum of all weights' squares."""
    smoothing: Fraction = Fraction(0)
    """The share e of ``(1 - e) y + e / K``, which stands in place of a target over K outputs."""
    output_weights: tuple[Fraction, ...] = ()
    """One for each output (class), before its term of the loss."""
    index: bool = False
    """A target is given as the number of its class, counted from 0."""


@dataclass(frozen=True, slots=True)
class Penalty:
    """``constant * sum of function(parameter)``."""

    kind: str
    parameter: str
    constant: str


def weighted_losses(network: Network) -> tuple[tuple[str, Fraction], ...]:
    """Every loss of a network with its weight."""
    return ((network.loss, network.objective.weight), *network.objective.further)


def loss_constants(network: Network) -> tuple[str, ...]:
    """For every loss the name of its weight; empty where that is 1."""
    names = _names(network)
    return tuple(
        names[("loss", str(place))] if weight != 1 else ""
        for place, (_, weight) in enumerate(weighted_losses(network))
    )


def penalties(network: Network) -> tuple[Penalty, ...]:
    """The penalties, layer by layer."""
    names = _names(network)
    return tuple(
        Penalty(kind, parameter, names[(kind, str(value))])
        for kind, parameter, value in _penalised(network)
    )


def constants(network: Network) -> dict[str, Fraction | tuple[Fraction, ...]]:
    """The value of every constant of a network's program."""
    objective = network.objective
    values: dict[str, Fraction | tuple[Fraction, ...]] = {}
    for (kind, key), name in _names(network).items():
        values[name] = weighted_losses(network)[int(key)][1] if kind == "loss" else Fraction(key)
    if objective.output_weights:
        weights = objective.output_weights
        values[OMEGA] = weights[0] if network.scalar else weights
    return values


def _penalised(network: Network) -> list[tuple[str, str, Fraction]]:
    """Penalty, parameter and strength, where it is not 0."""
    found = []
    for number, layer in enumerate(network.layers, start=1):
        for kind in PENALTIES:
            own = getattr(layer, kind)
            value = getattr(network.objective, kind) if own is None else own
            if value:
                found += [(kind, name, value) for name in network.weights(number)]
    return found


def _names(network: Network) -> dict[tuple[str, str], str]:
    """``lambda``, or ``lambda1``, ``lambda2``, ...: one for each weight of a loss, and for each
    strength of each penalty.
    """
    keys = [
        ("loss", str(place))
        for place, (_, weight) in enumerate(weighted_losses(network))
        if weight != 1
    ]
    keys += dict.fromkeys((kind, str(value)) for kind, _, value in _penalised(network))
    if len(keys) == 1:
        return {keys[0]: LAMBDA}
    return {key: f"{LAMBDA}{number}" for number, key in enumerate(keys, start=1)}
