r"""Where parentheses are needed and where juxtaposed factors need a sign: decided once, here.

A printer is a table from a node's type to a rule; a rule turns the finished :class:`Piece` of every
child into the piece of the node. :func:`fold` runs the table from the leaves up, without recursion.
A piece knows how tightly it holds together, and a :class:`Slot` says how tightly it must.

    W (a + b)        a sum is looser than a factor
    a \times (-b)    a minus sign only stands first
    (A \odot B) x    the Hadamard product is looser than a matrix product
    (a^{[l]})^\top   scripts never stack
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum, IntEnum
from itertools import pairwise
from typing import Any, NamedTuple

from derive.errors import DerivationError
from derive.notation.tree import Glyph, Negative, Node, Product, Sum, children

MAX_DEPTH = 500
"""Deeper trees are refused: nobody can read them and TeX cannot set them."""


class Level(IntEnum):
    """How tightly a piece holds together, loosest first."""

    RELATION = 0
    CASES = 1
    SUM = 2
    DIVISION = 3
    """``a/b`` on one line, and the elementwise quotient: bracketed in every product."""
    HADAMARD = 4
    TIMES = 5
    CDOT = 6
    DERIVATIVE = 7
    """A derivative quotient on one line: a factor of ``x``, but not of a juxtaposition."""
    JUXTAPOSED = 8
    POWER = 9
    """Complete (a power, a fraction, a big sum), but it cannot carry a superscript."""
    ATOM = 10


class Edge(Enum):
    """What stands at the left or the right end of a piece, for juxtaposition."""

    NUMBER = "number"
    LETTER = "letter"
    WORD = "word"
    BRACKET = "bracket"
    FRACTION = "fraction"
    OTHER = "other"


TALL = 3
"""The height of what is higher than a line; 0 is a line, 1 and 2 one with brackets in it."""


class Piece(NamedTuple):
    """A printed node and what its surroundings must know of it."""

    text: str
    level: Level = Level.ATOM
    first: Edge = Edge.OTHER
    last: Edge = Edge.OTHER
    minus: bool = False
    """Begins with a minus sign."""
    greedy: bool = False
    """Ends in the body of a big sum, which would take in whatever factor follows."""
    height: int = 0
    """How brackets around it must grow; :data:`TALL` for fractions and the like."""


class Slot(NamedTuple):
    """A place that a piece is put into without brackets if it fits."""

    level: Level
    minus: bool = False
    greedy: bool = True

    def takes(self, piece: Piece) -> bool:
        """Whether ``piece`` needs no brackets here."""
        return (
            piece.level >= self.level
            and (self.minus or not piece.minus)
            and (self.greedy or not piece.greedy)
        )


ANYTHING = Slot(Level.RELATION, minus=True)
SIDE = Slot(Level.CASES, minus=True)
"""A side of a relation, a value in a definition by cases."""
ARGUMENT = Slot(Level.SUM, minus=True)
SUBTRAHEND = Slot(Level.DIVISION)
"""What a minus sign or a big sum applies to."""
DIVIDED = Slot(Level.JUXTAPOSED, minus=True, greedy=False)
DIVISOR = Slot(Level.JUXTAPOSED, greedy=False)
DIFFERENTIAL = Slot(Level.POWER, greedy=False)
"""What stands after the sign of a derivative."""
BASE = Slot(Level.ATOM, greedy=False)
"""What carries a superscript."""

PRODUCT_LEVELS: Mapping[Glyph, Level] = {
    "hadamard": Level.HADAMARD,
    "times": Level.TIMES,
    "cdot": Level.CDOT,
    "otimes": Level.HADAMARD,
    "circ": Level.HADAMARD,
    "at": Level.TIMES,
    "ast": Level.CDOT,
    "": Level.JUXTAPOSED,
}

Look = Callable[[Node], Piece]
"""The finished piece of a child."""
Rule = Callable[[Any, Look], Piece]
Rules = Mapping[type[Node], Rule]
Fence = Callable[[Piece], Piece]
"""A printer's round brackets."""


def fold(root: Node, rules: Rules) -> Piece:
    """Apply ``rules`` from the leaves up. Linear in the size of the tree; no recursion."""
    done: dict[int, Piece] = {}

    def look(node: Node) -> Piece:
        return done[id(node)]

    for node in reversed(_by_depth(root, rules)):
        done[id(node)] = rules[type(node)](node, look)
    return done[id(root)]


