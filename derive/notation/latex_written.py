"""The half of the LaTeX printer that only what was read needs: calls, lists, conditions."""

from __future__ import annotations

from collections.abc import Sequence

from derive.notation import precedence
from derive.notation.latex_parts import BRACKETS, enclose, rounded, run_of, subscript, superscript
from derive.notation.precedence import ANYTHING, BASE, SIDE, TALL, Edge, Level, Look, Piece, Rules
from derive.notation.precedence import put as _put
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
    Relation,
    Symbol,
)

ENVIRONMENTS = {"round": "pmatrix", "square": "bmatrix", "bars": "vmatrix", "": "matrix"}
"""The environment of a matrix with brackets of each shape."""

_BETWEEN = {",": ", ", ";": "; ", "and": r" \text{ and } ", "implies": r" \Rightarrow "}
_WORDS = {"given": r" \mid ", "parallel": r" \parallel "}


def put(piece: Piece, slot: precedence.Slot) -> Piece:
    """In round brackets where the slot asks for them."""
    return _put(piece, slot, rounded)


def items(nodes: Sequence[Node], look: Look, between: str = ", ") -> Piece:
    """Side by side; a list in a list keeps its brackets."""
    pieces = [rounded(look(n)) if isinstance(n, Listed) else look(n) for n in nodes]
    return Piece(
        between.join(piece.text for piece in pieces),
        Level.RELATION,
        height=max((piece.height for piece in pieces), default=0),
    )


def _call(node: Call, look: Look) -> Piece:
    head, inside = look(node.head), items(node.arguments, look)
    low = inside._replace(height=0) if inside.height == 1 else inside
    body = enclose(low, *BRACKETS[node.shape])
    return body._replace(text=head.text + body.text, level=Level.ATOM, first=head.first)


def _indexed(node: Indexed, look: Look) -> Piece:
    body = look(node.body)
    fits = not isinstance(node.body, Symbol | Differential)
    base = put(body, BASE) if fits else rounded(body)
    return base._replace(text=base.text + subscript([look(part) for part in node.sub]))


def _differential(node: Differential, look: Look) -> Piece:
    sign = r"\mathrm{d}" if node.total else r"\partial"
    body = put(look(node.body), BASE)
    return Piece(f"{sign} {body.text}", first=Edge.OTHER, last=body.last, height=body.height)


def _listed(node: Listed, look: Look) -> Piece:
    if node.glyph != "rows":
        return items(node.items, look, _BETWEEN[node.glyph])
    rows = " \\\\ ".join(_row(item, look) for item in node.items)
    return Piece(f"\\begin{{aligned}} {rows} \\end{{aligned}}", Level.RELATION, height=TALL)


def _row(item: Node, look: Look) -> str:
    if not isinstance(item, Relation):
        return f"& {look(item).text}"
    written = look(item).text
    left = put(look(item.sides[0]), SIDE).text
    return f"{left} &{written[len(left) :].lstrip()}".lstrip()


def _qualified(node: Qualified, look: Look) -> Piece:
    body, condition = look(node.body), look(node.condition)
    if node.word == "at":
        below = subscript([Piece(run_of([condition]))])
        return Piece(f"\\left. {body.text} \\right|{below}", Level.POWER, height=TALL)
    sign = _WORDS.get(node.word, f" \\quad \\text{{{node.word} }} ")
    height = max(body.height, condition.height)
    return Piece(f"{body.text}{sign}{condition.text}", Level.RELATION, height=height)


def _range(node: Range, look: Look) -> Piece:
    ends = ["" if end is None else look(end).text for end in (node.lower, node.upper)]
    return Piece(":".join(ends), Level.RELATION)


def _matrix(node: Matrix, look: Look) -> Piece:
    written = [[put(look(entry), ANYTHING).text for entry in row] for row in node.rows]
    lines = [" & ".join(row) for row in written]
    safe = ["{}" + line if line.startswith("[") else line for line in lines]
    name, rows = ENVIRONMENTS[node.shape], " \\\\ ".join(safe)
    text = f"\\begin{{{name}}} {rows} \\end{{{name}}}"
    return Piece(text, first=Edge.BRACKET, last=Edge.BRACKET, height=TALL)


def accented(glyph: str, accent: str) -> str:
    """``\\hat{y}``."""
    return f"\\{accent}{{{glyph}}}" if accent else glyph


def limits(sign: str, below: str, above: str) -> str:
    """A big operator with what stands below and above it."""
    low = subscript([Piece(below)]) if below else ""
    return sign + low + (superscript(above) if above else "")


BIG = {"sum": r"\sum", "prod": r"\prod", "int": r"\int"}
"""Big operators."""

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
