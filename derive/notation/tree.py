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


@dataclass(frozen=True, slots=True)
class Node:
    """Base of every node."""


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A literal, kept as its digits: ``Number("0.4140")``. A minus sign is a :class:`Negative`."""

    digits: str


@dataclass(frozen=True, slots=True)
class Symbol(Node):
    """A letter with its scripts: ``W_1``, ``a^{[l]}``, ``h_{2i}``, a hatted y."""

    glyph: str
    """Canonical: ASCII letter(s), a Greek name (``alpha``), ``ell``, ``1`` for the ones vector."""
    sub: tuple[Node, ...] = ()
    """Subscripts, juxtaposed; commas are printed between them only where two would run together."""
    sup: tuple[Node, ...] = ()
    """Superscripts; ``bracket`` says whether they stand in square brackets."""
    accent: Literal["", "hat", "bar", "tilde"] = ""
    bracket: bool = False
    """Print the superscript as ``[l]``."""
    style: Literal["", "cal", "bold", "roman"] = ""


@dataclass(frozen=True, slots=True)
class Sum(Node):
    """``a + b - c``: terms in order; a :class:`Negative` term prints as subtraction."""

    terms: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Negative(Node):
    """``-a``."""

    body: Node


Glyph = Literal["", "times", "cdot", "hadamard"]


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
    index: Node
    lower: Node | None = None
    upper: Node | None = None


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


@dataclass(frozen=True, slots=True)
class Fenced(Node):
    """Brackets that a person writes although precedence does not ask for them."""

    body: Node
    shape: Literal["round", "square"] = "round"


Sign = Literal["=", "approx", "gets", "<", ">", "<=", ">=", "in", "!="]


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
    Apply: lambda n: n.arguments,
    Derivative: lambda n: (n.numerator, n.denominator),
    BigSum: lambda n: _optional(n.body, n.index, n.lower, n.upper),
    Delta: lambda n: (n.first, n.second),
    Cases: lambda n: _optional(*(node for row in n.rows for node in row)),
    Function: lambda _: (),
    Interval: lambda n: (n.lower, n.upper),
    Matrix: lambda n: tuple(entry for row in n.rows for entry in row),
    Fenced: lambda n: (n.body,),
    Relation: lambda n: n.sides,
}
"""The nodes directly below a node of each kind, in the order they are read."""


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below ``node``."""
    return CHILDREN[type(node)](node)
