"""LaTeX cut into statements."""

from __future__ import annotations

import pytest

from tests.checking.reader import formulas, notes, read, rows

CASES = [
    (r"a = b", ["a = b"]),
    (r"a = b.", ["a = b"]),
    (r"a = b \,.", ["a = b"]),
    (r"x = 1 + \ldots", [r"x = 1 + \ldots"]),
    (r"a = b, \quad c = d", ["a = b", "c = d"]),
    (r"a = b, c = d", ["a = b", "c = d"]),
    (r"a = b; c = d", ["a = b", "c = d"]),
    (r"f(x, y) = g(x; y)", ["f(x, y) = g(x; y)"]),
    (r"\{a = b, c = d\}", [r"\{a = b, c = d\}"]),
    (r"i = 1, \dots, n", [r"i = 1, \dots, n"]),
    (r"a_i = b_i, \quad i = 1, \dots, n", ["a_i = b_i"]),
    (r"W, b = 0", ["W, b = 0"]),
    (r"a = b \Rightarrow c = d", ["a = b", "c = d"]),
    (r"a = 1 \; \textrm{and} \; b = 2", ["a = 1", "b = 2"]),
    (r"a = b, \text{ where } b = 2 c", ["a = b", "b = 2 c"]),
    (r"\text{Let } a = b", ["a = b"]),
    (r"a &= b \\ &= c \\ d &= e", ["a = b = c", "d = e"]),
    (r"a &= b & c &= d", ["a = b", "c = d"]),
    (r"a &=& b \\ &=& c", ["a = b = c"]),
    (r"a &= b \\ &\quad + c", [r"a = b \quad + c"]),
    (r"a &= b + \\ & c", ["a = b + c"]),
    (r"a &= (b + \\ &\quad c) \\ d &= e", [r"a = (b + \quad c)", "d = e"]),
    (r"-a &= b \\ -c &= d", ["-a = b", "-c = d"]),
    (r"a = b \\[2pt] c = d", ["a = b", "c = d"]),
    (r"a = b \\\\ c = d", ["a = b", "c = d"]),
    (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", ["a = b", "c = d"]),
    (r"\begin{array}{rcl} a &=& b \\ c &=& d \end{array}", ["a = b", "c = d"]),
    (r"\begin{cases} a = b \\ c = d \end{cases}", ["a = b", "c = d"]),
    (r"\left\{\begin{array}{l} a = b \\ c = d \end{array}\right.", ["a = b", "c = d"]),
    (
        r"r = \begin{cases} 1 & x > 0 \\ 0 & x < 0 \end{cases}",
        [r"r = \begin{cases} 1 & x > 0 \\ 0 & x < 0 \end{cases}"],
    ),
    (
        r"A = \begin{pmatrix} a & b \\ c & d \end{pmatrix}",
        [r"A = \begin{pmatrix} a & b \\ c & d \end{pmatrix}"],
    ),
    (r"\boxed{a = b}", ["a = b"]),
    (r"a \stackrel{(1)}{=} b \\ \overset{!}{=} c", [r"a \stackrel{(1)}{=} b \overset{!}{=} c"]),
    (r"\sum_{i=1}^{n} x_i", [r"\sum_{i=1}^{n} x_i"]),
    (r"\text{loss} = \text{mean loss} + b", [r"\text{loss} = \text{mean loss} + b"]),
    (r"\frac{\partial L}{\partial W} \\ = x", [r"\frac{\partial L}{\partial W} = x"]),
]


@pytest.mark.parametrize(("source", "found"), CASES)
def test_statements(source: str, found: list[str]) -> None:
    assert formulas(f"$$\n{source}\n$$\n") == found


NOTES = [
    (r"a = b \tag{3} \label{x}", [("tag", "3"), ("label", "x")]),
    (r"a = b \quad \text{(by the chain rule)}", [("words", r"\text{(by the chain rule)}")]),
    (r"a = b \quad (m, n)", [("shape", "(m, n)")]),
    (r"z = W x + b \in \mathbb{R}^n", [("member", r"\in \mathbb{R}^n")]),
    (r"a = b \quad \text{if } x > 0", [("condition", r"\text{if } x > 0")]),
    (r"a = b, \quad \forall i", [("condition", r"\forall i")]),
    (r"a_i = b, \quad i = 1, \dots, n", [("condition", r"i = 1, \dots, n")]),
]


@pytest.mark.parametrize(("source", "found"), NOTES)
def test_what_stands_beside_a_statement(source: str, found: list[tuple[str, str]]) -> None:
    assert notes(f"$$\n{source}\n$$\n") == found


def test_a_declaration_is_a_statement() -> None:
    found = formulas(r"$$ z = W x, \quad W \in \mathbb{R}^{n \times m} $$")
    assert found == ["z = W x", r"W \in \mathbb{R}^{n \times m}"]


def test_a_row_that_begins_with_a_relation_is_open() -> None:
    assert [row.open for row in rows(read("$$ = a $$ and $$ b = a $$"))] == [True, False]


def test_continuation_rows_are_marked_where_they_begin() -> None:
    (row,) = rows(read("\\begin{align}\na &= b \\\\\n  &= c\n\\end{align}"))
    assert [row.text[at:].split() for at in row.breaks] == [["=", "c"]]


@pytest.mark.parametrize("environment", ["align", "align*", "equation", "gather", "eqnarray*"])
def test_environments_need_no_dollars(environment: str) -> None:
    text = f"Text.\n\\begin{{{environment}}}\na = b \\\\\nc = d\n\\end{{{environment}}}\nMore."
    assert formulas(text) == ["a = b", "c = d"]
    assert [s.text for s in read(text).prose] == ["Text.", "More."]


@pytest.mark.parametrize(
    "source",
    ["}{", r"\begin", r"\end{x}", r"\left", r"\right.", "{{{", r"\text", r"\\", "&", r"\tag"],
)
def test_broken_latex_is_read_as_it_is(source: str) -> None:
    read(f"$$ a = b {source} $$\n\n$$ c = d $$")
    assert "c = d" in formulas(f"$$ a = b {source} $$\n\n$$ c = d $$")
