"""How each name of a program is spelled: glyph, layer, indices, derivative quotients."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from derive.meaning.style import Style
from derive.notation.tree import Apply, Derivative, Node, Number, Symbol
from derive.program.letters import letters_of
from derive.program.program import Program, Role, Variable
from derive.program.shapes import Dim, Shape

Form = Literal["index", "matrix"]

_LAYER = Symbol("l")
"""A layer that stands for all of them."""


@dataclass
class Names:
    """Spells the names of one program in one style."""

    program: Program
    style: Style
    form: Form = "index"
    labels: Mapping[int, Node] = field(default_factory=dict)
    """What a layer number is called; numbers that are not in it stand for themselves."""
    prediction_layer: bool = False
    """Write the prediction as the last layer's activation inside a derivative quotient."""

    def __post_init__(self) -> None:
        self.letters = letters_of(self.program)
        rank = 0 if self.program.batch is None else 1
        self.scalar = all(
            len(variable.shape) <= rank and set(variable.shape) <= {self.program.batch}
            for variable in self.program.variables.values()
        )
        """Whether every value of one sample is a number."""

    def label(self, layer: int) -> Node:
        """What a layer is called."""
        return self.labels.get(layer, Number(str(layer)))

    def letter(self, letter: str) -> Symbol:
        """An index as it is printed: the sample index of scalar networks is ``i``."""
        if letter == "l" and _LAYER in self.labels.values():
            return Symbol("u")  # l is the layer here
        if letter != "n":
            return Symbol(letter)
        if self.scalar:
            return Symbol("i")
        return Symbol("s" if self.style.batch == "n" else "n")

    def size(self, dim: Dim) -> Node:
        """A size: ``n2`` is ``n`` with the label of layer 2."""
        if isinstance(dim, int):
            return Number(str(dim))
        match = re.fullmatch(r"([A-Za-z]+)(\d+)", dim)
        if match is None:
            return Symbol(dim)
        return Symbol(match[1], sub=(self.label(int(match[2])),))

    def shape(self, shape: Shape) -> tuple[Node, ...]:
        """A shape's sizes."""
        return tuple(self.size(dim) for dim in shape)

    def variable(self, name: str, letters: str | None = None) -> Node:
        """A variable as a whole, or its component with these letters."""
        var = self.program.variables[name]
        if var.role is Role.COTANGENT:
            return self.quotient(var.target, var.of, "", letters or "")
        if var.role is Role.LOCAL:
            return self.quotient(var.target, var.of, "", "")
        if var.role is Role.TANGENT and var.target:
            return Apply(var.target, (self.variable(var.of, letters),))
        return self._symbol(var, letters)

    def _symbol(self, var: Variable, letters: str | None) -> Symbol:
        base, layer = var.base or var.name, var.layer
        accent: Literal["", "hat"] = ""
        style: Literal["", "cal"] = ""
        if var.role is Role.PREDICTION:
            base, layer = ("y", None) if self.style.prediction == "y_hat" else ("p", None)
            accent = "hat" if self.style.prediction == "y_hat" else ""
        elif base == "h":
            base = self.style.activation
        elif var.role is Role.LOSS:
            base, style = self.style.loss, "cal"
        elif var.role is Role.CONSTANT:
            return self._constant(var, letters)
        elif var.role is Role.INPUT and 0 in self.labels:
            base, layer = self.style.activation, 0
        if letters is None and self._is_batch_matrix(var):
            base = base.upper()
        indices = tuple(self.letter(k) for k in letters or "")
        return self._placed(Symbol(base, accent=accent, style=style), layer, indices)

    def _constant(self, var: Variable, letters: str | None) -> Symbol:
        """``lambda2`` is lambda with its number, which is no layer's."""
        match = re.fullmatch(r"([A-Za-z]+?)(\d*)", var.name)
        assert match is not None, var.name
        number = (Number(match[2]),) if match[2] else ()
        return Symbol(match[1], sub=(*number, *(self.letter(k) for k in letters or "")))

    def _is_batch_matrix(self, var: Variable) -> bool:
        return self.program.batch in var.shape and len(var.shape) == 2

    def _placed(self, symbol: Symbol, layer: int | None, indices: tuple[Symbol, ...]) -> Symbol:
        if layer is None:
            return replace(symbol, sub=indices)
        label = self.label(layer)
        if self.style.layer == "subscript":
            return replace(symbol, sub=(label, *indices))
        bracket = self.style.layer == "bracket"
        return replace(symbol, sup=(label,), bracket=bracket, sub=indices)

    def activation(self, layer: int) -> Symbol:
        """The activation of a layer by its number, whether it has another name or not."""
        return self._placed(Symbol(self.style.activation), layer, ())

    def quotient(self, target: str, of: str, target_letters: str, of_letters: str) -> Derivative:
        """``d target / d of``, of components where letters are given."""
        return Derivative(
            self._in_quotient(target, target_letters), self._in_quotient(of, of_letters)
        )

    def _in_quotient(self, name: str, letters: str) -> Node:
        var = self.program.variables[name]
        if self.prediction_layer and var.role is Role.PREDICTION and var.layer is not None:
            indices = tuple(self.letter(k) for k in letters)
            base = self.style.activation
            if not letters and self._is_batch_matrix(var):
                base = base.upper()
            return self._placed(Symbol(base), var.layer, indices)
        return self.variable(name, letters or None)
