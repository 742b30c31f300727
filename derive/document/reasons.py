"""Why a step is allowed: one sentence for each kind of step."""

from __future__ import annotations

from derive.calculus.log import Step as Record
from derive.document.blocks import Prose
from derive.document.view import View
from derive.notation.tree import Node


def loss_reason(view: View, record: Record) -> Prose:
    """Why only the loss matters."""
    return (
        "The loss is the only place where ",
        view.writer.variable(record.of),
        " meets the target.",
    )


def activation_reason(view: View, record: Record) -> Prose:
    """Why the derivative is that of one function."""
    through = record.contributions[0].through
    prose: Prose = (
        view.writer.variable(record.of),
        " reaches the loss through ",
        _equation(view, through),
        " alone",
    )
    if view.writer.scalar:
        return (*prose, ".")
    return (*prose, ", component by component: the Jacobian is diagonal.")


def block_reason(view: View, record: Record) -> Prose:
    """Why the sums appear."""
    return (
        "Every component of ",
        view.writer.variable(record.of),
        " changes every component of ",
        view.writer.variable(view.log.forward.blocks[0].out),
        ", because they share one denominator.",
    )


def weight_reason(view: View, record: Record) -> Prose:
    """Why the factor is the layer's input."""
    use = record.contributions[0]
    weight, value = view.writer.variable(record.of), view.writer.variable(use.term.operands[1])
    if view.writer.scalar:
        return ("In ", _equation(view, use.through), " the factor of ", weight, " is ", value, ".")
    return (
        "An entry of ",
        weight,
        " occurs in one component of ",
        view.writer.variable(use.through),
        " only, with a component of ",
        value,
        " as its factor; the delta says in which.",
    )


def bias_reason(view: View, record: Record) -> Prose:
    """Why the factor is one."""
    use = record.contributions[0]
    return (
        view.writer.variable(record.of),
        " is added to ",
        view.writer.variable(use.through),
        ", so its factor is 1.",
    )


def input_reason(view: View, record: Record) -> Prose:
    """Why the factor is the weight."""
    use = record.contributions[0]
    value, weight = view.writer.variable(record.of), view.writer.variable(use.term.operands[1])
    if view.writer.scalar:
        return ("In ", _equation(view, use.through), " the factor of ", value, " is ", weight, ".")
    return (
        "Each component of ",
        value,
        " enters every component of ",
        view.writer.variable(use.through),
        "; the sum collects what comes back, and a sum over the outputs of ",
        weight,
        " is a product with its transpose.",
    )


def _equation(view: View, name: str) -> Node:
    return view.writer.equation(name)
