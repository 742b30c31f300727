"""What both halves of the Unicode printer are made of: brackets, scripts, names."""

from __future__ import annotations

from collections.abc import Sequence

from derive.notation import glyphs, precedence
from derive.notation.precedence import ARGUMENT, BASE, Edge, Level, Look, Piece, put
from derive.notation.tree import Node, Symbol

BRACKETS = {
    "round": ("(", ")"),
    "square": ("[", "]"),
    "curly": ("{", "}"),
    "angle": ("⟨", "⟩"),
}
"""The two brackets of each shape."""
_SMALL_BELOW = frozenset(map(chr, glyphs.SUBSCRIPTS))
SMALL_ABOVE = frozenset(map(chr, glyphs.SUPERSCRIPTS))
"""What has a small raised form."""


def enclose(piece: Piece, left: str, right: str) -> Piece:
    """In brackets."""
    return Piece(f"{left}{piece.text}{right}", first=Edge.BRACKET, last=Edge.BRACKET)


def rounded(piece: Piece) -> Piece:
    """In round brackets."""
    return enclose(piece, "(", ")")


def outer(piece: Piece) -> Piece:
    """Square brackets around what has round ones: ``[f(x) - f(y)]``."""
    return enclose(piece, "[", "]") if "(" in piece.text else rounded(piece)


def run_of(pieces: Sequence[Piece]) -> str:
    """Scripts side by side, tightly set, with commas where they need them."""
    run = ("," if precedence.run_together(pieces) else "").join(piece.text for piece in pieces)
    return run.replace(" + ", "+").replace(" - ", "-").replace(" = ", "=")


def subscript(pieces: Sequence[Piece]) -> str:
    """In small signs where all have such a form, else behind ``_``."""
    run = run_of(pieces)
    if not run:
        return ""
    word = len(pieces) == 1 and pieces[0].first is Edge.WORD and run.isalpha()
    if not word and _SMALL_BELOW.issuperset(run):
        return run.translate(glyphs.SUBSCRIPTS)
    return f"_{run}" if word or len(run) == 1 else f"_{{{run}}}"


def superscript(node: Symbol, look: Look) -> str:
    """A layer's, a step's or a sample's superscript."""
    if not node.sup:
        return ""
    run = run_of([look(child) for child in node.sup])
    if node.bracket:
        return f"^[{run}]"
    if SMALL_ABOVE.issuperset(run) and "(" not in run:
        return f"({run})".translate(glyphs.SUPERSCRIPTS)
    return f"^{run}" if len(run) == 1 else f"^{{{run}}}"


def exponent_of(piece: Piece) -> str:
    """In small signs where all have such a form, else behind ``^``."""
    run = run_of([piece])
    if SMALL_ABOVE.issuperset(run) and "(" not in run and piece.first is not Edge.WORD:
        return run.translate(glyphs.SUPERSCRIPTS)
    return f"^{run}" if len(run) == 1 else f"^({run})"


def powered(base: Piece, exponent: str) -> Piece:
    """The piece with an exponent, in brackets if it has one already."""
    inner = put(base, BASE, rounded)
    return inner._replace(text=inner.text + exponent, level=Level.POWER, last=Edge.OTHER)


def listed(nodes: Sequence[Node], look: Look) -> Piece:
    """Comma-separated arguments."""
    return Piece(", ".join(put(look(node), ARGUMENT, rounded).text for node in nodes))


def named(name: str, primes: int) -> Piece:
    """A function's name with its strokes."""
    written = glyphs.function_name(name).text
    edge = Edge.LETTER if len(written) == 1 else Edge.WORD
    return Piece(written + "'" * primes, Level.POWER if primes else Level.ATOM, edge, edge)
