"""A network's loss straight from its definition, entry by entry, in any domain.

It reads the definition, not the program, so a program with a wrong axis, a lost bias or a lost mean
has a loss that differs from this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

import numpy as np
import sympy as sp

from derive.calculus.proof.domain import Domain, Number
from derive.calculus.proof.tangents import Value
from derive.networks.catalogue import Loss
from derive.networks.catalogue import activation as activation_of
from derive.networks.catalogue import loss as loss_of
from derive.networks.model import Network
from derive.networks.objective import OMEGA, loss_constants, penalties, weighted_losses
from derive.program.functions import Function, parameter

Vector = list[Number]

_U = parameter(0)
_PENALTIES = {
    "l1": sp.Piecewise((_U, _U > 0), (-_U, _U < 0), (0, True)),
    "l2": _U**2 / 2,
}


class Reference:
    """The meaning of a definition."""

    def __init__(self, network: Network, domain: Domain):
        self.network, self.domain = network, domain

    def batch_loss(self, values: Mapping[str, Value]) -> Number:
        """The mean of the losses of the samples along the sample axis of the layout."""
        axis = -1 if self.network.style.samples == "column" else 0
        masks = [f"k{k}" for k, layer in enumerate(self.network.layers, start=1) if layer.dropout]
        names = (self.network.input, "y", *masks)
        samples = [np.moveaxis(np.asarray(values[name]), axis, 0) for name in names]
        losses = [
            self.loss({**values, **dict(zip(names, sample, strict=True))})
            for sample in zip(*samples, strict=True)
        ]
        return self._sum([self._scaled(loss, Fraction(1, len(losses))) for loss in losses])

    def loss(self, values: Mapping[str, Value]) -> Number:
        """The loss of one sample."""
        outputs = [_entries(values[self.network.input])]
        for number in range(1, len(self.network.layers) + 1):
            outputs.append(self._layer(number, outputs, values))
        data = self._losses(outputs, values)
        return self._sum([*data, *self._penalties(values)])

    def _layer(self, number: int, outputs: list[Vector], values: Mapping[str, Value]) -> Vector:
        """Everything that one layer does."""
        layer = self.network.layers[number - 1]
        read = [outputs[source] for source in layer.reads or (number - 1,)]
        owner = layer.tied or number
        weights = [values[f"{base}{owner}"] for base, _ in zip("WUV", read, strict=False)]
        bias = values[f"b{number}"] if layer.bias else None
        value = self._dense(weights, layer.transposed, bias, read)
        if layer.temperature != 1:
            value = [self._scaled(v, 1 / layer.temperature) for v in value]
        value = self._activate(layer.activation, value)
        for source in layer.adds:
            value = self._added(value, outputs[source])
        if layer.dropout:
            masked = zip(_entries(values[f"k{number}"]), value, strict=True)
            value = [self.domain.reduce(k * v) for k, v in masked]
        return value

    def _dense(
        self, weights: list[Value], transposed: bool, bias: Value | None, read: list[Vector]
    ) -> Vector:
        """``z_i = sum_j W_ij v_j + b_i`` over all that is read, with W_ij found by the layout."""
        value: Vector | None = None if bias is None else _entries(bias)
        for array, source in zip(weights, read, strict=True):
            matrix = np.asarray(array, dtype=object)
            if matrix.ndim == 2 and (self.network.style.weights == "in_out") is not transposed:
                matrix = matrix.T
            rows = matrix.reshape(-1, len(source))
            sums = [self._sum([w * v for w, v in zip(row, source, strict=True)]) for row in rows]
            value = sums if value is None else self._added(sums, value)
        assert value is not None
        return value

    def _added(self, left: Vector, right: Vector) -> Vector:
        return [self._sum(pair) for pair in zip(left, right, strict=True)]

    def _activate(self, word: str, value: Vector) -> Vector:
        activation = activation_of(word)
        if not activation.block:
            return [self._apply(activation.definition, z) for z in value]
        return BLOCKS[activation.block](self, value)

    def _softmax(self, value: Vector) -> Vector:
        """``exp(z_i) / sum_j exp(z_j)``."""
        exps = [self._apply(Function("", 1, sp.exp(_U)), z) for z in value]
        below = self._apply(Function("", 1, 1 / _U), self._sum(exps))
        return [self.domain.reduce(e * below) for e in exps]

    def _log_softmax(self, value: Vector) -> Vector:
        """``z_i - log sum_j exp(z_j)``."""
        exps = [self._apply(Function("", 1, sp.exp(_U)), z) for z in value]
        total = self._apply(Function("", 1, -sp.log(_U)), self._sum(exps))
        return [self._sum((z, total)) for z in value]

    def _losses(self, outputs: list[Vector], values: Mapping[str, Value]) -> list[Number]:
        """Every loss with its weight."""
        last, given = len(self.network.layers), self.network.objective.output_weights
        spread: Vector = []
        if self.network.spread:
            bias = values[f"q{last}"] if self.network.layers[-1].bias else None
            (source,) = self.network.sources(last)
            spread = self._dense([values[f"Q{last}"]], False, bias, [outputs[source]])
        found = []
        names = loss_constants(self.network)
        for (word, _), name in zip(weighted_losses(self.network), names, strict=True):
            loss = loss_of(word)
            target = self._target(_entries(values["y"]), loss)
            arguments = [outputs[-1], *([spread] if loss.spread else []), target]
            terms = [self._apply(loss.definition, *t) for t in zip(*arguments, strict=True)]
            if given:
                weights = _entries(values[OMEGA])
                terms = [self.domain.reduce(w * t) for w, t in zip(weights, terms, strict=True)]
            count = self._outputs(terms) if loss.mean else 1
            total = self._scaled(self._sum(terms), loss.factor / count)
            found.append(self.domain.reduce(values[name] * total) if name else total)
        return found

    def _outputs(self, entries: Vector) -> int:
        """The number of outputs that the definition names, else that there are."""
        units = self.network.layers[-1].units
        return units if isinstance(units, int) else len(entries)

    def _target(self, target: Vector, loss: Loss) -> Vector:
        """The target with a share for every class."""
        share = self.network.objective.smoothing
        if not share:
            return target
        each = share / (self._outputs(target) if loss.one_hot else 2)
        return [self._sum([self._scaled(y, 1 - share), self.domain.fraction(each)]) for y in target]

    def _penalties(self, values: Mapping[str, Value]) -> list[Number]:
        """Every strength times the sum over the entries of a weight."""
        found = []
        for penalty in penalties(self.network):
            function = Function("", 1, _PENALTIES[penalty.kind])
            entries = [self._apply(function, w) for w in _entries(values[penalty.parameter])]
            found.append(self.domain.reduce(values[penalty.constant] * self._sum(entries)))
        return found

    def _apply(self, function: Function, *arguments: Number) -> Number:
        formal = tuple(parameter(k) for k in range(function.arity))
        return self.domain.compile(function.expression, formal, {})(arguments)

    def _sum(self, numbers: list[Number] | tuple[Number, ...]) -> Number:
        return self.domain.reduce(sum(numbers[1:], numbers[0]))

    def _scaled(self, number: Number, factor: Fraction) -> Number:
        return self.domain.reduce(number * self.domain.fraction(factor))


BLOCKS: dict[str, Callable[[Reference, Vector], Vector]] = {
    "softmax": Reference._softmax,
    "log_softmax": Reference._log_softmax,
}
"""Named program -> what it makes of a vector."""


def _entries(value: Value) -> Vector:
    return list(np.asarray(value, dtype=object).ravel())
