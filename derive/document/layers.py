"""The derivation itself: one section a layer, then the summary."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from derive.document.blocks import Block, Display, Paragraph, Prose, Section
from derive.document.chains import uses
from derive.document.generic import split_blocks
from derive.document.plan import Plan, Stage
from derive.document.steps import step_block
from derive.document.view import View, listing
from derive.program.program import Role


def layer_sections(plan: Plan) -> Iterator[Section]:
    """Every stage, its steps numbered through."""
    numbers = map(str, count(1))
    for place, stage in enumerate(plan.stages):
        steps = tuple(step_block(stage.view, name, next(numbers)) for name in stage.variables)
        yield Section(
            stage.title,
            (*_opening(plan, place), *split_blocks(plan, place), *steps, *_closing(stage)),
        )
    if plan.by_input is not None:
        yield input_section(plan.by_input, next(numbers))


def input_section(stage: Stage, number: str) -> Section:
    """The step to the input."""
    view = stage.view
    (name,) = stage.variables
    first = ("Sought: ", view.gradient(name), ".")
    step = step_block(view, name, number)
    return Section(stage.title, (Paragraph((*first, *_known(stage))), step, *share_of_mean(view)))


def share_of_mean(view: View) -> tuple[Block, ...]:
    """What the gradient of a mean says of one sample."""
    size = view.program.batch
    if size is None:
        return ()
    return (
        Paragraph(
            (
                "A sample acts on the loss through a mean, so what belongs to it is the gradient "
                "of its own loss divided by ",
                view.writer.size(size),
                "; the losses of the other samples do not depend on it.",
            )
        ),
    )


def _opening(plan: Plan, place: int) -> tuple[Block, ...]:
    """What is sought in this layer, and what is known when it begins."""
    stage, view = plan.stages[place], plan.stages[place].view
    goals = listing(tuple(view.gradient(name) for name in stage.parameters or stage.values))
    first = ("Sought: ", *goals, ".")
    if stage.condition:
        first = (*first, " The steps hold for every ", *stage.condition, ".")
    if not place:
        return (Paragraph(first),)
    return (Paragraph((*first, *_known(stage))),)


def _known(stage: Stage) -> Prose:
    """The gradients that arrive from other layers."""
    view, own = stage.view, set(stage.variables)
    variables = view.log.forward.variables
    own |= {name for name, variable in variables.items() if variable.role is Role.PART}
    through = dict.fromkeys(
        use.through
        for name in stage.variables
        for use in uses(view, name)
        if not use.of_loss and use.through not in own
    )
    layers = {variables[name].layer for name in through}
    where = "layer" if layers == {stage.number + 1} else "layers"
    return (f" Known from the {where} above: ", *listing(tuple(map(view.gradient, through))), ".")


def _closing(stage: Stage) -> tuple[Block, ...]:
    view = stage.view
    if not stage.parameters:
        return ()
    formulas = tuple(view.result(name) for name in stage.parameters)
    return (Paragraph(("Together, for this layer:",)), Display(formulas, condition=stage.condition))


def summary(plan: Plan) -> Section:
    """Every gradient once more, from the output back."""
    blocks: list[Block] = []
    for stage in plan.told:
        names = stage.variables if plan.generic or not stage.view.complete else stage.parameters
        if not names:
            continue
        formulas = tuple(stage.view.result(name) for name in names)
        blocks.append(Paragraph((*stage.title, ":")))
        blocks.append(Display(formulas, condition=stage.condition))
    if plan.by_input is not None:
        view = plan.by_input.view
        blocks.append(Paragraph((*plan.by_input.title, ":")))
        blocks.append(Display(tuple(view.result(name) for name in plan.by_input.variables)))
    return Section(("All gradients",), tuple(blocks))
