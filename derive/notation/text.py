"""Unicode of a tree of written mathematics, for a terminal.

A script is set in small digits and letters where every one of its characters has such a form, else
after ``_`` or ``^``. So that what is printed can be read back, a layer's superscript keeps its
brackets (``a⁽ˡ⁻¹⁾``, ``W^L``, ``a^{L-1}``), which a power has not (``x²``, ``x^(L-1)``).

>>> from derive.notation.tree import Derivative, Number, Symbol
>>> text(Derivative(Symbol("L", style="cal"), Symbol("W", sub=(Number("2"),))))
'∂L/∂W₂'
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from derive.notation import glyphs, precedence
from derive.notation.precedence import (
    ANYTHING,
    ARGUMENT,
    BASE,
    DIFFERENTIAL,
    SIDE,
    SUBTRAHEND,
    Edge,
    Gap,
    Level,
    Look,
    Piece,
    Rules,
    fold,
    joined,
    put,
)
from derive.notation.tree import (
    Apply,
    BigSum,
    Cases,
    Delta,
    Derivative,
    Fenced,
    Function,
    Interval,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Transpose,
)

_BRACKETS = {"round": ("(", ")"), "square": ("[", "]")}
_GAPS = {Gap.NONE: "", Gap.SPACE: " ", Gap.WORD: " ", Gap.DOT: "·"}
_SMALL_BELOW = frozenset(map(chr, glyphs.SUBSCRIPTS))
_SMALL_ABOVE = frozenset(map(chr, glyphs.SUPERSCRIPTS))


def text(node: Node) -> str:
    """``node`` in Unicode, on one line.

    Raises:
        DerivationError: A glyph or a number that cannot be printed, or a tree nested too deeply.
    """
    return fold(node, RULES).text


def aligned(rows: Sequence[Relation]) -> str:
    """Relations below each other, one sign a line, the signs below each other."""
    cut = [_cut(row) for row in rows]
    width = max((len(_bare(sides[0])) for _, sides in cut), default=0)
    lines = []
    for signs, sides in cut:
        head = " " * (width - len(_bare(sides[0]))) + sides[0]
        lines += [f"{head} {signs[0]} {sides[1]}" if signs else head]
        pad = " " * width
        lines += [f"{pad} {s} {side}" for s, side in zip(signs[1:], sides[2:], strict=True)]
    return "\n".join(lines)


def _cut(row: Relation) -> tuple[list[str], list[str]]:
    sides = [put(fold(side, RULES), SIDE, _round).text for side in row.sides]
    return [glyphs.SIGNS[sign].text for sign in row.signs], sides


def _bare(line: str) -> str:
    """Without combining accents: what takes up a column."""
    return "".join(sign for sign in line if not unicodedata.combining(sign))


# Brackets and scripts


def _enclose(piece: Piece, left: str, right: str) -> Piece:
    return Piece(f"{left}{piece.text}{right}", first=Edge.BRACKET, last=Edge.BRACKET)


def _round(piece: Piece) -> Piece:
    return _enclose(piece, "(", ")")


def _outer(piece: Piece) -> Piece:
    """Square brackets around what has round ones: ``[f(x) - f(y)]``."""
    return _enclose(piece, "[", "]") if "(" in piece.text else _round(piece)


def _run(pieces: Sequence[Piece]) -> str:
    """Scripts side by side, tightly set, with commas where they need them."""
    run = ("," if precedence.run_together(pieces) else "").join(piece.text for piece in pieces)
    return run.replace(" + ", "+").replace(" - ", "-").replace(" = ", "=")


def _sub(pieces: Sequence[Piece]) -> str:
    run = _run(pieces)
    if not run:
        return ""
    word = len(pieces) == 1 and pieces[0].first is Edge.WORD and run.isalpha()
    if not word and _SMALL_BELOW.issuperset(run):
        return run.translate(glyphs.SUBSCRIPTS)
    return f"_{run}" if word or len(run) == 1 else f"_{{{run}}}"


def _sup(node: Symbol, look: Look) -> str:
    """A layer's, a step's or a sample's superscript."""
    if not node.sup:
        return ""
    run = _run([look(child) for child in node.sup])
    if node.bracket:
        return f"^[{run}]"
    if _SMALL_ABOVE.issuperset(run) and "(" not in run:
        return f"({run})".translate(glyphs.SUPERSCRIPTS)
    return f"^{run}" if len(run) == 1 else f"^{{{run}}}"


