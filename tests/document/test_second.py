"""Second order as a document: every formula holds, in every format."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from derive.calculus import derivation
from derive.cli import main
from derive.document import FORMATS, Options, compose, render
from derive.document.blocks import Document, Step
from derive.document.check import problems
from derive.networks import network
from derive.notation import latex
from tests.katex import katex_available, katex_errors
from tests.structures import STRUCTURES

NETWORKS = [
    "two-layer-tanh",
    "relu-sigmoid-bce",
    "softmax-classifier",
    "x[3] -> dense(4, softmax) -> dense(2, gelu) ; huber",
    "x[2] -> dense(3) ; absolute_error",
]


def document(text: str, **options: object) -> Document:
    return compose(derivation(network(text)), Options(second=True, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", NETWORKS)
@pytest.mark.parametrize("batch", [False, True])
def test_every_formula_holds(text: str, batch: bool) -> None:
    told = document(text, batch=batch)
    assert len(list(told.formulas())) > 15
    assert list(problems(told)) == []


@pytest.mark.parametrize("name", ["stacked", "residual", "tied", "l2", "dropout"])
def test_every_formula_of_a_structure_holds(name: str) -> None:
    assert list(problems(document(STRUCTURES[name]))) == []


@pytest.mark.parametrize("to", FORMATS)
def test_every_format_is_printed(to: str) -> None:
    assert "Gauss" in render(document("softmax-classifier"), to)


def test_steps_are_told_forward_then_backward() -> None:
    told = document("two-layer-tanh")
    steps = [b for section in told.sections for b in section.blocks if isinstance(b, Step)]
    assert [step.number for step in steps] == [str(k + 1) for k in range(len(steps))]
    text = render(told, "text")
    for line in (
        "R(z₁) = V₁·x + v₁",
        "R(h₁) = (1 - h₁²) · R(z₁)",
        "R(∂h₁/∂z₁) = -2h₁ R(h₁)",
        "R(∂L/∂W₂) = R(∂L/∂z₂) × h₁ + ∂L/∂z₂ × R(h₁)",
        "G(∂L/∂W₂) = G(∂L/∂z₂) × h₁",
        "∂(∂L/∂W₃)/∂W₂ = (2h₂ × W₃ + ∂L/∂z₃) × (1 - h₂²) × h₁",
    ):
        assert line in text


def test_matrix_and_index_form_stand_together() -> None:
    text = render(document("x[3] -> dense(4, tanh) -> dense(2) ; mse"), "text")
    assert "R(∂L/∂h₁) = W₂ᵀ R(∂L/∂z₂) + V₂ᵀ (∂L/∂z₂)" in text
    assert "R(∂L/∂W₁ᵢⱼ) = R(∂L/∂z₁ᵢ) xⱼ" in text


def test_only_few_second_derivatives_are_listed() -> None:
    titles = [section.title for section in document("two-layer-tanh").sections]
    assert ("The full Hessian",) in titles
    deeper = "x -> dense(1, tanh) -> dense(1, tanh) -> dense(1, tanh) -> dense(1) ; squared_error"
    for text in (deeper, "softmax-classifier"):
        titles = [section.title for section in document(text).sections]
        assert ("The full Hessian",) not in titles


def test_why_there_is_no_gauss_newton_product_is_said() -> None:
    assert "None is given here: the loss depends" in render(document(STRUCTURES["l2"]), "text")


@pytest.mark.katex
@pytest.mark.skipif(not katex_available(), reason="node or katex is missing")
def test_katex_sets_every_formula() -> None:
    told = [document(text, batch=batch) for text in NETWORKS[:3] for batch in (False, True)]
    formulas = [(latex(f.relation), True) for one in told for f in one.formulas()]
    assert katex_errors(formulas) == []


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "second.md"
    assert main(["show", "two-layer-tanh", "--second-order", "--batch", "-o", str(file)]) == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith("# The second order of two-layer-tanh")
    assert re.search(r"\\mathcal\{R\}", text)
    assert main(["show", "two-layer-tanh", "--second-order", "--layer", "1"]) == 2
    assert "--layer does not go with --second-order" in capsys.readouterr().err
    assert main(["show", "two-layer-tanh", "--second-order", "--form", "sympy"]) == 2
