"""What a notebook shows of a network, a derivation and a gradient."""

from __future__ import annotations

from derive.calculus.derivation import Derivation, Gradient, derivation
from derive.document.blocks import Display, Document, Section, formulas_of
from derive.document.compose import compose
from derive.document.excerpt import gradient_name
from derive.document.mathematics import displayed
from derive.document.options import Options
from derive.document.plan import make_plan
from derive.document.setting import network_section
from derive.document.to_markdown import NOTEBOOK
from derive.networks.model import Network


def network_markdown(network: Network) -> str:
    """The network's symbols, shapes and forward equations."""
    section = network_section(make_plan(derivation(network), Options()))
    return NOTEBOOK.document(Document(network.name, network.title, (section,)))


def network_latex(network: Network) -> str:
    """The forward equations."""
    return _latex(network_section(make_plan(derivation(network), Options())))


def derivation_markdown(derived: Derivation) -> str:
    """The whole document."""
    return NOTEBOOK.document(compose(derived))


def derivation_latex(derived: Derivation) -> str:
    """All gradients."""
    plan = make_plan(derived, Options())
    formulas = (stage.view.result(n) for stage in plan.told for n in stage.parameters)
    return _latex(Section(("",), (Display(tuple(formulas)),)))


def gradient_markdown(gradient: Gradient) -> str:
    """The steps that lead to it."""
    return NOTEBOOK.document(compose(gradient.derivation, _options(gradient)))


def gradient_latex(gradient: Gradient) -> str:
    """The gradient with all its factors."""
    document = compose(gradient.derivation, _options(gradient))
    results = [block for block in document.sections[0].blocks if isinstance(block, Display)]
    return _latex(Section(("",), (results[1],)))


def _options(gradient: Gradient) -> Options:
    batch = gradient.log.program.batch is not None
    plan = make_plan(gradient.derivation, Options(batch=batch))
    return Options(of=gradient_name(plan, gradient.of), batch=batch)


def _latex(section: Section) -> str:
    relations = [formula.relation for formula in formulas_of(section)]
    return f"$\\displaystyle {displayed(relations)}$"
