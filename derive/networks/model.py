"""What a network is: an input, layers, a loss, a notation, and the numbers of a worked example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from derive.errors import NetworkError
from derive.meaning.style import Style
from derive.program.shapes import Dim, Shape

if TYPE_CHECKING:
    import sympy as sp

Value = float | list["Value"]
"""A number or nested lists of numbers, as TOML has them."""

WIDTH = "n"
"""The letter of the widths of a network of any depth: n0, n1, ..., nL."""

MIN_DEPTH = 2
"""The fewest layers of a network of any depth: one hidden layer and the last."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One dense layer, or a block of equal ones."""

    units: Dim
    activation: str = "identity"
    bias: bool = True
    repeat: str | None = None
    """``"L-1"``: this layer stands for all but the last of a network of any depth."""
    kind: str = "dense"


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

    @property
    def generic(self) -> bool:
        """Whether its depth is L rather than a number."""
        return any(layer.repeat for layer in self.layers)

    @property
    def shapes(self) -> dict[str, Shape]:
        """Shape of the input, of every parameter and of ``y``, in the network's layout.

        Raises:
            NetworkError: the depth is not a number.
        """
        if self.generic:
            raise NetworkError(f"{self.name} has any depth; take one with at_depth")
        shapes: dict[str, Shape] = {self.input: self._vector(self.input_size)}
        width = self.input_size
        for number, layer in enumerate(self.layers, start=1):
            axes: Shape = (layer.units, width)
            weights = axes if self.style.weights == "out_in" else axes[::-1]
            shapes[f"W{number}"] = () if self.scalar else weights
            if layer.bias:
                shapes[f"b{number}"] = self._vector(layer.units)
            width = layer.units
        return {**shapes, "y": self._vector(width)}

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
                if name.startswith("W") and isinstance(value, list):
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
