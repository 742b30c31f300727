"""How the formulas were verified: what is proved, and the checks that a reader can repeat."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from derive.calculus.proof.rows import Row
from derive.document.blocks import (
    Block,
    Display,
    Formula,
    Items,
    Paragraph,
    Prose,
    Section,
    Table,
)
from derive.document.functions import compare
from derive.document.plan import Plan
from derive.notation.tree import (
    Apply,
    Derivative,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
)

EPSILON = Symbol("epsilon")


def verification_section(plan: Plan) -> Iterator[Section]:
    """What is proved, and two numerical checks."""
    if plan.batch:
        return
    yield Section(("How this was verified",), tuple(_blocks(plan)))


def _blocks(plan: Plan) -> Iterator[Block]:
    yield Items(
        (
            (
                "Every rule used above is proved by SymPy: at explicit sizes, all different, what "
                "the rule gives is compared exactly with the derivative of the definition.",
            ),
            (_whole(plan),),
            (
                "The formulas displayed here are evaluated at random numbers, and the derivative "
                "quotients in them are computed from the forward equations alone; in a very deep "
                "network a part of them, evenly spaced.",
            ),
        )
    )
    yield Paragraph(("Two checks need nothing but the forward equations. The central difference,",))
    yield Display((Formula(_difference(plan)),))
    yield Paragraph(
        (
            "has an error of the order of ",
            Power(EPSILON, Number("2")),
            ", but it subtracts two nearly equal numbers, so that ",
            EPSILON,
            " can be neither large nor very small: in double precision ",
            compare(EPSILON, "=", Number("1e-5")),
            " leaves a relative error below ",
            Number("1e-6"),
            " for values of moderate size. Where all functions are analytic, a complex step",
        )
    )
    yield Display((Formula(_complex(plan)),))
    yield Paragraph(
        (
            "subtracts nothing, so that the step can be tiny and the relative error stays below ",
            Number("1e-10"),
            ".",
        )
    )


def measured_section(rows: Sequence[Row]) -> Iterator[Section]:
    """What a proof of this network said, here and now."""
    if not rows:
        return
    head: tuple[Prose, ...] = (("Fact",), ("How",), ("Holds",), ("Measured",))
    lines = tuple(_line(row) for row in rows)
    yield Section(("Measured here and now",), (Table(head, lines),))


def _line(row: Row) -> tuple[Prose, ...]:
    held = "yes" if row.passed else "NO"
    return (f"{row.subject} ({row.form})",), (row.method,), (held,), (row.detail,)


def _whole(plan: Plan) -> str:
    if plan.generic:
        return (
            "The recursion is proved at several depths with all widths different: exactly by SymPy "
            "where the loss is small enough to be written out, else by composition of proved rules "
            "and an identity test in a prime field."
        )
    return (
        "The gradients of this network are compared exactly with SymPy's derivative of the "
        "written-out loss where it is small enough, for one sample and for a batch; else they "
        "follow by composition of proved steps, and an identity test in a prime field confirms "
        "them as a whole."
    )


def _loss(plan: Plan, *step: Node) -> Node:
    return Apply(plan.network.style.loss, (Sum((Symbol("W"), *step)),))


def _difference(plan: Plan) -> Relation:
    """``dL/dW ~ [L(W + eps) - L(W - eps)] / (2 eps)``."""
    up, down = _loss(plan, EPSILON), _loss(plan, Negative(EPSILON))
    quotient = Quotient(Sum((up, Negative(down))), Product((Number("2"), EPSILON)))
    return compare(_gradient(plan), "approx", quotient)


def _complex(plan: Plan) -> Relation:
    """``dL/dW ~ Im L(W + i eps) / eps``."""
    moved = _loss(plan, Product((Symbol("i", style="roman"), EPSILON)))
    return compare(
        _gradient(plan), "approx", Quotient(Product((Symbol("Im", style="roman"), moved)), EPSILON)
    )


def _gradient(plan: Plan) -> Node:
    return Derivative(plan.view.writer.variable(plan.view.target), Symbol("W"))
