"""The same derivation for many samples at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derive.document.blocks import Block, Display, Paragraph, Section
from derive.document.layers import share_of_mean
from derive.document.plan import Plan, Stage, grouped, make_plan
from derive.document.setting import forward_formulas


def batch_section(plan: Plan) -> Iterator[Section]:
    """Forward equations, the mean loss and all gradients for a batch."""
    if plan.batch:
        return
    batch = make_plan(plan.derivation, replace(plan.options, batch=True))
    yield Section(("A batch of samples",), tuple(_blocks(batch)))


def _blocks(plan: Plan) -> Iterator[Block]:
    view = plan.view
    size = view.program.batch
    assert size is not None
    loss = view.writer.variable(view.target)
    yield Paragraph(
        (
            "With ",
            view.writer.size(size),
            " samples the loss ",
            loss,
            " is the mean of the samples' losses. ",
            *_arrangement(plan),
        )
    )
    for formulas, condition in forward_formulas(plan):
        yield Display(formulas, condition=condition)
    yield Paragraph(
        (
            "A parameter is shared by all samples, so its gradient adds up what every sample "
            "says, and the factor of the mean stands before the sum:",
        )
    )
    for stages in grouped(plan.told):
        formulas = tuple(s.view.result(name) for s in stages for name in _shown(plan, s))
        yield Display(formulas, condition=stages[0].condition)
    if plan.by_input is not None:
        view = plan.by_input.view
        yield Paragraph(("The gradient by the samples:",))
        yield Display(tuple(view.result(name) for name in plan.by_input.variables))
        yield from share_of_mean(view)


def _shown(plan: Plan, stage: Stage) -> tuple[str, ...]:
    """The prediction and the parameters; all variables where gradients are given by others."""
    if plan.generic or not stage.view.complete:
        return stage.variables
    return tuple(n for n in stage.variables if n in (plan.prediction, *stage.parameters))


def _arrangement(plan: Plan) -> tuple[str, ...]:
    if plan.network.scalar:
        return ("Every value of a layer gets the index of its sample.",)
    side = "columns" if plan.network.style.samples == "column" else "rows"
    return (f"The samples stand side by side as the {side} of matrices, in capital letters:",)
