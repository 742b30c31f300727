"""What a network whose prediction is monotone in its input cannot learn.

With one neuron a layer a network composes monotone maps, and a composition of monotone maps is
monotone. So no parameters bring its mean squared error below that of the best monotone function of
the data, which is known: isotonic regression for samples, one pooled block for an even power on an
interval (:func:`best_monotone_power`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from derive.networks.catalogue import activation as activation_of
from derive.networks.catalogue import loss as loss_of
from derive.networks.model import Network
from derive.networks.objective import penalties, weighted_losses
from derive.program.functions import parameter

if TYPE_CHECKING:
    import sympy as sp

Floats = NDArray[np.float64]

_NOTHING = 1e-9
"""A bound below this share of the targets' variance is rounding, not a bound."""


@dataclass(frozen=True, slots=True)
class Bound:
    """No parameters have a smaller loss on these samples."""

    loss: float
    """Of the best monotone function, as the network's loss has it."""
    increasing: bool
    """Whether that function increases."""


def is_monotone(network: Network) -> bool:
    """Whether the prediction is monotone in the input, whatever the parameters.

    It is when input and prediction are numbers, every activation is monotone, and every layer of
    two or more units is linear: then each value is a monotone function of the one number before
    it. Two units with a nonlinear activation may be subtracted by the next layer, and make a bump
    (where the layers have biases, so the condition is necessary too). So may a layer's value and
    what a residual connection adds to it, or the outputs that a layer reads together.

    >>> from derive.networks import network
    >>> is_monotone(network("x -> dense(1, tanh) -> dense(1) ; mse"))
    True
    >>> is_monotone(network("x[1] -> dense(2, tanh) -> dense(1) ; mse"))
    False
    """
    ends = network.input_size == 1 and network.layers[-1].units == 1
    return ends and all(
        activation_of(layer.activation).monotone
        and (layer.units == 1 or layer.activation == "identity")
        and not layer.adds
        and len(network.sources(number)) == 1
        for number, layer in enumerate(network.layers, start=1)
    )


def square_factor(network: Network) -> Fraction | None:
    """The c of a loss ``c (y_hat - y)^2`` a prediction, of several ones the sum; None for a loss
    that is no such square, and where penalties are minimised too. Weights of the outputs are left
    out, but that of a single one.
    """
    factors = [(_factor(network, word), weight) for word, weight in weighted_losses(network)]
    if penalties(network) or any(factor is None for factor, _ in factors):
        return None
    total = sum((factor * weight for factor, weight in factors if factor), Fraction(0))
    own = network.objective.output_weights
    return total * own[0] if len(own) == 1 else total


def _factor(network: Network, word: str) -> Fraction | None:
    """The same of one loss, without its weight."""
    loss = loss_of(word)
    prediction, target = parameter(0), parameter(1)
    factor = loss.definition.expression / (prediction - target) ** 2
    if not factor.is_Rational:
        return None
    outputs = int(network.layers[-1].units) if loss.mean else 1
    return Fraction(int(factor.p), int(factor.q)) * loss.factor / outputs


def monotone_bound(network: Network, x: Floats, y: Floats) -> Bound | None:
    """The bound for samples of shape (m,); None where there is none, or where it is zero."""
    factor = square_factor(network)
    if factor is None or factor <= 0 or not is_monotone(network):
        return None
    rising, falling = (mean_square(y, isotonic(x, y, up)) for up in (True, False))
    best = min(rising, falling)
    if best <= _NOTHING * float(np.var(y)):
        return None
    return Bound(float(factor) * best, rising <= falling)


def mean_square(y: Floats, fit: Floats) -> float:
    """The mean of the squared differences."""
    return float(np.mean((y - fit) ** 2))


