"""Gradient descent: what the gradients are for."""

from __future__ import annotations

from derive.document.blocks import Display, Formula, Paragraph, Section
from derive.document.optimiser import optimiser_section
from derive.document.plan import Plan, Stage, grouped
from derive.networks.optimiser import PLAIN
from derive.notation.tree import Negative, Product, Relation, Sum, Symbol


def update_section(plan: Plan) -> Section:
    """``W <- W - alpha dL/dW`` for every parameter, or another optimiser's equations."""
    if not (plan.network.optimiser or PLAIN).plain:
        return optimiser_section(plan)
    rate = Symbol(plan.network.style.rate)
    return Section(
        ("Gradient descent",),
        (
            Paragraph(
                (
                    "A small step against its gradient changes each parameter so that the loss "
                    "falls. With the rate ",
                    rate,
                    ", and all gradients taken before any parameter moves:",
                )
            ),
            *(
                Display(_rules(stages, rate), condition=stages[0].condition)
                for stages in grouped(plan.told)
            ),
        ),
    )


def _rules(stages: tuple[Stage, ...], rate: Symbol) -> tuple[Formula, ...]:
    return tuple(update_rule(s, name, rate) for s in stages for name in s.parameters)


def update_rule(stage: Stage, name: str, rate: Symbol) -> Formula:
    """``W_3 <- W_3 - alpha dL/dW_3``."""
    view = stage.view
    variable = view.writer.variable(name)
    step = Product((rate, view.quotient(name)), "times" if view.writer.scalar else "")
    relation = Relation((variable, Sum((variable, Negative(step)))), ("gets",))
    return Formula(relation, "statement", view.writer)
