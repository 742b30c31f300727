"""The full Hessian of a small network of numbers: every second derivative as a formula."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.calculus.hessian import second_derivatives
from derive.calculus.log import Log
from derive.config import LIMITS
from derive.document.blocks import Block, Display, Formula, Paragraph, Section
from derive.document.plan import Plan
from derive.meaning.write import Writer
from derive.notation.tree import Number, equals


def hessian_section(plan: Plan) -> Iterator[Section]:
    """Every second derivative of one sample's loss, where there are few parameters, all numbers."""
    parameters = plan.derivation.parameters
    few = len(parameters) <= LIMITS.max_hessian_shown
    if plan.network.scalar and few and not plan.batch and not plan.generic:
        yield Section(("The full Hessian",), tuple(_blocks(plan.log, plan.view.writer, parameters)))


def _blocks(log: Log, writer: Writer, parameters: tuple[str, ...]) -> Iterator[Block]:
    yield Paragraph(
        (
            "The network has few parameters, so all entries of the Hessian can be listed. Each "
            "comes from reverse mode once more, applied to the equations of one derivative. It is "
            "symmetric; of two equal entries the one is shown that derives by the later parameter "
            "first. Derivatives of the loss on the right are those found before.",
        )
    )
    for place in reversed(range(len(parameters))):
        first = parameters[place]
        nested = second_derivatives(log, first)
        own = replace(writer, program=nested.program)
        rows = [_entry(own, nested, name) for name in reversed(parameters[: place + 1])]
        yield Display(tuple(rows))


def _entry(writer: Writer, nested: Log, then: str) -> Formula:
    """``d(dL/dW2)/dW1`` with all its factors; 0 where it does not depend."""
    if then in nested.cotangents:
        every = set(nested.cotangents.values())
        relation = writer.equation(nested.cotangents[then], every.__contains__)
    else:
        relation = equals(writer.quotient(nested.target, then, "", ""), Number("0"))
    return Formula(relation, "network", writer)
