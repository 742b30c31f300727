"""What only a network of any depth needs: where it begins and ends, and the chain rule over a
whole layer at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.document.blocks import Block, Display, Formula, Paragraph
from derive.document.plan import Plan
from derive.document.view import View
from derive.notation.tree import BigSum, Node


def ends(plan: Plan) -> Display:
    """``a^0 = x`` and ``a^L = y_hat``."""
    last, hidden = plan.view, plan.stages[-1].view
    zero = hidden.writer.activation(0)
    if plan.batch and not plan.network.scalar:
        zero = replace(zero, glyph=zero.glyph.upper())
    top = last.quotient(plan.prediction).denominator
    return Display(
        (
            hidden.formula(zero, hidden.writer.variable(plan.network.input)),
            last.formula(top, last.writer.variable(plan.prediction)),
        )
    )


def split_blocks(plan: Plan, place: int) -> Iterator[Block]:
    """The gradient of a layer's weights as a product over its whole path."""
    stage = plan.stages[place]
    if not plan.generic or plan.batch or stage.key == "l":
        return
    weight = stage.parameters[0]
    value, z = stage.values[-1], stage.values[0]
    yield Paragraph(
        (
            "The weights act on ",
            stage.view.writer.variable(z),
            ", that on ",
            stage.view.quotient(value).denominator,
            ", and that on the loss. Component by component the chain rule splits the gradient "
            "into three factors:",
        )
    )
    yield Display(tuple(_splits(stage.view, value, z, weight)))
    yield Paragraph(("The steps find these factors one after the other.",))


def _splits(view: View, value: str, z: str, weight: str) -> Iterator[Formula]:
    """``dL/dW_ij = sum_k sum_q dL/da_q da_q/dz_k dz_k/dW_ij``."""
    writer = view.writer
    sought = view.quotient(weight, "ij")
    long = (
        writer.quotient(view.target, value, "", "q"),
        writer.quotient(value, z, "q", "k"),
        writer.quotient(z, weight, "k", "ij"),
    )
    yield view.formula(sought, _summed(view, long, "kq"))
    if any(block.out == value for block in view.log.forward.blocks):
        return  # every component depends on every other: both sums stay
    short = (
        writer.quotient(view.target, value, "", "k"),
        writer.quotient(value, z, "k", "k"),
        long[2],
    )
    yield view.formula(sought, _summed(view, short, "k"))


def _summed(view: View, factors: tuple[Node, ...], letters: str) -> Node:
    body = view.writer.product(list(factors), "")
    for letter in reversed(letters):
        body = BigSum(body, view.writer.letter(letter))
    return body
