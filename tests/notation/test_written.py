"""Written mathematics: the table of forms, what is refused, places, macros, hostile input."""

from __future__ import annotations

import contextlib
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.config import LIMITS
from derive.notation import latex, text
from derive.notation.macros import Macro
from derive.notation.tokens import NotationError
from derive.notation.tree import Node, Relation, Symbol, children
from derive.notation.written import read_latex, read_text
from tests.notation.compact import compact

FORMS = Path(__file__).with_name("forms.md")
ROW = re.compile(r"- `(?P<form>.*)` is `(?P<tree>.*)`")
REFUSED = re.compile(r"- `(?P<form>.*)` is refused at column (?P<column>\d+): `(?P<told>.*)`")


def rows(pattern: re.Pattern[str]) -> list[tuple[str, bool, tuple[str, ...]]]:
    """Form, whether it is plain text, and the rest of the row."""
    found, plain = [], False
    for line in FORMS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            plain = "text" in line or "Unicode" in line
        match = pattern.fullmatch(line)
        if match:
            form, *rest = match.groups()
            found.append((form, plain, tuple(rest)))
    return found


GOOD, BAD = rows(ROW), rows(REFUSED)


def read(form: str, plain: bool) -> Node:
    return (read_text if plain else read_latex)(form).tree


def test_the_table_is_long() -> None:
    assert len(GOOD) >= 300
    assert len(BAD) >= 40
    lines = FORMS.read_text(encoding="utf-8").splitlines()
    assert len([line for line in lines if line.startswith("- ")]) == len(GOOD) + len(BAD)
    assert len({(form, plain) for form, plain, _ in GOOD + BAD}) == len(GOOD) + len(BAD)


@pytest.mark.parametrize(("form", "plain", "rest"), GOOD)
def test_form(form: str, plain: bool, rest: tuple[str]) -> None:
    assert compact(read(form, plain)) == rest[0]


@pytest.mark.parametrize(("form", "plain", "rest"), GOOD)
def test_form_in_latex_again(form: str, plain: bool, rest: tuple[str]) -> None:
    """What the printer makes of a form is the same form to the parser."""
    once = latex(read(form, plain))
    assert latex(read_latex(once).tree) == once


@pytest.mark.parametrize(("form", "plain", "rest"), BAD)
def test_refused(form: str, plain: bool, rest: tuple[str, str]) -> None:
    column, told = rest
    with pytest.raises(NotationError) as caught:
        read(form, plain)
    assert caught.value.message == told
    assert caught.value.column + 1 == int(column)


# --- places -------------------------------------------------------------------------------------


def spans(form: str) -> dict[str, str]:
    """Every node of a form, and the characters it was read from."""
    written = read_latex(form)
    found, left = {}, [written.tree]
    while left:
        node = left.pop()
        left += children(node)
        with contextlib.suppress(KeyError):
            start, end = written.span(node)
            found[compact(node)] = form[start:end]
    return found


def test_every_side_has_its_place() -> None:
    form = r"\frac{\partial L}{\partial W_1} = 2 (\hat{y} - y) x^T + \tanh(z)"
    found = spans(form)
    assert found["(D L W_1)"] == r"\frac{\partial L}{\partial W_1}"
    assert found["(. 2 (() (+ hat.y (- y))) (^ x T))"] == r"2 (\hat{y} - y) x^T"
    assert found["(() (+ hat.y (- y)))"] == r"(\hat{y} - y)"
    assert found["(^ x T)"] == "x^T"
    assert found["(tanh z)"] == r"\tanh(z)"
    assert found["hat.y"] == r"\hat{y}"


def test_places_are_not_compared() -> None:
    assert read_latex("a + b").tree == read_latex("  a  +  b").tree
    assert read_latex("a + b") == read_latex(" a + b")


# --- macros -------------------------------------------------------------------------------------


def test_macros_are_expanded_and_keep_their_place() -> None:
    macros = {"pd": Macro(r"\frac{\partial #1}{\partial #2}", 2), "loss": r"\mathcal{L}"}
    written = read_latex(r"\pd{\loss}{W} = \foo", macros | {"foo": "x"})
    assert compact(written.tree) == "(= (D cal.L W) x)"
    assert isinstance(written.tree, Relation)
    start, end = written.span(written.tree.sides[1])
    assert (start, end) == (16, 20)


@pytest.mark.parametrize(
    "form",
    [
        r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} \pd{L}{W}",
        r"\def\pd#1#2{\frac{\partial #1}{\partial #2}} \pd L W",
        r"\newcommand\pd[2][L]{\frac{\partial #1}{\partial #2}} \pd{W}",
    ],
)
def test_macros_of_the_text_itself(form: str) -> None:
    assert compact(read_latex(form).tree) == "(D L W)"


@pytest.mark.parametrize(
    "form",
    [
        r"\def\a{\a} \a",
        r"\def\a{\b}\def\b{\a} \a",
        r"\def\a#1{\a{#1#1}} \a{xxxxxxxx}",
        r"\def\a{\b\b}\def\b{\c\c}\def\c{\a\a} \a",
        r"\newcommand{\a}[1]{#1\a{#1 x}} \a{y}",
    ],
)
def test_macros_without_an_end_are_one_error(form: str) -> None:
    start = time.process_time()
    with pytest.raises(NotationError, match="macros expand to more than"):
        read_latex(form)
    assert time.process_time() - start < 2


