"""One tangent of a derivation: the equation that moves, and what its rule makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from derive.calculus.index import Total
from derive.calculus.tangent_log import R, Tangents, TangentStep, tangent_name
from derive.document.blocks import Formula, Line, Prose, Step
from derive.document.simplifications import NOTES
from derive.document.view import View, listing
from derive.meaning.index import nameless_sums, write_index
from derive.meaning.write import Writer
from derive.notation.tree import Apply, Node, Relation, equals
from derive.program.program import Contraction, Map, Role

EQUATION, SLOPE, MOVED, INDEX = "Equation", "Local derivative", "Its own rate", "By components"


@dataclass
class SecondView:
    """A program of tangents, as one writer writes it."""

    found: Tangents
    view: View

    @property
    def writer(self) -> Writer:
        """Who writes."""
        return self.view.writer

    @property
    def loss(self) -> Node:
        """The loss."""
        return self.writer.variable(self.found.log.target)

    def formula(self, relation: Relation, where: tuple[Relation, ...] = ()) -> Formula:
        """A relation between variables of the program of tangents."""
        return Formula(relation, "network", self.writer, where)

    def results(self, names: Iterable[str]) -> Iterator[Formula]:
        """The equations of tangents: in matrix form where there is one, and by components."""
        for name in names:
            first = self.writer.equation(name)
            yield self.formula(first)
            by_index = self.writer.equation(name, form="index")
            if by_index != first:
                yield self.formula(by_index)


def tangent_block(view: SecondView, step: TangentStep, number: str) -> Step:
    """The step that finds one tangent."""
    kind = _kind(view, step)
    return Step(
        number,
        (_title(view, step.tangent),),
        RULES[kind],
        tuple(_lines(view, step, kind)),
        _reason(view, step, kind),
        _shapes(view, step),
    )


RULES = {
    "copy": "the same equation",
    "product": "product rule",
    "map": "chain rule",
    "block": "chain rule through the block",
}
"""Kind of step -> what its rule is called."""


def _kind(view: SecondView, step: TangentStep) -> str:
    if step.rewrites:
        return "block"
    equation = view.found.log.program.equation(step.of)
    if isinstance(equation, Map):
        return "map"
    assert isinstance(equation, Contraction)
    if any(_hidden(view, name) for name in equation.arguments if len(equation.terms) == 1):
        return "product" if len(equation.arguments) > 1 else "map"
    return "copy" if all(len(term.operands) == 1 for term in equation.terms) else "product"


def _hidden(view: SecondView, name: str) -> bool:
    return view.found.program.variables[name].role in (Role.PART, Role.LOCAL)


def _title(view: SecondView, name: str) -> Node:
    letters = None if view.view.matrix else view.writer.letters[name] or None
    return view.writer.variable(name, letters)


def _lines(view: SecondView, step: TangentStep, kind: str) -> Iterator[Line]:
    writer = view.writer
    yield Line(EQUATION, (view.formula(writer.equation(step.of)),))
    yield from _slopes(view, step)
    yield from _rewritten(view, step)
    first = writer.equation(step.tangent)
    if step.rewrites and first.sides[0] != writer.variable(step.tangent):
        return
    yield Line(RULES[kind].capitalize(), (view.formula(first),))
    by_index = writer.equation(step.tangent, form="index")
    if by_index != first:
        yield Line(INDEX, (view.formula(by_index),))


def _slopes(view: SecondView, step: TangentStep) -> Iterator[Line]:
    """The local derivatives that the rule needs, and the rates of those that move."""
    variables = view.found.program.variables
    for name in dict.fromkeys(step.equation.arguments):
        own = variables[name]
        if own.role is Role.LOCAL and variables[own.target].role is not Role.PART:
            yield Line(SLOPE, (view.formula(_slope(view, name)),))
        if own.role is Role.PART and variables.get(own.of, own).role is Role.LOCAL:
            moved = _rate(view, name)
            if moved is not None:
                yield Line(MOVED, (view.formula(moved),))


def _slope(view: SecondView, name: str) -> Relation:
    """``dh/dz = 1 - h^2``, of components."""
    writer, own = view.writer, view.found.program.variables[name]
    letters = writer.letters[own.target]
    quotient = writer.quotient(own.target, own.of, letters, letters)
    return equals(quotient, writer.component(name, letters))


def _rate(view: SecondView, name: str) -> Relation | None:
    """``R(dh/dz) = -2 h R(h)``, its coefficient included."""
    writer, own = view.writer, view.found.program.variables[name]
    slope = view.found.program.variables[own.of]
    if view.found.program.variables[slope.target].role in (Role.COTANGENT, Role.PART):
        return None
    letters = writer.letters[slope.target]
    quotient = writer.quotient(slope.target, slope.of, letters, letters)
    scale = view.found.scales[name]
    return equals(Apply(R, (quotient,)), writer.scaled(scale, writer.component(name, letters)))


def _rewritten(view: SecondView, step: TangentStep) -> Iterator[Line]:
    """The named rules that free a block's tangent from its inner names."""
    letters = view.writer.letters[step.tangent]
    sought = view.writer.variable(step.tangent, letters or None)
    where = nameless_sums(view.writer, step.of)
    known: Node | None = None
    for rewrite in step.rewrites:
        before = write_index(view.writer, rewrite.before, Total)
        after = write_index(view.writer, rewrite.after, Total)
        if after != (known or before):
            sides = (sought, after) if known else (sought, before, after)
            formula = view.formula(equals(*sides), where)
            yield Line(rewrite.rule.capitalize(), (formula,), (NOTES[rewrite.rule],))
        known = after


def _reason(view: SecondView, step: TangentStep, kind: str) -> Prose:
    named = tuple(map(view.writer.variable, dict.fromkeys(_movers(view, step.through))))
    what: Prose = (*listing(named), " moves" if len(named) == 1 else " move") if named else ()
    if kind == "product":
        return (*what, ": each factor in turn gives way to its rate, the others stay.")
    if kind == "copy":
        return (*what, "; the equation is a sum, and so is its rate.")
    if kind == "block":
        return (*what, ", and with it every component, because they share one denominator.")
    each = "" if view.writer.scalar else ", component by component"
    return (*what, f": the rate is the slope times the argument's rate{each}.")


def _movers(view: SecondView, names: Iterable[str]) -> Iterator[str]:
    """The named values that move, in place of nameless ones those within."""
    for name in names:
        if not _hidden(view, name):
            yield name
            continue
        equation = view.found.log.program.equation(name)
        arguments = equation.arguments if equation is not None else ()
        variables = view.found.program.variables
        moving = (
            n for n in arguments if n in view.found.directions or tangent_name(n) in variables
        )
        yield from _movers(view, moving)


def _shapes(view: SecondView, step: TangentStep) -> Prose:
    parameter = view.found.program.variables[step.of].of
    if view.writer.scalar or parameter not in view.found.directions:
        return ()
    names = (step.tangent, parameter)
    moved, own = (view.writer.variable(name) for name in names)
    return (moved, " has the shape of ", own, ": ", view.view.size(parameter))
