"""What is to be said of a network that is more than a chain of layers."""

from __future__ import annotations

from collections.abc import Iterator

from derive.document.blocks import Block, Display, Formula, Paragraph, Prose
from derive.document.numbers import number
from derive.document.plan import Plan
from derive.document.view import listing
from derive.networks.model import WEIGHTS
from derive.networks.objective import penalties
from derive.notation.tree import Apply, Derivative, Number, Product, Sum, Symbol, equals
from derive.program.program import Map, Role


def structure_conventions(plan: Plan) -> Iterator[Prose]:
    """How several uses of one variable are derived, and what is given rather than learned."""
    if several_paths(plan):
        yield (
            "Where a variable is used in several equations, each use is a path to the loss, and "
            "the contributions of all paths add up. The derivative of a right side, written out, "
            "moves only what stands there: what is computed from the variable is held fixed.",
        )
    yield from _stacked(plan)
    yield from _masks(plan)
    yield from _penalties(plan)


def several_paths(plan: Plan) -> bool:
    """Whether a variable is used in more than one equation."""
    return any(_paths(plan, name) > 1 for name in plan.view.steps)


def paths_rule(plan: Plan) -> tuple[Block, ...]:
    """The chain rule where a value is used twice."""
    if not several_paths(plan):
        return ()
    f, g, x = Symbol("f"), Symbol("g"), Symbol("x")
    through = (Derivative(f, g), Derivative(g, x, total=True))
    product = Product(through, "times" if plan.network.scalar else "")
    total = equals(Derivative(f, x, total=True), Sum((product, Derivative(f, x))))
    used = Apply("f", (Apply("g", (x,)), x))
    return (
        Paragraph(("Where a value is used twice, ", used, ", every use adds its share,")),
        Display((Formula(total),)),
        Paragraph(
            (
                "and the last term is the derivative by that ",
                x,
                " which stands beside ",
                g,
                ", with ",
                g,
                " held fixed.",
            )
        ),
    )


def _paths(plan: Plan, name: str) -> int:
    """How many named equations, or parts of the loss, use a variable."""
    blocks = {n for b in plan.log.forward.blocks for n in (*b.inner, b.argument)}
    return 1 if name in blocks else len(plan.view.steps[name].contributions)


def _stacked(plan: Plan) -> Iterator[Prose]:
    for stage in reversed(plan.told):
        view, variables = stage.view, stage.view.log.forward.variables
        own = [n for n in stage.parameters if variables[n].base in WEIGHTS]
        if len(stage.layer.reads) > 1 and len(own) > 1:
            yield (
                "Layer ",
                stage.label,
                " reads several values at once: ",
                *listing(tuple(map(view.writer.variable, own))),
                " are the blocks of one weight matrix that acts on all of them, stacked.",
            )


def _masks(plan: Plan) -> Iterator[Prose]:
    for stage in reversed(plan.told):
        share = stage.layer.dropout
        for name in plan.log.forward.named(Role.GIVEN) if share else ():
            if plan.log.forward.variables[name].layer == stage.number:
                kept = 1 / (1 - share)
                yield (
                    "The mask ",
                    stage.view.writer.variable(name),
                    " is drawn anew for every sample: an entry is 0 with probability ",
                    number(share),
                    " and ",
                    number(kept),
                    " otherwise, so that its mean is 1. Here it is given; without dropout all its "
                    "entries are 1.",
                )


def _penalties(plan: Plan) -> Iterator[Prose]:
    if not penalties(plan.derivation.concrete):
        return
    yield (
        "A penalty depends on the weights alone, so it stands beside the mean over samples and is "
        "no part of it.",
    )
    equations = plan.log.forward.equations
    if any(isinstance(eq, Map) and eq.function.name == "abs" for eq in equations):
        zero = Number("0")
        yield (
            "At its kink the slope of the absolute value is taken as ",
            equals(Apply("sign", (zero,)), zero),
            ".",
        )