def _exponent(piece: Piece) -> str:
    run = _run([piece])
    if _SMALL_ABOVE.issuperset(run) and "(" not in run and piece.first is not Edge.WORD:
        return run.translate(glyphs.SUPERSCRIPTS)
    return f"^({run})"


def _power(base: Piece, exponent: str) -> Piece:
    inner = put(base, BASE, _round)
    return inner._replace(text=inner.text + exponent, level=Level.POWER, last=Edge.OTHER)


def _listed(nodes: Sequence[Node], look: Look) -> Piece:
    """Comma-separated arguments."""
    return Piece(", ".join(put(look(node), ARGUMENT, _round).text for node in nodes))


# One rule for each kind of node


def _number(node: Number, _: Look) -> Piece:
    mantissa, exponent = glyphs.split_number(node.digits)
    if exponent:
        return Piece(f"{mantissa}e{exponent}", Level.POWER, Edge.NUMBER, Edge.NUMBER)
    return Piece(mantissa, first=Edge.NUMBER, last=Edge.NUMBER)


def _symbol(node: Symbol, look: Look) -> Piece:
    glyph = glyphs.letter(node.glyph).text
    edge = Edge.LETTER if len(glyph) == 1 and glyph.isalpha() else Edge.WORD
    if node.accent:
        glyph = unicodedata.normalize("NFC", glyph + glyphs.ACCENTS[node.accent])
    written = glyph + _sub([look(child) for child in node.sub]) + _sup(node, look)
    level = Level.POWER if node.sup else Level.ATOM
    return Piece(written, level, first=edge, last=edge)


def _sum(node: Sum, look: Look) -> Piece:
    parts = list(precedence.summands(node, look, _round))
    written = parts[0][1].text + "".join(f" {sign} {part.text}" for sign, part in parts[1:])
    return joined(written, [part for _, part in parts], Level.SUM)


def _negative(node: Negative, look: Look) -> Piece:
    return precedence.negative(look(node.body), _round)


def _product(node: Product, look: Look) -> Piece:
    parts = precedence.factors(node, look, _round)
    if node.glyph:
        written = _sign(node, parts).join(part.text for part in parts)
    else:
        gaps = ("", *(_GAPS[precedence.gap(a, b)] for a, b in pairwise(parts)))
        written = "".join(gap + part.text for gap, part in zip(gaps, parts, strict=True))
    return joined(written, parts, precedence.PRODUCT_LEVELS[node.glyph])


def _sign(node: Product, parts: Sequence[Piece]) -> str:
    """The dot stands close, ``W·x``, but not between factors that have spaces or strokes."""
    sign = glyphs.PRODUCTS[node.glyph].text
    wide = any(mark in part.text for part in parts for mark in " /")
    return f" {sign} " if node.glyph == "cdot" and wide else sign


def _quotient(node: Quotient, look: Look) -> Piece:
    above, below = look(node.numerator), look(node.denominator)
    if node.elementwise:
        parts = [
            put(above, precedence.DIVIDED, _round),
            put(below, precedence.DIVISOR, _round),
        ]
        return joined(f"{parts[0].text} ⊘ {parts[1].text}", parts, Level.DIVISION)
    whole = precedence.DIVIDED.takes(above) and " " not in above.text
    parts = [above if whole else _outer(above), put(below, DIFFERENTIAL, _outer)]
    stroke = "/" if whole else " / "
    return joined(stroke.join(part.text for part in parts), parts, Level.DIVISION)


