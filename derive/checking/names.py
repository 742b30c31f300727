"""Names as they are written, and what about them is an index.

A digit in a subscript belongs to the name; a letter that a sum of the document runs over is an
index. ``h_{2i}`` is then the value ``h_2`` at index ``i``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from derive.notation.substitute import substitute
from derive.notation.tree import BigSum, Call, Fenced, Node, Number, Power, Relation, Symbol
from derive.notation.tree import children as below

COUNTS = frozenset({"n", "m", "N", "M", "B"})
"""Letters for the number of samples, where a sum stands beside them."""
CONSTANTS = frozenset({"e", "pi"})


def walk(*trees: Node) -> Iterator[Node]:
    """Every node of some trees, a node before what is below it."""
    stack = list(reversed(trees))
    while stack:
        node = stack.pop()
        yield node
        stack += reversed(below(node))


def unfenced(node: Node) -> Node:
    """Without the brackets around it."""
    while isinstance(node, Fenced):
        node = node.body
    return node


def index_letters(trees: Iterable[Node]) -> frozenset[str]:
    """The letters that sums run over."""
    found = set()
    for node in walk(*trees):
        if isinstance(node, BigSum) and node.index is not None:
            index = node.index.sides[0] if isinstance(node.index, Relation) else node.index
            if isinstance(index, Symbol):
                found.add(index.glyph)
    return frozenset(found)


def split(symbol: Symbol, indices: frozenset[str]) -> tuple[Symbol, bool]:
    """The name without its indices, and whether it had any."""
    kept = tuple(part for part in symbol.sub if not _is_index(part, indices))
    if len(kept) == len(symbol.sub):
        return symbol, False
    return replace(symbol, sub=kept), True


def _is_index(node: Node, indices: frozenset[str]) -> bool:
    return isinstance(node, Symbol) and node.glyph in indices and not node.sub


def stripped(node: Node, indices: frozenset[str]) -> Node:
    """The tree with the indices of all its names taken away."""
    found = {part: split(part, indices)[0] for part in walk(node) if isinstance(part, Symbol)}
    changed: dict[Node, Node] = {old: new for old, new in found.items() if old != new}
    return substitute(node, changed) if changed else node


def renamed(node: Node, old: Symbol, new: Symbol, indices: frozenset[str]) -> Node:
    """The tree with one name for another, whatever index it carries."""
    found: dict[Node, Node] = {}
    for part in walk(node):
        if isinstance(part, Symbol) and split(part, indices)[0] == old:
            index = tuple(sub for sub in part.sub if _is_index(sub, indices))
            found[part] = replace(new, sub=(*new.sub, *index))
    return substitute(node, found) if found else node


def sample_power(node: Node, indices: frozenset[str]) -> Symbol | None:
    """``x^{(i)}``: the symbol, if its bracketed exponent is an index."""
    if not (isinstance(node, Power) and isinstance(node.base, Symbol)):
        return None
    bracketed = isinstance(node.exponent, Fenced)
    return node.base if bracketed and _is_index(unfenced(node.exponent), indices) else None


def symbols(*trees: Node) -> Iterator[Symbol]:
    """Every symbol that stands for a value: no index, no summation letter, no script.

    What stands before brackets may be a function: see :func:`heads`.
    """
    stack = list(reversed(trees))
    while stack:
        node = stack.pop()
        if isinstance(node, Symbol):
            yield node
        elif isinstance(node, BigSum):
            stack.append(node.body)
        elif isinstance(node, Call) and isinstance(node.head, Symbol):
            stack += reversed(node.arguments)
        else:
            stack += reversed(below(node))


def heads(*trees: Node) -> Iterator[Symbol]:
    """Every symbol before brackets: a function, or a factor."""
    for node in walk(*trees):
        if isinstance(node, Call) and isinstance(node.head, Symbol):
            yield node.head


def is_numeric(node: Node) -> bool:
    """Whether no name stands in it, only numbers, functions and constants."""
    numbers = False
    for part in walk(node):
        if isinstance(part, Number):
            numbers = True
        elif isinstance(part, Call | BigSum) or (
            isinstance(part, Symbol) and (part.glyph not in CONSTANTS or part.sub or part.accent)
        ):
            return False
    return numbers


def is_literal(node: Node) -> bool:
    """Whether it is one printed number, perhaps with a sign."""
    from derive.notation.tree import Negative

    node = unfenced(node)
    return isinstance(unfenced(node.body) if isinstance(node, Negative) else node, Number)
