"""Words and signs of written mathematics, from ASCII and Unicode text.

The parser (:mod:`derive.notation.parse`) reads :class:`Token` only, so another alphabet (LaTeX)
needs another tokenizer and nothing else. A token's ``text`` is canonical: ``**`` is ``^``, ``≤`` is
``<=``, and ``x²`` comes as ``x ^ ( 2 )``.

>>> [token.text for token in tokens("1.702 ŷ²")]
['1.702', 'ŷ', '^', '(', '2', ')', '']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from derive.errors import DeriveError
from derive.notation.glyphs import ACCENTS, SUBSCRIPTS, SUPERSCRIPTS

_WIDTH = 100
"""Characters of the text that a message repeats."""


class Kind(Enum):
    """What a token is to the parser."""

    NUMBER = "number"
    NAME = "name"
    WORD = "word"
    """Of :data:`WORDS`."""
    UPRIGHT = "upright name"
    """A name of more than one letter where single letters are the rule; see ``letters``."""
    SIGN = "sign"
    COMMAND = "command"
    """What has operands of its own: a fraction, an accent, an environment."""
    GROUP = "group"
    """A brace that is not seen."""
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word or sign, in canonical spelling."""

    kind: Kind
    text: str
    """Empty at the end."""
    column: int
    """Where it begins, counted from 0."""
    width: int = 1

    @property
    def told(self) -> str:
        """As a message names it."""
        return repr(self.text) if self.text else "the end"


class NotationError(DeriveError):
    """Text that is no mathematics, with the place in it."""

    def __init__(
        self,
        message: str,
        column: int = 0,
        width: int = 1,
        *,
        path: str | None = None,
        line: int | None = None,
    ):
        super().__init__(message, path=path, line=line)
        self.column = column
        """Counted from 0."""
        self.width = width


def marked(message: str, text: str, column: int, width: int = 1) -> str:
    """The message with its column, the part of the text around it, and a mark below."""
    start = max(0, column - _WIDTH // 2)
    part = "".join(c if c.isprintable() else " " for c in text[start : start + _WIDTH])
    marks = "^" * max(1, min(width, _WIDTH // 2))
    return f"column {column + 1}: {message}\n  {part}\n  {' ' * (column - start)}{marks}"


WORDS = frozenset({"if", "then", "else", "otherwise"})
"""Names that structure a definition by cases."""

SIGNS: dict[str, str] = {sign: sign for sign in ("<=", ">=", *"+-*/^()[]{},;|'<>")}
SIGNS |= {"**": "^", "×": "×", "·": "·", "⋅": "·", "∙": "·", "⊙": "⊙", "⊘": "⊘"}
SIGNS |= {"−": "-", "–": "-", "≤": "<=", "≥": ">=", "⩽": "<=", "⩾": ">=", "′": "'", "÷": "/"}
"""Every sign, with its canonical spelling."""

_RAISED = {chr(small): chr(plain) for plain, small in SUPERSCRIPTS.items()}
_LOWERED = frozenset(map(chr, SUBSCRIPTS.values()))
_ABOVE = frozenset(_RAISED) - {"⁽", "⁾", "⁼"}
_DIGITS_BELOW = frozenset("₀₁₂₃₄₅₆₇₈₉")
_ACCENTED = frozenset(ACCENTS.values())
_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def tokens(text: str) -> list[Token]:
    """The tokens of a text, the last of kind END.

    Raises:
        NotationError: a character that is neither a letter nor a known sign.
    """
    found = list(_scan(text, 0))
    return [*found, Token(Kind.END, "", len(text))]


def _scan(text: str, offset: int) -> Iterator[Token]:
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if text[at] in _ABOVE:
            end = _run(text, at, _ABOVE)
            yield from _superscript(text[at:end], offset + at)
        else:
            token = _token(text, at, offset)
            yield token
            end = at + token.width
        at = end


def _run(text: str, start: int, allowed: frozenset[str]) -> int:
    """Where the run of allowed characters ends."""
    end = start
    while end < len(text) and text[end] in allowed:
        end += 1
    return end


def _superscript(run: str, column: int) -> Iterator[Token]:
    """``x²`` as ``x ^ ( 2 )``: a small run is one exponent."""
    plain = "".join(_RAISED[small] for small in run)
    yield Token(Kind.SIGN, "^", column)
    yield Token(Kind.SIGN, "(", column)
    yield from _scan(plain, column)
    yield Token(Kind.SIGN, ")", column + len(run) - 1)


def _token(text: str, at: int, offset: int) -> Token:
    number = _NUMBER.match(text, at)
    if number:
        return Token(Kind.NUMBER, _canonical(number[0]), offset + at, len(number[0]))
    if _is_letter(text[at]):
        return _name(text, at, offset)
    if text[at] == "√":
        return Token(Kind.NAME, "sqrt", offset + at)
    for width in (2, 1):
        sign = SIGNS.get(text[at : at + width])
        if sign and len(text[at : at + width]) == width:
            return Token(Kind.SIGN, sign, offset + at, width)
    raise NotationError(_refused(text[at]), offset + at)


def _refused(sign: str) -> str:
    if sign in "=!":
        return f"a formula has no {sign!r}; the comparisons are <, <=, > and >="
    return f"{sign!r} has no meaning in a formula"


def _is_letter(sign: str) -> bool:
    return sign.isalpha() and sign not in _RAISED and sign not in _LOWERED


def _name(text: str, at: int, offset: int) -> Token:
    end = at + 1
    while end < len(text) and _continues(text[end]):
        end += 1
    name = unicodedata.normalize("NFC", text[at:end])
    return Token(Kind.WORD if name in WORDS else Kind.NAME, name, offset + at, end - at)


def _continues(sign: str) -> bool:
    ascii_part = sign == "_" or (sign.isascii() and sign.isdigit())
    return ascii_part or _is_letter(sign) or sign in _DIGITS_BELOW or sign in _ACCENTED


def _canonical(digits: str) -> str:
    """``.5`` is ``0.5`` and ``1.`` is ``1``."""
    mantissa, mark, exponent = digits.lower().partition("e")
    whole, _, decimals = mantissa.partition(".")
    number = f"{whole or '0'}.{decimals}" if decimals else whole
    return f"{number}{mark}{exponent}"
