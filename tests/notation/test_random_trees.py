"""Properties of both printers on random trees."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.notation import children, latex, text
from derive.notation.tree import (
    Apply,
    BigSum,
    Cases,
    Delta,
    Derivative,
    Fenced,
    Function,
    Glyph,
    Interval,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Transpose,
)
from tests.katex import katex_available, katex_errors

REFUSED = re.compile(r"\\operatorname|\\mbox|\\phantom|\\[,!;:{}]")
GLYPHS: list[Glyph] = ["", "times", "cdot", "hadamard"]
STYLED = st.sampled_from([Symbol("L", style="cal"), Symbol("1", style="bold")])

numbers = st.sampled_from(["0", "1", "12", "0.4140", "1e-7", "2.5e3"]).map(Number)
plain = st.sampled_from(["x", "W", "alpha", "relu", "y", "L", "ell"]).map(Symbol)
leaves = numbers | plain | STYLED | st.just(Function("relu", 1))


def some(nodes: st.SearchStrategy[Node], most: int = 3) -> st.SearchStrategy[tuple[Node, ...]]:
    return st.lists(nodes, min_size=1, max_size=most).map(tuple)


def symbols(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    scripts = st.lists(nodes, max_size=2).map(tuple)
    accents = st.sampled_from(["", "hat", "bar", "tilde"])
    return st.builds(Symbol, st.just("z"), scripts, scripts, accents, st.booleans())


def relations(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    signs = st.sampled_from(["=", "approx", "gets", "<", ">", "<=", ">=", "in", "!="])
    return st.builds(lambda a, b, sign: Relation((a, b), (sign,)), nodes, nodes, signs)


def larger(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    powers = st.integers(1, 3)
    names = st.sampled_from(["tanh", "relu", "L", "max", "abs", "sqrt", "diag"])
    return st.one_of(
        symbols(nodes),
        relations(nodes),
        some(nodes).map(Sum),
        nodes.map(Negative),
        st.builds(Product, some(nodes), st.sampled_from(GLYPHS)),
        st.builds(Quotient, nodes, nodes, st.booleans()),
        st.builds(Power, nodes, nodes),
        nodes.map(Transpose),
        st.builds(Apply, names, some(nodes, 2), st.integers(0, 2), powers),
        st.builds(Derivative, nodes, nodes, st.booleans()),
        st.builds(BigSum, nodes, nodes, st.none() | nodes, st.none() | nodes),
        st.builds(Delta, nodes, nodes),
        st.lists(st.tuples(nodes, st.none() | nodes), min_size=1, max_size=2).map(
            lambda rows: Cases(tuple(rows))
        ),
        st.builds(Interval, nodes, nodes, st.booleans()),
        st.builds(Fenced, nodes, st.sampled_from(["round", "square"])),
    )


trees = st.recursive(leaves, larger, max_leaves=25)


def size(node: Node) -> int:
    return 1 + sum(map(size, children(node)))


def depths(line: str) -> list[int]:
    """The nesting of braces after each of them."""
    level, found = 0, []
    for brace in re.findall(r"[{}]", line):
        level += 1 if brace == "{" else -1
        found.append(level)
    return found


@given(trees)
def test_braces_and_brackets_of_latex_balance(tree: Node) -> None:
    written = latex(tree)
    found = depths(written)
    assert min(found, default=0) >= 0
    assert found[-1:] in ([], [0])
    assert written.count(r"\left") - written.count(r"\leftarrow") == written.count(r"\right")
    assert not REFUSED.search(written)


@given(trees)
def test_text_is_one_line_with_balanced_brackets(tree: Node) -> None:
    written = text(tree)
    assert "\n" not in written
    assert "\\" not in written
    for left, right in ("()", "[]", "{}", "⁽⁾"):
        assert written.count(left) == written.count(right)


@given(trees)
def test_size_is_linear(tree: Node) -> None:
    assert len(latex(tree)) <= 60 * size(tree)
    assert len(text(tree)) <= 30 * size(tree)


@pytest.mark.parametrize("printer", [latex, text])
@given(a=trees, b=trees, c=trees)
def test_grouping_by_another_product_is_kept(
    printer: Callable[[Node], str], a: Node, b: Node, c: Node
) -> None:
    """Where a Hadamard and a matrix product meet, their order shows."""
    inner = Product((Product((a, b), "hadamard"), c))
    outer = Product((a, Product((b, c))), "hadamard")
    assert printer(inner) != printer(outer)


@pytest.mark.katex
@pytest.mark.skipif(not katex_available(), reason="node's katex is not installed")
@settings(max_examples=5, deadline=None)
@given(st.lists(trees, min_size=20, max_size=40))
def test_katex_accepts_random_trees(batch: list[Node]) -> None:
    assert katex_errors((latex(tree), True) for tree in batch) == []
