"""Names as they are written: which letter, accent and index a word stands for.

>>> symbol("y_hat") == symbol("ŷ")
True
>>> symbol_name(symbol("ŷ")), symbol_name(symbol("z₁")), function_word("σ")
('y_hat', 'z1', 'sigma')
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal, cast

from derive.notation import glyphs
from derive.notation.tree import Node, Number, Symbol

_SPELLED = {spelling.text: name for name, spelling in glyphs.FUNCTIONS.items()}
_LETTERS = {spelling.text: name for name, spelling in glyphs.LETTERS.items()}
_NAMED_ACCENT = re.compile(r"(?P<base>.+)_(?P<accent>hat|bar|tilde)")
_SCRIPTED = re.compile(r"(?P<base>[^\d_]+)_?(?P<digits>\d+)")
_ACCENTS = {mark: name for name, mark in glyphs.ACCENTS.items()}


def function_word(name: str) -> str:
    """The canonical name of a function: ``ReLU`` is ``relu``, ``σ`` is ``sigma``."""
    return _SPELLED.get(name) or _LETTERS.get(name, name)


def symbol(name: str) -> Symbol:
    """``y_hat`` and ``ŷ`` are a y with a hat, ``z1``, ``z_1`` and ``z₁`` a z with an index."""
    plain, accent = unicodedata.normalize("NFKD", name), ""
    for mark, word in _ACCENTS.items():
        if mark in plain:
            plain, accent = plain.replace(mark, "", 1), word
    found = _NAMED_ACCENT.fullmatch(plain)
    if found and not accent:
        plain, accent = found["base"], found["accent"]
    scripted = _SCRIPTED.fullmatch(plain)
    sub: tuple[Node, ...] = ()
    if scripted:
        plain, sub = scripted["base"], (Number(scripted["digits"]),)
    glyph = _LETTERS.get(plain, plain)
    return Symbol(glyph, sub, accent=cast(Literal["", "hat", "bar", "tilde"], accent))


def symbol_name(symbol: Symbol) -> str:
    """A symbol in ASCII: ``ŷ`` is ``y_hat``, ``z₁`` is ``z1``."""
    digits = "".join(part.digits for part in symbol.sub if isinstance(part, Number))
    return symbol.glyph + digits + (f"_{symbol.accent}" if symbol.accent else "")
