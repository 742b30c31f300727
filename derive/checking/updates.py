"""Updates of parameters: ``W <- W - alpha dL/dW``."""

from __future__ import annotations

from dataclasses import dataclass

from derive.checking.claims import Statement
from derive.checking.names import unfenced, walk
from derive.checking.verdicts import Finding, Verdict
from derive.notation import text
from derive.notation.plain import plain
from derive.notation.tree import Derivative, Negative, Node, Sum


@dataclass(frozen=True, slots=True)
class Step:
    """An update by one gradient."""

    down: bool
    """Whether it subtracts."""
    by: Node
    """What the gradient is of."""


def step(left: Node, right: Node) -> Step | None:
    """The parts of an update ``w - rate * dL/dw``, if it is one."""
    if not isinstance(right, Sum) or len(right.terms) != 2 or right.terms[0] != left:
        return None
    term = right.terms[1]
    found = [node for node in walk(term) if isinstance(node, Derivative)]
    if len(found) != 1:
        return None
    return Step(isinstance(term, Negative), unfenced(found[0].denominator))


def update(left: Node, right: Node, statements: tuple[Statement, ...], number: int) -> Finding:
    """The verdict on an update: a rule that the document sets, unless it breaks its own rule."""
    own = step(left, right)
    others = [
        found
        for k, item in enumerate(statements)
        if k != number and "gets" in item.signs[:1]
        if (found := step(plain(item.sides[0]), plain(item.sides[1]))) is not None
    ]
    if own is None:
        return Finding(Verdict.DEFINITION)
    if own.by != left:
        told = f"{text(left)} moves along the slope of {text(own.by)}"
        return Finding(Verdict.WRONG, told, "symbolic", "wrong-symbol")
    if len(others) > 1 and all(other.down != own.down for other in others):
        told = "moves up the slope where the others move down" if not own.down else "the others add"
        return Finding(Verdict.WRONG, told, "symbolic", "wrong-sign")
    return Finding(Verdict.DEFINITION)
