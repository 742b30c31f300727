"""Pieces of written text with the strength of their outermost operator.

Both kinds of text that a module holds, Python and the formulas in its comments, are put together
here; a :class:`Dialect` is all in which they differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction

from derive.program.shapes import Scale


class Level(IntEnum):
    """How strongly the outermost operator of a piece binds."""

    SUM = 1
    MATRIX_PRODUCT = 2
    PRODUCT = 3
    """Elementwise, so that its factors may be regrouped."""
    POWER = 4
    ATOM = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A finished piece of text."""

    text: str
    level: Level = Level.ATOM

    def at(self, level: Level) -> str:
        """The text where an operand of this strength is needed, in parentheses if it is weaker."""
        return self.text if self.level >= level else f"({self.text})"

    def __format__(self, place: str) -> str:
        """In a template: ``{}`` stands alone, ``{:*}`` is a factor, ``{:.}`` the base of a suffix,
        ``{:**}`` the last factor of an elementwise product, ``{:@}`` the first of a matrix product.

        >>> "{0:*} * {1} and {0:.}.T".format(Piece("a + b", Level.SUM), Piece("c"))
        '(a + b) * c and (a + b).T'
        """
        if place == "@" and self.level is Level.MATRIX_PRODUCT:
            return self.text
        if place == "**" and self.text.startswith("1 / "):
            return f"({self.text})"
        return self.at(_PLACES[place])


_PLACES = {
    "": Level.SUM,
    "**": Level.PRODUCT,
    "*": Level.POWER,
    "@": Level.POWER,
    ".": Level.ATOM,
}
"""The least level that each place of a template takes without parentheses."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How operators and functions are spelled."""

    times: str
    """Between the elements of arrays."""
    scaled: str
    """Between a number and what it scales."""
    divided_first: bool
    """Whether a coefficient is one number, ``2 / m * z``, rather than ``2 z / m``."""
    power: Callable[[Piece, str], str]
    call: Callable[[str, str], Piece]
    """An elementary function of one argument."""
    root: Callable[[Piece], Piece]
    number_root: Callable[[Piece], Piece]
    number: Callable[[Piece], Piece]
    """Such a function's value at a number: it must not decide the type of an array."""
    constant: Callable[[str], Piece]
    """``pi`` or ``e``."""
    mask: Callable[[Piece], Piece]
    """A condition as a factor, 1 or 0."""
    positive_part: Callable[[Piece], Piece]
    """``max(u, 0)``."""
    choice: Callable[[Piece, Piece, Piece], Piece]
    """``choice(condition, then, otherwise)``."""
    guard: Callable[[Piece, int, Piece], Piece]
    """A value that may be replaced by a number where a condition holds: no formula says so."""
    typed: Callable[[Piece, Piece], Piece]
    """Constants by cases, in the type of an array."""


def _python_power(base: Piece, exponent: str) -> str:
    simple = all(re.fullmatch(r"[\w.]+", text) for text in (base.text, exponent))
    return f"{base.at(Level.ATOM)}{'**' if simple else ' ** '}{exponent}"


PYTHON = Dialect(
    times=" * ",
    scaled=" * ",
    divided_first=True,
    power=_python_power,
    call=lambda name, argument: Piece(f"np.{name}({argument})"),
    root=lambda piece: Piece(f"np.sqrt({piece.text})"),
    number_root=lambda piece: Piece(_python_power(piece, "0.5"), Level.POWER),
    number=lambda piece: Piece(f"float({piece.text})"),
    constant=lambda name: Piece(f"np.{name}"),
    mask=lambda condition: Piece(f"({condition.text})"),
    positive_part=lambda u: Piece(f"np.maximum({u.text}, 0)"),
    choice=lambda condition, then, otherwise: Piece(
        f"np.where({condition.text}, {then.text}, {otherwise.text})"
    ),
    guard=lambda condition, number, value: Piece(
        f"np.where({condition.text}, {number}, {value.text})"
    ),
    typed=lambda cases, array: Piece(f"{cases.text}.astype({array.at(Level.ATOM)}.dtype)"),
)
"""NumPy."""

