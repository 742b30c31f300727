"""A network as a program of one sample.

Letters: ``i`` runs over a layer's outputs, ``j`` over its inputs. Scalar networks have no letters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

from derive.networks.blocks import BLOCKS, part
from derive.networks.catalogue import activation as activation_of
from derive.networks.catalogue import loss as loss_of
from derive.networks.model import Layer, Network
from derive.program.program import (
    Block,
    Contraction,
    Equation,
    Fact,
    Map,
    Program,
    Role,
    Term,
    Variable,
)
from derive.program.shapes import ONE, Dim, Scale, Shape


def build(network: Network) -> Program:
    """The forward program of one sample, in the network's layout of the weights.

    Inputs are ``x``, the parameters layer by layer, and ``y``; the output is ``L``.
    """
    draft = _Draft(network)
    value = draft.input(network.input, Role.INPUT, draft.vector(network.input_size), network.input)
    width = network.input_size
    for number, layer in enumerate(network.layers, start=1):
        last = number == len(network.layers)
        value = draft.dense(layer, number, width, value, last)
        width = layer.units
    draft.loss(value, width)
    return draft.program()


@dataclass(slots=True)
class _Draft:
    """The equations so far; frozen into a program at the end."""

    network: Network
    variables: dict[str, Variable] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def vector(self, size: Dim) -> Shape:
        return () if self.network.scalar else (size,)

    @property
    def features(self) -> str:
        return "" if self.network.scalar else "i"

    def input(
        self, name: str, role: Role, shape: Shape, base: str, layer: int | None = None
    ) -> str:
        self.variables[name] = Variable(name, shape, role, base, layer)
        return name

    def emit(self, equation: Equation, variable: Variable) -> str:
        self.variables[variable.name] = variable
        self.equations.append(equation)
        return variable.name

    def dense(self, layer: Layer, number: int, width: Dim, value: str, last: bool) -> str:
        """``z = W v + b`` and its activation; returns the name of the result."""
        scalar, out_in = self.network.scalar, self.network.style.weights == "out_in"
        shape = () if scalar else (layer.units, width) if out_in else (width, layer.units)
        weight = self.input(f"W{number}", Role.PARAMETER, shape, "W", number)
        letters = ("", "") if scalar else ("ij" if out_in else "ji", "j")
        terms = [Term((weight, value), letters)]
        units = self.vector(layer.units)
        if layer.bias:
            bias = self.input(f"b{number}", Role.PARAMETER, units, "b", number)
            terms.append(Term((bias,), (self.features,)))
        z = self.emit(
            Contraction(f"z{number}", self.features, tuple(terms)),
            Variable(f"z{number}", units, Role.HIDDEN, "z", number),
        )
        if layer.activation == "identity" and not last:
            return z
        out = (
            Variable("y_hat", units, Role.PREDICTION, "y_hat", number)
            if last
            else Variable(f"h{number}", units, Role.HIDDEN, "h", number)
        )
        return self.activate(layer.activation, z, out)

    def activate(self, word: str, z: str, out: Variable) -> str:
        activation = activation_of(word)
        if activation.block:
            return BLOCKS[activation.block](self, z, out)
        return self.emit(Map(out.name, activation.definition, (z,)), out)

    def loss(self, prediction: str, width: Dim) -> None:
        """``L = factor * sum over outputs of f(prediction, y)``."""
        loss, shape = loss_of(self.network.loss), self.vector(width)
        target = self.input("y", Role.TARGET, shape, "y")
        if loss.one_hot:
            self.facts.append(Fact(target, 0))
        function = loss.definition
        out = Variable("L", (), Role.LOSS, "L")
        scale = Scale(Fraction(loss.factor)) * (Scale.of_size(width, -1) if loss.mean else ONE)
        if self.network.scalar and scale == ONE:
            self.emit(Map("L", function, (prediction, target)), out)
            return
        terms = self.emit(
            Map("L_terms", function, (prediction, target)), part("L_terms", shape)
        )
        self.emit(Contraction("L", "", (Term((terms,), (self.features,), scale),)), out)

    def program(self) -> Program:
        return Program(
            self.variables,
            tuple(self.equations),
            ("L",),
            tuple(self.facts),
            tuple(self.blocks),
        )
