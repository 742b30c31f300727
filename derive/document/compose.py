"""A derivation document from its parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.calculus.derivation import Derivation
from derive.calculus.proof.rows import Row
from derive.document.batch import batch_section
from derive.document.blocks import Document, Section
from derive.document.example import example_sections
from derive.document.excerpt import one_gradient, one_layer
from derive.document.flow import flow_section
from derive.document.functions import functions_section
from derive.document.layers import layer_sections, summary
from derive.document.options import Options, checked_options
from derive.document.plan import Plan, make_plan
from derive.document.second import second_document
from derive.document.setting import chain_rule, conventions, network_section, sought
from derive.document.symbolic import symbolic_document
from derive.document.update import update_section
from derive.document.verification import measured_section, verification_section


def compose(
    derivation: Derivation, options: Options | None = None, rows: Sequence[Row] = ()
) -> Document:
    """The document of a derivation, or the part of it that the options ask for.

    Args:
        derivation: what is told.
        options: which parts, in which form; default all.
        rows: what a proof of this network said, to be shown at the end.

    Raises:
        DerivationError: a layer or a gradient that there is not, or a form that needs numbers.
    """
    network = derivation.network
    told = _composed(derivation, checked_options(options or Options()), rows)
    return replace(told, any_depth=network.generic and network.style.loss == "L")


def _composed(derivation: Derivation, options: Options, rows: Sequence[Row]) -> Document:
    if options.of == derivation.network.input:
        derivation = derivation.with_input
    if options.second:
        told = second_document(derivation, options)
        return replace(told, sections=(*told.sections, *measured_section(rows)))
    if options.form == "sympy":
        told = symbolic_document(derivation, options)
        return replace(told, sections=(*told.sections, *measured_section(rows)))
    plan = make_plan(derivation, options)
    network = derivation.network
    title, subtitle = f"The gradients of {network.name}", network.title
    if options.of:
        title, subtitle = f"{network.name}: one gradient", ""
    elif options.layer:
        title, subtitle = f"{network.name}: one layer", ""
    return Document(title, subtitle, (*_sections(plan), *measured_section(rows)))


def _sections(plan: Plan) -> tuple[Section, ...]:
    if plan.options.of:
        return (one_gradient(plan, plan.options.of),)
    if plan.options.layer:
        return (one_layer(plan, plan.options.layer),)
    return (
        sought(plan),
        conventions(plan),
        network_section(plan),
        *functions_section(plan),
        chain_rule(plan),
        *layer_sections(plan),
        summary(plan),
        update_section(plan),
        *example_sections(plan),
        *batch_section(plan),
        *flow_section(plan),
        *verification_section(plan),
    )
