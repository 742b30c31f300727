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

from derive.notation import glyphs, latex_written, precedence
from derive.notation.latex_parts import (
    BRACKETS,
    called,
    edge_of,
    enclose,
    fraction,
    listed,
    named,
    powered,
    rounded,
    run_of,
    styled,
    subscript,
    superscript,
)
from derive.notation.precedence import (
    ANYTHING,
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
    sides = [put(fold(side, RULES), SIDE, rounded).text for side in row.sides]
    signs = [glyphs.SIGNS[sign].latex for sign in row.signs]
    if not signs:
        return [f"& {sides[0]}"]
    first = f"{sides[0]} &{signs[0]} {sides[1]}"
    return [first, *(f"&{s} {side}" for s, side in zip(signs[1:], sides[2:], strict=True))]


def _stacked(lines: Sequence[str]) -> str:
    r"""Lines joined by ``\\``; a bracket that opens a line must not be taken for its option."""
    safe = ["{}" + line if line.startswith("[") else line for line in lines]
    return " \\\\\n".join(safe)


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
    text = latex_written.accented(styled(node.glyph, node.style), node.accent)
    upright = edge_of(text)
    text += "'" * node.primes + subscript([look(child) for child in node.sub])
    if node.sup:
        above = run_of([look(child) for child in node.sup])
        text += superscript(f"[{above}]" if node.bracket else above)
    level = Level.POWER if node.sup else Level.ATOM
    return Piece(text, level, first=upright, last=Edge.LETTER if node.sub or node.sup else upright)


def _sum(node: Sum, look: Look) -> Piece:
    parts = list(precedence.summands(node, look, rounded))
    text = parts[0][1].text + "".join(f" {sign} {part.text}" for sign, part in parts[1:])
    return joined(text.lstrip(), [part for _, part in parts], Level.SUM)


def _negative(node: Negative, look: Look) -> Piece:
    return precedence.negative(look(node.body), rounded)


def _product(node: Product, look: Look) -> Piece:
    parts = precedence.factors(node, look, rounded)
    if node.glyph:
        text = glyphs.PRODUCTS[node.glyph].latex.join(part.text for part in parts)
    else:
        gaps = ("", *(_GAPS[precedence.gap(a, b)] for a, b in pairwise(parts)))
        text = "".join(gap + part.text for gap, part in zip(gaps, parts, strict=True))
    return joined(text, parts, precedence.PRODUCT_LEVELS[node.glyph])


def _quotient(node: Quotient, look: Look) -> Piece:
    if node.elementwise:
        above = put(look(node.numerator), precedence.DIVIDED, rounded)
        parts = [above, put(look(node.denominator), precedence.DIVISOR, rounded)]
        return joined(f"{parts[0].text} \\oslash {parts[1].text}", parts, Level.DIVISION)
    return fraction(look(node.numerator).text, look(node.denominator).text, Edge.FRACTION)


def _derivative(node: Derivative, look: Look) -> Piece:
    sign = r"\mathrm{d}" if node.total else r"\partial"
    parts = [put(look(n), DIFFERENTIAL, rounded) for n in (node.numerator, node.denominator)]
    above, below = (f"{sign} {part.text}" for part in parts)
    if parts[0].height == TALL:
        body = rounded(look(node.numerator))
        text = f"\\frac{{{sign}}}{{{below}}} {body.text}"
        return Piece(text, Level.POWER, last=Edge.BRACKET, greedy=True, height=TALL)
    return fraction(above, below, Edge.OTHER)


def _raised(node: Power, look: Look) -> Piece:
    return powered(look(node.base), run_of([look(node.exponent)]))


def _transpose(node: Transpose, look: Look) -> Piece:
    return powered(look(node.body), r"\top")


def _apply(node: Apply, look: Look) -> Piece:
    inside, below = listed(node.arguments, look), subscript([look(part) for part in node.sub])
    if node.function in glyphs.ENCLOSING and not node.primes:
        body = enclose(inside, *glyphs.ENCLOSING[node.function])
        body = body._replace(text=body.text + below)
        return body if node.power == 1 else powered(body, str(node.power))
    if node.function == "sqrt" and not (node.primes or below) and node.power == 1:
        return _root(node, look)
    name = named(node.function, node.primes)
    raised = "" if node.power == 1 else superscript(str(node.power))
    level = Level.ATOM if node.power == 1 else Level.POWER
    body = inside if _is_matrix(node.arguments) else called(inside)
    return body._replace(text=name.text + below + raised + body.text, level=level, first=name.first)


def _root(node: Apply, look: Look) -> Piece:
    body, *order = [look(part) for part in node.arguments]
    index = f"[{order[0].text}]" if order else ""
    return Piece(f"\\sqrt{index}{{{body.text}}}", Level.POWER, height=body.height)


def _is_matrix(arguments: Sequence[Node]) -> bool:
    """A matrix brings its own brackets."""
    return len(arguments) == 1 and isinstance(arguments[0], Matrix)


def _function(node: Function, _: Look) -> Piece:
    return named(node.name, node.primes)


def _big_sum(node: BigSum, look: Look) -> Piece:
    below = "" if node.index is None else look(node.index).text
    if node.lower is not None:
        below += f"={look(node.lower).text}"
    above = "" if node.upper is None else run_of([look(node.upper)])
    sign = latex_written.limits(latex_written.BIG[node.glyph], below, above)
    body = put(look(node.body), SUBTRAHEND, rounded)
    return Piece(f"{sign} {body.text}", Level.POWER, greedy=True, height=TALL)


def _delta(node: Delta, look: Look) -> Piece:
    text = r"\delta" + subscript([look(node.first), look(node.second)])
    return Piece(text, first=Edge.LETTER, last=Edge.LETTER)


def _cases(node: Cases, look: Look) -> Piece:
    lines = []
    for value, condition in node.rows:
        when = "otherwise" if condition is None else "if } " + look(condition).text
        end = "}" if condition is None else ""
        lines.append(f"{put(look(value), SIDE, rounded).text} & \\text{{{when}{end}")
    text = f"\\begin{{cases}} {_stacked(lines)} \\end{{cases}}".replace("\n", " ")
    return Piece(text, Level.CASES, height=TALL)


def _interval(node: Interval, look: Look) -> Piece:
    shape = "square" if node.closed else "round"
    return enclose(listed((node.lower, node.upper), look), *BRACKETS[shape])


def _fenced(node: Fenced, look: Look) -> Piece:
    return enclose(put(look(node.body), ANYTHING, rounded), *BRACKETS[node.shape])


def _relation(node: Relation, look: Look) -> Piece:
    sides = [put(look(side), SIDE, rounded) for side in node.sides]
    signs = ("", *(f" {glyphs.SIGNS[sign].latex} " for sign in node.signs))
    text = "".join(sign + side.text for sign, side in zip(signs, sides, strict=True))
    return joined(text.strip(), sides, Level.RELATION)


RULES: Rules = {
    **latex_written.RULES,
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