def isotonic(x: Floats, y: Floats, increasing: bool = True) -> Floats:
    """The monotone function of x with the least squared error to y, at every sample.

    Pool adjacent violators (Ayer and others, 1955): neighbouring blocks whose means fall are
    pooled into one. Samples of equal x share one value. Linear in the samples after sorting.

    >>> isotonic(np.array([1.0, 2.0, 3.0]), np.array([0.0, 3.0, 1.0]))
    array([0., 2., 2.])
    """
    inverse = np.unique(x, return_inverse=True)[1]
    counts = np.bincount(inverse)
    sums = np.bincount(inverse, weights=y if increasing else -y)
    ends, values = _pooled(sums.tolist(), counts.tolist())
    fit = np.repeat(values, [end - start for start, end in pairwise([0, *ends])])[inverse]
    return fit if increasing else -fit


def _pooled(sums: list[float], counts: list[int]) -> tuple[list[int], list[float]]:
    """The end and the mean of every block of the increasing fit."""
    ends: list[int] = []
    totals: list[float] = []
    weights: list[int] = []
    for end, (total, weight) in enumerate(zip(sums, counts, strict=True), start=1):
        while totals and totals[-1] * weight >= total * weights[-1]:
            total, weight = total + totals.pop(), weight + weights.pop()
            ends.pop()
        ends.append(end)
        totals.append(total)
        weights.append(weight)
    return ends, [total / weight for total, weight in zip(totals, weights, strict=True)]


def best_monotone_power(power: int, start: Fraction, end: Fraction) -> sp.Expr:
    """The least mean squared error of a monotone function to ``x^power``, x uniform on an interval.

    Zero unless the power is even and the interval holds both signs. The best increasing function
    then is constant on a block from the start to a t > 0 where ``t^power`` is the mean over the
    block, and the power itself from there on; the best decreasing one is its mirror image.

    >>> best_monotone_power(2, Fraction(-1), Fraction(1))
    9/160
    """
    import sympy as sp

    if power % 2 or start >= 0 or end <= 0:
        return sp.Integer(0)
    a, b = (sp.Rational(side.numerator, side.denominator) for side in (start, end))
    candidates = (_increasing(power, a, b), _increasing(power, -b, -a))
    return min(candidates, key=lambda error: float(sp.N(error)))


def constant_power(power: int, start: Fraction, end: Fraction) -> sp.Expr:
    """The variance of ``x^power``, x uniform on an interval: the error of the best constant.

    >>> constant_power(2, Fraction(-1), Fraction(1))
    4/45
    """
    import sympy as sp

    a, b = (sp.Rational(side.numerator, side.denominator) for side in (start, end))
    return _block(power, a, b, _mean(power, a, b)) / (b - a)


def _increasing(power: int, a: sp.Rational, b: sp.Rational) -> sp.Expr:
    """The error of the best increasing function for an even power and a < 0 < b.

    With t = -a s the block's condition ``t^k (t - a) = integral of x^k from a to t`` reads
    ``k s^(k+1) + (k+1) s^k - 1 = 0``, whose left side has the factor (s + 1)^2 and grows for s > 0.
    """
    import sympy as sp

    s = sp.Symbol("s")
    condition = sp.Poly(power * s ** (power + 1) + (power + 1) * s**power - 1, s)
    (ratio,) = (root for root in condition.quo(sp.Poly((s + 1) ** 2, s)).real_roots() if root > 0)
    t = -a * ratio
    if t >= b:
        return _block(power, a, b, _mean(power, a, b)) / (b - a)
    return _block(power, a, t, t**power) / (b - a)


def _mean(power: int, a: sp.Expr, b: sp.Expr) -> sp.Expr:
    return (b ** (power + 1) - a ** (power + 1)) / ((power + 1) * (b - a))


def _block(power: int, a: sp.Expr, b: sp.Expr, c: sp.Expr) -> sp.Expr:
    """The integral of ``(x^power - c)^2`` from a to b."""
    double = (b ** (2 * power + 1) - a ** (2 * power + 1)) / (2 * power + 1)
    single = (b ** (power + 1) - a ** (power + 1)) / (power + 1)
    return double - 2 * c * single + c**2 * (b - a)
