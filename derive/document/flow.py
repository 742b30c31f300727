"""Gradient flow: what stands between the loss and an early layer, and how small it can get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import mpmath  # type: ignore[import-untyped]
import numpy as np

from derive.document.blocks import Block, Display, Formula, Paragraph, Prose, Section, Table
from derive.document.chains import uses
from derive.document.example import Example, make_example
from derive.document.functions import ONE, ZERO, compare
from derive.document.numbers import DIGITS, number
from derive.document.plan import Plan, Stage
from derive.networks.blocks import BLOCKS
from derive.notation.tree import Apply, Node, Number, Quotient, Relation, Sum
from derive.program.evaluate import Array
from derive.program.program import Role

BOUNDS: dict[str, Node | None] = {
    "identity": None,
    "tanh": None,
    "sigmoid": Quotient(ONE, Number("4")),
    "relu": None,
}
"""Activation -> the largest slope, where that is not 1."""

CONSEQUENCES: dict[str, str] = {
    "identity": "Without an activation only the weights decide.",
    "tanh": (
        "A tanh unit passes a gradient on undiminished only where its pre-activation is near 0; "
        "far from 0 its slope is nearly 0, and what is multiplied by it vanishes."
    ),
    "sigmoid": (
        "A sigmoid unit never passes on more than a quarter of a gradient, so that it shrinks with "
        "every such layer unless the weights are large."
    ),
    "relu": (
        "A ReLU unit passes a gradient on either whole or not at all. Where it is off for every "
        "sample, nothing that leads to it learns."
    ),
}
"""Activation -> what its slope does to a gradient on its way back."""


def flow_section(plan: Plan) -> Iterator[Section]:
    """The factors, their bounds, and this network's numbers."""
    hidden = [stage for stage in plan.stages[1:] if stage.layer.activation not in BLOCKS]
    if hidden and not plan.batch:
        yield Section(("How gradients flow",), tuple(_blocks(plan, hidden)))


def _blocks(plan: Plan, hidden: list[Stage]) -> Iterator[Block]:
    shown = hidden[-1:] if plan.generic else hidden[:3]
    yield Paragraph(
        (
            "On its way back from one layer to the one before, a gradient is multiplied by the "
            "weights between them and by the slope of the activation:",
        )
    )
    yield Display(tuple(_crossing(stage) for stage in shown), condition=shown[-1].condition)
    words = dict.fromkeys(stage.layer.activation for stage in hidden)
    if all(word in BOUNDS for word in words):
        yield from _bounds(plan, hidden, shown)
    for word in words:
        if word in CONSEQUENCES:
            yield Paragraph((CONSEQUENCES[word],))
    yield from _measured(plan)


def _crossing(stage: Stage) -> Formula:
    """``dL/dz_1`` in terms of ``dL/dz_2``."""
    view = stage.view
    own = set(stage.values)
    names = {view.log.cotangents[name] for name in own - {stage.values[0]}}
    cotangent = view.log.cotangents[stage.values[0]]
    return view.relation(view.writer.equation(cotangent, names.__contains__))


def _bounds(plan: Plan, hidden: list[Stage], shown: list[Stage]) -> Iterator[Block]:
    slopes = [_slope(stage.layer.activation) for stage in hidden]
    unique = tuple(dict.fromkeys(slope for slope in slopes if slope is not None))
    if unique:
        yield Paragraph(("The slope is bounded,",))
        yield Display(tuple(Formula(relation, "function") for relation in unique))
        yield Paragraph(("so that a crossing changes the size of a gradient at most by",))
    else:
        yield Paragraph(("So a crossing changes the size of a gradient at most by",))
    yield Display(tuple(_shrinking(plan, stage) for stage in shown), condition=shown[-1].condition)
    yield Paragraph(_product_of(plan))


def _slope(word: str) -> Relation | None:
    from derive.document.functions import Z

    if word == "identity":
        return None
    name = {"sigmoid": "sigma"}.get(word, word)
    return compare(ZERO, "<=", Apply(name, (Z,), 1), "<=", BOUNDS[word] or ONE)


def _shrinking(plan: Plan, stage: Stage) -> Formula:
    """``|dL/dz_1| <= |W_2| |dL/dz_2|``; norms where there are vectors."""
    view = stage.view
    size = "abs" if plan.network.scalar else "norm"
    bound, kept = BOUNDS[stage.layer.activation], 1 / (1 - stage.layer.dropout)
    constants = (*([number(kept)] if kept != 1 else []), *([bound] if bound else []))
    terms = []
    for use in uses(view, stage.values[-1]):
        weights = (Apply(size, (view.writer.variable(name),)) for name in use.factors)
        above = Apply(size, (view.quotient(use.through),))
        terms.append(view.writer.product([*constants, *weights, above], ""))
    whole = terms[0] if len(terms) == 1 else Sum(tuple(terms))
    relation = compare(Apply(size, (view.quotient(stage.values[0]),)), "<=", whole)
    return Formula(relation, "statement", view.writer)


def _product_of(plan: Plan) -> Prose:
    what = "absolute values" if plan.network.scalar else "spectral norms"
    return (
        f"Over several layers these factors multiply. Where the {what} of the weights times the "
        "slopes stay below 1, the gradients of early layers shrink with every layer between them "
        "and the loss, and those layers learn slowly; above 1 they can grow without bound.",
        *_around(plan),
    )


def _around(plan: Plan) -> Prose:
    """What a residual connection does to that."""
    if not any(stage.layer.adds for stage in plan.stages):
        return ()
    return (
        " A sum passes its gradient on to the earlier value in it without any such factor: along "
        "that path nothing shrinks, however small the weights and slopes between are.",
    )


def _measured(plan: Plan) -> Iterator[Block]:
    """The sizes of the gradients in the worked example."""
    example = make_example(plan)
    if example is None:
        return
    values = [n for n, v in example.log.forward.variables.items() if v.base == "z"][::-1]
    shown = _compare_to(plan)
    yield Paragraph(
        (
            "In the worked example the gradients at the pre-activations have these sizes, ",
            shown,
            ":",
        )
    )
    head: tuple[Prose, ...] = (
        ("Layer",),
        ("Size of its gradient",),
        ("Slopes",),
        ("Relative to the last layer",),
    )
    with mpmath.workdps(DIGITS):
        rows = tuple(_row(example, name, values[0]) for name in values)
    yield Table(head, rows)


def _compare_to(plan: Plan) -> str:
    return "absolute values" if plan.network.scalar else "lengths of vectors"


def _row(example: Example, name: str, last: str) -> tuple[Prose, ...]:
    size = _size(example.known[example.log.cotangents[name]])
    base = _size(example.known[example.log.cotangents[last]])
    layer = example.program.variables[name].layer
    share = number(size / base) if base else ZERO
    return (Number(str(layer)),), (number(size),), _slopes(example, name), (share,)


def _size(array: Array) -> Any:
    """The absolute value of a number, the length of a vector."""
    return mpmath.sqrt(sum(value * value for value in np.asarray(array, dtype=object).flat))


def _slopes(example: Example, name: str) -> Prose:
    """The smallest and the largest slope of the activation at this layer."""
    variables = example.program.variables
    hidden = (Role.LOCAL, Role.HIDDEN)
    local = next(
        (
            n
            for n, v in variables.items()
            if v.of == name and (v.role, variables[v.target].role) == hidden
        ),
        None,
    )
    if local is None:
        return ("",)
    flat = sorted(np.asarray(example.known[local], dtype=object).flat)
    ends = dict.fromkeys((number(flat[0]), number(flat[-1])))
    return tuple(part for end in ends for part in (" to ", end))[1:]
