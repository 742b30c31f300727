"""Named programs that an activation may be: what is not elementwise, as softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from derive.program.functions import FUNCTIONS
from derive.program.program import Block, Contraction, Equation, Map, Role, Term, Variable
from derive.program.shapes import Shape


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
    exps, total, inverse = (f"{out.name}_{tag}" for tag in ("exp", "sum", "inverse"))
    draft.emit(Map(exps, FUNCTIONS["exp"], (z,)), part(exps, out.shape))
    draft.emit(Contraction(total, "", (Term((exps,), ("i",)),)), part(total, ()))
    draft.emit(Map(inverse, FUNCTIONS["reciprocal"], (total,)), part(inverse, ()))
    draft.emit(Contraction(out.name, "i", (Term((exps, inverse), ("i", "")),)), out)
    draft.blocks.append(Block("softmax", z, out.name, (exps, total, inverse)))
    return out.name


BLOCKS: dict[str, Callable[[Draft, str, Variable], str]] = {"softmax": _softmax}
"""Word -> what adds the block's equations to a draft: of the argument ``z``, to define ``out``."""
