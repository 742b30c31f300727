"""What stands in a document holds: every formula is evaluated at numbers, in every form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.calculus import derivation
from derive.document import Document, Options, compose
from derive.document.blocks import Display, Section
from derive.document.check import problems
from derive.document.options import Form
from derive.meaning.style import LAYOUTS
from derive.networks import Network, network, presets
from derive.notation import equals, text

OTHERS = (
    "x[2] -> dense(3, softmax) ; mse",
    "x[2] -> dense(3, softmax) -> dense(2) ; mse",
    "x[n0] -> dense(n1, sigmoid) -> dense(n2, relu) -> dense(n3, tanh) ; mean_mse",
    "x[2] -> dense(3, relu, bias=false) -> dense(2) ; half_squared_error",
    "x -> dense(1, sigmoid) -> dense(1, sigmoid) ; bce",
    "x[2] -> dense(3) -> dense(1, sigmoid) ; bce",
    "x[3] -> dense(2) ; mse",
    "x[2] -> dense(3, log_softmax) ; nll",
    "x[2] -> dense(3, log_softmax) -> dense(2, log_softmax, temperature=0.5) ; mse",
    "x[n0] -> dense(n, softmax, temperature=2) * (L-1) -> dense(3, log_softmax) ; nll",
)


def in_layout(source: str, layout: str) -> Network:
    found = network(source)
    style = found.style.with_layout(layout)
    return found if style == found.style else replace(found, style=style, values={}, depth=None)


def wrong(document: Document) -> list[tuple[str, str]]:
    return [(text(formula.relation), why) for formula, why in problems(document)]


@pytest.mark.parametrize("batch", [False, True], ids=["sample", "batch"])
@pytest.mark.parametrize("source", [*sorted(presets()), *OTHERS])
def test_every_formula_holds(source: str, batch: bool) -> None:
    document = compose(derivation(network(source)), Options(batch=batch))
    assert wrong(document) == []
    assert sum(formula.kind != "statement" for formula in document.formulas()) > 10


@pytest.mark.parametrize("form", ["index", "matrix"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_formula_holds_in_every_layout(layout: str, form: Form) -> None:
    tempered = "x[2] -> dense(4, tanh) -> dense(3, log_softmax, temperature=2) ; nll"
    for source in ("relu-sigmoid-bce", "softmax-classifier", tempered):
        derived = derivation(in_layout(source, layout))
        for batch in (False, True):
            assert wrong(compose(derived, Options(form=form, batch=batch))) == []


def test_a_wrong_formula_is_seen() -> None:
    document = compose(derivation(network("tanh-regression")))
    formulas = [f for f in document.formulas() if f.kind == "network" and f.writer is not None]
    first, second = formulas[0], formulas[-1]
    mixed = equals(first.relation.sides[0], second.relation.sides[-1])
    display = Display((replace(first, relation=mixed),))
    spoiled = Document("", "", (Section(("",), (display,)),))
    assert len(wrong(spoiled)) == 1