FORMULA = Dialect(
    times=" * ",
    scaled=" ",
    divided_first=False,
    power=lambda base, exponent: f"{base.at(Level.ATOM)}^{exponent}",
    call=lambda name, argument: Piece(f"{name}({argument})"),
    root=lambda piece: Piece(f"sqrt({piece.text})"),
    number_root=lambda piece: Piece(f"sqrt({piece.text})"),
    number=lambda piece: piece,
    constant=lambda name: Piece(name),
    mask=lambda condition: Piece(f"[{condition.text}]"),
    positive_part=lambda u: Piece(f"max({u.text}, 0)"),
    choice=lambda condition, then, otherwise: Piece(
        f"({then.text} if {condition.text} else {otherwise.text})"
    ),
    guard=lambda condition, number, value: value,
    typed=lambda cases, array: cases,
)
"""ASCII mathematics: juxtaposition is the matrix product, ``*`` the elementwise one."""


def product(factors: Sequence[Piece], sign: str) -> Piece:
    """The factors with a sign between them."""
    if len(factors) == 1:
        return factors[0]
    first, *rest = factors
    texts = [first.at(Level.PRODUCT), *(factor.at(Level.POWER) for factor in rest)]
    return Piece(sign.join(texts), Level.PRODUCT)


def scaled(scale: Scale, body: Piece | None, dialect: Dialect) -> tuple[bool, Piece]:
    """A coefficient times a piece: whether it is negative, and its magnitude.

    ``2 / m * body`` in Python, so that numbers meet before arrays; ``2 body / m`` in a formula.
    """
    decimal = _decimal(scale)
    over = _numbers(abs(scale.number.numerator), _powers(scale, 1, dialect))
    under = _numbers(scale.number.denominator, _powers(scale, -1, dialect))
    over, under = ([Piece(decimal)], []) if decimal else (over, under)
    negative = scale.number < 0
    number = product(over or [Piece("1")], dialect.scaled)
    below = product(under, dialect.scaled) if under else None
    if body is None:
        return negative, _over(number, below)
    if not over:
        return negative, _over(body, below)
    if not dialect.divided_first:
        return negative, _over(product([number, body], dialect.scaled), below)
    return negative, product([_over(number, below), body], dialect.times)


def _decimal(scale: Scale) -> str:
    """The magnitude of a coefficient that a person writes as a decimal: 1.702, not 851/500."""
    number = abs(scale.number)
    digits = Decimal(number.numerator) / Decimal(number.denominator)
    written = f"{digits.normalize():f}"
    odd = number.denominator % 5 or (number.numerator == 1 and number.denominator > 100)
    return "" if odd or scale.sizes or Fraction(written) != number else written


def _over(body: Piece, below: Piece | None) -> Piece:
    if below is None:
        return body
    return Piece(f"{body.at(Level.PRODUCT)} / {below.at(Level.POWER)}", Level.PRODUCT)


def _numbers(number: int, powers: list[Piece]) -> list[Piece]:
    return ([Piece(str(number))] if number != 1 else []) + powers


def _powers(scale: Scale, sign: int, dialect: Dialect) -> list[Piece]:
    return [
        Piece(name)
        if power * sign == 1
        else Piece(dialect.power(Piece(name), str(power * sign)), Level.POWER)
        for name, power in scale.sizes
        if power * sign > 0
    ]


def added(terms: Iterable[tuple[bool, Piece]]) -> tuple[bool, Piece]:
    """A sum of (negative, magnitude), the positive terms first; a sign that all share goes out."""
    ordered = sorted(terms, key=lambda term: term[0])
    if all(negative for negative, _ in ordered):
        return True, added((False, piece) for _, piece in ordered)[1]
    (_, first), *rest = ordered
    text = first.text
    for negative, piece in rest:
        text += f" - {piece.at(Level.MATRIX_PRODUCT)}" if negative else f" + {piece.text}"
    return False, Piece(text, Level.SUM) if rest else first


def signed(negative: bool, piece: Piece) -> Piece:
    """The piece with its sign; Python's formatters write ``-(u**2)``."""
    if not negative:
        return piece
    bare = piece.level is Level.POWER and "**" in piece.text
    text = f"({piece.text})" if bare else piece.at(Level.MATRIX_PRODUCT)
    return Piece(f"-{text}", Level.SUM)
