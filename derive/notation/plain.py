"""A tree without the brackets that a person wrote: what they group shows in the tree already."""

from __future__ import annotations

from dataclasses import fields, replace
from functools import cache
from typing import Any

from derive.notation.tree import Fenced, Listed, Node


def plain(node: Node) -> Node:
    """The tree with every pair of round or square brackets around one thing taken away.

    >>> from derive.notation.written import read_text
    >>> plain(read_text("((a))").tree) == read_text("a").tree
    True
    """
    while isinstance(node, Fenced) and node.shape in ("round", "square") and _groups(node.body):
        node = node.body
    changed = {}
    kind: Any = type(node)
    for name in _names(kind):
        old = getattr(node, name)
        new = _inside(old)
        if new is not old:
            changed[name] = new
    return replace(node, **changed) if changed else node


def _groups(body: Node) -> bool:
    return not isinstance(body, Listed)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


def _inside(value: Any) -> Any:
    if isinstance(value, Node):
        return plain(value)
    if isinstance(value, tuple):
        parts = tuple(_inside(part) for part in value)
        return value if all(a is b for a, b in zip(parts, value, strict=True)) else parts
    return value
