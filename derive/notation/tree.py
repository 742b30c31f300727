"""The syntax tree of written mathematics.

A node records what is on the page, never what it means: ``Symbol("W", sub=...)`` is a glyph with a
subscript, whether that is a layer, an index or a part of the name is for ``meaning`` to decide.
Printers (``latex``, ``text``) turn a tree into characters; parentheses are theirs, put in by
precedence, so a tree has none of its own except where a person would write them (:class:`Fenced`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Shape = Literal["round", "square", "curly", "angle"]


@dataclass(frozen=True, slots=True)
class Node:
    """Base of every node."""


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A literal, kept as its digits: ``Number("0.4140")``. A minus sign is a :class:`Negative`."""

    digits: str


Accent = Literal["", "hat", "bar", "tilde", "vec", "dot", "ddot", "check"]
Style = Literal["", "cal", "bold", "roman", "bb", "sans", "frak"]


@dataclass(frozen=True, slots=True)
class Symbol(Node):
    """A letter with its scripts: ``W_1``, ``a^{[l]}``, ``h_{2i}``, a hatted y."""

    glyph: str
    """Canonical: ASCII letter(s), a Greek name (``alpha``), ``ell``, ``1`` for the ones vector."""
    sub: tuple[Node, ...] = ()
    """Subscripts, juxtaposed; commas are printed between them only where two would run together."""
    sup: tuple[Node, ...] = ()
    """Superscripts; ``bracket`` says whether they stand in square brackets."""
    accent: Accent = ""
    bracket: bool = False
    """Print the superscript as ``[l]``."""
    style: Style = ""
    primes: int = 0
    """Strokes: a derivative, a second value or a transpose."""


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """``a + b - c``: terms in order; a :class:`Negative` term prints as subtraction."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """``-a``."""

    body: Node


Glyph = Literal["", "times", "cdot", "hadamard", "ast", "at", "circ", "otimes"]


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Factors in order, joined by one glyph; ``""`` is juxtaposition."""

    factors: tuple[Node, ...]
    glyph: Glyph = ""


@dataclass(frozen=True, slots=True)
class Quotient(Node):
    """A fraction; ``elementwise`` prints the Hadamard quotient."""

    numerator: Node
    denominator: Node
    elementwise: bool = False


@dataclass(frozen=True, slots=True)
class Power(Node):
    """``base^exponent``."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Transpose(Node):
    """``body^T``."""

    body: Node


@dataclass(frozen=True, slots=True)
class Apply(Node):
    """``tanh(z)``, ``sigma'(z)``; ``power`` prints ``tanh^2(z)``."""

    function: str
    """Canonical name: tanh, sigma, relu, softmax, exp, log, max, L (a loss as a function)."""
    arguments: tuple[Node, ...]
    primes: int = 0
    power: int = 1
    sub: tuple[Node, ...] = ()
    """``log_2``, ``max_j``, the F of a Frobenius norm."""


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``f(z)``, ``W[l]``, ``1{y = k}``: brackets right after a symbol.

    That is an application, an index or a product, and only ``meaning`` can tell. A name that can be
    nothing but a function makes an :class:`Apply`.
    """

    head: Node
    """A symbol with its scripts, a :class:`Function`, or a call: ``h[i][j]``."""
    arguments: tuple[Node, ...]
    shape: Shape = "round"


@dataclass(frozen=True, slots=True)
class Indexed(Node):
    """A subscript on what is no symbol: ``(A B)_{ij}``, ``softmax(z)_i``."""

    body: Node
    sub: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Differential(Node):
    """``dW`` or a partial ``L`` outside of a quotient; ``dW`` is often a name for a gradient."""

    body: Node
    total: bool = False
    """An upright or italic d."""


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    """A derivative quotient ``d numerator / d denominator``."""

    numerator: Node
    denominator: Node
    total: bool = False
    """Upright or italic d instead of the curly one: ``df/dx``."""


@dataclass(frozen=True, slots=True)
class BigSum(Node):
    """``sum_{index = lower}^{upper} body``; without bounds only the index is printed."""

    body: Node
    index: Node | None
    """A letter, or a condition: ``i in S``, ``j != i``; None where nothing is written below."""
    lower: Node | None = None
    upper: Node | None = None
    glyph: Literal["sum", "prod", "int"] = "sum"


@dataclass(frozen=True, slots=True)
class Delta(Node):
    """Kronecker's delta."""

    first: Node
    second: Node


