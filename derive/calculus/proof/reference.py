"""A network's loss straight from its definition, entry by entry, in any domain.

It reads the definition, not the program, so a program with a wrong axis, a lost bias or a lost mean
has a loss that differs from this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np
import sympy as sp

from derive.calculus.proof.domain import Domain, Number
from derive.calculus.proof.tangents import Value
from derive.networks.catalogue import activation as activation_of
from derive.networks.catalogue import loss as loss_of
from derive.networks.model import Network
from derive.program.functions import Function, parameter

Vector = list[Number]


class Reference:
    """The meaning of a definition."""

    def __init__(self, network: Network, domain: Domain):
        self.network, self.domain = network, domain

    def batch_loss(self, values: Mapping[str, Value]) -> Number:
        """The mean of the losses of the samples along the sample axis of the layout."""
        axis = -1 if self.network.style.samples == "column" else 0
        xs, ys = (np.moveaxis(np.asarray(values[n]), axis, 0) for n in (self.network.input, "y"))
        losses = [
            self.loss({**values, self.network.input: x, "y": y})
            for x, y in zip(xs, ys, strict=True)
        ]
        return self._sum([self._scaled(loss, Fraction(1, len(losses))) for loss in losses])

    def loss(self, values: Mapping[str, Value]) -> Number:
        """The loss of one sample."""
        value = _entries(values[self.network.input])
        for number, layer in enumerate(self.network.layers, start=1):
            bias = _entries(values[f"b{number}"]) if layer.bias else None
            value = self._dense(np.asarray(values[f"W{number}"], dtype=object), bias, value)
            value = self._activate(layer.activation, value)
        return self._loss(value, _entries(values["y"]))

    def _dense(self, weights: Value, bias: Vector | None, value: Vector) -> Vector:
        """``z_i = sum_j W_ij v_j + b_i``, with W_ij found by the layout."""
        if weights.ndim == 2 and self.network.style.weights == "in_out":
            weights = weights.T
        rows = weights.reshape(-1, len(value))
        sums = [self._sum([w * v for w, v in zip(row, value, strict=True)]) for row in rows]
        return sums if bias is None else [self._sum(pair) for pair in zip(sums, bias, strict=True)]

    def _activate(self, word: str, value: Vector) -> Vector:
        activation = activation_of(word)
        if not activation.block:
            return [self._apply(activation.definition, z) for z in value]
        assert activation.block == "softmax", "a block needs its meaning here"
        u = parameter(0)
        exps = [self._apply(Function("", 1, sp.exp(u)), z) for z in value]
        below = self._apply(Function("", 1, 1 / u), self._sum(exps))
        return [self.domain.reduce(e * below) for e in exps]

    def _loss(self, prediction: Vector, target: Vector) -> Number:
        loss = loss_of(self.network.loss)
        function = loss.definition
        terms = [self._apply(function, *pair) for pair in zip(prediction, target, strict=True)]
        units = self.network.layers[-1].units
        outputs = units if isinstance(units, int) else len(terms)
        return self._scaled(self._sum(terms), loss.factor / (outputs if loss.mean else 1))

    def _apply(self, function: Function, *arguments: Number) -> Number:
        formal = tuple(parameter(k) for k in range(function.arity))
        return self.domain.compile(function.expression, formal, {})(arguments)

    def _sum(self, numbers: list[Number] | tuple[Number, ...]) -> Number:
        return self.domain.reduce(sum(numbers[1:], numbers[0]))

    def _scaled(self, number: Number, factor: Fraction) -> Number:
        return self.domain.reduce(number * self.domain.fraction(factor))


def _entries(value: Value) -> Vector:
    return list(np.asarray(value, dtype=object).ravel())
