"""The parser is the inverse of the printer, and names the column of what it refuses."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.notation import text
from derive.notation.parse import parse
from derive.notation.tokens import NotationError, marked, tokens
from derive.notation.tree import (
    Apply,
    Cases,
    Glyph,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
)
from derive.notation.words import symbol_name

GOOD = """
z                            | z
2                            | 2
.5                           | 0.5
1.                           | 1
1.702                        | 1.702
1e-7                         | 1e-7
2.5E3                        | 2.5e3
y_hat                        | ŷ
ŷ                            | ŷ
y\u0302                           | ŷ
alpha                        | α
β                            | β
z1                           | z₁
z_1                          | z₁
z₁                           | z₁
x_bar                        | x̄
a + b                        | a + b
a - b                        | a - b
a − b                        | a - b
a + b - c + d                | a + b - c + d
-a                           | -a
--a                          | -(-a)
-a + b                       | -a + b
-(a + b)                     | -(a + b)
a - (b - c)                  | a - (b - c)
a - -b                       | a - (-b)
2z                           | 2z
1.702 z                      | 1.702z
a b                          | a b
a b c                        | a b c
(a)(b)                       | a b
2(a - b)                     | 2(a - b)
(a - b)2z                    | !
z (1 - z)                    | z (1 - z)
2 z (a + b) c                | 2z (a + b) c
a * b                        | a·b
a · b                        | a·b
a⋅b                          | a·b
a × b                        | a × b
a ⊙ b                        | a ⊙ b
a * b * c                    | a·b·c
a * b c                      | a · b c
2 * -z                       | 2·(-z)
a / b                        | a/b
a ÷ b                        | a/b
1/(2m)                       | 1/(2m)
2z / 3                       | 2z/3
a / b / c                    | (a/b) / c
a / b * c                    | (a/b) · c
a * b / c                    | (a·b) / c
-a / b                       | -a/b
a / -b                       | a/(-b)
a / (b c)                    | a/(b c)
a ⊘ b                        | a ⊘ b
z^2                          | z²
z**2                         | z²
z²                           | z²
z^-1                         | z⁻¹
z⁻¹                          | z⁻¹
z^(a+b)                      | zᵃ⁺ᵇ
xᵃ⁺ᵇ                         | xᵃ⁺ᵇ
2^3^4                        | 2^(3⁴)
(2^3)^4                      | (2³)⁴
-z^2                         | -z²
(-z)^2                       | (-z)²
z^2 y                        | z² y
2 z^2                        | 2z²
9^9^9^9                      | 9^(9^(9⁹))
exp(-z)                      | exp(-z)
tanh(z)                      | tanh(z)
tanh[z]                      | tanh(z)
tanh(z)^2                    | tanh(z)²
tanh^2(z)                    | tanh²(z)
tanh²(z)                     | tanh²(z)
tanh'(z)                     | tanh'(z)
tanh''(z)                    | tanh''(z)
sigma(z)                     | σ(z)
σ(z)                         | σ(z)
ReLU(z)                      | ReLU(z)
relu(z)                      | ReLU(z)
√(z)                         | sqrt(z)
max(0, z)                    | max(0, z)
max(a, b, c)                 | max(a, b, c)
|z|                          | abs(z)
|a - b| c                    | abs(a - b) c
2|z|                         | 2 abs(z)
||z| - 1|                    | abs(abs(z) - 1)
log(1 + exp(z))              | log(1 + exp(z))
[a + b] c                    | (a + b) c
((z))                        | z
if z > 0 then z else 0       | { z if z > 0; 0 otherwise }
if z >= 0 then a else b      | { a if z ≥ 0; b otherwise }
if z ≤ 0 then a else b       | { a if z ≤ 0; b otherwise }
if a<b then 1 else if b<c then 2 else 3 | { 1 if a < b; 2 if b < c; 3 otherwise }
if a<b then (if b<c then 1 else 2) else 3 | { { 1 if b < c; 2 otherwise } if a < b; 3 otherwise }
2 (if z > 0 then z else 0)   | 2({ z if z > 0; 0 otherwise })
{ z if z > 0; 0 otherwise }  | { z if z > 0; 0 otherwise }
z / (1 + exp(-1.702 z))      | z/[1 + exp(-1.702z)]
log(cosh(y_hat - y))         | log(cosh(ŷ - y))
"""

BAD = """
                             | 1 | expected a number
