"""Pieces of written text with the strength of their outermost operator.

Both kinds of text that a module holds, Python and the formulas in its comments, are put together
here; a :class:`Dialect` is all in which they differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

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
    above: Callable[[Piece], Piece]
    """``u > 0`` as 1 or 0."""
    positive_part: Callable[[Piece], Piece]
    """``max(u, 0)``."""
    choice: Callable[[Piece, Piece, Piece], Piece]
    """``choice(condition, then, otherwise)``."""
    constant: Callable[[str], Piece]
    """``pi`` or ``e``."""


def _python_power(base: Piece, exponent: str) -> str:
    simple = base.text.isidentifier()
    return f"{base.text}**{exponent}" if simple else f"{base.at(Level.ATOM)} ** {exponent}"


PYTHON = Dialect(
    times=" * ",
    scaled=" * ",
    divided_first=True,
    power=_python_power,
    call=lambda name, argument: Piece(f"np.{name}({argument})"),
    above=lambda u: Piece(f"({u.text} > 0)"),
    positive_part=lambda u: Piece(f"np.maximum({u.text}, 0)"),
    choice=lambda condition, then, otherwise: Piece(
        f"np.where({condition.text}, {then.text}, {otherwise.text})"
    ),
    constant=lambda name: Piece(f"np.{name}"),
)
"""NumPy."""

FORMULA = Dialect(
    times=" * ",
    scaled=" ",
    divided_first=False,
    power=lambda base, exponent: f"{base.at(Level.ATOM)}^{exponent}",
    call=lambda name, argument: Piece(f"{name}({argument})"),
    above=lambda u: Piece(f"[{u.text} > 0]"),
    positive_part=lambda u: Piece(f"max({u.text}, 0)"),
    choice=lambda condition, then, otherwise: Piece(
        f"({then.text} if {condition.text} else {otherwise.text})"
    ),
    constant=Piece,
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
    over = _numbers(abs(scale.number.numerator), _powers(scale, 1, dialect))
    under = _numbers(scale.number.denominator, _powers(scale, -1, dialect))
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
    """The piece with its sign."""
    return Piece(f"-{piece.at(Level.MATRIX_PRODUCT)}", Level.SUM) if negative else piece
