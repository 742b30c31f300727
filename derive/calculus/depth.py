"""Networks of any depth: induction, not copies.

A network of L layers is derived at one concrete depth. If the steps of its hidden layers are equal
up to the layer's number, one of them is the recursion for layer l, the last layer is its base, and
both hold for every depth that is at least 2. The equality is checked, never assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from derive.calculus.log import Log, Step
from derive.errors import DerivationError
from derive.program.program import Contraction, Equation, Map, Term

DEPTH = 4
"""The depth at which a generic network is derived: layers 1, 2, 3 are hidden, 4 is the last."""
HIDDEN = 2
"""The hidden layer that stands for layer l: neither the first nor next to the last."""

_LAYER = re.compile(r"(?<![A-Za-z_])(d?)([A-Za-z]\w*?)(\d+)(?!\w)")

_NUMBERED = ("lambda", "L_terms")
"""What is numbered, but not by layers: the constants and the losses."""


@dataclass(frozen=True, slots=True)
class Recursion:
    """The steps of a network of any depth."""

    log: Log
    depth: int
    """The concrete depth of ``log``."""
    hidden: int
    """The layer of ``log`` that stands for layer l."""
    base: tuple[Step, ...]
    """The steps of the last layer."""
    step: tuple[Step, ...]
    """The steps of layer l, in terms of layers l-1, l and l+1."""
    forward_hidden: tuple[Equation, ...]
    forward_last: tuple[Equation, ...]


def recursion(log: Log, depth: int) -> Recursion:
    """Find the recursion in the log of a concrete depth.

    Raises:
        DerivationError: the hidden layers' steps are not equal up to their number.
    """
    representative = _layer_steps(log, HIDDEN)
    for layer in range(1, depth):
        shifted = [shift_step(step, layer - HIDDEN) for step in representative]
        if shifted != _layer_steps(log, layer):
            raise DerivationError(f"the steps of layer {layer} differ from those of layer {HIDDEN}")
    return Recursion(
        log,
        depth,
        HIDDEN,
        tuple(_layer_steps(log, depth)),
        tuple(representative),
        tuple(_layer_equations(log, HIDDEN)),
        tuple(_layer_equations(log, depth)),
    )


def _layer_steps(log: Log, layer: int) -> list[Step]:
    return [s for s in log.steps if log.forward.variables[s.of].layer == layer]


def _layer_equations(log: Log, layer: int) -> list[Equation]:
    variables = log.forward.variables
    return [eq for eq in log.forward.equations if variables[eq.out].layer == layer]


def shift_name(name: str, by: int) -> str:
    """``W2`` becomes ``W3``; layer 0 of the activations is ``x``.

    >>> shift_name("dL/dW2", 1), shift_name("h1", -1)
    ('dL/dW3', 'x')
    """

    def renamed(match: re.Match[str]) -> str:
        prefix, base, layer = match.groups()
        if base in _NUMBERED:
            return match.group()
        number = int(layer) + by
        if base in ("h", "z") and number == 0:  # z: layers without an activation
            return f"{prefix}x"
        return f"{prefix}{base}{number}"

    return _LAYER.sub(renamed, name)


def shift_step(step: Step, by: int) -> Step:
    """A step with every layer moved by a number."""
    return _renamed(step, lambda name: shift_name(name, by))


def shift_equation(equation: Equation, by: int) -> Equation:
    """An equation with every layer moved by a number."""
    return _renamed_equation(equation, lambda name: shift_name(name, by))


def _renamed(step: Step, rename: Callable[[str], str]) -> Step:
    return replace(
        step,
        of=rename(step.of),
        cotangent=rename(step.cotangent),
        equation=_renamed_equation(step.equation, rename),
        contributions=tuple(
            replace(
                c,
                through=rename(c.through),
                incoming=rename(c.incoming),
                local=c.local and rename(c.local),
                term=_renamed_term(c.term, rename),
            )
            for c in step.contributions
        ),
    )


def _renamed_term(term: Term, rename: Callable[[str], str]) -> Term:
    return Term(tuple(rename(name) for name in term.operands), term.letters, term.scale)


def _renamed_equation(equation: Equation, rename: Callable[[str], str]) -> Equation:
    if isinstance(equation, Map):
        arguments = tuple(rename(name) for name in equation.arguments)
        return Map(rename(equation.out), equation.function, arguments)
    return Contraction(
        rename(equation.out),
        equation.letters,
        tuple(_renamed_term(term, rename) for term in equation.terms),
    )
