"""Accents and styles: of a symbol they are part, over anything larger they reach its symbols."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from derive.notation.glyphs import LETTERS
from derive.notation.tree import Accent, Apply, Node, Number, Power, Style, Symbol


def accented(node: Node, accent: Accent) -> Node:
    """A symbol with an accent; over anything else it is a function."""
    if isinstance(node, Symbol) and not node.accent:
        return replace(node, accent=accent)
    if isinstance(node, Number) and len(node.digits) == 1:
        return Symbol(node.digits, accent=accent) if node.digits in "01" else node
    if isinstance(node, Power) and isinstance(node.base, Symbol) and not node.base.accent:
        return replace(node, base=replace(node.base, accent=accent))
    return Apply(accent, (node,))


def styled(node: Node, style: Style) -> Node:
    """All symbols of a node in a style that they do not have already."""
    if isinstance(node, Number) and node.digits in ("0", "1"):
        return Symbol(node.digits, style=style)
    if isinstance(node, Symbol):
        plain = len(node.glyph) == 1 or node.glyph in LETTERS
        capital = style != "cal" or node.glyph.isupper()
        fits = plain and capital and not node.style and style != "roman"
        single = style == "roman" and node == Symbol(node.glyph) and len(node.glyph) == 1
        return replace(node, style=style) if fits or single else node
    if style == "roman":
        return node
    changed = {item.name: _inside(getattr(node, item.name), style) for item in fields(node)}
    return replace(node, **changed)


def _inside(value: Any, style: Style) -> Any:
    if isinstance(value, Number):
        return value
    if isinstance(value, Node):
        return styled(value, style)
    if isinstance(value, tuple):
        return tuple(_inside(part, style) for part in value)
    return value
