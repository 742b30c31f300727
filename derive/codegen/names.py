"""The names of a program as Python and formulas spell them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from inspect import isfunction
from typing import Protocol

from derive.codegen import stable
from derive.codegen.text import Level, Piece
from derive.errors import NetworkError
from derive.meaning.style import Style
from derive.networks import Network
from derive.notation.glyphs import OPERATORS
from derive.program.program import Program, Role, Variable


class Spelling(Protocol):
    """How the names of a program are written."""

    def code(self, name: str) -> str:
        """As Python: ``d_W1``."""

    def formula(self, name: str) -> Piece:
        """As in a formula: ``dL/dW1``."""


@dataclass(frozen=True, slots=True)
class Names:
    """The names of a network whose layers are numbered."""

    program: Program
    style: Style

    def code(self, name: str) -> str:
        """The derivation's symbol; a cotangent is ``d_`` and its variable."""
        variable = self.program.variables[name]
        if variable.of and variable.target in OPERATORS:
            return f"{variable.target}_{self.code(variable.of)}"
        if variable.role is Role.PART and not variable.of:
            return part_name(name, self)
        if self._twice(variable):
            return f"d2_{self.code(variable.of)}"
        if variable.role is Role.LOCAL:
            return f"d{self.code(variable.target)}_d{self.code(variable.of)}"
        if variable.of and variable.role is not Role.TANGENT:
            return f"d_{self.code(variable.of)}"
        return constant_name(variable) or symbol(variable, self.style)

    def formula(self, name: str) -> Piece:
        """The same with cotangents as fractions, and constants as the derivation writes them."""
        variable = self.program.variables[name]
        if variable.role is Role.CONSTANT:
            return Piece(name)
        if self._twice(variable):
            loss = self.code(self.program.variables[variable.target].target)
            return Piece(f"d^2{loss}/d{self.formula(variable.of).text}^2", Level.POWER)
        if variable.of and variable.target in OPERATORS:
            return Piece(f"{variable.target}({self.formula(variable.of).text})")
        if variable.of and variable.role is not Role.TANGENT:
            target = self.code(variable.target)
            return Piece(f"d{target}/d{self.formula(variable.of).text}", Level.POWER)
        return Piece(self.code(name))

    def _twice(self, variable: Variable) -> bool:
        """Whether it is an elementwise second derivative: that of dL/dy_hat by y_hat."""
        if variable.role is not Role.LOCAL:
            return False
        return self.program.variables[variable.target].of == variable.of


def part_name(name: str, spelling: Spelling) -> str:
    """``dL/dz1.2`` is the second part of d_z1; others keep their own names."""
    base, _, number = name.partition(".")
    return f"{spelling.code(base)}_{number}" if number else re.sub(r"\W+", "_", name)


def constant_name(variable: Variable) -> str:
    """Of a number that the definition fixes, which the module has in capitals: ``LAMBDA1``."""
    fixed = variable.role is Role.CONSTANT and not variable.shape
    return variable.name.upper() if fixed else ""


def symbol(variable: Variable, style: Style) -> str:
    """The symbol of a variable of the forward pass, in the style's letters."""
    if variable.role is Role.PREDICTION:
        return style.prediction
    if variable.role is Role.LOSS:
        return style.loss
    if variable.base == "h":
        return f"{style.activation}{variable.layer}"
    return variable.name


_TAKEN = frozenset(
    """
    Any Array ArrayLike Cache DTypeLike GradientCheck Iterable LAMBDA METHODS Masks Method NDArray
    NamedTuple OMEGA Parameters SHAPES Scalar Sequence annotations backward cache check_gradients
    draw_masks dtype epsilon forward gradients init input_gradient loss like loss_and_gradients
    masks method named np params rate rng sigmoid sigmoid_cross_entropy softmax
    softmax_cross_entropy tolerance update value
    """.split()  # noqa: SIM905
) | {name for name, value in vars(stable).items() if isfunction(value)}
"""Names of a module that an input or a size must not bear."""

_CONSTANT = re.compile(r"LAMBDA\d+")


def check_names(network: Network) -> None:
    """Refuse names that would hide others.

    Raises:
        NetworkError: naming the name.
    """
    for name in (network.input, *network.sizes):
        if name in _TAKEN or _CONSTANT.fullmatch(name):
            raise NetworkError(f"{network.name}: {name!r} is a name of the module; choose another")