z +                          | 4 | expected a number
+ z                          | 1 | expected a number
* z                          | 1 | expected a number
z * / y                      | 5 | expected a number
z)                           | 2 | closes nothing
(z                           | 3 | to close '(' of column 1
(z]                          | 3 | expected ')'
[z)                          | 3 | expected ']'
tanh(z                       | 7 | to close
()                           | 2 | expected a number
tanh()                       | 6 | expected a number
tanh z                       | 1 | is a function
tanh                         | 1 | is a function
tanh^2                       | 1 | is a function
tanh^-1(z)                   | 5 | power of a function
tanh^n(z)                    | 5 | power of a function
tanh^0(z)                    | 5 | from 1 to 99
tanh^999(z)                  | 5 | from 1 to 99
max(1, )                     | 8 | expected a number
max(, z)                     | 5 | expected a number
(a, b)                       | 3 | expected ')'
a, b                         | 2 | expected an operator
a / b c                      | 7 | two readings
1/2m                         | 4 | two readings
1/2(a - b)                   | 4 | two readings
a/exp(z) b                   | 10 | two readings
a / b |z|                    | 7 | two readings
z 2                          | 3 | a number stands before
2 3                          | 3 | a number stands before
(a - b)2                     | 8 | a number stands before
tanh(z) 2                    | 9 | a number stands before
1.2.3                        | 4 | a number stands before
z = 1                        | 3 | no '='
z == 1                       | 3 | no '='
z != 1                       | 3 | no '!'
z > 0                        | 3 | between 'if' and 'then'
(z > 0) z                    | 4 | between 'if' and 'then'
1 < z < 2                    | 3 | between 'if' and 'then'
if z > 0 then z              | 16 | expected 'else'
if z then 1 else 0           | 6 | expected a comparison
if 1 < z < 2 then 1 else 0   | 10 | one comparison
if z > 0 z else 0            | 12 | expected 'then'
2 if z > 0 then 1 else 0     | 3 | expected an operator
2 * if z > 0 then 1 else 0   | 5 | needs brackets
then                         | 1 | expected a number
{ z if z > 0 }               | 14 | expected ';'
{ z if z > 0; 0 }            | 17 | expected 'if'
{ z                          | 4 | expected 'if'
|z                           | 3 | to close '|'
z'                           | 2 | expected an operator
z $ 2                        | 3 | has no meaning
z\\2                          | 2 | has no meaning
z.                           | 2 | has no meaning
a⁽ᵇ⁾                         | 2 | has no meaning
z;                           | 2 | expected an operator
"z"                          | 1 | has no meaning
"""


def pairs() -> list[tuple[str, str]]:
    lines = [line.rpartition("| ") for line in GOOD.strip("\n").split("\n")]
    return [(left.rstrip(), right) for left, _, right in lines if right != "!"]


def bad() -> list[tuple[str, int, str]]:
    found = [line.rsplit(" | ", 2) for line in BAD.strip("\n").split("\n")]
    return [(formula.rstrip(), int(column), told.strip()) for formula, column, told in found]


def test_the_tables_are_long() -> None:
    assert len(pairs()) >= 80
    assert len(bad()) >= 40


@pytest.mark.parametrize(("formula", "printed"), pairs())
def test_good(formula: str, printed: str) -> None:
    tree = parse(formula).tree
    assert text(tree) == printed
    assert text(parse(text(tree)).tree) == printed


@pytest.mark.parametrize(("formula", "column", "told"), bad())
def test_bad(formula: str, column: int, told: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse(formula)
    assert told in caught.value.message
    assert caught.value.column + 1 == column


def test_the_mark_stands_below_the_column() -> None:
    message = marked("oh", "a" * 80 + "$" + "b" * 80, 80)
    first, line, mark = message.split("\n")
    assert first == "column 81: oh"
    assert line[len(mark) - 1] == "$"
    assert len(line) <= 102


@pytest.mark.parametrize(("text_", "name"), [("ŷ", "y_hat"), ("y_hat", "y_hat"), ("z₁", "z1")])
def test_symbols_in_ascii(text_: str, name: str) -> None:
    tree = parse(text_).tree
    assert isinstance(tree, Symbol)
    assert symbol_name(tree) == name


def test_columns_of_nodes() -> None:
    parsed = parse("a + tanh(b c)")
    assert isinstance(parsed.tree, Sum)
    call = parsed.tree.terms[1]
    assert isinstance(call, Apply)
    assert parsed.place(call).column == 4
    assert parsed.place(call.arguments[0]).column == 9


def test_unknown_names_before_a_bracket() -> None:
    known = parse("foo(z)", symbols={"foo", "z"}).tree
    assert isinstance(known, Product)
    assert parse("foo(z)", symbols={"z"}).tree == Apply("foo", (Symbol("z"),))


# --- parse(text(tree)) == tree ------------------------------------------------------------------

numbers = st.sampled_from(["0", "1", "12", "0.4140", "1e-7", "2.5e3"]).map(Number)
names = st.sampled_from(
    [
        Symbol("z"),
        Symbol("y"),
        Symbol("y", accent="hat"),
        Symbol("alpha"),
        Symbol("z", (Number("1"),)),
    ]
)


def flat(kind: type[Node], nodes: list[Node]) -> list[Node]:
    """No sum directly in a sum: what is printed does not show its brackets."""
    return [node for node in nodes if not isinstance(node, kind)]


def unsigned(node: Node) -> bool:
    """Does not begin with a minus, which would be that of the whole."""
    first = node
    while isinstance(first, Sum | Product | Quotient | Power):
        first = (
            first.terms[0]
            if isinstance(first, Sum)
            else first.factors[0]
            if isinstance(first, Product)
            else first.numerator
            if isinstance(first, Quotient)
            else first.base
        )
    return not isinstance(first, Negative)


@st.composite
def sums(draw: st.DrawFn, nodes: st.SearchStrategy[Node]) -> Node:
    terms = flat(Sum, draw(st.lists(nodes, min_size=2, max_size=3)))
    signs = draw(st.lists(st.booleans(), min_size=3, max_size=3))
    terms = [t if plus else Negative(t) for t, plus in zip(terms, signs, strict=False)]
    return Sum(tuple(terms)) if len(terms) > 1 else Number("1")


@st.composite
def products(draw: st.DrawFn, nodes: st.SearchStrategy[Node]) -> Node:
    glyphs: list[Glyph] = ["", "times", "cdot", "hadamard"]
    glyph = draw(st.sampled_from(glyphs))
    factors = flat(Product, draw(st.lists(nodes, min_size=2, max_size=3)))
    if glyph == "":
        kept = factors[:1] + [f for f in factors[1:] if not starts_with_number(f)]
        factors = [f for f in kept if not isinstance(f, Quotient)]
    factors = [f for f in factors if unsigned(f)]
    return Product(tuple(factors), glyph) if len(factors) > 1 else Symbol("z")


def starts_with_number(node: Node) -> bool:
    while isinstance(node, Power | Quotient | Product | Sum):
        inner = {Power: "base", Quotient: "numerator"}.get(type(node))
        node = getattr(node, inner) if inner else (getattr(node, "factors", None) or node.terms)[0]  # type: ignore[attr-defined]
    return isinstance(node, Number)


def larger(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    positive = nodes.filter(unsigned)
    signs = st.sampled_from(["<", ">", "<=", ">="])
    relations = st.builds(lambda a, b, s: Relation((a, b), (s,)), nodes, nodes, signs)
    rows = st.tuples(nodes, relations)
    calls = st.sampled_from(["tanh", "relu", "sigma", "abs", "exp", "sqrt"])
    return st.one_of(
        sums(nodes),
        products(nodes),
        positive.filter(lambda n: not isinstance(n, Negative | Sum)).map(Negative),
        st.builds(Quotient, positive, nodes, st.just(False)),
        st.builds(Power, nodes, nodes),
        st.builds(Apply, calls, nodes.map(lambda n: (n,)), st.integers(0, 2), st.integers(1, 12)),
        st.builds(lambda a, b: Apply("max", (a, b)), nodes, nodes),
        st.builds(
            lambda first, last: Cases((*first, (last, None))),
            st.lists(rows, min_size=1, max_size=2),
            nodes,
        ),
    )


@given(st.recursive(numbers | names, larger, max_leaves=12))
def test_parse_is_the_inverse_of_text(tree: Node) -> None:
    assert parse(text(tree)).tree == tree, text(tree)


# --- limits -------------------------------------------------------------------------------------

LONG = [
    "(" * 5000,
    "(" * 300 + "z" + ")" * 300,
    "-" * 400 + "z",
    "z" + "^z" * 400,
    "if z > 0 then " * 60 + "z",
    "tanh(" * 150 + "z",
    "|" * 900,
    "z + " * 100_000,
    "1" * 100_000,
    "z/" * 450,
    "²" * 999,
    "{" * 999,
]


@pytest.mark.parametrize("formula", LONG, ids=range(len(LONG)))
def test_a_huge_formula_is_an_error_soon(formula: str) -> None:
    start = time.process_time()
    with pytest.raises(NotationError):
        parse(formula)
    assert time.process_time() - start < 1


ALPHABET = st.sampled_from([*"zyŷ01+-*/^²·()[]|,><{;}", "2.5", "if", "then", "else", "tanh", "max"])


@given(st.one_of(st.text(), st.lists(ALPHABET, max_size=30).map(" ".join)))
def test_any_text(formula: str) -> None:
    with contextlib.suppress(DeriveError):
        tree = parse(formula).tree
        text(tree)


def test_tokens_have_columns() -> None:
    found = [(t.text, t.column) for t in tokens("ab ** 2")]
    assert found == [("ab", 0), ("^", 3), ("2", 6), ("", 7)]
