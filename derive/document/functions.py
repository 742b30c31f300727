"""What a reader should know of each activation: definition, range, slope.

One entry a function; a formula in it has the one free variable z. They are proved in the tests
against the functions' SymPy expressions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import sympy as sp

from derive.calculus.local import local_derivative
from derive.document.blocks import Block, Display, Formula, Paragraph, Section
from derive.document.plan import Plan
from derive.document.view import View
from derive.meaning.expression import write_expression
from derive.meaning.index import nameless_sums
from derive.meaning.write import written_word
from derive.networks.catalogue import Activation, activation
from derive.notation.tree import (
    Apply,
    BigSum,
    Cases,
    Interval,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sign,
    Sum,
    Symbol,
    equals,
)
from derive.program.functions import ACTIVATIONS, Function, derivative, parameter
from derive.program.parts import fold
from derive.program.program import Block as Named

Z, ZERO, ONE, TWO, FOUR = Symbol("z"), Number("0"), Number("1"), Number("2"), Number("4")


def _e(power: Node) -> Node:
    return Power(Symbol("e"), power)


def compare(*parts: Node | Sign) -> Relation:
    """``a < b <= c`` from sides and signs in turn."""
    sides = tuple(part for part in parts if isinstance(part, Node))
    signs = tuple(part for part in parts if isinstance(part, str))
    return Relation(sides, signs)


def _tanh() -> tuple[Relation, ...]:
    value, slope = Apply("tanh", (Z,)), Apply("tanh", (Z,), 1)
    up, down = _e(Z), _e(Negative(Z))
    return (
        equals(value, Quotient(Sum((up, Negative(down))), Sum((up, down)))),
        compare(value, "in", Interval(Negative(ONE), ONE)),
        equals(Apply("tanh", (ZERO,)), ZERO),
        equals(slope, Sum((ONE, Negative(Apply("tanh", (Z,), power=2))))),
        compare(ZERO, "<", slope, "<=", Apply("tanh", (ZERO,), 1), "=", ONE),
    )


def _sigmoid() -> tuple[Relation, ...]:
    value, slope = Apply("sigma", (Z,)), Apply("sigma", (Z,), 1)
    return (
        equals(value, Quotient(ONE, Sum((ONE, _e(Negative(Z)))))),
        compare(value, "in", Interval(ZERO, ONE)),
        equals(Apply("sigma", (ZERO,)), Quotient(ONE, TWO)),
        equals(slope, Product((value, Sum((ONE, Negative(value)))))),
        compare(ZERO, "<", slope, "<=", Apply("sigma", (ZERO,), 1), "=", Quotient(ONE, FOUR)),
    )


def _relu() -> tuple[Relation, ...]:
    positive = compare(Z, ">", ZERO)
    return (
        equals(Apply("relu", (Z,)), Cases(((Z, positive), (ZERO, None)))),
        equals(Apply("relu", (Z,), 1), Cases(((ONE, positive), (ZERO, None)))),
    )


FUNCTIONS: dict[str, Callable[[], tuple[Relation, ...]]] = {
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "relu": _relu,
}
"""Activation -> definition, range, value at 0, slope, and the slope's bounds."""

COMMENTS: dict[str, str] = {
    "tanh": "It is bounded, increasing, and steepest at 0, where its slope is 1.",
    "sigmoid": "It is bounded, increasing, and steepest at 0, where its slope is only a quarter.",
    "relu": "It has a kink at 0; the slope there is a choice, and 0 is the usual one.",
}
"""Activation -> what the formulas mean."""


def functions_section(plan: Plan) -> Iterator[Section]:
    """The activations that the network uses, first layer first."""
    words = list(dict.fromkeys(stage.layer.activation for stage in reversed(plan.stages)))
    blocks: list[Block] = []
    for word in words:
        if word in FUNCTIONS:
            blocks.append(Display(tuple(Formula(r, "function") for r in FUNCTIONS[word]())))
            blocks.append(Paragraph((COMMENTS[word],)))
        if word in BLOCKS:
            blocks += _named_program(plan.view, word)
        elif activation(word).function in ACTIVATIONS and word not in FUNCTIONS:
            blocks += _of_the_table(activation(word))
        blocks += _own(activation(word))
    if blocks:
        yield Section(("The activations",), tuple(blocks), 2)


def _of_the_table(own: Activation) -> Iterator[Block]:
    """An activation of the table: its definition, its slope, its range, and its kinks."""
    if own.function == "identity":
        return
    formulas = activation_formulas(own.definition)
    yield Display(tuple(Formula(relation, "function") for relation in formulas))
    yield Paragraph((f"Its values are {own.values.replace('oo', 'infinity')}.",))
    yield from kink_paragraphs(own.definition)