def _derivative(node: Derivative, look: Look) -> Piece:
    sign = "d" if node.total else "∂"
    parts = [put(look(n), DIFFERENTIAL, _round) for n in (node.numerator, node.denominator)]
    written = "/".join(sign + part.text for part in parts)
    return Piece(written, Level.DERIVATIVE)


def _raised(node: Power, look: Look) -> Piece:
    return _power(look(node.base), _exponent(look(node.exponent)))


def _transpose(node: Transpose, look: Look) -> Piece:
    return _power(look(node.body), "ᵀ")


def _apply(node: Apply, look: Look) -> Piece:
    name = _named(node.function, node.primes)
    raised = "" if node.power == 1 else str(node.power).translate(glyphs.SUPERSCRIPTS)
    inside = _listed(node.arguments, look)
    bracketed = inside if isinstance(node.arguments[0], Matrix) else _round(inside)
    written = f"{name.text}{raised}{bracketed.text}"
    level = Level.ATOM if node.power == 1 else Level.POWER
    return Piece(written, level, first=name.first, last=Edge.BRACKET)


def _named(name: str, primes: int) -> Piece:
    written = glyphs.function_name(name).text
    edge = Edge.LETTER if len(written) == 1 else Edge.WORD
    return Piece(written + "'" * primes, Level.POWER if primes else Level.ATOM, edge, edge)


def _function(node: Function, _: Look) -> Piece:
    return _named(node.name, node.primes)


def _big_sum(node: BigSum, look: Look) -> Piece:
    below = look(node.index)
    if node.lower is not None:
        below = Piece(f"{below.text}={look(node.lower).text}")
    limits = _sub([below])
    if node.upper is not None:
        above = _run([look(node.upper)])
        if _SMALL_ABOVE.issuperset(above):
            limits += above.translate(glyphs.SUPERSCRIPTS)
        else:
            limits += f"^{above}" if len(above) == 1 else f"^{{{above}}}"
    body = put(look(node.body), SUBTRAHEND, _round)
    return Piece(f"Σ{limits} {body.text}", Level.POWER, greedy=True)


def _delta(node: Delta, look: Look) -> Piece:
    written = "δ" + _sub([look(node.first), look(node.second)])
    return Piece(written, first=Edge.LETTER, last=Edge.LETTER)


def _cases(node: Cases, look: Look) -> Piece:
    rows = []
    for value, condition in node.rows:
        when = "otherwise" if condition is None else f"if {look(condition).text}"
        rows.append(f"{put(look(value), SIDE, _round).text} {when}")
    return Piece(f"{{ {'; '.join(rows)} }}", Level.CASES)


def _interval(node: Interval, look: Look) -> Piece:
    shape = "square" if node.closed else "round"
    return _enclose(_listed((node.lower, node.upper), look), *_BRACKETS[shape])


def _matrix(node: Matrix, look: Look) -> Piece:
    rows = [_listed(row, look).text for row in node.rows]
    return Piece(f"[{'; '.join(rows)}]", first=Edge.BRACKET, last=Edge.BRACKET)


def _fenced(node: Fenced, look: Look) -> Piece:
    return _enclose(put(look(node.body), ANYTHING, _round), *_BRACKETS[node.shape])


def _relation(node: Relation, look: Look) -> Piece:
    sides = [put(look(side), SIDE, _round) for side in node.sides]
    signs = ("", *(f" {glyphs.SIGNS[sign].text} " for sign in node.signs))
    written = "".join(sign + side.text for sign, side in zip(signs, sides, strict=True))
    return joined(written, sides, Level.RELATION)


RULES: Rules = {
    Number: _number,
    Symbol: _symbol,
    Sum: _sum,
    Negative: _negative,
    Product: _product,
    Quotient: _quotient,
    Power: _raised,
    Transpose: _transpose,
    Apply: _apply,
    Derivative: _derivative,
    BigSum: _big_sum,
    Delta: _delta,
    Cases: _cases,
    Function: _function,
    Interval: _interval,
    Matrix: _matrix,
    Fenced: _fenced,
    Relation: _relation,
}
"""How each kind of node is printed."""
