"""Tangents of a network of any depth: one hidden layer's stand for all, which is checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from derive.calculus.depth import HIDDEN, shift_equation
from derive.calculus.tangent_log import G, R, Tangents, tangent_name
from derive.errors import DerivationError
from derive.program.program import Contraction, Equation, Role


def check_recursion(found: Tangents, depth: int) -> None:
    """Check that the tangents of all hidden layers are equal up to the layer's number, the rate of
    the input being 0 and ``G(dL/dz)`` of the last layer being ``R(dL/dz)``.

    Raises:
        DerivationError: naming the layer that differs.
    """
    still = {tangent_name(name) for name in found.log.forward.named(Role.INPUT)}
    start = tangent_name(found.log.cotangents[found.output])
    carried = tangent_name(found.log.cotangents[found.output], G)
    representative = list(_equations(found, HIDDEN))
    for layer in range(1, depth):
        shifted = (shift_equation(equation, layer - HIDDEN) for equation in representative)
        expected = [_without(equation, still) for equation in shifted]
        own = [_with(equation, {start: carried}) for equation in _equations(found, layer)]
        if expected != own:
            raise DerivationError(
                f"the tangents of layer {layer} differ from those of layer {HIDDEN}"
            )


def _equations(found: Tangents, layer: int) -> Iterator[Equation]:
    """The tangent equations of a layer, each after the nameless ones that it uses."""
    for step in found.steps:
        if found.program.variables[step.tangent].layer == layer:
            yield from _inside(found, step.tangent)


def _inside(found: Tangents, name: str) -> Iterator[Equation]:
    equation = found.program.equation(name)
    assert equation is not None
    for argument in equation.arguments:
        own = found.program.variables[argument]
        if own.role is Role.PART and own.target in (R, G):
            yield from _inside(found, argument)
    yield equation


def _with(equation: Equation, names: Mapping[str, str]) -> Equation:
    """An equation of the Gauss-Newton product with other names for its arguments."""
    if not (isinstance(equation, Contraction) and equation.out.startswith(G)):
        return equation
    terms = (
        replace(term, operands=tuple(names.get(name, name) for name in term.operands))
        for term in equation.terms
    )
    return replace(equation, terms=tuple(terms))


def _without(equation: Equation, still: set[str]) -> Equation:
    """The equation without the terms of what does not move."""
    if not isinstance(equation, Contraction):
        return equation
    kept = (term for term in equation.terms if not still.intersection(term.operands))
    return replace(equation, terms=tuple(kept))