def kink_paragraphs(function: Function) -> Iterator[Paragraph]:
    """Where a slope jumps, and which one is taken there."""
    for point, slope in kinks(function):
        at = equals(Z, write_expression(point, {}))
        taken = write_expression(slope, {})
        yield Paragraph(("At the kink ", at, " the slope is taken as ", taken, "."))


def kinks(function: Function) -> Iterator[tuple[sp.Expr, sp.Expr]]:
    """The arguments at which a function's slope jumps, each with the slope that is taken."""
    u, slope = parameter(0), derivative(function, 0).expression
    tests = function.expression.atoms(sp.core.relational.Relational)
    for point in sorted({side for test in tests for side in test.args if side.is_number}):
        near = sp.Rational(1, 10**9)
        below, at, above = (sp.N(slope.subs(u, point + k * near)) for k in (-1, 0, 1))
        if max(abs(at - below), abs(above - at)) > 1e-6:
            yield point, slope.subs(u, point)


def activation_formulas(function: Function) -> tuple[Relation, ...]:
    """The definition of a function that has a name, and its slope in the simplest form."""
    word = written_word(function.name) or "f"
    value, slope = Apply(word, (Z,)), Apply(word, (Z,), 1)
    local = local_derivative(function, 0)
    places = {parameter(k): (Z, value)[use] for k, use in enumerate(local.uses)}
    definition = write_expression(fold(function.expression), {parameter(0): Z})
    if definition == value:  # a function that SymPy has; its definition is in exponentials
        exponentials = function.expression.rewrite(sp.exp)
        definition = write_expression(exponentials, {parameter(0): Z})
    found = write_expression(fold(local.function.expression), places)
    return equals(value, definition), equals(slope, found)


def _own(own: Activation) -> Iterator[Block]:
    """A network's own activation: its definition, its slope, and where that is a choice."""
    if own.formula is None:
        return
    function, slope = own.formula, derivative(own.formula, 0)
    atoms = {parameter(0): Z}
    if function.name:
        sides = ((0, function), (1, slope))
        rows = [
            equals(Apply(function.name, (Z,), primes), write_expression(f.expression, atoms))
            for primes, f in sides
        ]
        known = {function.name: function}
        yield Display(tuple(Formula(row, "function", functions=known) for row in rows))
    if not own.analytic:
        what = function.name or "an activation"
        yield Paragraph((f"At a kink the slope of {what} is that of the case that holds there.",))


def _named_program(view: View, word: str) -> Iterator[Block]:
    """A named program at each layer that has it: its definition, its range, and what sums to 1."""
    for block in view.log.forward.blocks:
        if block.function == word:
            yield Display(BLOCKS[word](view, block))
    yield Paragraph((BLOCK_COMMENTS[word],))


def _softmax(view: View, block: Named) -> tuple[Formula, ...]:
    """``p_i = exp(z_i) / sum_j exp(z_j)``, a distribution."""
    value, argument, denominator, letter = _parts(view, block)
    return (
        view.formula(value, Quotient(Apply("exp", (argument,)), denominator)),
        view.relation(compare(ZERO, "<", value, "<", ONE)),
        view.formula(BigSum(value, letter), ONE),
    )


def _log_softmax(view: View, block: Named) -> tuple[Formula, ...]:
    """``o_i = z_i - log sum_j exp(z_j)``, the logarithms of a distribution."""
    value, argument, total, letter = _parts(view, block)
    return (
        view.formula(value, Sum((argument, Negative(Apply("log", (total,)))))),
        view.relation(compare(value, "<", ZERO)),
        view.formula(BigSum(Apply("exp", (value,)), letter), ONE),
    )


def _parts(view: View, block: Named) -> tuple[Node, Node, Node, Symbol]:
    """One value, its argument, the sum over all arguments, and the letter of the value."""
    writer, letters = view.writer, view.writer.letters[block.out]
    (total,) = nameless_sums(writer, block.out)
    own = next(k for k in letters if k not in writer.letters[block.inner[1]])
    return (
        writer.variable(block.out, letters),
        writer.variable(block.argument, letters),
        total.sides[1],
        writer.letter(own),
    )


BLOCKS: dict[str, Callable[[View, Named], tuple[Formula, ...]]] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}
"""Named program -> definition, range, sum."""

BLOCK_COMMENTS: dict[str, str] = {
    "softmax": "Softmax makes a distribution of any numbers: positive entries that sum to 1.",
    "log_softmax": "Log-softmax is the logarithm of softmax: a distribution's logarithms, of any "
    "numbers.",
}
"""Named program -> what the formulas mean."""
