"""The step log: what a derivation is made of. Every output renders it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derive.calculus.simplify import Rewrite
from derive.program.program import Equation, Program, Term


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one use of a variable adds to its cotangent."""

    through: str
    """The name that the equation using the variable defines: the path of this contribution."""
    position: int
    """Which argument of that equation it is."""
    incoming: str
    """The cotangent that arrives: dL/d(through)."""
    local: str | None
    """The name of the elementwise local derivative; None for a contraction, whose local
    derivative is read off its letters."""
    term: Term
    """The contribution as a product, before any rule: incoming cotangent, other factors."""
    letters: str


@dataclass(frozen=True, slots=True)
class Step:
    """One cotangent: where it comes from, the rules used, and what it is."""

    of: str
    """The variable; the step finds dL/d(of)."""
    cotangent: str
    contributions: tuple[Contribution, ...]
    """One for each use of the variable, in the order of the forward equations."""
    equation: Equation
    """The result, an equation of the derivation's program."""
    rewrites: tuple[Rewrite, ...] = ()
    """Index expressions before and after each named rule."""
    rules: tuple[str, ...] = ()
    """Every named rule used, those that only fold constants too."""


@dataclass(frozen=True, slots=True)
class Log:
    """The steps from the loss back, and the program that holds their equations."""

    target: str
    forward: Program
    program: Program
    """The forward equations, then the backward ones."""
    steps: tuple[Step, ...]
    cotangents: Mapping[str, str]
    """Variable -> the name of its cotangent."""

    def step(self, of: str) -> Step:
        """The step that finds the cotangent of a variable.

        Raises:
            KeyError: the variable has none.
        """
        name = self.cotangents[of]
        return next(step for step in self.steps if step.cotangent == name)
