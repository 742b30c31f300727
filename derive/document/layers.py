"""The derivation itself: one section a layer, then the summary."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from derive.document.blocks import Block, Display, Paragraph, Section
from derive.document.generic import split_blocks
from derive.document.plan import Plan, Stage
from derive.document.steps import step_block
from derive.document.view import listing


def layer_sections(plan: Plan) -> Iterator[Section]:
    """Every stage, its steps numbered through."""
    numbers = map(str, count(1))
    for place, stage in enumerate(plan.stages):
        steps = tuple(step_block(stage.view, name, next(numbers)) for name in stage.variables)
        yield Section(
            stage.title,
            (*_opening(plan, place), *split_blocks(plan, place), *steps, *_closing(stage)),
        )


def _opening(plan: Plan, place: int) -> tuple[Block, ...]:
    """What is sought in this layer, and what is known when it begins."""
    stage, view = plan.stages[place], plan.stages[place].view
    goals = listing(tuple(view.gradient(name) for name in stage.parameters))
    first = ("Sought: ", *goals, ".")
    if stage.condition:
        first = (*first, " The steps hold for every ", *stage.condition, ".")
    if not place:
        return (Paragraph(first),)
    through = view.steps[stage.variables[0]].contributions[0].through
    known = view.gradient(through)
    return (Paragraph((*first, " Known from the layer above: ", known, ".")),)


def _closing(stage: Stage) -> tuple[Block, ...]:
    view = stage.view
    formulas = tuple(view.result(name) for name in stage.parameters)
    return (Paragraph(("Together, for this layer:",)), Display(formulas, condition=stage.condition))


def summary(plan: Plan) -> Section:
    """Every gradient once more, from the output back."""
    blocks: list[Block] = []
    for stage in plan.told:
        names = stage.variables if plan.generic or not stage.view.expand else stage.parameters
        formulas = tuple(stage.view.result(name) for name in names)
        blocks.append(Paragraph((*stage.title, ":")))
        blocks.append(Display(formulas, condition=stage.condition))
    return Section(("All gradients",), tuple(blocks))
