"""The worked example: every value on the way to the loss and back, and one update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np

from derive.calculus.derivation import derivation
from derive.calculus.log import Log
from derive.document.blocks import Block, Display, Formula, Paragraph, Section
from derive.document.numbers import (
    DIGITS,
    PRECISE,
    all_exact,
    computed,
    given,
    largest,
    number,
    written,
)
from derive.document.plan import Plan, form_of
from derive.document.view import View, distinct, written_out
from derive.errors import DerivationError
from derive.meaning.write import Writer
from derive.networks.model import Network
from derive.notation.tree import Glyph, Negative, Node, Product, Relation, Sign, Sum, Symbol
from derive.program.evaluate import Array, evaluate
from derive.program.program import Program, Role

MAX_AXIS = 8
"""Longer vectors are not printed."""

LARGEST = 1e150
"""Squares of larger numbers are not finite in floating point."""


@dataclass
class Numbered(Writer):
    """Writes numbers where the writer would write variables."""

    known: dict[str, Array] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    """The names whose values have been written."""

    def variable(self, name: str, letters: str | None = None) -> Node:
        """The value of a variable."""
        self.used.add(name)
        return written(self.known[name], self.style.samples == "column")


@dataclass
class Example:
    """The numbers of a network and what they are written with."""

    network: Network
    log: Log
    view: View
    known: dict[str, Array]
    numbered: Numbered

    @property
    def program(self) -> Program:
        """Forward and backward equations."""
        return self.log.program


def make_example(plan: Plan) -> Example | None:
    """The worked example of a network that has one of a size that can be read."""
    if not plan.network.has_example or plan.batch:
        return None
    network = plan.network.concrete()
    log = derivation(network, by_input=plan.derivation.by_input).sample
    known = computed(network, log.program)
    _check_range(known, network)
    if largest(known.values()) > MAX_AXIS:
        return None
    style, form = network.style, form_of(network, plan.options)
    form = "index" if network.scalar else "matrix"
    view = View(
        log,
        Writer(log.program, style, form),
        network.scalar and written_out(log, len(network.layers)),
    )
    return Example(network, log, view, known, Numbered(log.program, style, form, known=known))


def _check_range(known: Mapping[str, Array], network: Network) -> None:
    """Every number and every product of two is one of floating point.

    Raises:
        DerivationError: naming the first value that is too large.
    """
    for name, value in known.items():
        size = max((abs(entry) for entry in value.flat), default=0)
        if not size <= LARGEST:
            raise DerivationError(
                f"{network.name}: {name} is {mpmath.nstr(size, 3)} at the values of the network, "
                f"and a worked example has no numbers beyond {LARGEST:g}; take smaller values"
            )


def example_sections(plan: Plan) -> Iterator[Section]:
    """Forward, backward, and one step of gradient descent."""
    example = make_example(plan)
    if example is None:
        return
    yield Section(("A worked example",), tuple(_opening(plan, example)))
    yield Section(("Forward",), (Display(tuple(_forward(example))),), 2)
    yield Section(("Backward",), tuple(_backward(example)), 2)
    if example.network.optimiser is not None:
        from derive.document.first_steps import first_steps

        yield first_steps(example)
    elif "rate" in example.network.values:
        yield Section(("One update",), tuple(_update(example)), 2)


def _opening(plan: Plan, example: Example) -> Iterator[Block]:
    depth = (f" with {len(example.network.layers)} layers",) if plan.generic else ()
    yield Paragraph(("Take the network", *depth, " at these numbers:"))
    yield Display(tuple(_value(example, name) for name in example.program.inputs))
    yield Paragraph(
        (
            "Every value below is computed with all its digits and rounded only where it is "
            "printed, so its last digit can differ from what the rounded numbers beside it give.",
        )
    )


def _value(example: Example, name: str) -> Formula:
    return _chain(example, (example.view.writer.variable(name),), name)


def _forward(example: Example) -> Iterator[Formula]:
    for equation in example.log.forward.equations:
        if example.program.variables[equation.out].role is not Role.PART:
            yield evaluated(example, equation.out)


def evaluated(example: Example, name: str) -> Formula:
    """``z_1 = W_1 x + b_1 = 0.5 2.0 + 0.1 = 1.1``."""
    view = example.view
    relation = view.writer.equation(name, view.inline)
    if not view.writer.scalar and not _whole(relation, view, name):
        return _chain(example, relation.sides, name)
    example.numbered.used.clear()
    numbers = example.numbered.equation(name, view.inline).sides[1:]
    precise = all(all_exact(example.known[n]) for n in example.numbered.used - {name})
    return _chain(example, relation.sides, name, numbers, precise)


def _whole(relation: Relation, view: View, name: str) -> bool:
    return bool(relation.sides[0] == view.writer.variable(name)) and name != view.target


def _chain(
    example: Example,
    sides: tuple[Node, ...],
    name: str,
    numbers: tuple[Node, ...] = (),
    precise: bool = True,
) -> Formula:
    """Symbols, then the numbers put in, then the value; ``=`` only between what is equal."""
    value = example.known[name]
    end = written(value, example.view.writer.style.samples == "column")
    first: Sign = "=" if precise else "approx"
    last: Sign = "=" if all_exact(value) else "approx"
    if numbers and numbers[-1] != end:
        nodes = (*distinct(sides), *numbers, end)
        signs: tuple[Sign, ...] = (*_equal(len(distinct(sides))), first, last)
    else:
        nodes = (*distinct(sides), end)
        signs = (*_equal(len(distinct(sides))), last)
    return Formula(Relation(nodes, signs), "example", example.view.writer, values=_inputs(example))


def _equal(sides: int) -> tuple[Sign, ...]:
    """The signs between so many equal sides."""
    return tuple(repeat("=", sides - 1))


def _inputs(example: Example) -> dict[str, Any]:
    return {**example.network.values, **example.network.constants}


def _backward(example: Example) -> Iterator[Block]:
    names = [step.of for step in example.log.steps]
    variables = example.log.forward.variables
    shown = [n for n in names if variables[n].role is not Role.PART]
    if example.view.expand:
        slopes = list(_slopes(example))
        if slopes:
            yield Paragraph(("The slopes of the activations:",))
            yield Display(tuple(slopes))
            yield Paragraph(("The gradients:",))
        shown = [n for n in shown if variables[n].role in (Role.PARAMETER, Role.INPUT)]
    yield Display(tuple(evaluated(example, example.log.cotangents[name]) for name in shown))


def _slopes(example: Example) -> Iterator[Formula]:
    variables = example.program.variables
    for name, variable in variables.items():
        equation = example.program.equation(name)
        if (
            variable.role is Role.LOCAL
            and equation
            and equation.arguments
            and variable.of != "y_hat"
            and variables[variable.target].role is not Role.PART
        ):
            yield evaluated(example, name)


def _update(example: Example) -> Iterator[Block]:
    rate = given(example.network.values["rate"])
    alpha = Symbol(example.network.style.rate)
    yield Paragraph(
        (
            "With the rate ",
            Relation((alpha, number(rate[()])), ("=",)),
            " every parameter takes one step against its gradient:",
        )
    )
    names = example.log.forward.named(Role.PARAMETER)
    with mpmath.workdps(DIGITS):
        moved = {
            n: example.known[n] - rate * example.known[example.log.cotangents[n]] for n in names
        }
    yield Display(tuple(_step(example, n, alpha, rate, moved[n]) for n in reversed(names)))
    inputs = {n: example.known[n] for n in example.log.forward.inputs}
    before, after = example.known["L"][()], loss_at(example, {**inputs, **moved})
    yield Paragraph(
        (f"The loss {_moves(before, after)} from ", number(before), " to ", number(after), ".")
    )


def _step(example: Example, name: str, alpha: Node, rate: Array, moved: Array) -> Formula:
    """``W <- W - alpha dL/dW = 0.5 - 0.01 (-3.66) = 0.5366``."""
    view = example.view
    variable = view.writer.variable(name)
    glyph: Glyph = "times" if view.writer.scalar else ""
    gradient = example.log.cotangents[name]
    column = view.writer.style.samples == "column"
    rule = Sum((variable, Negative(Product((alpha, view.quotient(name)), glyph))))
    numbers = Sum(
        (
            written(example.known[name], column),
            Negative(Product((number(rate[()]), written(example.known[gradient], column)), glyph)),
        )
    )
    first: Sign = "=" if all_exact(example.known[gradient]) else "approx"
    last: Sign = "=" if all_exact(moved) else "approx"
    relation = Relation((variable, rule, numbers, written(moved, column)), ("gets", first, last))
    return Formula(relation, "example", view.writer, values=_inputs(example))


def _moves(before: Any, after: Any) -> str:
    return "falls" if after < before else "rises, because the step is too long,"


def loss_at(example: Example, inputs: dict[str, Array]) -> Any:
    """The loss at other parameters."""
    with mpmath.workdps(DIGITS):
        arrays = {name: np.asarray(value, dtype=object) for name, value in inputs.items()}
        return evaluate(example.log.forward, arrays, {}, PRECISE)["L"][()]