def _by_depth(root: Node, rules: Rules) -> list[Node]:
    """All nodes, every one before those below it."""
    nodes: list[Node] = []
    level: list[Node] = [root]
    for _ in range(MAX_DEPTH):
        nodes += level
        for node in level:
            if type(node) not in rules:
                raise DerivationError(f"no notation for {node!r}: not a node of mathematics")
        level = [child for node in level for child in children(node)]
        if not level:
            return nodes
    raise DerivationError(f"a formula nested deeper than {MAX_DEPTH} levels: name its parts")


def put(piece: Piece, slot: Slot, fence: Fence) -> Piece:
    """``piece``, in brackets where the slot asks for them."""
    return piece if slot.takes(piece) else fence(piece)


def summands(node: Sum, look: Look, fence: Fence) -> Iterator[tuple[str, Piece]]:
    """The terms with their signs ``+`` and ``-``; a leading minus stays part of the first term."""
    end = _end(node, node.terms)
    for place, term in enumerate(node.terms):
        last = place == end
        if place and isinstance(term, Negative):
            slot = SUBTRAHEND._replace(greedy=last)
            yield "-", put(look(term.body), slot, fence)
        else:
            yield "+", put(look(term), Slot(Level.SUM, minus=place == 0, greedy=last), fence)


def factors(node: Product, look: Look, fence: Fence) -> list[Piece]:
    """The factors, bracketed: a minus only in front, a big sum only at the end."""
    level, end = PRODUCT_LEVELS[node.glyph], _end(node, node.factors)
    return [
        fence(look(factor))
        if place and _of_another_glyph(factor, node)
        else put(look(factor), Slot(level, minus=place == 0, greedy=place == end), fence)
        for place, factor in enumerate(node.factors)
    ]


def _of_another_glyph(factor: Node, product: Product) -> bool:
    """Equally tight, so that without brackets it would be read from the left."""
    return (
        isinstance(factor, Product)
        and factor.glyph != product.glyph
        and PRODUCT_LEVELS[factor.glyph] == PRODUCT_LEVELS[product.glyph]
    )


def _end(node: Node, parts: Sequence[Node]) -> int:
    if not parts:
        raise DerivationError(f"no notation for an empty {type(node).__name__.lower()}")
    return len(parts) - 1


def negative(body: Piece, fence: Fence) -> Piece:
    """``-body``: as tight as its body, but only welcome in front."""
    inner = put(body, SUBTRAHEND, fence)
    return inner._replace(text=f"-{inner.text}", minus=True, first=Edge.OTHER)


def joined(text: str, parts: Sequence[Piece], level: Level) -> Piece:
    """The piece of ``parts`` printed side by side as ``text``."""
    return Piece(
        text,
        level=level,
        first=parts[0].first,
        last=parts[-1].last,
        minus=parts[0].minus,
        greedy=parts[-1].greedy,
        height=max(part.height for part in parts),
    )


class Gap(Enum):
    """What stands between two juxtaposed factors."""

    NONE = "none"
    SPACE = "space"
    WORD = "word"
    """A visible space: an upright word would run into its neighbour."""
    DOT = "dot"
    """A multiplication dot: two numbers, or a letter and a number, would read as one."""


def gap(left: Piece, right: Piece) -> Gap:
    """The least that keeps two factors apart."""
    number = left.last is Edge.NUMBER
    if right.first is Edge.NUMBER or (number and right.first is Edge.FRACTION):
        return Gap.DOT
    if Edge.WORD in (left.last, right.first):
        return Gap.WORD
    brackets = left.last is right.first is right.last is Edge.BRACKET
    if brackets or (number and right.first is Edge.BRACKET):
        return Gap.NONE
    return Gap.NONE if number and right.first is Edge.LETTER else Gap.SPACE


def run_together(parts: Sequence[Piece]) -> bool:
    """Whether scripts printed side by side need commas: numbers, words and sums do."""
    return len(parts) > 1 and (
        any(part.level < Level.POWER or part.minus or part.first is Edge.WORD for part in parts)
        or any(a.last is Edge.NUMBER and b.first is Edge.NUMBER for a, b in pairwise(parts))
    )
