"""Plain-text mathematics, line by line."""

from __future__ import annotations

import pytest

from tests.checking.reader import formulas, notes, read, rows


def fenced(*lines: str) -> str:
    return "\n".join(["```", *lines, "```"])


CASES = [
    (["z₁ = W₁·x + b₁"], ["z₁ = W₁·x + b₁"]),
    (["- tanh(0) = 0"], ["tanh(0) = 0"]),
    (["1. a = b", "2) c = d"], ["a = b", "c = d"]),
    (["Range: (-1, 1)"], ["(-1, 1)"]),
    (["Properties:"], []),
    (["Input (x) → Hidden (1 neuron + tanh) → Output (y)"], []),
    (["║  a = b   ║", "╚═════════╝"], ["a = b"]),
    (["+-------+", "| a = b |"], ["| a = b |"]),
    (["├── a = b", "│   = c"], ["a = b = c"]),
    (["ŷ = z₃ (no activation)"], ["ŷ = z₃"]),
    (["W₁ = 0.5, b₁ = 0.1"], ["W₁ = 0.5", "b₁ = 0.1"]),
    (["f(a) = b    g(c) = d"], ["f(a) = b", "g(c) = d"]),
    (["h₁       = tanh(z₁)"], ["h₁ = tanh(z₁)"]),
    (["r(z) = 1 if z > 0 else 0"], ["r(z) = 1 if z > 0 else 0"]),
    (["m = number of samples"], []),
    (["the loss = small"], []),
    (["the gap ought to stay < 1e-7"], []),
    (["∂L/∂W", "  = a", "  + b", "  = c"], ["∂L/∂W = a + b = c"]),
    (["a = (b +", "     c)", "d = e"], ["a = (b + c)", "d = e"]),
    (["a = b", "- c = d"], ["a = b", "c = d"]),
    (["a = b", "  - c"], ["a = b - c"]),
    (["L = (1/n) × Σᵢ (ŷᵢ - yᵢ)²"], ["L = (1/n) × Σᵢ (ŷᵢ - yᵢ)²"]),
    (["损失: L = (ŷ - y)²"], ["L = (ŷ - y)²"]),
    (["a = b ⇒ c = d"], ["a = b", "c = d"]),
    (["If l = L: δ = ŷ - y"], ["δ = ŷ - y"]),
    (["y = f(x), i = 1, ..., n"], ["y = f(x)"]),
    (["dA = dC @ B^T  # a shape"], ["dA = dC @ B^T"]),
    (
        [r"\frac{a}{b} = c", "and some words that follow", r"\alpha = d"],
        [r"\frac{a}{b} = c", r"\alpha = d"],
    ),
]


@pytest.mark.parametrize(("lines", "found"), CASES)
def test_statements_of_a_fence(lines: list[str], found: list[str]) -> None:
    assert formulas(fenced(*lines)) == found


NOTES = [
    ("Z = H W + b    (m, n)", [("shape", "(m, n)")]),
    ("dA = dC ⊙ B # A shape: [M, N]", [("shape", "A shape: [M, N]")]),
    ("P = softmax(S)  # row-wise", [("comment", "row-wise")]),
    ("Largest slope: 1 (at x=0)", [("condition", "at x=0")]),
    ("ŷ = z₃ (no activation)", [("words", "no activation")]),
    ("z = a by the chain rule", [("words", "by the chain rule")]),
    ("If l = L: δ = ŷ - y", [("condition", "If l = L")]),
    ("z = W x + b ∈ Rⁿ", [("member", "∈ Rⁿ")]),
    ("y = x²  (simplified)", [("words", "simplified")]),
]


@pytest.mark.parametrize(("line", "found"), NOTES)
def test_what_stands_beside_a_statement(line: str, found: list[tuple[str, str]]) -> None:
    assert notes(fenced(line)) == found


@pytest.mark.parametrize(
    ("line", "label"),
    [("Linear: z = W x", "Linear"), ("Step 2: z = 1", "Step 2"), ("z := 1", ""), ("z = 1", "")],
)
def test_words_before_a_colon_are_a_label(line: str, label: str) -> None:
    assert [row.label for row in rows(read(fenced(line)))] == [label]


def test_words_of_a_fence_are_prose() -> None:
    found = read(fenced("Here come the facts", "a = b"))
    assert [s.text for s in found.prose] == ["Here come the facts"]


@pytest.mark.parametrize(
    "first", ["import numpy as np", "def f(x):", "x = np.dot(a, b)", "$ pip install"]
)
def test_program_code_is_no_mathematics(first: str) -> None:
    assert formulas(fenced(first, "dz = a - y")) == []