@dataclass(frozen=True, slots=True)
class Cases(Node):
    """Definition by cases: ``(value, condition)`` rows; a condition of None reads "otherwise"."""

    rows: tuple[tuple[Node, Node | None], ...]


@dataclass(frozen=True, slots=True)
class Function(Node):
    """A function's name standing alone: ``relu'`` in prose, ``f`` in ``f(g(x))``."""

    name: str
    primes: int = 0


@dataclass(frozen=True, slots=True)
class Interval(Node):
    """``(-1, 1)``; ``closed`` prints square brackets."""

    lower: Node
    upper: Node
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Matrix(Node):
    """Rows of entries; a column vector has one entry a row."""

    rows: tuple[tuple[Node, ...], ...]
    shape: Literal["round", "square", "bars", ""] = "round"
    """Its own brackets; ``""`` has none, it stands in a :class:`Fenced`."""


@dataclass(frozen=True, slots=True)
class Fenced(Node):
    """Brackets that a person writes although precedence does not ask for them."""

    body: Node
    shape: Shape = "round"


@dataclass(frozen=True, slots=True)
class Listed(Node):
    """Several things side by side: ``(a, b)``, two formulas on a line, the rows of a display."""

    items: tuple[Node, ...]
    glyph: Literal[",", ";", "and", "implies", "rows"] = ","


@dataclass(frozen=True, slots=True)
class Qualified(Node):
    """``body`` with what holds for it: ``if k = y``, ``for all i``, ``p(x | z)``, at a point."""

    body: Node
    word: Literal["if", "for", "where", "given", "parallel", "at"]
    condition: Node


@dataclass(frozen=True, slots=True)
class Range(Node):
    """``lower:upper`` within brackets, each end may be missing."""

    lower: Node | None = None
    upper: Node | None = None


@dataclass(frozen=True, slots=True)
class Blank(Node):
    """What is left out: the left side of a row that goes on with ``=``, what is derived."""


_ORDER = Literal["=", "approx", "gets", "<", ">", "<=", ">=", "in", "!="]
_OTHER = Literal["def", "equiv", "propto", "to", "sim", "notin", "subset", "mapsto", "ll", "gg"]
Sign = _ORDER | _OTHER | Literal["+=", "-=", "*=", "/="]


@dataclass(frozen=True, slots=True)
class Relation(Node):
    """A chain ``a = b = c``: ``signs[k]`` stands between ``sides[k]`` and ``sides[k + 1]``."""

    sides: tuple[Node, ...]
    signs: tuple[Sign, ...]


def equals(*sides: Node) -> Relation:
    """``a = b = c``."""
    signs: tuple[Sign, ...] = ("=",)
    return Relation(sides, signs * (len(sides) - 1))


def negate(node: Node) -> Node:
    """``-a``, without doubling the sign."""
    return node.body if isinstance(node, Negative) else Negative(node)


def _optional(*nodes: Node | None) -> tuple[Node, ...]:
    return tuple(node for node in nodes if node is not None)


CHILDREN: dict[type[Node], Callable[[Any], tuple[Node, ...]]] = {
    Number: lambda _: (),
    Symbol: lambda n: n.sub + n.sup,
    Sum: lambda n: n.terms,
    Negative: lambda n: (n.body,),
    Product: lambda n: n.factors,
    Quotient: lambda n: (n.numerator, n.denominator),
    Power: lambda n: (n.base, n.exponent),
    Transpose: lambda n: (n.body,),
    Apply: lambda n: n.arguments + n.sub,
    Call: lambda n: (n.head, *n.arguments),
    Indexed: lambda n: (n.body, *n.sub),
    Differential: lambda n: (n.body,),
    Derivative: lambda n: (n.numerator, n.denominator),
    BigSum: lambda n: _optional(n.body, n.index, n.lower, n.upper),
    Delta: lambda n: (n.first, n.second),
    Cases: lambda n: _optional(*(node for row in n.rows for node in row)),
    Function: lambda _: (),
    Interval: lambda n: (n.lower, n.upper),
    Matrix: lambda n: tuple(entry for row in n.rows for entry in row),
    Fenced: lambda n: (n.body,),
    Listed: lambda n: n.items,
    Qualified: lambda n: (n.body, n.condition),
    Range: lambda n: _optional(n.lower, n.upper),
    Blank: lambda _: (),
    Relation: lambda n: n.sides,
}
"""The nodes directly below a node of each kind, in the order they are read."""


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below ``node``."""
    return CHILDREN[type(node)](node)
