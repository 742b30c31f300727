"""Every word of a network as a document: formula, derivative, range, convention, some values.

All of it is read off the tables of words and what the calculus makes of their functions, so a new
word is here as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import sympy as sp

from derive.calculus.local import local_derivative
from derive.document.blocks import Block, Display, Document, Formula, Paragraph, Section, Table
from derive.document.catalogue_updates import update_sections
from derive.document.functions import Z, activation_formulas, kink_paragraphs
from derive.meaning.expression import write_expression
from derive.networks.catalogue import ACTIVATIONS, ALIASES, LOSSES, Activation, Loss
from derive.notation.tree import (
    Apply,
    BigSum,
    Delta,
    Derivative,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    equals,
    negate,
)
from derive.program.functions import Function, derivative, parameter
from derive.program.parts import fold

P, S, T, ELL = Symbol("p"), Symbol("s"), Symbol("t"), Symbol("ell")
ARGUMENTS = tuple(sp.Rational(k, 2) for k in (-8, -4, -2, -1, 0, 1, 2, 4, 8))
"""Where a function's values are listed."""

PLACES = 4


def catalogue() -> Document:
    """All activations, all losses, and what the words of an update mean."""
    return Document(
        "The catalogue",
        "Every activation, loss, optimiser and schedule that a network may name",
        (
            Section(("Activations",), _ABOUT_ACTIVATIONS),
            *(_activation(word, own) for word, own in ACTIVATIONS.items()),
            Section(("Losses",), _about_losses()),
            *(_loss(word, own) for word, own in LOSSES.items()),
            *update_sections(),
        ),
    )


_ABOUT_ACTIVATIONS: tuple[Block, ...] = (
    Paragraph(
        (
            "The derivative is given in its simplest form, in terms of the function's own value "
            "where that is shorter. At a kink the slope is a choice: it is that of the case that "
            "holds there.",
        )
    ),
)


def _about_losses() -> tuple[Block, ...]:
    return (
        Paragraph(
            (
                "The loss of a sample is the sum over its outputs of ",
                ELL,
                ", a function of one component ",
                P,
                " of the prediction and one component ",
                T,
                " of the target. The loss of a batch is the mean over its samples.",
            )
        ),
    )


def _activation(word: str, own: Activation) -> Section:
    blocks: list[Block] = list(BLOCKS[own.block]() if own.block else _function(own.definition))
    blocks.append(Paragraph((_facts(word, own),)))
    if not own.block:
        blocks.append(_values(own.definition))
    return Section((word,), tuple(blocks), 2)


def _function(function: Function) -> Iterator[Block]:
    formulas = activation_formulas(function)
    known = {"f": function}
    yield Display(tuple(Formula(row, "function", functions=known) for row in formulas))
    yield from kink_paragraphs(function)


def _softmax() -> Iterator[Block]:
    p, q = Symbol("p", sub=(ONE,)), Symbol("p", sub=(OTHER,))
    slope = Product((p, Sum((Delta(ONE, OTHER), negate(q)))))
    definition = equals(p, Quotient(Apply("exp", (Z_ONE,)), EXPONENTIALS))
    yield Display((Formula(definition), Formula(equals(Derivative(p, Z_OTHER), slope))))
    yield TEMPERATURE


def _log_softmax() -> Iterator[Block]:
    o, other = Symbol("o", sub=(ONE,)), Symbol("o", sub=(OTHER,))
    definition = equals(o, Sum((Z_ONE, negate(Apply("log", (EXPONENTIALS,))))))
    slope = Sum((Delta(ONE, OTHER), negate(Apply("exp", (other,)))))
    yield Display((Formula(definition), Formula(equals(Derivative(o, Z_OTHER), slope))))
    yield TEMPERATURE


ONE, OTHER = Symbol("i"), Symbol("j")
Z_ONE, Z_OTHER = Symbol("z", sub=(ONE,)), Symbol("z", sub=(OTHER,))
EXPONENTIALS = BigSum(Apply("exp", (Z_OTHER,)), OTHER)
TEMPERATURE = Paragraph(
    (
        "With a temperature T, a key of the layer, z/T takes the place of z, and the derivative "
        "has the factor 1/T: the larger T, the more even the values. The default is 1.",
    )
)

BLOCKS: dict[str, Callable[[], Iterator[Block]]] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}
"""Named program -> its definition and its Jacobian."""


def _facts(word: str, own: Activation) -> str:
    """Range, monotony, initialisation, other words."""
    facts = [f"Values: {own.values.replace('oo', 'infinity')}."]
    if not own.block:
        facts.append("Increasing." if own.monotone else "Not monotone.")
    facts.append(f"Initial weights: {own.init}.")
    return " ".join([*facts, *_aliases(word)])


def _aliases(word: str) -> Iterator[str]:
    others = [alias for alias, meant in ALIASES.items() if meant == word]
    if others:
        yield f"Also: {', '.join(others)}."


def _values(function: Function) -> Table:
    """The function and its slope at a few arguments: a small plot in numbers."""
    slope = derivative(function, 0)
    columns = [ARGUMENTS, *(values_of(f.expression) for f in (function, slope))]
    return Table(
        ((Z,), (Apply("f", (Z,)),), (Apply("f", (Z,), 1),)),
        tuple(tuple((number(value),) for value in row) for row in zip(*columns, strict=True)),
    )


def values_of(expression: sp.Expr) -> list[sp.Expr]:
    """An expression of one argument at all of ``ARGUMENTS``."""
    return [sp.N(expression.subs(parameter(0), at), 30) for at in ARGUMENTS]


def number(value: sp.Expr) -> Node:
    """A number with a few decimals, rounded from its exact value."""
    digits = f"{Decimal(str(sp.N(abs(value), 30))):.{PLACES}f}".rstrip("0").rstrip(".")
    return negate(Number(digits)) if value < 0 and digits != "0" else Number(digits)


def _loss(word: str, own: Loss) -> Section:
    formulas = loss_formulas(own.definition)
    facts = [f"{own.title[0].upper()}{own.title[1:]}."]
    if own.heads:
        facts.append(f"The last layer's activation is {' or '.join(own.heads)}.")
    if own.one_hot:
        facts.append("The target is a distribution: its entries sum to 1.")
    if own.spread:
        facts.append("The last layer has a second output s, of weights and a bias of its own.")
    if own.mean:
        facts.append("The sum is divided by the number of outputs.")
    if own.definition.expression.has(sp.Piecewise):
        facts.append("Where cases meet, the slope is that of the case that holds there.")
    return Section(
        (word,),
        (
            Display(tuple(map(Formula, formulas))),
            Paragraph((" ".join([*facts, *_aliases(word)]),)),
        ),
        2,
    )


def loss_formulas(function: Function) -> tuple[Relation, ...]:
    """``ell = f(p, t)`` and its derivative by the prediction; of ``f(p, s, t)`` by both."""
    arguments = (P, S, T) if function.arity == 3 else (P, T)
    atoms: dict[sp.Expr, Node] = {parameter(k): node for k, node in enumerate(arguments)}
    definition = write_expression(fold(function.expression), atoms)
    return equals(ELL, definition), *(
        equals(Derivative(ELL, by), write_expression(_slope(function, k), atoms))
        for k, by in enumerate(arguments[:-1])
    )


def _slope(function: Function, position: int) -> sp.Expr:
    """The slope in terms of the arguments."""
    local = local_derivative(function, position)
    return fold(local.function(*(parameter(k) for k in local.uses)))
