r"""What both halves of the LaTeX printer are made of: brackets, scripts, names."""

from __future__ import annotations

from collections.abc import Sequence

from derive.errors import DerivationError
from derive.notation import glyphs, precedence
from derive.notation.precedence import ARGUMENT, BASE, TALL, Edge, Level, Look, Piece, put
from derive.notation.tree import Node

BRACKETS = {
    "round": ("(", ")"),
    "square": ("[", "]"),
    "curly": (r"\{", r"\}"),
    "angle": (r"\langle", r"\rangle"),
}
"""The two brackets of each shape."""
_COMMANDS = {"bb": "mathbb", "sans": "mathsf", "frak": "mathfrak"}
_GROWN = (("", ""), (r"\bigl", r"\bigr"), (r"\Bigl", r"\Bigr"), (r"\left", r"\right"))


def enclose(piece: Piece, left: str, right: str) -> Piece:
    """Brackets as high as their content: ``((a + b) c)`` gets larger ones outside."""
    before, after = _GROWN[piece.height]
    gap = " " if before or left.startswith("\\") else ""
    text = f"{before}{left}{gap}{piece.text}{gap}{after}{right}"
    return Piece(text, first=Edge.BRACKET, last=Edge.BRACKET, height=min(piece.height + 1, TALL))


def rounded(piece: Piece) -> Piece:
    """In round brackets."""
    return enclose(piece, "(", ")")


def called(arguments: Piece) -> Piece:
    """The brackets of a function: ``f(g(x))`` does not ask for larger ones."""
    return rounded(arguments._replace(height=0) if arguments.height == 1 else arguments)


def run_of(pieces: Sequence[Piece]) -> str:
    """Scripts side by side, tightly set, with commas where they need them."""
    comma = precedence.run_together(pieces)
    text = ""
    for piece in pieces:
        if text and comma:
            text += ","
        elif text[-1:].isalpha() and "\\" in text and piece.text[0].isalpha():
            text += " "
        text += piece.text
    return text.replace(" + ", "+").replace(" - ", "-").replace(" = ", "=")


def subscript(pieces: Sequence[Piece]) -> str:
    """``_i`` or ``_{ij}``."""
    text = run_of(pieces)
    return f"_{text}" if len(text) == 1 else f"_{{{text}}}" if text else ""


def superscript(text: str) -> str:
    """``^{...}``."""
    return f"^{{{text}}}"


def powered(base: Piece, exponent: str) -> Piece:
    """The piece with an exponent, in brackets if it has one already."""
    inner = put(base, BASE, rounded)
    return inner._replace(
        text=inner.text + superscript(exponent), level=Level.POWER, last=Edge.OTHER
    )


def listed(nodes: Sequence[Node], look: Look) -> Piece:
    """Comma-separated arguments."""
    pieces = [put(look(node), ARGUMENT, rounded) for node in nodes]
    return Piece(
        ", ".join(p.text for p in pieces), height=max((p.height for p in pieces), default=0)
    )


def fraction(above: str, below: str, first: Edge) -> Piece:
    """A fraction of two printed parts."""
    return Piece(f"\\frac{{{above}}}{{{below}}}", Level.POWER, first=first, height=TALL)


def styled(glyph: str, style: str) -> str:
    """A glyph in its style."""
    plain = glyphs.letter(glyph).latex
    if not style or (style == "roman" and len(glyph) > 1):
        return plain
    if style == "bold" and glyph in glyphs.LETTERS:
        return f"\\boldsymbol{{{plain}}}"
    if style == "cal" and not (len(glyph) == 1 and glyph.isupper()):
        raise DerivationError(f"no calligraphic form of {glyph!r}: only capital letters have one")
    if style in ("bb", "sans", "frak"):
        return f"\\{_COMMANDS[style]}{{{plain}}}"
    command = {"cal": "mathcal", "bold": "mathbf", "roman": "mathrm"}[style]
    return f"\\{command}{{{glyph}}}"


def edge_of(text: str) -> Edge:
    """Upright words need a visible space beside them; TeX spaces its own functions itself."""
    if text.isdigit():
        return Edge.NUMBER
    return Edge.WORD if "\\mathrm" in text else Edge.LETTER


def named(name: str, primes: int) -> Piece:
    """A function's name with its strokes."""
    text = glyphs.function_name(name).latex
    level = Level.POWER if primes else Level.ATOM
    return Piece(text + "'" * primes, level, edge_of(text), edge_of(text))
