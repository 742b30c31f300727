r"""LaTeX of a tree of written mathematics.

Only amsmath and amssymb are needed, and nothing is used that KaTeX in strict mode or the Markdown
of GitHub refuses (``\operatorname``, ``\mbox``, ``\phantom``, and ``\,`` or ``\!``, which Markdown
takes for escapes).

>>> from derive.notation.tree import Number, Product, Sum, Symbol, Negative
>>> latex(Product((Number("2"), Sum((Symbol("y", accent="hat"), Negative(Symbol("y")))))))
'2(\\hat{y} - y)'
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from derive.errors import DerivationError
from derive.notation import glyphs, precedence
from derive.notation.precedence import (
    ANYTHING,
    ARGUMENT,
    BASE,
    DIFFERENTIAL,
    SIDE,
    SUBTRAHEND,
    TALL,
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
_GROWN = (("", ""), (r"\bigl", r"\bigr"), (r"\Bigl", r"\Bigr"), (r"\left", r"\right"))
_GAPS = {Gap.NONE: "", Gap.SPACE: " ", Gap.WORD: r" \thinspace ", Gap.DOT: r" \cdot "}


def latex(node: Node) -> str:
    """``node`` in LaTeX, to be put between the delimiters of inline or displayed mathematics.

    Raises:
        DerivationError: A glyph or a number that cannot be printed, or a tree nested too deeply.
    """
    return fold(node, RULES).text


def aligned(rows: Sequence[Relation]) -> str:
    r"""Relations below each other, one sign a line: ``\begin{aligned} a &= b \\ &= c ...``."""
    lines = [line for row in rows for line in _lines(row)]
    return f"\\begin{{aligned}}\n{_stacked(lines)}\n\\end{{aligned}}"


def display(*rows: Relation) -> str:
    """The body of a displayed formula: one line where that is all there is, else aligned."""
    if len(rows) == 1 and len(rows[0].sides) <= 2:
        return latex(rows[0])
    return aligned(rows)


def _lines(row: Relation) -> list[str]:
    sides = [put(fold(side, RULES), SIDE, _round).text for side in row.sides]
    signs = [glyphs.SIGNS[sign].latex for sign in row.signs]
    if not signs:
        return [f"& {sides[0]}"]
    first = f"{sides[0]} &{signs[0]} {sides[1]}"
    return [first, *(f"&{s} {side}" for s, side in zip(signs[1:], sides[2:], strict=True))]


def _stacked(lines: Sequence[str]) -> str:
    r"""Lines joined by ``\\``; a bracket that opens a line must not be taken for its option."""
    safe = ["{}" + line if line.startswith("[") else line for line in lines]
    return " \\\\\n".join(safe)


# Brackets and scripts


def _enclose(piece: Piece, left: str, right: str) -> Piece:
    """Brackets as high as their content: ``((a + b) c)`` gets larger ones outside."""
    before, after = _GROWN[piece.height]
    gap = " " if before or left.startswith("\\") else ""
    text = f"{before}{left}{gap}{piece.text}{gap}{after}{right}"
    return Piece(text, first=Edge.BRACKET, last=Edge.BRACKET, height=min(piece.height + 1, TALL))


def _round(piece: Piece) -> Piece:
    return _enclose(piece, "(", ")")


def _called(arguments: Piece) -> Piece:
    """The brackets of a function: ``f(g(x))`` does not ask for larger ones."""
    return _round(arguments._replace(height=0) if arguments.height == 1 else arguments)


def _run(pieces: Sequence[Piece]) -> str:
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


def _sub(pieces: Sequence[Piece]) -> str:
    text = _run(pieces)
    return f"_{text}" if len(text) == 1 else f"_{{{text}}}" if text else ""


def _sup(text: str) -> str:
    return f"^{{{text}}}"


def _power(base: Piece, exponent: str) -> Piece:
    inner = put(base, BASE, _round)
    return inner._replace(text=inner.text + _sup(exponent), level=Level.POWER, last=Edge.OTHER)


def _listed(nodes: Sequence[Node], look: Look) -> Piece:
    """Comma-separated arguments."""
    pieces = [put(look(node), ARGUMENT, _round) for node in nodes]
    return Piece(
        ", ".join(p.text for p in pieces), height=max((p.height for p in pieces), default=0)
    )


# One rule for each kind of node


def _number(node: Number, _: Look) -> Piece:
    mantissa, exponent = glyphs.split_number(node.digits)
    if not exponent:
        return Piece(mantissa, first=Edge.NUMBER, last=Edge.NUMBER)
    power = f"10^{{{exponent}}}"
    if mantissa == "1":
        return Piece(power, Level.POWER, first=Edge.NUMBER)
    return Piece(f"{mantissa} \\times {power}", Level.TIMES, first=Edge.NUMBER)


def _symbol(node: Symbol, look: Look) -> Piece:
    text = _styled(node.glyph, node.style)
    if node.accent:
        text = f"\\{node.accent}{{{text}}}"
    upright = _edge(text)
    text += _sub([look(child) for child in node.sub])
    if node.sup:
        above = _run([look(child) for child in node.sup])
        text += _sup(f"[{above}]" if node.bracket else above)
    level = Level.POWER if node.sup else Level.ATOM
    return Piece(text, level, first=upright, last=Edge.LETTER if node.sub or node.sup else upright)


def _edge(text: str) -> Edge:
    """Upright words need a visible space beside them; TeX spaces its own functions itself."""
    if text.isdigit():
        return Edge.NUMBER
    return Edge.WORD if "\\mathrm" in text else Edge.LETTER


def _styled(glyph: str, style: str) -> str:
    plain = glyphs.letter(glyph).latex
    if not style or (style == "roman" and len(glyph) > 1):
        return plain
    if style == "bold" and glyph in glyphs.LETTERS:
        return f"\\boldsymbol{{{plain}}}"
    if style == "cal" and not (len(glyph) == 1 and glyph.isupper()):
        raise DerivationError(f"no calligraphic form of {glyph!r}: only capital letters have one")
    command = {"cal": "mathcal", "bold": "mathbf", "roman": "mathrm"}[style]
    return f"\\{command}{{{glyph}}}"


def _sum(node: Sum, look: Look) -> Piece:
    parts = list(precedence.summands(node, look, _round))
    text = parts[0][1].text + "".join(f" {sign} {part.text}" for sign, part in parts[1:])
    return joined(text, [part for _, part in parts], Level.SUM)


def _negative(node: Negative, look: Look) -> Piece:
    return precedence.negative(look(node.body), _round)


def _product(node: Product, look: Look) -> Piece:
    parts = precedence.factors(node, look, _round)
    if node.glyph:
        text = glyphs.PRODUCTS[node.glyph].latex.join(part.text for part in parts)
    else:
        gaps = ("", *(_GAPS[precedence.gap(a, b)] for a, b in pairwise(parts)))
        text = "".join(gap + part.text for gap, part in zip(gaps, parts, strict=True))
    return joined(text, parts, precedence.PRODUCT_LEVELS[node.glyph])


def _quotient(node: Quotient, look: Look) -> Piece:
    if node.elementwise:
        above = put(look(node.numerator), precedence.DIVIDED, _round)
        parts = [above, put(look(node.denominator), precedence.DIVISOR, _round)]
        return joined(f"{parts[0].text} \\oslash {parts[1].text}", parts, Level.DIVISION)
    return _fraction(look(node.numerator).text, look(node.denominator).text, Edge.FRACTION)


def _fraction(above: str, below: str, first: Edge) -> Piece:
    return Piece(f"\\frac{{{above}}}{{{below}}}", Level.POWER, first=first, height=TALL)


def _derivative(node: Derivative, look: Look) -> Piece:
    sign = r"\mathrm{d}" if node.total else r"\partial"
    parts = [put(look(n), DIFFERENTIAL, _round) for n in (node.numerator, node.denominator)]
    above, below = (f"{sign} {part.text}" for part in parts)
    if parts[0].height == TALL:
        body = _round(look(node.numerator))
        text = f"\\frac{{{sign}}}{{{below}}} {body.text}"
        return Piece(text, Level.POWER, last=Edge.BRACKET, greedy=True, height=TALL)
    return _fraction(above, below, Edge.OTHER)


def _raised(node: Power, look: Look) -> Piece:
    return _power(look(node.base), _run([look(node.exponent)]))


def _transpose(node: Transpose, look: Look) -> Piece:
    return _power(look(node.body), r"\top")


def _apply(node: Apply, look: Look) -> Piece:
    inside = _listed(node.arguments, look)
    if node.function in glyphs.ENCLOSING and not node.primes:
        body = _enclose(inside, *glyphs.ENCLOSING[node.function])
        return body if node.power == 1 else _power(body, str(node.power))
    if node.function == "sqrt" and not node.primes and node.power == 1:
        return Piece(f"\\sqrt{{{inside.text}}}", Level.POWER, height=inside.height)
    name = _named(node.function, node.primes)
    raised = "" if node.power == 1 else _sup(str(node.power))
    level = Level.ATOM if node.power == 1 else Level.POWER
    body = inside if _is_matrix(node.arguments) else _called(inside)
    return body._replace(text=name.text + raised + body.text, level=level, first=name.first)


def _is_matrix(arguments: Sequence[Node]) -> bool:
    """A matrix brings its own brackets."""
    return len(arguments) == 1 and isinstance(arguments[0], Matrix)


def _named(name: str, primes: int) -> Piece:
    text = glyphs.function_name(name).latex
    level = Level.POWER if primes else Level.ATOM
    return Piece(text + "'" * primes, level, _edge(text), _edge(text))


def _function(node: Function, _: Look) -> Piece:
    return _named(node.name, node.primes)


def _big_sum(node: BigSum, look: Look) -> Piece:
    below = look(node.index).text
    if node.lower is not None:
        below += f"={look(node.lower).text}"
    limits = _sub([Piece(below)])
    if node.upper is not None:
        limits += _sup(_run([look(node.upper)]))
    body = put(look(node.body), SUBTRAHEND, _round)
    return Piece(f"\\sum{limits} {body.text}", Level.POWER, greedy=True, height=TALL)


def _delta(node: Delta, look: Look) -> Piece:
    text = r"\delta" + _sub([look(node.first), look(node.second)])
    return Piece(text, first=Edge.LETTER, last=Edge.LETTER)


def _cases(node: Cases, look: Look) -> Piece:
    lines = []
    for value, condition in node.rows:
        when = "otherwise" if condition is None else "if } " + look(condition).text
        end = "}" if condition is None else ""
        lines.append(f"{put(look(value), SIDE, _round).text} & \\text{{{when}{end}")
    text = f"\\begin{{cases}} {_stacked(lines)} \\end{{cases}}".replace("\n", " ")
    return Piece(text, Level.CASES, height=TALL)


def _interval(node: Interval, look: Look) -> Piece:
    shape = "square" if node.closed else "round"
    return _enclose(_listed((node.lower, node.upper), look), *_BRACKETS[shape])


def _matrix(node: Matrix, look: Look) -> Piece:
    written = [[put(look(entry), ARGUMENT, _round).text for entry in row] for row in node.rows]
    lines = [" & ".join(row) for row in written]
    text = f"\\begin{{pmatrix}} {_stacked(lines)} \\end{{pmatrix}}".replace("\n", " ")
    return Piece(text, first=Edge.BRACKET, last=Edge.BRACKET, height=precedence.TALL)


def _fenced(node: Fenced, look: Look) -> Piece:
    return _enclose(put(look(node.body), ANYTHING, _round), *_BRACKETS[node.shape])


def _relation(node: Relation, look: Look) -> Piece:
    sides = [put(look(side), SIDE, _round) for side in node.sides]
    signs = ("", *(f" {glyphs.SIGNS[sign].latex} " for sign in node.signs))
    text = "".join(sign + side.text for sign, side in zip(signs, sides, strict=True))
    return joined(text, sides, Level.RELATION)


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
