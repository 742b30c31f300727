"""The derivative rules: how the cotangent of an equation's value reaches its arguments.

One rule a kind of equation; each answers with one contribution an argument. The rules are proved
against ``sympy.diff`` of the index definition in ``calculus.proof``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from derive.calculus.local import Local, local_derivative
from derive.program.program import Contraction, Equation, Map, Term


@dataclass(frozen=True, slots=True)
class Pullback:
    """What one use of an argument contributes to its cotangent."""

    argument: str
    letters: str
    """The letters of the argument, which are those of the contribution."""
    term: Term
    """Its operands: the incoming cotangent first, then the other factors."""
    position: int
    """Which argument of the equation it is."""
    local: Local | None = None
    """Of a map: the local derivative; ``LOCAL`` stands for its value in ``term``."""


LOCAL = "<local>"
"""Placeholder operand for the value of a map's local derivative."""


def vjp_contraction(equation: Contraction, incoming: str, letters: str) -> Iterator[Pullback]:
    """Swap operand and output: ``out = c A B`` gives ``A_bar = c out_bar B``."""
    position = 0
    for term in equation.terms:
        for k, name in enumerate(term.operands):
            others = term.operands[:k] + term.operands[k + 1 :]
            other_letters = term.letters[:k] + term.letters[k + 1 :]
            pulled = Term((incoming, *others), (equation.letters, *other_letters), term.scale)
            yield Pullback(name, term.letters[k], pulled, position)
            position += 1


def vjp_map(equation: Map, incoming: str, letters: str) -> Iterator[Pullback]:
    """Chain rule elementwise: ``out = f(u)`` gives ``u_bar = out_bar * f'(u)``."""
    for k, name in enumerate(equation.arguments):
        local = local_derivative(equation.function, k)
        yield Pullback(name, letters, Term((incoming, LOCAL), (letters, letters)), k, local)


Rule = Callable[[Any, str, str], Iterator[Pullback]]

VJP: dict[type[Equation], Rule] = {Contraction: vjp_contraction, Map: vjp_map}
