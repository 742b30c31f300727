"""Why a step is allowed: one sentence for each kind of step."""

from __future__ import annotations

from collections.abc import Iterator

from derive.calculus.log import Step as Record
from derive.document.blocks import Prose
from derive.document.chains import Use, uses
from derive.document.paths import names
from derive.document.softmax import BLOCKS
from derive.document.view import View
from derive.notation.tree import Node, Transpose, children


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
    block = next(b for b in view.log.forward.blocks if b.argument == record.of)
    return (
        "Every component of ",
        view.writer.variable(record.of),
        " changes every component of ",
        view.writer.variable(block.out),
        f", because they share one {BLOCKS[block.function].shared}.",
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
        "; the sum collects what comes back",
        *_as_product(view, record, weight),
    )


def _as_product(view: View, record: Record, weight: Node) -> Prose:
    """Whether the sum is a product with the transpose: that depends on the layout, and on whether
    the layer uses its weights transposed.
    """
    found = view.writer.equation(record.cotangent, form="matrix")
    if Transpose(weight) in _nodes(found):
        return (", and a sum over the outputs of ", weight, " is a product with its transpose.")
    return (".",)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in children(node):
        yield from _nodes(child)


def _equation(view: View, name: str) -> Node:
    return view.writer.equation(name)


def sum_reason(view: View, record: Record) -> Prose:
    """Why a sum hands its gradient on."""
    through = record.contributions[0].through
    return (
        view.writer.variable(record.of),
        " is one summand of ",
        _equation(view, through),
        ", so its factor is 1: the gradient is passed on unchanged.",
    )


def scale_reason(view: View, record: Record) -> Prose:
    """Why a number stands before the gradient."""
    through = record.contributions[0].through
    return (
        "In ",
        _equation(view, through),
        " every component of ",
        view.writer.variable(record.of),
        " is multiplied by the same number.",
    )


def mask_reason(view: View, record: Record) -> Prose:
    """Why the mask meets the gradient again."""
    use = record.contributions[0]
    return (
        "In ",
        _equation(view, use.through),
        " every component of ",
        view.writer.variable(record.of),
        " has one entry of the mask as its factor: only what the mask lets through comes back.",
    )


def losses_reason(view: View, record: Record) -> Prose:
    """Why every loss has its say."""
    return (
        "Each of the losses sees ",
        view.writer.variable(record.of),
        ", and the loss that is minimised is their weighted sum: their derivatives add up with the "
        "same weights.",
    )


def paths_reason(view: View, record: Record) -> Prose:
    """Why contributions add up."""
    paths = uses(view, record.of)
    through = [_path(view, use, name) for use, name in zip(paths, names(paths), strict=True)]
    return (
        view.writer.variable(record.of),
        f" reaches the loss along {COUNTS.get(len(paths), str(len(paths)))} paths: ",
        *_listed(through),
        ". Along each of them everything else in that equation is held fixed, and by the chain "
        "rule what comes back along all of them adds up.",
    )


COUNTS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


def _path(view: View, use: Use, name: Prose) -> Prose:
    """``through z_2 = W_2 h_1 + b_2``, ``through the L2 penalty``."""
    return ("through ", *name) if use.of_loss else ("through ", _equation(view, use.through))


def _listed(parts: list[Prose]) -> Prose:
    """The parts with commas between them, and ``and`` before the last."""
    found: list[str | Node] = []
    for place, part in enumerate(parts):
        if place:
            found.append(" and " if place == len(parts) - 1 else ", ")
        found += part
    return tuple(found)
