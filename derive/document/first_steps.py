"""The first two steps of a chosen optimiser in the worked example, in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import mpmath  # type: ignore[import-untyped]

from derive.document.blocks import Block, Display, Formula, Paragraph, Prose, Section, Table
from derive.document.example import Example, loss_at
from derive.document.numbers import DIGITS, PRECISE, all_exact, number, written
from derive.document.optimiser import (
    Letters,
    network_letters,
    rate_at,
    relation,
    scheduled,
)
from derive.document.optimiser import written as expression
from derive.networks.optimiser import Optimiser, optimiser_of
from derive.notation.substitute import substitute
from derive.notation.tree import (
    Negative,
    Node,
    Number,
    Product,
    Relation,
    Sign,
    children,
    equals,
)
from derive.program.evaluate import Array, evaluate
from derive.program.optimisers import Assignment
from derive.program.program import Role
from derive.program.stepping import Moment, Stepper

STEPS = 2
"""How many are shown: the state counts from the second on."""

_PLACES = {1: "first", 2: "second"}


def first_steps(example: Example) -> Section:
    """What the optimiser of the network makes of its parameters in two steps."""
    chosen = optimiser_of(example.network)
    with mpmath.workdps(DIGITS):
        blocks = tuple(_Walk(example, chosen).blocks())
    return Section(("The first two steps",), blocks, 2)


class _Walk:
    """The steps one after the other, and what is told of each."""

    def __init__(self, example: Example, chosen: Optimiser):
        self.example, self.chosen = example, chosen
        self.letters = network_letters(example.network)
        self.stepper: Stepper = chosen.stepper(PRECISE)
        self.names = example.log.forward.named(Role.PARAMETER)[::-1]
        self.losses = [example.known["L"][()]]

    def blocks(self) -> Iterator[Block]:
        moment = self.stepper.start({name: self.example.known[name] for name in self.names})
        gradients = self._gradients(moment)
        for t in range(1, STEPS + 1):
            before, moment = moment, self.stepper.step(moment, gradients)
            yield Paragraph(tuple(self._opening(t)))
            yield from self._told(t, before, moment)
            self.losses.append(loss_at(self.example, self._inputs(moment)))
            gradients = self._gradients(moment)
        yield Paragraph(tuple(self._closing()))

    def _inputs(self, moment: Moment) -> dict[str, Array]:
        given = {name: self.example.known[name] for name in self.example.log.forward.inputs}
        return {**given, **moment.parameters}

    def _gradients(self, moment: Moment) -> dict[str, Array]:
        log = self.example.log
        found = evaluate(log.program, self._inputs(moment), {}, PRECISE)
        return {name: found[log.cotangents[name]] for name in self.names}

    def _opening(self, t: int) -> Iterator[str | Node]:
        rate = rate_at(self.letters, Number(str(t)))
        left = rate if self.chosen.scheduled else self.letters["alpha"]
        yield f"The {_PLACES[t]} step, "
        yield from (equals(self.letters["t"], Number(str(t))), ", with the rate ")
        shown = self.stepper.rate_at(t)[()]
        yield Relation((left, number(shown)), (_sign(self.stepper.rate_at(t)),))
        taken = "at the first values" if t == 1 else "anew"
        yield f", and all gradients taken {taken}{', then clipped' if self.chosen.limits else ''}:"

    def _told(self, t: int, before: Moment, after: Moment) -> Iterator[Block]:
        """All parameters of a scalar network as a table, and one of them equation by equation; of
        others only what they become.
        """
        column = self.example.view.writer.style.samples == "column"
        variable = self.example.view.writer.variable
        if not self.example.view.writer.scalar:
            relations = [
                Relation((variable(name), written(after.parameters[name], column)), ("gets",))
                for name in self.names
            ]
            yield Display(tuple(map(Formula, relations)))
            return
        yield self._table(before, after)
        first = next(name for name in self.names if not name.startswith("b"))
        yield Paragraph(("For ", variable(first), ", equation by equation:"))
        yield Display(tuple(self._equations(t, before.values[first], after.values[first])))

    def _table(self, before: Moment, after: Moment) -> Table:
        state = self.chosen.rule.state
        theta, g = self.letters["theta"], self.letters["g"]
        head: list[Prose] = [("parameter",), (theta, " before"), (g,)]
        head += [(self.letters[name],) for name in state]
        rows = []
        for name in self.names:
            own = after.values[name]
            cells = [before.parameters[name], own["g"], *(own[kept] for kept in state)]
            shown = [number(array[()]) for array in (*cells, own["theta"])]
            parameter = self.example.view.writer.variable(name)
            rows.append(((parameter,), *((node,) for node in shown)))
        return Table((*head, (theta, " after")), tuple(rows))

    def _equations(
        self, t: int, before: Mapping[str, Array], after: Mapping[str, Array]
    ) -> Iterator[Formula]:
        """``v <- beta v + g = 0.9 * 0 - 3.66 = -3.66``."""
        known = {**before, "g": after["g"], "t": after["t"], "alpha": after["alpha"]}
        known |= {name: after[name] for name in self.stepper.numbers}
        symbols = scheduled(self.chosen, self.letters)
        for equation in self.chosen.rule.equations:
            known[equation.name], now = after[equation.name], dict(known)
            yield self._formula(equation, symbols, now, after[equation.name])

    def _formula(
        self, equation: Assignment, symbols: Letters, now: Mapping[str, Array], result: Array
    ) -> Formula:
        rule = relation(equation, symbols)
        numbers = {name: number(array[()]) for name, array in now.items()}
        put_in = _multiplied(expression(equation.expression, {**symbols, **numbers}))
        precise = all(all_exact(now[name]) for name in equation.arguments)
        first: Sign = "=" if precise else "approx"
        sides = (*rule.sides, put_in, number(result[()]))
        chain = Relation(sides, (*rule.signs, first, _sign(result)))
        here = {name: now[name] for name in equation.arguments}
        here.setdefault(equation.name, result)  # what has a value before is read, not defined
        where = tuple(equals(symbols[name], _literal(array)) for name, array in here.items())
        given = {name: self.example.network.values[name] for name in self.example.program.inputs}
        writer = replace(self.example.view.writer)
        return Formula(chain, "example", writer, where, given)

    def _closing(self) -> Iterator[str | Node]:
        start, *later = self.losses
        yield from ("The loss is ", number(start), " at first")
        for t, loss in enumerate(later, start=1):
            yield from (", " if t < STEPS else " and ", number(loss))
            yield f" after the {_PLACES[t]} step"
        yield "."


def _literal(array: Array) -> Node:
    """A value with many digits, for whoever evaluates the formula."""
    digits = Number(mpmath.nstr(abs(array[()]), 25, min_fixed=-5, max_fixed=20))
    return Negative(digits) if array[()] < 0 else digits


def _sign(array: Array) -> Sign:
    return "=" if all_exact(array) else "approx"


def _multiplied(node: Node) -> Node:
    """With a sign between factors, which are numbers."""
    if isinstance(node, Product) and not node.glyph:
        return Product(tuple(map(_multiplied, node.factors)), "times")
    inner = {child: _multiplied(child) for child in children(node)}
    return substitute(node, {old: new for old, new in inner.items() if old != new})
