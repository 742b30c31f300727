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

from derive.notation import glyphs, precedence, text_written
from derive.notation.precedence import (
    ANYTHING,
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
from derive.notation.text_parts import (
    BRACKETS,
    SMALL_ABOVE,
    enclose,
    exponent_of,
    listed,
    named,
    outer,
    powered,
    rounded,
    run_of,
    subscript,
    superscript,
)
from derive.notation.tree import (
    Apply,
    BigSum,
    Call,
    Cases,
    Delta,
    Derivative,
    Fenced,
    Function,
    Indexed,
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

_GAPS = {Gap.NONE: "", Gap.SPACE: " ", Gap.WORD: " ", Gap.DOT: "·"}


_RAISED = (Power, Transpose, Indexed)


def text(node: Node, *, script: bool = False) -> str:
    """``node`` in Unicode, on one line.

    Args:
        node: a tree of written mathematics.
        script: whether a calligraphic L is set as such, so that an L beside it is another letter.

    Raises:
        DerivationError: A glyph or a number that cannot be printed, or a tree nested too deeply.
    """
    return fold(node, SCRIPTED if script else RULES).text


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
    sides = [put(fold(side, RULES), SIDE, rounded).text for side in row.sides]
    return [glyphs.SIGNS[sign].text for sign in row.signs], sides


def _bare(line: str) -> str:
    """Without combining accents: what takes up a column."""
    return "".join(sign for sign in line if not unicodedata.combining(sign))


# One rule for each kind of node


def _number(node: Number, _: Look) -> Piece:
    mantissa, exponent = glyphs.split_number(node.digits)
    if exponent:
        return Piece(f"{mantissa}e{exponent}", Level.POWER, Edge.NUMBER, Edge.NUMBER)
    return Piece(mantissa, first=Edge.NUMBER, last=Edge.NUMBER)


def _symbol(node: Symbol, look: Look) -> Piece:
    glyph = glyphs.letter(node.glyph).text
    if node.style == "bb":
        glyph = text_written.DOUBLE.get(glyph, glyph)
    edge = Edge.LETTER if len(glyph) == 1 and glyph.isalpha() else Edge.WORD
    if node.accent:
        glyph = unicodedata.normalize("NFC", glyph + glyphs.ACCENTS[node.accent])
    below = subscript([look(child) for child in node.sub])
    written = glyph + below + "'" * node.primes + superscript(node, look)
    level = Level.POWER if node.sup else Level.ATOM
    return Piece(written, level, first=edge, last=edge)


def _scripted(node: Symbol, look: Look) -> Piece:
    piece = _symbol(node, look)
    if (node.glyph, node.style) != ("L", "cal"):
        return piece
    return piece._replace(text="\N{SCRIPT CAPITAL L}" + piece.text.removeprefix("L"))


def _sum(node: Sum, look: Look) -> Piece:
    parts = list(precedence.summands(node, look, rounded))
    written = parts[0][1].text + "".join(f" {sign} {part.text}" for sign, part in parts[1:])
    return joined(written.lstrip(), [part for _, part in parts], Level.SUM)


def _negative(node: Negative, look: Look) -> Piece:
    return precedence.negative(look(node.body), rounded)


def _product(node: Product, look: Look) -> Piece:
    parts = precedence.factors(node, look, rounded)
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
            put(above, precedence.DIVIDED, rounded),
            put(below, precedence.DIVISOR, rounded),
        ]
        return joined(f"{parts[0].text} ⊘ {parts[1].text}", parts, Level.DIVISION)
    fits = " " not in above.text or isinstance(node.numerator, Fenced | Call | Apply)
    whole = precedence.DIVIDED.takes(above) and fits
    parts = [above if whole else outer(above), put(below, DIFFERENTIAL, outer)]
    stroke = "/" if whole else " / "
    return joined(stroke.join(part.text for part in parts), parts, Level.DIVISION)


def _derivative(node: Derivative, look: Look) -> Piece:
    sign = "d" if node.total else "∂"
    parts = [put(look(n), DIFFERENTIAL, rounded) for n in (node.numerator, node.denominator)]
    if node.total and not isinstance(node.numerator, Symbol | Function):
        edge = parts[0].first
        if edge is Edge.WORD or (edge is Edge.BRACKET and isinstance(node.numerator, _RAISED)):
            parts[0] = rounded(parts[0])  # dmax(a, b) would be one name
    written = "/".join(sign + part.text for part in parts)
    return Piece(written, Level.DERIVATIVE)


def _raised(node: Power, look: Look) -> Piece:
    return powered(look(node.base), exponent_of(look(node.exponent)))


def _transpose(node: Transpose, look: Look) -> Piece:
    return powered(look(node.body), "ᵀ")


def _apply(node: Apply, look: Look) -> Piece:
    name = named(node.function, node.primes)
    raised = "" if node.power == 1 else str(node.power).translate(glyphs.SUPERSCRIPTS)
    inside = listed(node.arguments, look)
    bracketed = inside if isinstance(node.arguments[0], Matrix) else rounded(inside)
    below = subscript([look(part) for part in node.sub])
    written = f"{name.text}{below}{raised}{bracketed.text}"
    level = Level.ATOM if node.power == 1 else Level.POWER
    return Piece(written, level, first=name.first, last=Edge.BRACKET)


def _function(node: Function, _: Look) -> Piece:
    return named(node.name, node.primes)


def _big_sum(node: BigSum, look: Look) -> Piece:
    below = "" if node.index is None else look(node.index).text
    if node.lower is not None:
        below += f"={look(node.lower).text}"
    limits = subscript([Piece(below)]) if below else ""
    if node.upper is not None:
        above = run_of([look(node.upper)])
        if SMALL_ABOVE.issuperset(above):
            limits += above.translate(glyphs.SUPERSCRIPTS)
        else:
            limits += f"^{above}" if len(above) == 1 else f"^{{{above}}}"
    body = put(look(node.body), SUBTRAHEND, rounded)
    sign = text_written.BIG[node.glyph]
    return Piece(f"{sign}{limits} {body.text}", Level.POWER, greedy=True)


def _delta(node: Delta, look: Look) -> Piece:
    written = "δ" + subscript([look(node.first), look(node.second)])
    return Piece(written, first=Edge.LETTER, last=Edge.LETTER)


def _cases(node: Cases, look: Look) -> Piece:
    rows = []
    for value, condition in node.rows:
        when = "otherwise" if condition is None else f"if {look(condition).text}"
        rows.append(f"{put(look(value), SIDE, rounded).text} {when}")
    return Piece(f"{{ {'; '.join(rows)} }}", Level.CASES)


def _interval(node: Interval, look: Look) -> Piece:
    shape = "square" if node.closed else "round"
    return enclose(listed((node.lower, node.upper), look), *BRACKETS[shape])


def _fenced(node: Fenced, look: Look) -> Piece:
    return enclose(put(look(node.body), ANYTHING, rounded), *BRACKETS[node.shape])


def _relation(node: Relation, look: Look) -> Piece:
    sides = [put(look(side), SIDE, rounded) for side in node.sides]
    signs = ("", *(f" {glyphs.SIGNS[sign].text} " for sign in node.signs))
    written = "".join(sign + side.text for sign, side in zip(signs, sides, strict=True))
    return joined(written.strip(), sides, Level.RELATION)


RULES: Rules = {
    **text_written.RULES,
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
    Fenced: _fenced,
    Relation: _relation,
}
"""How each kind of node is printed."""

SCRIPTED: Rules = {**RULES, Symbol: _scripted}
"""The same where a letter's style must be told."""
