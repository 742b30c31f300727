r"""What single signs look like, in LaTeX and in Unicode: letters, function names, operators.

Tables and look-ups only. A glyph is named once, canonically, in the tree; ``epsilon`` is the same
letter whether it is printed ``\varepsilon`` or ``ε``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from derive.errors import DerivationError
from derive.notation.tree import Glyph, Sign


class Spelling(NamedTuple):
    """One sign in both alphabets."""

    latex: str
    text: str


_LOWER = "alpha beta gamma delta zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon"
_GREEK = dict(zip(_LOWER.split(), "αβγδζηθικλμνξπρστυ", strict=True))
_GREEK |= dict(zip(("phi", "chi", "psi", "omega"), "φχψω", strict=True))
_GREEK |= dict(zip(("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi"), "ΓΔΘΛΞΠ", strict=True))
_GREEK |= dict(zip(("Upsilon", "Phi", "Psi", "Omega"), "ΥΦΨΩ", strict=True))

LETTERS: dict[str, Spelling] = {name: Spelling(f"\\{name}", sign) for name, sign in _GREEK.items()}
LETTERS |= {
    "epsilon": Spelling(r"\varepsilon", "ε"),
    "Sigma": Spelling(r"\Sigma", "Sigma"),  # in text, a capital sigma always opens a sum
    "ell": Spelling(r"\ell", "ℓ"),
    "nabla": Spelling(r"\nabla", "∇"),
    "infty": Spelling(r"\infty", "∞"),
    "ldots": Spelling(r"\ldots", "…"),
    "cdots": Spelling(r"\cdots", "⋯"),
    "vdots": Spelling(r"\vdots", "⋮"),
    "ddots": Spelling(r"\ddots", "⋱"),
    "partial": Spelling(r"\partial", "∂"),
    "top": Spelling(r"\top", "⊤"),
    "prime": Spelling(r"\prime", "′"),
    "ast": Spelling(r"\ast", "*"),
    "bullet": Spelling(r"\bullet", "•"),
    "dagger": Spelling(r"\dagger", "†"),
    "plus": Spelling("+", "+"),
    "emptyset": Spelling(r"\emptyset", "∅"),
}
"""Glyph names that are not their own spelling."""

_NATIVE = "arctan cos cosh det exp ln log max min sin sinh tan tanh"
FUNCTIONS: dict[str, Spelling] = {name: Spelling(f"\\{name}", name) for name in _NATIVE.split()}
FUNCTIONS |= {
    "L": Spelling(r"\mathcal{L}", "L"),
    "relu": Spelling(r"\mathrm{ReLU}", "ReLU"),
    "leaky_relu": Spelling(r"\mathrm{LeakyReLU}", "LeakyReLU"),
    "elu": Spelling(r"\mathrm{ELU}", "ELU"),
    "selu": Spelling(r"\mathrm{SELU}", "SELU"),
    "gelu": Spelling(r"\mathrm{GELU}", "GELU"),
    "silu": Spelling(r"\mathrm{SiLU}", "SiLU"),
}
"""Function names that are not printed as the letter or the upright word that they are."""

OPERATORS: dict[str, Spelling] = {
    "R": Spelling(r"\mathcal{R}", "R"),
    "G": Spelling(r"\mathcal{G}", "G"),
}
"""What acts on a variable rather than on its value: rates of change along a direction."""

ENCLOSING: dict[str, tuple[str, str]] = {
    "abs": (r"\lvert", r"\rvert"),
    "norm": (r"\lVert", r"\rVert"),
    "floor": (r"\lfloor", r"\rfloor"),
}
"""Functions that LaTeX writes around their argument."""

PRODUCTS: dict[Glyph, Spelling] = {
    "times": Spelling(r" \times ", " × "),
    "cdot": Spelling(r" \cdot ", "·"),
    "hadamard": Spelling(r" \odot ", " ⊙ "),
    "ast": Spelling(" * ", " * "),
    "at": Spelling(" @ ", " @ "),
    "circ": Spelling(r" \circ ", " ∘ "),
    "otimes": Spelling(r" \otimes ", " ⊗ "),
}

SIGNS: dict[Sign, Spelling] = {
    "=": Spelling("=", "="),
    "approx": Spelling(r"\approx", "≈"),
    "gets": Spelling(r"\leftarrow", "←"),
    "<": Spelling("<", "<"),
    ">": Spelling(">", ">"),
    "<=": Spelling(r"\le", "≤"),
    ">=": Spelling(r"\ge", "≥"),
    "in": Spelling(r"\in", "∈"),
    "!=": Spelling(r"\ne", "≠"),
    "def": Spelling(":=", ":="),
    "equiv": Spelling(r"\equiv", "≡"),
    "propto": Spelling(r"\propto", "∝"),
    "to": Spelling(r"\to", "→"),
    "sim": Spelling(r"\sim", "~"),
    "notin": Spelling(r"\notin", "∉"),
    "subset": Spelling(r"\subset", "⊂"),
    "mapsto": Spelling(r"\mapsto", "↦"),
    "ll": Spelling(r"\ll", "≪"),
    "gg": Spelling(r"\gg", "≫"),
    "+=": Spelling("+=", "+="),
    "-=": Spelling("-=", "-="),
    "*=": Spelling("*=", "*="),
    "/=": Spelling("/=", "/="),
}

ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
ACCENTS |= {"vec": "\u20d7", "dot": "\u0307", "ddot": "\u0308", "check": "\u030c"}
"""The combining character of each accent."""

SUBSCRIPTS = str.maketrans("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
SUPERSCRIPTS = str.maketrans(
    "0123456789+-=()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ"
)

_WORD = re.compile(r"[A-Za-z]+|[01]")
_WORDS = re.compile(r"[A-Za-z]+(?:[ -][A-Za-z]+)+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)(?:[eE]([+-]?)0*(\d+))?")


@cache
def letter(name: str) -> Spelling:
    """A symbol's glyph: a Greek name, a letter, or a word of letters (upright in LaTeX)."""
    if name in LETTERS:
        return LETTERS[name]
    if _WORDS.fullmatch(name):
        return Spelling(f"\\text{{{name}}}", name)
    if not _WORD.fullmatch(name):
        raise DerivationError(
            f"no notation for the glyph {name!r}: it must be letters or a Greek name; "
            "numbers and indices belong into the scripts of the symbol"
        )
    return Spelling(name if len(name) == 1 else f"\\mathrm{{{name}}}", name)


@cache
def function_name(name: str) -> Spelling:
    """A function's name: its own table, then the letters, then an upright word."""
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if name in OPERATORS:
        return OPERATORS[name]
    if name in LETTERS or len(name) == 1:
        return letter(name)
    if not _NAME.fullmatch(name):
        raise DerivationError(f"no notation for the function {name!r}: a name must be letters")
    upright = name.replace("_", r"\_")
    return Spelling(f"\\mathrm{{{upright}}}", name)


@cache
def split_number(digits: str) -> tuple[str, str]:
    """Mantissa and exponent (``""`` where there is none): ``1e-07`` gives ``("1", "-7")``."""
    match = _NUMBER.fullmatch(digits)
    if match is None:
        raise DerivationError(
            f"no notation for the number {digits!r}: it must be plain digits; "
            "a minus sign is a node of its own (Negative)"
        )
    mantissa, sign, power = match.groups()
    return mantissa, f"{'-' if sign == '-' else ''}{power}" if power else ""