# --- hostile input ------------------------------------------------------------------------------

N = 20_000
LONG = [
    "{",
    r"\frac",
    r"\frac{",
    "(",
    "[",
    "|",
    "x^",
    "x^{",
    "x_",
    "x_{",
    "-",
    "a+",
    "a=",
    "a,",
    "&",
    "x",
    "1",
    r"\left(",
    r"\{",
    r"\hat",
    r"\text{",
    r"\sum_",
    "^",
    "'",
    r"\log ",
    r"\begin{cases}",
    "}",
    ")",
    "x^{(",
    r"\underbrace{",
    "if ",
    r"\partial ",
    "d",
    r"\sqrt[",
    r"\mathbf{",
    r"\\",
    "x^{[",
    "f(",
    "f[",
    "{}",
    "a/",
    r"\quad ",
    ".",
    "1.",
    r"\|",
    r"\right|_{",
    "½",
    "²",
    "ᵢ",
    "∂",
]


@pytest.mark.parametrize("part", LONG)
def test_repeated_to_the_limit(part: str) -> None:
    for reader in (read_latex, read_text):
        start = time.process_time()
        with contextlib.suppress(NotationError):
            reader(part * (N // len(part)))
        assert time.process_time() - start < 6


def test_time_is_linear() -> None:
    row = r"\frac{\partial L}{\partial W_{ij}} + \tanh^2(z^{[l]}) \cdot (\hat{y} - y) x^T - "

    def seconds(count: int) -> float:
        start = time.process_time()
        read_latex(row * count + "z")
        return time.process_time() - start

    seconds(5)
    assert seconds(160) < 12 * seconds(40)


def test_length_and_depth_are_bounded() -> None:
    with pytest.raises(NotationError, match="characters"):
        read_latex(r"\frac" * 10 * N)
    deep = LIMITS.max_written_depth
    with pytest.raises(NotationError, match="nested deeper"):
        read_latex("(" * deep + "x" + ")" * deep)
    assert read_latex("(" * 20 + "x" + ")" * 20).tree


FRAGMENTS = [
    r"\frac",
    r"{",
    r"}",
    r"{",
    r"}",
    r"_",
    r"^",
    r"(",
    r")",
    r"[",
    r"]",
    r"|",
    r"\|",
    r"\left",
    r"\right",
    r"\left.",
    r"\right.",
    r"\bigl",
    r"\{",
    r"\}",
    r"&",
    r"\\",
    r"\quad",
    r",",
    r";",
    r":",
    r".",
    r"=",
    r"<",
    r">",
    r"\le",
    r"\approx",
    r"\in",
    r"\sum",
    r"\prod",
    r"\int",
    r"\partial",
    r"d",
    r"dW",
    r"dL",
    r"\nabla",
    r"\hat",
    r"\mathbf",
    r"\text{if}",
    r"\text{otherwise}",
    r"\text{",
    r"\begin{cases}",
    r"\end{cases}",
    r"\begin{pmatrix}",
    r"\end{pmatrix}",
    r"\begin{aligned}",
    r"\end{aligned}",
    r"\log",
    r"\max",
    r"\tanh",
    r"\operatorname{softmax}",
    r"\text{ReLU}",
    r"'",
    r"\prime",
    r"\top",
    r"T",
    r"x",
    r"y",
    r"W",
    r"L",
    r"z",
    r"1",
    r"2",
    r"0.5",
    r"+",
    r"-",
    r"*",
    r"/",
    r"\cdot",
    r"\times",
    r"\odot",
    r"\over",
    r"\underbrace",
    r"\sqrt",
    r"[",
    r"]",
    r"\mathbb",
    r"\mathcal",
    r"\cal",
    r"\tag",
    r"\label{a}",
    r"\color{red}",
    r"\mid",
    r"\def",
    r"\newcommand",
    r"\a",
    r"#",
    r"@",
    r"~",
    r"%",
    r"$",
    r"ŷ",
    r"₁",
    r"²",
    r"⁽",
    r"⁾",
    r"ᵀ",
    r"∂",
    r"Σ",
    r"½",
    r"σ",
    r"←",
    r"\underset",
    r"\overset",
    r"\xrightarrow{a}",
    r"!",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=30).map(" ".join))
def test_fragments_never_crash(form: str) -> None:
    for reader in (read_latex, read_text):
        with contextlib.suppress(NotationError):
            tree = reader(form).tree
            assert latex(tree) is not None
            assert text(tree) is not None


@settings(max_examples=200, deadline=None)
@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_never_crashes(form: str) -> None:
    for reader in (read_latex, read_text):
        with contextlib.suppress(NotationError):
            assert reader(form).tree


@pytest.mark.parametrize("form", ["Z\u20eb", "x + wZ\u20eb", "a\u0307\u20eb"])
def test_an_unknown_accent_is_refused(form: str) -> None:
    for reader in (read_latex, read_text):
        with pytest.raises(NotationError, match="accent"):
            reader(form)


def test_a_tree_of_one_symbol() -> None:
    assert read_latex("x").tree == read_text("x").tree == Symbol("x")
