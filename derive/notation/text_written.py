"""The half of the Unicode printer that only what was read needs: calls, lists, conditions."""

from __future__ import annotations

from collections.abc import Sequence

from derive.notation.precedence import BASE, Edge, Level, Look, Piece, Rules, put
from derive.notation.text_parts import BRACKETS, enclose, outer, rounded, subscript
from derive.notation.tree import (
    Blank,
    Call,
    Differential,
    Indexed,
    Listed,
    Matrix,
    Node,
    Qualified,
    Range,
    Symbol,
)

_BETWEEN = {",": ", ", ";": "; ", "and": " and ", "implies": " ⇒ ", "rows": "; "}
_WORDS = {"given": " | ", "parallel": " ‖ "}

BIG = {"sum": "Σ", "prod": "∏", "int": "∫"}
"""Big operators."""

DOUBLE = dict(zip("RENZPCQ", "ℝ𝔼ℕℤℙℂℚ", strict=True)) | {"1": "𝟙"}
"""Letters with a double stroke."""


def items(nodes: Sequence[Node], look: Look, between: str = ", ") -> Piece:
    """Side by side; a list in a list keeps its brackets."""
    pieces = [rounded(look(n)) if isinstance(n, Listed) else look(n) for n in nodes]
    return Piece(between.join(piece.text for piece in pieces), Level.RELATION)


def _call(node: Call, look: Look) -> Piece:
    head = look(node.head)
    body = enclose(items(node.arguments, look), *BRACKETS[node.shape])
    return body._replace(text=head.text + body.text, level=Level.ATOM, first=head.first)


def _indexed(node: Indexed, look: Look) -> Piece:
    body = look(node.body)
    fits = not isinstance(node.body, Symbol | Differential)
    base = put(body, BASE, rounded) if fits else rounded(body)
    return base._replace(text=base.text + subscript([look(part) for part in node.sub]))


def _differential(node: Differential, look: Look) -> Piece:
    body = put(look(node.body), BASE, rounded)
    sign = "d" if node.total else "∂"
    return Piece(sign + body.text, first=Edge.OTHER, last=Edge.LETTER)


def _listed(node: Listed, look: Look) -> Piece:
    return items(node.items, look, _BETWEEN[node.glyph])


def _qualified(node: Qualified, look: Look) -> Piece:
    body, condition = look(node.body).text, look(node.condition).text
    sign = _WORDS.get(node.word)
    if sign:
        return Piece(f"{body}{sign}{condition}", Level.RELATION)
    if node.word == "at":
        return Piece(f"{outer(look(node.body)).text} (at {condition})", Level.RELATION)
    return Piece(f"{body} {node.word} {condition}", Level.RELATION)


def _range(node: Range, look: Look) -> Piece:
    ends = ["" if end is None else look(end).text for end in (node.lower, node.upper)]
    return Piece(":".join(ends), Level.RELATION)


def _matrix(node: Matrix, look: Look) -> Piece:
    rows = [items(row, look).text for row in node.rows]
    return Piece(f"[{'; '.join(rows)}]", first=Edge.BRACKET, last=Edge.BRACKET)


RULES: Rules = {
    Call: _call,
    Indexed: _indexed,
    Differential: _differential,
    Listed: _listed,
    Qualified: _qualified,
    Range: _range,
    Blank: lambda node, look: Piece("", Level.ATOM),
    Matrix: _matrix,
}
"""How each of these kinds of node is printed."""
