"""Both printers on the table of trees."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from derive.errors import DerivationError
from derive.notation import aligned, aligned_text, display, equals, latex, negate, text
from derive.notation.precedence import MAX_DEPTH
from derive.notation.tree import (
    Apply,
    Derivative,
    Fenced,
    Negative,
    Node,
    Number,
    Product,
    Relation,
    Sum,
    Symbol,
)
from tests.katex import katex_available, katex_errors
from tests.notation import table
from tests.notation.table import ROWS, a, b, c, x, y

GITHUB_REFUSES = re.compile(r"\\(operatorname|mbox|phantom)|\\[,!;:{}]")


@pytest.mark.parametrize(("tree", "written"), [(row[0], row[1]) for row in ROWS])
def test_latex(tree: Node, written: str) -> None:
    assert latex(tree) == written


@pytest.mark.parametrize(("tree", "written"), [(row[0], row[2]) for row in ROWS])
def test_text(tree: Node, written: str) -> None:
    assert text(tree) == written


def test_latex_keeps_to_what_github_accepts() -> None:
    assert not [tree for tree, _, _ in ROWS if GITHUB_REFUSES.search(latex(tree))]


def test_different_trees_print_differently() -> None:
    trees = defaultdict(list)
    for tree, _, _ in ROWS:
        trees[text(tree)].append(tree)
    assert {line for line, same in trees.items() if len(same) > 1} == set()


CHAIN = equals(a, b, c)


def test_aligned_has_one_sign_a_line() -> None:
    assert aligned([CHAIN]) == "\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}"


def test_aligned_text_has_the_signs_below_each_other() -> None:
    hatted = Relation((table.y_hat, a), ("approx",))
    wide = equals(Derivative(table.L, x), b, c)
    assert aligned_text([wide, hatted]) == "∂L/∂x = b\n      = c\n    ŷ ≈ a"


def test_aligned_guards_a_bracket_that_opens_a_line() -> None:
    rows = [CHAIN, equals(Fenced(a, "square"), b)]
    assert "\\\\\n{}[a] &= b" in aligned(rows)


def test_display_is_one_line_where_that_is_all() -> None:
    assert display(equals(a, b)) == "a = b"
    assert display(CHAIN) == aligned([CHAIN])
    assert display(CHAIN, equals(x, y)) == aligned([CHAIN, equals(x, y)])


def test_negate_does_not_double_the_sign() -> None:
    assert latex(negate(negate(a))) == "a"


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        (Symbol("W1"), "no notation for the glyph 'W1'"),
        (Symbol("α"), "no notation for the glyph 'α'"),
        (Number("-3"), "no notation for the number '-3'.*Negative"),
        (Number("nan"), "no notation for the number 'nan'"),
        (Apply("f(", (x,)), r"no notation for the function 'f\('"),
        (Sum(()), "an empty sum"),
        (Product(()), "an empty product"),
        (Node(), "not a node of mathematics"),
    ],
)
def test_what_cannot_be_printed_is_refused(tree: Node, message: str) -> None:
    for printer in (latex, text):
        with pytest.raises(DerivationError, match=message):
            printer(tree)


def test_only_capitals_have_a_calligraphic_form() -> None:
    with pytest.raises(DerivationError, match="no calligraphic form of 'x'"):
        latex(Symbol("x", style="cal"))


def nested(depth: int) -> Node:
    tree: Node = x
    for _ in range(depth - 1):
        tree = Negative(tree)
    return tree


def test_depth_is_bounded_and_not_by_the_stack() -> None:
    for printer in (latex, text):
        assert printer(nested(MAX_DEPTH)).count("-") == MAX_DEPTH - 1
        with pytest.raises(DerivationError, match="nested deeper than"):
            printer(nested(MAX_DEPTH + 1))


@pytest.mark.katex
@pytest.mark.skipif(not katex_available(), reason="node's katex is not installed")
def test_katex_accepts_all_of_it() -> None:
    relations = [tree for tree, _, _ in ROWS if isinstance(tree, Relation)]
    formulas = [(latex(tree), shown) for tree, _, _ in ROWS for shown in (False, True)]
    formulas += [(display(*relations), True)]
    assert katex_errors(formulas) == []
    assert len(katex_errors([(r"\frac{a", False), ("a % b", False)])) == 2
