"""Every formula of the two hand-written documents stands in the derivation, and is right there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from derive.calculus import derivation
from derive.document import Document, Formula, compose
from derive.document.check import problems
from derive.networks import network
from derive.notation import latex, text
from derive.notation.tree import Node
from tests.document.facts import MATRIX, SCALAR, Fact

SIGNS = re.compile(r" (=|≈|←|∈|<|≤|\\in|\\approx) ")
WORDS = {"=": "=", "approx": "≈", "gets": "←", "in": "∈", "<": "<", "<=": "≤"}


@cache
def scalar_document() -> Document:
    """In the scalar document's notation: n samples."""
    preset = network("two-layer-tanh")
    return compose(derivation(replace(preset, style=preset.style.with_choices({"batch": "n"}))))


@cache
def matrix_document() -> Document:
    """The matrix document's notation is the preset's own."""
    return compose(derivation(network("relu-sigmoid-bce")))


def states(formula: Formula, fact: str, print_: Callable[[Node], str]) -> bool:
    """Whether a chain ``a = b = c`` holds the sides of the fact, in order."""
    written = [print_(side) for side in formula.relation.sides]
    signs = ["", *(WORDS.get(sign, "?") for sign in formula.relation.signs)]
    pieces = SIGNS.split(fact)
    place = -1
    for side, sign in zip(pieces[::2], ["", *pieces[1::2]], strict=True):
        found = [
            k
            for k in range(place + 1, len(written))
            if written[k] == side and (place < 0 or _joined(signs, place, k, sign))
        ]
        if not found:
            return False
        place = found[0]
    return True


def _joined(signs: list[str], start: int, end: int, sign: str) -> bool:
    """Whether the signs between two sides make the one that the fact has."""
    between = set(signs[start + 1 : end + 1])
    return between <= {"=", sign} and sign in between


@pytest.mark.parametrize("fact", SCALAR, ids=lambda fact: f"line {fact.line}")
def test_scalar_document(fact: Fact) -> None:
    assert any(states(f, fact.formula, text) for f in scalar_document().formulas()), fact.formula


@pytest.mark.parametrize("fact", MATRIX, ids=lambda fact: f"line {fact.line}")
def test_matrix_document(fact: Fact) -> None:
    assert any(states(f, fact.formula, latex) for f in matrix_document().formulas()), fact.formula


@pytest.mark.parametrize("document", [scalar_document, matrix_document])
def test_every_formula_holds(document: Callable[[], Document]) -> None:
    assert [(text(f.relation), why) for f, why in problems(document())] == []


def test_a_wrong_fact_is_not_found() -> None:
    wrong = "∂L/∂W₃ = 2(ŷ - y) × h₁"
    assert not any(states(f, wrong, text) for f in scalar_document().formulas())
    order = "∂L/∂W₃ = 2(ŷ - y) × h₂ = ∂L/∂z₃ × ∂z₃/∂W₃"
    assert not any(states(f, order, text) for f in scalar_document().formulas())
