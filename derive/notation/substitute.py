"""Trees in trees: a node replaced by what it stands for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

from derive.notation.tree import Node


def substitute(node: Node, known: Mapping[Node, Node]) -> Node:
    """The tree with every node that is a key replaced; what is put in is not looked at again.

    >>> from derive.notation.tree import Number, Sum, Symbol
    >>> substitute(Sum((Symbol("a"), Number("1"))), {Symbol("a"): Symbol("b")}).terms[0].glyph
    'b'
    """
    if node in known:
        return known[node]
    changed = {}
    kind: Any = type(node)
    for name in _fields(kind):
        old = getattr(node, name)
        new = _inside(old, known)
        if new is not old:
            changed[name] = new
    return replace(node, **changed) if changed else node


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


def _inside(value: Any, known: Mapping[Node, Node]) -> Any:
    if isinstance(value, Node):
        return substitute(value, known)
    if isinstance(value, tuple):
        parts = tuple(_inside(part, known) for part in value)
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    return value
