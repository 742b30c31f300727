"""Long slopes and cases stay on the page: they are broken, named, or left in terms of others."""

import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from derive.calculus import derivation
from derive.document import compose, render
from derive.document.blocks import Document
from derive.document.layout import Row, rows
from derive.document.mathematics import LINE
from derive.document.room import fits
from derive.document.width import width
from derive.networks import network
from derive.notation.text import text
from derive.notation.tree import Derivative, Node, Number, Product, Relation, Sum, Symbol, equals
from derive.notation.written import read_text

SOURCES = (
    "x[2] -> dense(3, gelu) -> dense(2) ; huber",
    "x[2] -> dense(3, gelu_tanh) -> dense(2) ; clipped_cross_entropy",
    "x[2] -> dense(3, gelu_tanh) -> dense(2) ; gaussian",
    "x[2] -> dense(3, mish) -> dense(2) ; squared_hinge",
    "x[2] -> dense(3, selu) -> dense(2, softmax) ; cross_entropy",
    "x[2] -> dense(3, elu) -> dense(2) ; poisson",
    "x -> dense(1, gelu_tanh) -> dense(1) ; huber",
)
"""Functions with long slopes, losses with cases or with long words."""


@cache
def document(source: str) -> Document:
    return compose(derivation(network(source)))


def right_of(row: Row) -> list[Node]:
    return [side for _, side in row.parts] if row.rest is None else [row.rest]


def length(row: Row) -> float:
    return sum(width(side) for side in right_of(row))


@pytest.mark.parametrize("source", SOURCES)
def test_no_line_of_a_formula_is_wider_than_the_page(source: str) -> None:
    for formula in document(source).formulas():
        room = LINE - width(formula.relation.sides[0])
        laid = rows([formula.relation], width, LINE)
        assert all(length(row) <= room + 2 for row in laid), formula.relation


@pytest.mark.parametrize("source", SOURCES)
def test_no_line_of_text_is_longer_than_a_terminal(source: str) -> None:
    assert [line for line in render(document(source), "text").split("\n") if len(line) > 100] == []


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
@pytest.mark.parametrize("source", SOURCES)
def test_no_box_is_overfull(source: str, tmp_path: Path) -> None:
    (tmp_path / "a.tex").write_text(render(document(source), "latex"), encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0
    assert re.findall(r".*Overfull.*", done.stdout.decode("latin-1")) == []


def long_sum(terms: int) -> Sum:
    return Sum(tuple(Symbol("z", sub=(Number(str(k)),)) for k in range(terms)))


def test_what_can_be_broken_fits() -> None:
    left = Symbol("y")
    assert fits(equals(left, long_sum(60)))
    assert not fits(equals(left, Product((long_sum(60), Symbol("x")))))
    assert not fits(Relation((left, long_sum(3), Product((Number("2"), long_sum(60)))), ("=", "=")))


def test_a_gradient_that_does_not_fit_is_left_in_terms_of_the_one_before() -> None:
    shown = render(document("x[2] -> dense(3, gelu_tanh) -> dense(2) ; gaussian"), "text")
    assert "∂L/∂W₁ = (∂L/∂z₁) xᵀ" in shown
    assert "∂L/∂W₁ = (∂L/∂z₁) xᵀ\n           = " not in shown
    short = render(document("x[2] -> dense(3, tanh) -> dense(2, softmax) ; cross_entropy"), "text")
    assert "∂L/∂W₁ = (W₂ᵀ (ŷ - y) ⊙ " in short


def test_long_cases_stand_below_each_other() -> None:
    shown = render(document("x[2] -> dense(3, gelu) -> dense(2) ; huber"), "text")
    first = next(line for line in shown.split("\n") if line.strip().startswith("L = Σᵢ ({"))
    after = shown.split(first + "\n")[1].split("\n")
    column = first.index("{") + 2
    assert first.endswith(";")
    assert [line[:column].strip() for line in after[:2]] == ["", ""]
    assert after[1].endswith("otherwise })")


ANY_DEPTH = "x[n0] -> dense(n, relu) * (L-1) -> dense(1, sigmoid) ; bce"


def test_the_loss_of_a_network_of_any_depth_is_not_its_depth() -> None:
    shown = render(document(ANY_DEPTH), "text")
    assert "∂ℒ/∂z_L = ŷ - y" in shown
    assert "∂L" not in shown
    assert "for 1 ≤ l < L" in shown
    other = network(ANY_DEPTH)
    named = replace(other, style=other.style.with_choices({"loss": "J"}))
    assert "∂J/∂z_L = ŷ - y" in render(compose(derivation(named)), "text")
    assert "ℒ" not in render(document(SOURCES[0]), "text")


def test_the_two_letters_are_read_back() -> None:
    loss, depth = Symbol("L", style="cal"), Symbol("L")
    tree = Derivative(loss, Symbol("z", sub=(depth,)))
    assert text(tree, script=True) == "∂ℒ/∂z_L"
    assert read_text(text(tree, script=True)).tree == tree
