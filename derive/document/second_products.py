"""The end of second order: the Gauss-Newton product, and how everything was verified."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from derive.calculus.tangent_log import G, R
from derive.document.blocks import Block, Display, Formula, Items, Paragraph, Section
from derive.notation.tree import Apply, Derivative, Product, Symbol, Transpose, equals

if TYPE_CHECKING:
    from derive.document.second import Told


def gauss_newton_section(told: Told) -> Section:
    """The product that leaves the network's own curvature out."""
    if told.found.refusal:
        return Section(
            ("The Gauss-Newton product",),
            (Paragraph((f"None is given here: {told.found.refusal}.",)),),
        )
    return Section(("The Gauss-Newton product",), tuple(_blocks(told)))


def _blocks(told: Told) -> Iterator[Block]:
    view = told.view
    output = view.writer.variable(told.found.output)
    jacobian, curvature, v = Symbol("J"), Symbol("C"), Symbol("V")
    yield Paragraph(
        (
            "The loss is a function of the last pre-activation ",
            output,
            ", which is a function of the parameters, with the Jacobian J. The Hessian "
            "has two sources, those two functions. The Gauss-Newton matrix keeps the first,",
        )
    )
    g = Apply(G, (Derivative(view.loss, Symbol("theta")),))
    yield Display((Formula(equals(g, Product((Transpose(jacobian), curvature, jacobian, v)))),))
    yield Paragraph(
        (
            "where ",
            curvature,
            " holds the second derivatives of the loss by ",
            output,
            " alone. Where the loss is convex in ",
            output,
            ", as cross-entropy is in the logits and the squared error without a last "
            "activation, the Gauss-Newton matrix has no negative eigenvalue. J V is ",
            Apply(R, (output,)),
            " above, and ",
            curvature,
            " times it is the rate of the gradient there:",
        )
    )
    if told.found.output_tangent is None:
        yield Paragraph(("It is 0, and so is the whole product.",))
        return
    yield Display((*view.results([told.found.output_tangent]), _base(told)))
    yield Paragraph(
        (
            "The gradient's own backward equations, linear as they are, carry it on to the "
            "parameters; here the rates of the weights and of the slopes between are missing:",
        )
    )
    for stage in told.plan.told:
        steps = told.steps(stage, True, G)
        if steps:
            own = told.views[stage.key]
            yield Display(tuple(own.results([s.tangent for s in steps])), condition=stage.condition)


def _base(told: Told) -> Formula:
    """``G(dL/dz) = R(dL/dz)`` of the last pre-activation."""
    gradient = told.view.writer.variable(told.found.log.cotangents[told.found.output])
    if told.view.writer.scalar or not told.view.view.matrix:
        letters = told.view.writer.letters[told.found.output] or None
        gradient = told.view.writer.variable(told.found.log.cotangents[told.found.output], letters)
    return told.view.formula(equals(Apply(G, (gradient,)), Apply(R, (gradient,))))


def verified_section() -> Section:
    """How all of it was verified."""
    return Section(
        ("How this was verified",),
        (
            Items(
                (
                    (
                        "Every rate above is compared with the derivative of the gradient's "
                        "own equations along a random direction, in a prime field: an "
                        "identity test that shares no rule with the derivation.",
                    ),
                    (
                        "The formulas displayed here are evaluated at random numbers. The "
                        "rates in them are taken from the forward equations alone, by a "
                        "complex step along the direction.",
                    ),
                    (
                        "A reader can check a product with two gradients: the difference of "
                        "the gradients at the parameters moved a little forth and back along "
                        "the direction, over the length between, comes close to it.",
                    ),
                )
            ),
        ),
    )
