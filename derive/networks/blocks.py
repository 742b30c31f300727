"""Named programs that an activation may be: what is not elementwise, as softmax.

Nothing about a block is written down twice: how its cotangent becomes short is found from these
equations by the named rules of the calculus.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from derive.program.functions import FUNCTIONS
from derive.program.program import Block, Contraction, Equation, Map, Role, Term, Variable
from derive.program.shapes import ONE, Shape


class Draft(Protocol):
    """The program in the making, as far as a block needs it."""

    blocks: list[Block]

    def emit(self, equation: Equation, variable: Variable) -> str:
        """Add an equation and the variable that it defines; returns its name."""


def part(name: str, shape: Shape) -> Variable:
    """A nameless intermediate value."""
    return Variable(name, shape, Role.PART)


def _softmax(draft: Draft, z: str, out: Variable) -> str:
    """``p_i = exp(z_i) / sum_j exp(z_j)``."""
    exps, total = _exponentials(draft, z, out)
    inverse = _inner(draft, Map(f"{out.name}_inverse", FUNCTIONS["reciprocal"], (total,)))
    draft.emit(Contraction(out.name, "i", (Term((exps, inverse), ("i", "")),)), out)
    draft.blocks.append(Block("softmax", z, out.name, (exps, total, inverse)))
    return out.name


def _log_softmax(draft: Draft, z: str, out: Variable) -> str:
    """``o_i = z_i - log sum_j exp(z_j)``."""
    exps, total = _exponentials(draft, z, out)
    log = _inner(draft, Map(f"{out.name}_log", FUNCTIONS["log"], (total,)))
    terms = (Term((z,), ("i",)), Term((log,), ("",), -ONE))
    draft.emit(Contraction(out.name, "i", terms), out)
    draft.blocks.append(Block("log_softmax", z, out.name, (exps, total, log)))
    return out.name


def _exponentials(draft: Draft, z: str, out: Variable) -> tuple[str, str]:
    """The names of ``exp(z_i)`` and of their sum."""
    exps = _inner(draft, Map(f"{out.name}_exp", FUNCTIONS["exp"], (z,)), out.shape)
    return exps, _inner(draft, Contraction(f"{out.name}_sum", "", (Term((exps,), ("i",)),)))


def _inner(draft: Draft, equation: Equation, shape: Shape = ()) -> str:
    """A nameless value of a block."""
    return draft.emit(equation, part(equation.out, shape))


BLOCKS: dict[str, Callable[[Draft, str, Variable], str]] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}
"""Word -> what adds the block's equations to a draft: of the argument ``z``, to define ``out``."""
