"""What is printed is read back: random trees, in LaTeX and in Unicode, brackets apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.notation import latex, text
from derive.notation.plain import plain
from derive.notation.tree import (
    Apply,
    BigSum,
    Blank,
    Call,
    Cases,
    Derivative,
    Differential,
    Fenced,
    Glyph,
    Indexed,
    Listed,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Qualified,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Transpose,
)
from derive.notation.written import read_latex, read_text

Trees = st.SearchStrategy[Node]

NUMBERS = st.sampled_from(["0", "2", "12", "0.4140"]).map(Number)
LETTERS = [Symbol(glyph) for glyph in ("x", "W", "alpha", "ell", "z", "loss", "delta")]
SIGNS = ["=", "approx", "gets", "<", ">", "<=", ">=", "in", "!=", "def", "equiv", "propto", "to"]
SIGNS += ["sim", "notin", "subset", "mapsto", "ll", "gg", "+=", "-=", "*=", "/="]
GLYPHS: list[Glyph] = ["", "", "times", "cdot", "hadamard", "ast", "at", "circ", "otimes"]

small = st.sampled_from([Symbol("i"), Symbol("j"), Number("1"), Number("2")])
lower = st.sampled_from([Sum((Symbol("l"), Negative(Number("1")))), Symbol("t"), Symbol("train")])
subscripts = st.lists(small, max_size=2).map(tuple) | lower.map(lambda node: (node,))
layer = st.sampled_from([Symbol("l"), Sum((Symbol("l"), Number("1"))), Number("2")])


def symbols(styles: list[str]) -> Trees:
    plain_ones: Trees = st.builds(
        Symbol,
        st.sampled_from(["x", "W", "alpha", "z"]),
        subscripts,
        accent=st.sampled_from(["", "", "hat", "bar", "tilde", "vec", "dot", "ddot", "check"]),
        style=st.sampled_from(styles),
        primes=st.sampled_from([0, 0, 1, 2]),
    )
    square = st.builds(
        lambda node, sup: Symbol(node.glyph, node.sub, (sup,), bracket=True), plain_ones, layer
    )
    round_ = st.builds(
        lambda node, sup: Symbol(node.glyph, node.sub, (Fenced(sup),)), plain_ones, layer
    )
    return st.sampled_from(LETTERS) | plain_ones | square | round_


def starts_with_minus(node: Node) -> bool:
    while isinstance(node, Sum | Product):
        node = node.terms[0] if isinstance(node, Sum) else node.factors[0]
    if isinstance(node, Quotient):
        return starts_with_minus(node.numerator)
    return isinstance(node, Negative)


def starts_with_number(node: Node) -> bool:
    while isinstance(node, Power | Product):
        node = node.base if isinstance(node, Power) else node.factors[0]
    return isinstance(node, Number)


def is_symbol(node: Node) -> bool:
    """Behind which a bracket would make a call."""
    while isinstance(node, Power | Product | Differential | Transpose):
        if isinstance(node, Product):
            node = node.factors[-1]
        elif isinstance(node, Differential | Transpose):
            node = node.body
        else:
            node = node.base
    return isinstance(node, Symbol | Derivative)


SAFE = (Symbol, Quotient, Apply, Call, Derivative, BigSum)
"""What begins with a letter or a command."""


def begins_safely(node: Node, printer: Callable[[Node], str]) -> bool:
    while isinstance(node, Power | Transpose):
        node = node.base if isinstance(node, Power) else node.body
        if isinstance(node, Symbol) and node.sup:
            return False
        if not isinstance(node, Symbol | Call):
            return False
    if isinstance(node, Quotient | Derivative | BigSum) and printer is text:
        return False
    elementwise = isinstance(node, Quotient) and node.elementwise
    return isinstance(node, SAFE) and not elementwise


@st.composite
def products(draw: st.DrawFn, nodes: Trees, printer: Callable[[Node], str]) -> Node:
    glyph = draw(st.sampled_from(GLYPHS))
    found = draw(st.lists(nodes, min_size=2, max_size=3))
    factors = [f for f in found if not starts_with_minus(f) and not isinstance(f, Product)]
    if glyph == "":
        kept = factors[:1]
        for left, right in pairwise(factors):
            fits = begins_safely(right, printer) and not starts_with_number(right)
            after_number = isinstance(left, Number) and isinstance(right, Quotient)
            kept += [right] if fits and not after_number and left is kept[-1] else []
        factors = kept
    return Product(tuple(factors), glyph) if len(factors) > 1 else Symbol("z")


@st.composite
def sums(draw: st.DrawFn, nodes: Trees) -> Node:
    found = draw(st.lists(nodes, min_size=2, max_size=3))
    terms = [t for t in found if not isinstance(t, Sum) and not starts_with_minus(t)]
    signed = [t if draw(st.booleans()) else Negative(t) for t in terms]
    return Sum(tuple(signed)) if len(signed) > 1 else Number("1")


def one(node: Node) -> bool:
    """Not a list, which would be taken apart."""
    return not isinstance(node, Listed | Qualified)


def calls(nodes: Trees, head: Trees) -> Trees:
    arguments = st.lists(nodes, min_size=1, max_size=2).map(tuple)
    shapes = st.sampled_from(["round", "round", "square", "curly"])
    return st.builds(Call, head, arguments, shapes)


def applied(nodes: Trees) -> Trees:
    words = st.sampled_from(["tanh", "exp", "log", "relu", "softmax", "diag"])
    one_argument = nodes.map(lambda node: (node,))
    below = st.sampled_from([(), (), (Symbol("i"),), (Number("2"),)])
    named = st.builds(Apply, words, one_argument, st.integers(0, 2), st.integers(1, 3), below)
    around = st.builds(Apply, st.sampled_from(["abs", "sqrt"]), one_argument)
    several = st.builds(lambda a, b: Apply("max", (a, b)), nodes, nodes)
    return named | around | several


def raised(nodes: Trees) -> Trees:
    exponents = nodes.filter(lambda n: not isinstance(n, Fenced | Listed | Matrix))
    bases = nodes.filter(lambda n: not isinstance(n, Differential))
    return st.builds(Power, bases, exponents) | bases.map(Transpose)


def derived(nodes: Trees, letters: Trees) -> Trees:
    above = nodes.filter(lambda n: not isinstance(n, Differential | Blank | Number))
    above |= st.just(Blank())
    return st.builds(Derivative, above, letters, st.booleans())


def summed(nodes: Trees) -> Trees:
    index = st.sampled_from([Symbol("i"), Symbol("k")])
    glyphs = st.sampled_from(["sum", "prod"])
    chosen = index.map(lambda i: Relation((i, Symbol("S")), ("in",)))
    ends = st.sampled_from([None, Symbol("n"), Number("3"), Symbol("n", (Number("1"),))])
    bounded = st.builds(BigSum, nodes, index, st.sampled_from([None, Number("1")]), ends, glyphs)
    return bounded | st.builds(BigSum, nodes, chosen | st.none(), st.none(), st.none(), glyphs)


def chosen(nodes: Trees) -> Trees:
    rows = st.tuples(nodes, related(nodes))
    return st.builds(
        lambda first, last: Cases((*first, (last, None))),
        st.lists(rows, min_size=1, max_size=2),
        nodes,
    )


def related(nodes: Trees) -> Trees:
    sign: Any = st.sampled_from(SIGNS)
    two = st.builds(lambda a, b, s: Relation((a, b), (s,)), nodes, nodes, sign)
    three = st.builds(
        lambda a, b, c, s, t: Relation((a, b, c), (s, t)), nodes, nodes, nodes, sign, sign
    )
    return two | three


@st.composite
def matrices(draw: st.DrawFn, nodes: Trees, shapes: list[str], least: int) -> Node:
    height, width = draw(st.integers(least, 3)), draw(st.integers(1, 2))
    row = st.lists(nodes, min_size=width, max_size=width).map(tuple)
    rows = draw(st.lists(row, min_size=height, max_size=height))
    return Matrix(tuple(rows), draw(st.sampled_from(shapes)))  # type: ignore[arg-type]


def larger(nodes: Trees, printer: Callable[[Node], str], letters: Trees) -> Trees:
    nodes = nodes.filter(one)
    unsigned = nodes.filter(lambda n: not starts_with_minus(n))
    above = unsigned if printer is text else nodes
    parts = above.filter(lambda n: not isinstance(n, Differential))
    tall = printer is latex
    return st.one_of(
        sums(nodes),
        products(nodes, printer),
        unsigned.map(Negative),
        st.builds(Quotient, parts, parts),
        st.builds(Quotient, unsigned, unsigned, st.just(True)),
        raised(nodes),
        applied(nodes),
        calls(nodes, letters.filter(lambda n: not n.sup and n.glyph != "loss")),  # type: ignore[attr-defined]
        derived(nodes, letters),
        summed(nodes),
        chosen(nodes),
        related(nodes),
        matrices(nodes, ["round", "square", "bars"] if tall else ["square"], 1 if tall else 2),
        st.builds(Indexed, sums(nodes), small.map(lambda i: (i,))),
        st.builds(Differential, st.sampled_from(LETTERS), st.booleans()),
        st.builds(Fenced, nodes, st.sampled_from(["round", "square"])),
        st.lists(nodes, min_size=2, max_size=3).map(lambda ns: Fenced(Listed(tuple(ns)))),
    )


STYLES = ["", "", "bold", "bb", "sans", "frak"]
letters_of = {latex: symbols(STYLES), text: symbols([""])}


def trees(printer: Callable[[Node], str]) -> Trees:
    letters = letters_of[printer]
    grow = partial(larger, printer=printer, letters=letters)
    return st.recursive(NUMBERS | letters, grow, max_leaves=10)


TOP: dict[Callable[[Node], str], Trees] = {
    printer: st.one_of(
        trees(printer),
        st.lists(trees(printer).filter(one), min_size=2, max_size=3).map(
            lambda nodes: Listed(tuple(nodes))
        ),
        st.builds(
            Qualified,
            related(trees(printer).filter(one)),
            st.sampled_from(["if", "for", "where"]),
            related(trees(printer).filter(one)),
        ),
    )
    for printer in (latex, text)
}


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
@settings(max_examples=300, deadline=None)
@given(TOP[latex])
def test_latex_is_read_back(tree: Node) -> None:
    assert plain(read_latex(latex(tree)).tree) == plain(tree), latex(tree)


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisWarning")
@settings(max_examples=300, deadline=None)
@given(TOP[text])
def test_text_is_read_back(tree: Node) -> None:
    assert plain(read_text(text(tree)).tree) == plain(tree), text(tree)


@pytest.mark.parametrize("printer", [latex, text])
def test_the_brackets_of_a_person_are_kept(printer: Callable[[Node], str]) -> None:
    read = read_latex if printer is latex else read_text
    tree = read("(a + b) (c) ((d))").tree
    assert read(printer(tree)).tree == tree
    assert tree != plain(tree)
