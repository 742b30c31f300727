"""Every word of a network as a document: formula, derivative, range, convention, some values.

All of it is read off the tables of words and what the calculus makes of their functions, so a new
word is here as soon as it is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import sympy as sp

from derive.calculus.local import local_derivative
from derive.document.blocks import Block, Display, Document, Formula, Paragraph, Section, Table
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

P, T, ELL = Symbol("p"), Symbol("t"), Symbol("ell")
ARGUMENTS = tuple(sp.Rational(k, 2) for k in (-8, -4, -2, -1, 0, 1, 2, 4, 8))
"""Where a function's values are listed."""

PLACES = 4


def catalogue() -> Document:
    """All activations, then all losses."""
    return Document(
        "The catalogue",
        "Every activation and every loss that a network may name",
        (
            Section(("Activations",), _ABOUT_ACTIVATIONS),
            *(_activation(word, own) for word, own in ACTIVATIONS.items()),
            Section(("Losses",), _about_losses()),
            *(_loss(word, own) for word, own in LOSSES.items()),
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
    blocks: list[Block] = list(_block() if own.block else _function(own.definition))
    blocks.append(Paragraph((_facts(word, own),)))
    if not own.block:
        blocks.append(_values(own.definition))
    return Section((word,), tuple(blocks), 2)


def _function(function: Function) -> Iterator[Block]:
    formulas = activation_formulas(function)
    known = {"f": function}
    yield Display(tuple(Formula(row, "function", functions=known) for row in formulas))
    yield from kink_paragraphs(function)


def _block() -> Iterator[Block]:
    i, j = Symbol("i"), Symbol("j")
    p, q = Symbol("p", sub=(i,)), Symbol("p", sub=(j,))
    z, w = Symbol("z", sub=(i,)), Symbol("z", sub=(j,))
    below = BigSum(Apply("exp", (w,)), j)
    slope = Product((p, Sum((Delta(i, j), negate(q)))))
    yield Display(
        (
            Formula(equals(p, Quotient(Apply("exp", (z,)), below))),
            Formula(equals(Derivative(p, w), slope)),
        )
    )


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
    definition, slope = loss_formulas(own.definition)
    facts = [f"{own.title[0].upper()}{own.title[1:]}."]
    if own.heads:
        facts.append(f"The last layer's activation is {' or '.join(own.heads)}.")
    if own.one_hot:
        facts.append("The target is a distribution: its entries sum to 1.")
    if own.mean:
        facts.append("The sum is divided by the number of outputs.")
    if own.definition.expression.has(sp.Piecewise):
        facts.append("Where cases meet, the slope is that of the case that holds there.")
    return Section(
        (word,),
        (
            Display((Formula(definition), Formula(slope))),
            Paragraph((" ".join([*facts, *_aliases(word)]),)),
        ),
        2,
    )


def loss_formulas(function: Function) -> tuple[Relation, Relation]:
    """``ell = f(p, t)`` and its derivative by the prediction."""
    local = local_derivative(function, 0)
    atoms = {parameter(0): P, parameter(1): T}
    slope = local.function(*((parameter(0), parameter(1))[k] for k in local.uses))
    return (
        equals(ELL, write_expression(fold(function.expression), atoms)),
        equals(Derivative(ELL, P), write_expression(fold(slope), atoms)),
    )
