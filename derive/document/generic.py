"""What only a network of any depth needs: where it begins and ends, and the chain rule over a
whole layer at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.calculus.depth import HIDDEN
from derive.document.blocks import Block, Display, Formula, Paragraph
from derive.document.plan import DEPTH_LETTER, LAYER_LETTER, Plan, before
from derive.document.view import View
from derive.networks.objective import penalties
from derive.notation.tree import BigSum, Node, Number, Sum, equals


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


def loss_formula(plan: Plan) -> Formula:
    """The loss; where every layer has a penalty, with a sum over the layers."""
    view, found = plan.view, penalties(plan.derivation.concrete)
    if not (plan.generic and found):
        return view.forward(view.target)
    shown, hidden = _terms(view), _terms(plan.stages[-1].view)
    first = len(shown) - len(found)
    nodes = list(shown[:first])
    variables, depth = view.log.forward.variables, len(plan.derivation.concrete.layers)
    for constant in dict.fromkeys(penalty.constant for penalty in found):
        own = {
            variables[penalty.parameter].layer: place
            for place, penalty in enumerate(found, start=first)
            if penalty.constant == constant
        }
        if HIDDEN in own:
            upper = DEPTH_LETTER if depth in own else before(DEPTH_LETTER, 1)
            nodes.append(BigSum(hidden[own[HIDDEN]], LAYER_LETTER, Number("1"), upper))
        else:
            nodes.append(shown[own[depth]])
    relation = equals(view.writer.variable(view.target), Sum(tuple(nodes)))
    return Formula(relation, "statement", view.writer)


def _terms(view: View) -> tuple[Node, ...]:
    """The written terms of the loss."""
    tree = view.writer.component(view.target, "")
    assert isinstance(tree, Sum)
    return tree.terms


def split_blocks(plan: Plan, place: int) -> Iterator[Block]:
    """The gradient of a layer's weights as a product over its whole path."""
    stage = plan.stages[place]
    if not plan.generic or plan.batch or stage.key == "l":
        return
    weight = stage.parameters[0]
    if len(stage.view.steps[weight].contributions) > 1:
        return  # a penalty is a path of its own
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
