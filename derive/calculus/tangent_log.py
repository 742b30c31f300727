"""What second order is made of: the tangents of a gradient program, and the steps to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.calculus.log import Log
from derive.calculus.simplify import Rewrite
from derive.program.program import Equation, Program, Role
from derive.program.shapes import Scale

R, G = "R", "G"
"""The operators: the rate of change along the direction, and its Gauss-Newton part."""

_LETTERS = {"W": "V", "b": "v"}
"""The letter of a parameter -> that of its direction."""


@dataclass(frozen=True, slots=True)
class TangentStep:
    """One tangent: of what, and what it is."""

    of: str
    """The value or the cotangent that moves."""
    tangent: str
    """``R(z1)``, ``R(dL/dW1)``, ``G(dL/dW1)``."""
    through: tuple[str, ...]
    """The arguments of its equation that move: one application of the rule each."""
    equation: Equation
    """The result, an equation of the program of tangents."""
    rewrites: tuple[Rewrite, ...] = ()
    """Index expressions before and after each named rule."""


@dataclass(frozen=True, slots=True)
class Tangents:
    """A gradient program along a direction."""

    log: Log
    """The gradient that is moved."""
    program: Program
    """The equations of the gradient, then those of the tangents; the directions are inputs."""
    directions: Mapping[str, str]
    """Parameter -> its direction: ``V1`` of ``W1``."""
    steps: tuple[TangentStep, ...]
    """Forward tangents, then backward ones, then those of the Gauss-Newton product."""
    output: str
    """Where the Gauss-Newton product takes the network's output: the last pre-activation."""
    scales: Mapping[str, Scale]
    """Of a nameless rate: the coefficient that every equation using it has before it."""
    refusal: str = ""
    """Why there is no Gauss-Newton product, if there is none."""

    def step(self, of: str, operator: str = R) -> TangentStep:
        """The step that finds a tangent.

        Raises:
            KeyError: what is asked for does not move.
        """
        name = tangent_name(of, operator)
        found = next((step for step in self.steps if step.tangent == name), None)
        if found is None:
            raise KeyError(name)
        return found

    @property
    def output_tangent(self) -> str | None:
        """``q = R(dL/dz)``, with which the Gauss-Newton product starts back; None where it is 0."""
        name = tangent_name(self.log.cotangents[self.output])
        return name if name in self.program.variables else None

    def product(self, parameter: str, operator: str = R) -> str | None:
        """The name of a parameter's part of the Hessian-vector or the Gauss-Newton product; None
        where it is 0.
        """
        name = tangent_name(self.log.cotangents[parameter], operator)
        return name if name in self.program.variables else None


def tangent_name(of: str, operator: str = R) -> str:
    """``R(z1)``, ``G(dL/dW1)``."""
    return f"{operator}({of})"


def direction_letters(program: Program) -> dict[str, str]:
    """The letter of every parameter's direction: V for W, v for b. Where there are other letters
    among the parameters it is their own after a D: DW, Db, DU.
    """
    variables = [program.variables[name] for name in program.named(Role.PARAMETER)]
    bases = {own.name: own.base or own.name for own in variables}
    if set(bases.values()) <= set(_LETTERS):
        return {name: _LETTERS[base] for name, base in bases.items()}
    return {name: f"D{base}" for name, base in bases.items()}
