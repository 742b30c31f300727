"""Signs outside of ASCII: raised and lowered characters, letters with accents, operators.

LaTeX and plain text share them: ``x²`` is ``x^{2}``, ``hᵢ`` is ``h_{i}``, ``ŷ`` is a y with a hat.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from functools import cache

from derive.notation.glyphs import ACCENTS, LETTERS
from derive.notation.letters import split
from derive.notation.tokens import Kind, Token
from derive.notation.vocabulary import RELATION_SIGNS

_MARKS = {mark: name for name, mark in ACCENTS.items()}
_GREEK = {spelling.text: name for name, spelling in LETTERS.items() if len(spelling.text) == 1}
_GREEK |= {"ϵ": "epsilon", "ϕ": "phi", "ϑ": "theta", "ς": "sigma", "⊤": "top", "′": "prime"}
_GREEK |= {"Ω": "Omega", "µ": "mu", "∗": "ast", "☉": "odot"}

SIGNS: dict[str, str] = {sign: sign for sign in "+-/^_',;()[]{}·×@*⊙⊘∘⊗⟨⟩⌊⌋⌈⌉|‖:"}
SIGNS |= {"−": "-", "–": "-", "﹣": "-", "÷": "/", "⋅": "·", "∙": "·", "•": "·", "∗": "*"}
SIGNS |= {"′": "'", "’": "'", "⊚": "∘", "◦": "∘", "∣": "given", "∥": "‖", "〈": "⟨", "〉": "⟩"}
SIGNS |= {
    "⇒": "implies",
    "⟹": "implies",
    "⇔": "implies",
    "=>": "implies",
    "==>": "implies",
    "∴": "implies",
    "○": "∘",
    "⨀": "⊙",
}
SIGNS |= {"（": "(", "）": ")", "，": ",", "：": ":", "；": ";"}
"""Every sign that is one character, as the parser knows it."""

_COMMANDS = {"∂": "partial", "√": "sqrt", "Σ": "sum", "∑": "sum", "∏": "prod", "∫": "int"}
_WORDS = {"∀": "for"}
_STYLES = {"BOLD": "bold", "SCRIPT": "cal", "DOUBLE-STRUCK": "bb", "SANS-SERIF": "sans"}

Make = Callable[[Kind, str, int, int], Token]
"""Kind, text, place in the text and width -> a token."""


def is_letter(sign: str) -> bool:
    """A letter on the line: neither raised nor lowered."""
    return sign.isalpha() and not _shift(sign)


@cache
def _shift(sign: str) -> str:
    """``<super>``, ``<sub>`` or nothing."""
    kind = unicodedata.decomposition(sign).partition(" ")[0]
    return kind if kind in ("<super>", "<sub>") else ""


def foreign(text: str, at: int, make: Make) -> tuple[list[Token], int]:
    """The tokens of what begins at a character outside of ASCII, and where it ends.

    Nothing where the character has no meaning.
    """
    sign = text[at]
    shift = _shift(sign)
    if shift:
        end = at
        while end < len(text) and (_shift(text[end]) == shift):
            end += 1
        return list(_shifted(text[at:end], at, shift, make)), end
    kind = unicodedata.decomposition(sign).partition(" ")[0]
    if kind == "<fraction>":
        return list(_fraction(sign, at, make)), at + 1
    if sign == "…":
        return [make(Kind.NAME, "ldots", at, 1)], at + 1
    if sign in _COMMANDS:
        return [make(Kind.COMMAND, _COMMANDS[sign], at, 1)], at + 1
    if sign in _WORDS:
        return [make(Kind.WORD, _WORDS[sign], at, 1)], at + 1
    if sign in SIGNS:
        return [make(Kind.SIGN, SIGNS[sign], at, 1)], at + 1
    if sign in RELATION_SIGNS:
        return [make(Kind.SIGN, RELATION_SIGNS[sign], at, 1)], at + 1
    return _letter(text, at, make)


def _letter(text: str, at: int, make: Make) -> tuple[list[Token], int]:
    end = at + 1
    while end < len(text) and unicodedata.combining(text[end]):
        end += 1
    found, width = list[Token](), end - at
    plain = unicodedata.normalize("NFKD", text[at:end])
    style = _style(text[at])
    if style:
        found.append(make(Kind.COMMAND, f"style {style}", at, width))
    for mark in plain[1:]:
        if mark not in _MARKS:
            return [], at
        found.append(make(Kind.COMMAND, f"accent {_MARKS[mark]}", at, width))
    glyph = _GREEK.get(text[at]) or _GREEK.get(plain[0], plain[0])
    if len(glyph) == 1 and not (glyph.isascii() and glyph.isalnum()):
        return [], at
    kind = Kind.NUMBER if glyph.isdigit() else Kind.NAME
    return [*found, make(kind, glyph, at, width)], end


@cache
def _style(sign: str) -> str:
    name = unicodedata.name(sign, "")
    if "MATHEMATICAL" not in name and "SCRIPT " not in name and "DOUBLE-STRUCK" not in name:
        return ""
    return next((style for word, style in _STYLES.items() if word in name.split()), "")


def _shifted(run: str, column: int, shift: str, make: Make) -> Iterator[Token]:
    """A raised or lowered run is one script; raised brackets say so."""
    yield make(Kind.SIGN, "^" if shift == "<super>" else "_", column, 1)
    yield make(Kind.GROUP, "{", column, 1)
    at = 0
    while at < len(run):
        plain = unicodedata.normalize("NFKD", run[at])
        end = at + 1
        if plain.isdigit():
            while end < len(run) and unicodedata.normalize("NFKD", run[end]).isdigit():
                end += 1
            digits = unicodedata.normalize("NFKD", run[at:end])
            yield make(Kind.NUMBER, digits, column + at, end - at)
        else:
            yield _one(plain, column + at, run, make)
        at = end
    yield make(Kind.GROUP, "}", column + len(run) - 1, 1)


def _one(plain: str, at: int, run: str, make: Make) -> Token:
    if plain == "T" and (len(run) == 1 or run.endswith("ᵀ")):
        return make(Kind.NAME, "top", at, 1)
    if plain in "()":
        return make(Kind.SIGN, "⁽" if plain == "(" else "⁾", at, 1)
    if plain == "=":
        return make(Kind.SIGN, "=", at, 1)
    if plain in ("−", "-", "+"):
        return make(Kind.SIGN, "-" if plain != "+" else "+", at, 1)
    return make(Kind.NAME, _GREEK.get(plain, plain), at, 1)


def _fraction(sign: str, at: int, make: Make) -> Iterator[Token]:
    """``½`` is a fraction of two numbers."""
    above, _, below = unicodedata.normalize("NFKD", sign).partition("\u2044")
    yield make(Kind.COMMAND, "frac", at, 1)
    for digits in (above, below or "1"):
        yield make(Kind.GROUP, "{", at, 1)
        yield make(Kind.NUMBER, digits, at, 1)
        yield make(Kind.GROUP, "}", at, 1)


def letters(run: str, at: int, make: Make, script: bool = False) -> Iterator[Token]:
    """The names in a run of ASCII letters."""
    for piece in split(run, script):
        yield make(piece.kind, piece.text, at, piece.width)
        at += piece.width
