"""The names of a network of any depth, seen from one of its layers."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.codegen.names import constant_name, part_name, symbol
from derive.codegen.text import Level, Piece
from derive.meaning.style import Style
from derive.program.program import Program, Role, Variable


@dataclass(frozen=True, slots=True)
class LayerNames:
    """The names seen from one layer: layer k of a loop, the last, or 0, which is the input."""

    program: Program
    style: Style
    depth: int
    center: int
    stream: str
    """The base of what flows from layer to layer: ``h``, or ``z`` where there is no activation."""
    building: bool = False
    """In the forward loop the layer's own values are local names."""

    def code(self, name: str) -> str:
        """``W[k - 1]``, ``h[k]``, ``d_z``; of the last layer ``W[-1]``, ``h[-1]``, ``z_L``."""
        variable = self.program.variables[name]
        if variable.role is Role.LOCAL:
            return f"d{self._target(variable)}_d{self.symbol(self.program.variables[variable.of])}"
        if variable.of:
            return f"d_{self.symbol(self.program.variables[variable.of])}"
        if variable.role is Role.PART:
            return part_name(name, self)
        if variable.layer is None or variable.role is Role.PREDICTION:
            return constant_name(variable) or symbol(variable, self.style)
        offset = variable.layer - self.center
        from_one = variable.role is Role.PARAMETER or variable.base != self.stream
        if variable.role is not Role.PARAMETER and offset == 0 and (self.building or self.last):
            return f"{self.symbol(variable)}_{'L' if self.last else 'k'}"
        return f"{self.symbol(variable)}[{self._index(offset - from_one)}]"

    def formula(self, name: str) -> Piece:
        """``W_k``, ``h_{k-1}``, ``dL/dz_{k+1}``."""
        variable = self.program.variables[name]
        if variable.of:
            of = self.formula(variable.of).text
            target = self.code(variable.target)
            if variable.role is Role.LOCAL and self._layered(variable):
                target = f"{self._target(variable)}_{'L' if self.last else 'k'}"
            return Piece(f"d{target}/d{of}", Level.POWER)
        if variable.role is Role.CONSTANT:
            return Piece(name)
        if variable.layer is None or variable.role is Role.PREDICTION:
            return Piece(self.code(name))
        layer = "L" if self.last else "k"
        offset = variable.layer - self.center
        index = f"{{{layer}{offset:+d}}}" if offset else layer
        if not self.center:
            index = str(offset)
        return Piece(f"{self.symbol(variable)}_{index}")

    def _target(self, variable: Variable) -> str:
        """What a local derivative differentiates, without its layer: ``h``, ``l1_W``."""
        target = self.program.variables[variable.target]
        name = self.symbol(target) or part_name(target.name, self)
        return re.sub(r"\d+$", "", name) if self._layered(variable) else name

    def _layered(self, variable: Variable) -> bool:
        """Whether what a local derivative differentiates belongs to a layer."""
        target, of = (self.program.variables[n] for n in (variable.target, variable.of))
        return target.layer is not None or of.role is Role.PARAMETER

    @property
    def last(self) -> bool:
        """Whether it is the last layer from which is seen."""
        return self.center == self.depth

    def symbol(self, variable: Variable) -> str:
        """The letter of a family, or the whole name of what belongs to no layer."""
        if variable.base == "h":
            return self.style.activation
        return symbol(variable, self.style) if variable.role is Role.PREDICTION else variable.base

    def _index(self, offset: int) -> str:
        """The place in a tuple; seen from the last layer all that is used stands at the end."""
        if self.last:
            return "-1"
        if not self.center:
            return str(offset)
        return f"k {'+' if offset > 0 else '-'} {abs(offset)}" if offset else "k"
