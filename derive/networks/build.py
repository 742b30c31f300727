"""A network as a program of one sample.

Letters: ``i`` runs over a layer's outputs, ``j`` over its inputs. Scalar networks have no letters.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from derive.networks.blocks import BLOCKS
from derive.networks.build_objective import add_objective
from derive.networks.catalogue import activation as activation_of
from derive.networks.model import SPREAD, WEIGHTS, Layer, Network
from derive.networks.objective import OMEGA, constants
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
from derive.program.shapes import Dim, Scale, Shape


def build(network: Network) -> Program:
    """The forward program of one sample, in the network's layout of the weights.

    Inputs are ``x``, the parameters and masks layer by layer, ``y``, and the constants of the
    objective; the output is ``L``.
    """
    draft = Draft(network)
    draft.input(network.input, Role.INPUT, draft.vector(network.input_size), network.input)
    draft.outputs.append(network.input)
    for number, layer in enumerate(network.layers, start=1):
        draft.outputs.append(draft.layer(layer, number))
    add_objective(draft)
    return draft.program()


@dataclass(slots=True)
class Draft:
    """The equations so far; frozen into a program at the end."""

    network: Network
    variables: dict[str, Variable] = field(default_factory=dict)
    equations: list[Equation] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    """The name of every layer's output; the first is the input."""
    spread: str = ""
    """The name of the second output of the last layer, where there is one."""

    def vector(self, size: Dim) -> Shape:
        """The shape of a value of so many units."""
        return () if self.network.scalar else (size,)

    @property
    def features(self) -> str:
        """The letter of a layer's outputs."""
        return "" if self.network.scalar else "i"

    def input(
        self, name: str, role: Role, shape: Shape, base: str, layer: int | None = None
    ) -> str:
        """Declare what no equation defines."""
        self.variables[name] = Variable(name, shape, role, base, layer)
        return name

    def emit(self, equation: Equation, variable: Variable) -> str:
        """Add an equation and the variable that it defines; returns its name."""
        self.variables[variable.name] = variable
        self.equations.append(equation)
        return variable.name

    def constant(self, name: str) -> str:
        """A constant of the objective."""
        listed = isinstance(constants(self.network)[name], tuple)
        shape = self.vector(self.network.layers[-1].units) if listed else ()
        return self.input(name, Role.CONSTANT, shape, OMEGA if listed else name)

    def layer(self, layer: Layer, number: int) -> str:
        """``z = W v + b``, its activation, what is added to it and what a mask leaves of it."""
        last = number == len(self.network.layers)
        shapes = self.network.parameters(number)
        for name, shape in shapes.items():
            self.input(name, Role.PARAMETER, shape, name[0], number)
        z = self.affine(layer, number)
        if last and self.network.spread:
            self.second_output(layer, number)
        value = self.activated(layer, number, z, last)
        if layer.adds:
            value = self.added(layer, number, value, last)
        return self.masked(layer, number, value) if layer.dropout else value

    def affine(self, layer: Layer, number: int) -> str:
        """The pre-activation ``z``."""
        owner = layer.tied or number
        sources = [self.outputs[source] for source in self.network.sources(number)]
        terms = [
            Term((f"{base}{owner}", source), self._matrix_letters(layer.transposed))
            for base, source in zip(WEIGHTS, sources, strict=False)
        ]
        bias = (f"b{number}",) if layer.bias else ()
        return self._sum(f"z{number}", "z", number, layer.units, terms, bias)

    def second_output(self, layer: Layer, number: int) -> None:
        """``s = Q v + q``: the logarithm of the variance, beside the prediction."""
        (source,) = self.network.sources(number)
        term = Term((f"{SPREAD[0]}{number}", self.outputs[source]), self._matrix_letters(False))
        bias = (f"{SPREAD[1]}{number}",) if layer.bias else ()
        self.spread = self._sum(f"s{number}", "s", number, layer.units, [term], bias)

    def _sum(
        self,
        name: str,
        base: str,
        number: int,
        units: Dim,
        terms: list[Term],
        added: tuple[str, ...],
    ) -> str:
        """The terms and further values of the same shape, added up."""
        every = (*terms, *(Term((other,), (self.features,)) for other in added))
        variable = Variable(name, self.vector(units), Role.HIDDEN, base, number)
        return self.emit(Contraction(name, self.features, every), variable)

    def _matrix_letters(self, transposed: bool) -> tuple[str, str]:
        if self.network.scalar:
            return "", ""
        plain = (self.network.style.weights == "out_in") is not transposed
        return ("ij" if plain else "ji"), "j"

    def activated(self, layer: Layer, number: int, z: str, last: bool) -> str:
        """``h``, or ``r`` where something is added to it yet; the last layer's is the prediction.

        Without an activation a hidden layer's value is ``z`` itself.
        """
        if layer.activation == "identity" and (layer.adds or not last):
            return z
        shape = self.vector(layer.units)
        if layer.adds:
            out = Variable(f"r{number}", shape, Role.HIDDEN, "r", number)
        else:
            out = self._output(layer, number, last)
        activation = activation_of(layer.activation)
        if activation.block:
            return BLOCKS[activation.block](self, self.scaled(layer, number, z), out)
        return self.emit(Map(out.name, activation.definition, (z,)), out)

    def scaled(self, layer: Layer, number: int, z: str) -> str:
        """``s = z / T``: the logits at another temperature."""
        if layer.temperature == 1:
            return z
        scale = Scale(1 / layer.temperature)
        variable = Variable(f"s{number}", self.vector(layer.units), Role.HIDDEN, "s", number)
        term = Term((z,), (self.features,), scale)
        return self.emit(Contraction(variable.name, self.features, (term,)), variable)

    def _output(self, layer: Layer, number: int, last: bool) -> Variable:
        shape = self.vector(layer.units)
        if last:
            return Variable("y_hat", shape, Role.PREDICTION, "y_hat", number)
        return Variable(f"h{number}", shape, Role.HIDDEN, "h", number)

    def added(self, layer: Layer, number: int, value: str, last: bool) -> str:
        """A residual connection: the layer's own value plus what earlier layers put out."""
        out = self._output(layer, number, last)
        names = (value, *(self.outputs[source] for source in layer.adds))
        terms = tuple(Term((name,), (self.features,)) for name in names)
        return self.emit(Contraction(out.name, self.features, terms), out)

    def masked(self, layer: Layer, number: int, value: str) -> str:
        """Dropout: ``g = k * h`` with a mask k that is given with each sample."""
        shape = self.vector(layer.units)
        mask = self.input(f"k{number}", Role.GIVEN, shape, "k", number)
        out = Variable(f"g{number}", shape, Role.HIDDEN, "g", number)
        term = Term((mask, value), (self.features, self.features))
        return self.emit(Contraction(out.name, self.features, (term,)), out)

    def program(self) -> Program:
        """What was drafted, verified."""
        return Program(
            self.variables,
            tuple(self.equations),
            ("L",),
            tuple(self.facts),
            tuple(self.blocks),
        )
