"""Which character a damaged one was: the order in which the candidates are tried.

Mathematics comes first; among mathematics what makes the document's names resolve (beside an
intact ``W₂`` a damaged ``W`` with a subscript is ``W₁``), then what its neighbours ask for (an
operator between two operands), then how common the character is.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

COMMON = "₁←ρ⁻∂≈∈∏∝∞ℝ═└┐┘┌–”“❌📐🎯🔍📝"
"""The commonest first. Those of one damaged form compete with each other only."""

_MATHEMATICS = (
    (0x0370, 0x03FF),  # Greek
    (0x02B0, 0x02FF),  # raised letters
    (0x0300, 0x0345),  # hats and bars
    (0x1D2C, 0x1D6A),  # raised and lowered letters
    (0x2070, 0x209C),  # raised and lowered digits
    (0x2100, 0x214F),  # double-struck, script
    (0x2190, 0x21FF),  # arrows
    (0x2200, 0x22FF),  # operators
    (0x27C0, 0x27EF),
    (0x2980, 0x2AFF),
    (0x1D400, 0x1D7CB),  # mathematical letters
)
_SIGNS = frozenset("±²³·×÷¹µ¬°¼½¾")

_TEXT = (
    (0x00A0, 0x017F),  # Latin letters and signs
    (0x0218, 0x021B),
    (0x1E00, 0x1EFF),
    (0x2000, 0x206F),  # punctuation
    (0x20A0, 0x20CF),
    (0x2300, 0x23FF),
    (0x2460, 0x27BF),  # frames, shapes, dingbats
    (0x2B00, 0x2BFF),
    (0xFE0F, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0x1D7CC, 0x1D7FF),  # bold digits; a lost byte makes pictures look like them
    (0x1F000, 0x1FAFF),  # pictures
)
_SCRIPTS = (
    (0x0400, 0x04FF),
    (0x05D0, 0x06FF),
    (0x0900, 0x0DFF),
    (0x3000, 0x30FF),
    (0x3400, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xFF00, 0xFFEF),
    (0x20000, 0x2FA1F),
)

_BINARY = frozenset("∝←→≐≝×·≈≤≥∈")
_PREFIX = frozenset("∏∐∑∂∇√")
_CARRIES = frozenset(")]}|⁺⁻⁽⁾₊₋₍₎")
"""What a raised or lowered sign follows, besides letters and digits."""
_OPENING = frozenset("([{=+-−×·⊙,/*^_<>≤≥≠≈∈←→")
_CLOSING = frozenset(")]},.;:")

MATHEMATICS, TEXT, SCRIPT, UNLIKELY, IMPOSSIBLE = range(5)
"""How likely a character is in a derivation, the likeliest first."""


@lru_cache(maxsize=1 << 14)
def likelihood(char: str) -> int:
    """Of a restored character, by what it is.

    >>> likelihood("₁") == MATHEMATICS, likelihood("é") == TEXT
    (True, True)
    """
    code = ord(char)
    if unicodedata.category(char) in {"Cn", "Co", "Cs", "Cc"}:
        return IMPOSSIBLE
    if char in _SIGNS or _within(code, _MATHEMATICS):
        return MATHEMATICS
    if _within(code, _TEXT):
        return TEXT
    return SCRIPT if _within(code, _SCRIPTS) else UNLIKELY


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What stands around a damaged character."""

    before: str
    """The character just before it, or nothing at a line's beginning."""
    after: str
    solid_before: str = ""
    """The nearest character before it that is not blank, on its line."""
    solid_after: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """How often a character is followed by one of a family in the document's intact text."""

    pairs: Counter[tuple[str, str]]

    def resolves(self, before: str, char: str) -> int:
        """Intact pairs like `before` with `char`."""
        return self.pairs[before, family(char)] if before.isalnum() else 0


def names(text: str) -> Names:
    """The pairs of a text."""
    pairs = Counter(pairwise(text))
    found: Counter[tuple[str, str]] = Counter()
    for (before, char), count in pairs.items():
        if char > "\x7f":
            found[before, family(char)] += count
    return Names(found)


def family(char: str) -> str:
    """Characters of one family take each other's place: lowered digits, raised letters, ...

    >>> family("₁") == family("₂") != family("ₐ")
    True
    """
    form = unicodedata.decomposition(char).split(" ")
    if form[0] in {"<sub>", "<super>"}:
        return form[0] + unicodedata.category(chr(int(form[1], 16)))
    return unicodedata.category(char)


def ranked(chars: Iterable[str], around: Neighbours, known: Names) -> tuple[str, ...]:
    """The possible characters, the likeliest first; impossible ones are left out."""

    def order(char: str) -> tuple[int, int, int, int, int]:
        common = COMMON.find(char)
        return (
            likelihood(char),
            -known.resolves(around.before, char),
            _misfit(char, around),
            common if common >= 0 else len(COMMON),
            ord(char),
        )

    possible = {char for char in chars if likelihood(char) != IMPOSSIBLE}
    return tuple(sorted(possible, key=order))


def _misfit(char: str, around: Neighbours) -> int:
    """0 where an operator or an operand stands where its neighbours ask for one, else 1."""
    left = bool(around.solid_before) and around.solid_before not in _OPENING
    right = bool(around.solid_after) and around.solid_after not in _CLOSING
    if char in _BINARY:
        return int(not (left and right))
    if char in _PREFIX:
        return int(left or not right)
    if family(char).startswith("<su"):
        return int(not around.before.isalnum() and around.before not in _CARRIES)
    if char == "∞":
        return int(left or (right and around.solid_after not in _OPENING))
    return 0


def _within(code: int, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(first <= code <= last for first, last in ranges)
