"""What a network is: an input, layers, a loss, a notation, and the numbers of a worked example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeGuard

from derive.errors import NetworkError
from derive.meaning.style import Style
from derive.networks.objective import Objective, constants
from derive.networks.optimiser import Optimiser
from derive.program.shapes import Dim, Shape

if TYPE_CHECKING:
    import sympy as sp

Value = float | list["Value"]
"""A number or nested lists of numbers, as TOML has them."""

WIDTH = "n"
"""The letter of the widths of a network of any depth: n0, n1, ..., nL."""

MIN_DEPTH = 2
"""The fewest layers of a network of any depth: one hidden layer and the last."""

WEIGHTS = ("W", "U", "V")
"""The weights of one layer by what it reads: ``W v + U u`` is ``[W U]`` times v and u stacked."""

SPREAD = ("Q", "q")
"""Weight and bias of the last layer's second output, where a loss needs the spread as well."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One dense layer, or a block of equal ones."""

    units: Dim
    activation: str = "identity"
    bias: bool = True
    repeat: str | None = None
    """``"L-1"``: this layer stands for all but the last of a network of any depth."""
    kind: str = "dense"
    reads: tuple[int, ...] = ()
    """The layers whose outputs, stacked, are its input; 0 is the network's input. Empty: the layer
    before."""
    adds: tuple[int, ...] = ()
    """Residual connections: the layers whose outputs are added to its own."""
    tied: int | None = None
    """The layer whose weights it shares."""
    transposed: bool = False
    """Whether it uses them transposed."""
    dropout: Fraction = Fraction(0)
    """The share of its outputs that a mask, given with each sample, sets to 0."""
    temperature: Fraction = Fraction(1)
    """What a softmax divides its argument by."""
    l1: Fraction | None = None
    """Strength of the L1 penalty on its weights; None: the network's."""
    l2: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Network:
    """A definition. What :func:`derive.networks.network` returns is checked: every word is known
    and every shape fits.
    """

    name: str
    input: str
    input_size: Dim
    layers: tuple[Layer, ...]
    loss: str
    scalar: bool = False
    """Every value is a number rather than a vector: all sizes are 1."""
    style: Style = field(default_factory=Style)
    values: Mapping[str, Value] = field(default_factory=dict, hash=False)
    """The worked example: x, y, parameters in the network's own layout, and the rate under
    ``rate``. It may be partial; see :attr:`missing_values`."""
    depth: int | None = None
    """Of a network of any depth: the depth that the numbers are given for."""
    title: str = ""
    """What it is, in a few words for a reader."""
    objective: Objective = field(default_factory=Objective)
    """What is minimised besides the plain loss."""
    optimiser: Optimiser | None = None
    """How its parameters are updated; None: by gradient descent."""

    @property
    def generic(self) -> bool:
        """Whether its depth is L rather than a number."""
        return any(layer.repeat for layer in self.layers)

    @property
    def shapes(self) -> dict[str, Shape]:
        """Shape of the input, of every parameter and mask, and of ``y``, in the network's layout.

        Raises:
            NetworkError: the depth is not a number.
        """
        if self.generic:
            raise NetworkError(f"{self.name} has any depth; take one with at_depth")
        shapes: dict[str, Shape] = {self.input: self._vector(self.input_size)}
        for number in range(1, len(self.layers) + 1):
            shapes.update(self.parameters(number))
        for number, layer in enumerate(self.layers, start=1):
            if layer.dropout:
                shapes[f"k{number}"] = self._vector(layer.units)
        return {**shapes, "y": self._vector(self.layers[-1].units)}

    def parameters(self, number: int) -> dict[str, Shape]:
        """The shape of every parameter of a layer, counted from 1, in the network's layout."""
        layer, found = self.layers[number - 1], self.weights(number)
        shapes = {name: self._matrix(layer.units, dim) for name, dim in found.items()}
        spread = shapes.pop(f"{SPREAD[0]}{number}", None)
        if layer.bias:
            shapes[f"b{number}"] = self._vector(layer.units)
        if spread is not None:
            shapes[f"{SPREAD[0]}{number}"] = spread
            if layer.bias:
                shapes[f"{SPREAD[1]}{number}"] = self._vector(layer.units)
        return shapes

    def weights(self, number: int) -> dict[str, Dim]:
        """The weights that a layer has of its own, each with the width of what it reads."""
        layer = self.layers[number - 1]
        sources = [self.width(source) for source in self.sources(number)]
        names = (f"{base}{number}" for base in WEIGHTS)
        own = {} if layer.tied else dict(zip(names, sources, strict=False))
        if number == len(self.layers) and self.spread:
            own[f"{SPREAD[0]}{number}"] = sources[0]
        return own

    def sources(self, number: int) -> tuple[int, ...]:
        """The layers that a layer reads; 0 is the input."""
        return self.layers[number - 1].reads or (number - 1,)

    def width(self, number: int) -> Dim:
        """The width of a layer; of the input, 0."""
        return self.layers[number - 1].units if number else self.input_size

    @property
    def spread(self) -> bool:
        """Whether a loss needs a second output, the logarithm of the variance."""
        from derive.networks.catalogue import loss
        from derive.networks.objective import weighted_losses

        return any(loss(word).spread for word, _ in weighted_losses(self))

    @property
    def constants(self) -> dict[str, Value]:
        """The number, or list of numbers, of every constant of its program."""
        return {
            name: [float(v) for v in value] if isinstance(value, tuple) else float(value)
            for name, value in constants(self).items()
        }

    def _matrix(self, units: Dim, width: Dim) -> Shape:
        axes: Shape = (units, width)
        if self.scalar:
            return ()
        return axes if self.style.weights == "out_in" else axes[::-1]

    def _vector(self, size: Dim) -> Shape:
        return () if self.scalar else (size,)

    @property
    def sizes(self) -> tuple[str, ...]:
        """The symbolic sizes, in order of first appearance."""
        dims = (self.input_size, *(layer.units for layer in self.layers))
        return tuple(dict.fromkeys(dim for dim in dims if isinstance(dim, str)))

    @property
    def missing_values(self) -> tuple[str, ...]:
        """Which of the input, the target and the parameters have no value; none is needed for a
        network without a worked example, all are for one with it.
        """
        concrete = self.at_depth(self.depth or MIN_DEPTH) if self.generic else self
        return tuple(name for name in concrete.shapes if name not in self.values)

    @property
    def has_example(self) -> bool:
        """Whether the worked example is complete (the rate may be missing)."""
        return bool(self.values) and not self.missing_values

    @property
    def rate_only(self) -> dict[str, Value]:
        """What of the values holds at any depth and size: the rate."""
        return {name: value for name, value in self.values.items() if name == "rate"}

    @property
    def example_sizes(self) -> dict[str, int]:
        """The numbers that the worked example gives to symbolic sizes, at its depth."""
        from derive.networks.values import bound_sizes

        return bound_sizes(self)

    def at_depth(self, depth: int) -> Network:
        """The network of a number of layers: the repeated layer is written out, widths n0, n1, ...

        The values stay only at the depth that they are given for; the rate always does.

        Raises:
            NetworkError: depth < 2, or the network has a fixed depth already.
        """
        if not self.generic:
            raise NetworkError(f"{self.name} has a fixed depth")
        if depth < MIN_DEPTH:
            raise NetworkError(f"{self.name}: a depth of {depth} leaves no hidden layer")
        hidden, last = self.layers
        named = [replace(hidden, repeat=None, units=f"{WIDTH}{k}") for k in range(1, depth)]
        units = last.units if isinstance(last.units, int) else f"{WIDTH}{depth}"
        layers = (*named, replace(last, units=units))
        values = self.values if depth == self.depth else self.rate_only
        return replace(self, layers=layers, depth=None, values=values)

    def in_style(self, style: Style) -> Network:
        """The same network written in another style: where the order of the axes of the weights
        changes, the weights among the values are transposed.
        """
        values = dict(self.values)
        if style.weights != self.style.weights:
            for name, value in self.values.items():
                if _is_matrix(value):
                    values[name] = [list(row) for row in zip(*value, strict=True)]
        return replace(self, style=style, values=values)

    def in_layout(self, layout: str) -> Network:
        """The same network in another layout, ``samples/weights``.

        Raises:
            NetworkError: the layout is none of the four.
        """
        return self.in_style(self.style.with_layout(layout))

    def with_sizes(self, sizes: Mapping[str, int]) -> Network:
        """The network with numbers in place of symbolic sizes; names that are not given stay.

        The values stay where they have these sizes; the rate always does.

        Raises:
            NetworkError: a name that is no size of the network, or a number that cannot be one.
        """
        from derive.networks.check import resized

        return resized(self, sizes)

    def concrete(self) -> Network:
        """The network of the worked example: its depth, and its sizes as numbers."""
        fixed = self.at_depth(self.depth or MIN_DEPTH) if self.generic else self
        return fixed.with_sizes(self.example_sizes)

    def loss_expression(
        self, sizes: Mapping[str, int] | None = None, depth: int | None = None
    ) -> sp.Expr:
        """The loss of one sample as one SymPy expression, written out from input to output.

        Its symbols are plain: ``W1``, ``x``, ``y`` of a scalar network, and of vectors the entries
        ``W1_1_2``, ``x_1``, counted from 1 in the network's layout.

        Args:
            sizes: a number for every symbolic size; default those of the worked example.
            depth: of a network of any depth; default that of the worked example.

        Raises:
            NetworkError: a size without a number, or an expression too large to write out.
        """
        from derive.networks.expression import loss_expression

        return loss_expression(self, sizes, depth)

    def _repr_markdown_(self) -> str:
        """What a notebook shows: symbols, shapes and forward equations."""
        from derive.document.jupyter import network_markdown

        return network_markdown(self)

    def _repr_latex_(self) -> str:
        """The forward equations."""
        from derive.document.jupyter import network_latex

        return network_latex(self)


def _is_matrix(value: Value) -> TypeGuard[list[list[float]]]:
    return isinstance(value, list) and bool(value) and isinstance(value[0], list)
