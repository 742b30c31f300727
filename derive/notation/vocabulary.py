r"""What every LaTeX command of mathematics is to the parser: tables only.

Signs come out as the one sign that text has for them, so that the parser knows one alphabet.
"""

from __future__ import annotations

from collections.abc import Mapping

from derive.notation.glyphs import LETTERS
from derive.notation.tree import Accent, Sign, Style

_GREEK = {name: name for name in LETTERS if name not in ("plus",)}
LETTER_COMMANDS: Mapping[str, str] = _GREEK | {
    "varepsilon": "epsilon",
    "vartheta": "theta",
    "varphi": "phi",
    "varrho": "rho",
    "varsigma": "sigma",
    "varkappa": "kappa",
    "varnothing": "emptyset",
    "dots": "ldots",
    "dotsc": "ldots",
    "dotso": "ldots",
    "dotsb": "cdots",
    "dotsm": "cdots",
    "intercal": "top",
    "imath": "i",
    "jmath": "j",
    "omicron": "o",
    "dag": "dagger",
}
"""Command -> glyph of the tree."""

SIGN_COMMANDS: Mapping[str, str] = {
    "cdot": "·",
    "cdotp": "·",
    "times": "×",
    "ast": "*",
    "star": "*",
    "circ": "∘",
    "odot": "⊙",
    "otimes": "⊗",
    "oslash": "⊘",
    "div": "/",
    "langle": "⟨",
    "rangle": "⟩",
    "lfloor": "⌊",
    "rfloor": "⌋",
    "lceil": "⌈",
    "rceil": "⌉",
    "lbrace": "{",
    "rbrace": "}",
    "lbrack": "[",
    "rbrack": "]",
    "{": "{",
    "}": "}",
    "|": "‖",
    "vert": "|",
    "Vert": "‖",
    "lvert": "|<",
    "rvert": "|>",
    "lVert": "‖<",
    "rVert": "‖>",
    "mid": "given",
    "parallel": "parallel",
    "quad": "quad",
    "qquad": "quad",
    "colon": ":",
    "implies": "implies",
    "Rightarrow": "implies",
    "Longrightarrow": "implies",
    "iff": "implies",
    "Leftrightarrow": "implies",
    "therefore": "implies",
    "\\": "rows",
    "newline": "rows",
    "cr": "rows",
}
"""Command -> sign of the parser."""

RELATION_COMMANDS: Mapping[str, Sign] = {
    "le": "<=",
    "leq": "<=",
    "leqslant": "<=",
    "ge": ">=",
    "geq": ">=",
    "geqslant": ">=",
    "lt": "<",
    "gt": ">",
    "ne": "!=",
    "neq": "!=",
    "approx": "approx",
    "simeq": "approx",
    "cong": "approx",
    "approxeq": "approx",
    "thickapprox": "approx",
    "leftarrow": "gets",
    "gets": "gets",
    "Leftarrow": "gets",
    "longleftarrow": "gets",
    "rightarrow": "to",
    "to": "to",
    "longrightarrow": "to",
    "mapsto": "mapsto",
    "equiv": "equiv",
    "propto": "propto",
    "in": "in",
    "notin": "notin",
    "subset": "subset",
    "subseteq": "subset",
    "sim": "sim",
    "triangleq": "def",
    "coloneqq": "def",
    "doteq": "def",
    "eqdef": "def",
    "ll": "ll",
    "gg": "gg",
}
"""Command -> relation of the tree."""

RELATION_SIGNS: Mapping[str, Sign] = {
    "=": "=",
    "≈": "approx",
    "≃": "approx",
    "≅": "approx",
    "←": "gets",
    "⟵": "gets",
    "<-": "gets",
    "<": "<",
    ">": ">",
    "<=": "<=",
    ">=": ">=",
    "≤": "<=",
    "≥": ">=",
    "⩽": "<=",
    "⩾": ">=",
    "∈": "in",
    "∉": "notin",
    "!=": "!=",
    "≠": "!=",
    "==": "=",
    ":=": "def",
    "≔": "def",
    "≜": "def",
    "≡": "equiv",
    "∝": "propto",
    "→": "to",
    "⟶": "to",
    "->": "to",
    "↦": "mapsto",
    "~": "sim",
    "∼": "sim",
    "⊂": "subset",
    "⊆": "subset",
    "≪": "ll",
    "≫": "gg",
    "~=": "approx",
    "+=": "+=",
    "-=": "-=",
    "*=": "*=",
    "/=": "/=",
}
"""Relations as they are typed."""

RELATIONS: Mapping[str, Sign] = {sign: sign for sign in RELATION_SIGNS.values()}
"""Relations as tokens of the parser."""

ACCENTS: Mapping[str, Accent] = {
    "hat": "hat",
    "widehat": "hat",
    "bar": "bar",
    "overline": "bar",
    "tilde": "tilde",
    "widetilde": "tilde",
    "vec": "vec",
    "overrightarrow": "vec",
    "dot": "dot",
    "ddot": "ddot",
    "check": "check",
}
"""Command -> accent."""

STYLES: Mapping[str, Style] = {
    "mathbf": "bold",
    "bf": "bold",
    "textbf": "bold",
    "boldsymbol": "bold",
    "bm": "bold",
    "pmb": "bold",
    "symbf": "bold",
    "mathcal": "cal",
    "cal": "cal",
    "mathscr": "cal",
    "mathbb": "bb",
    "Bbb": "bb",
    "mathsf": "sans",
    "textsf": "sans",
    "mathfrak": "frak",
    "mathrm": "roman",
    "rm": "roman",
    "mathit": "",
    "it": "",
    "mathnormal": "",
    "mathtt": "roman",
}
"""Command -> style of the symbols in its argument."""

TEXT = frozenset(
    [
        "text",
        "textrm",
        "textnormal",
        "textup",
        "textit",
        "texttt",
        "mbox",
        "hbox",
        "operatorname",
        "operatorname*",
    ]
)
"""Commands whose argument is words, with mathematics between dollar signs."""

DROPPED = frozenset(
    [
        ",",
        ";",
        ":",
        "!",
        ">",
        "displaystyle",
        "textstyle",
        "scriptstyle",
        "scriptscriptstyle",
        "limits",
        "nolimits",
        "nonumber",
        "notag",
        "hfill",
        "strut",
        "mathstrut",
        "allowbreak",
        "break",
        "nobreak",
        "null",
        "relax",
        "par",
        "thinspace",
        "medspace",
        "thickspace",
        "negthinspace",
        "enspace",
        "space",
        "hline",
        "centering",
        "noindent",
        "tiny",
        "small",
        "normalsize",
        "large",
        "Large",
        "footnotesize",
        "scriptsize",
        "bigl.",
    ]
) | {" ", "\n", "\t", "/", "-", "nobreakspace"}
"""Commands that are not seen."""

DROPPED_WITH_ARGUMENT = frozenset(
    [
        "tag",
        "tag*",
        "label",
        "hspace",
        "hspace*",
        "vspace",
        "vspace*",
        "phantom",
        "hphantom",
        "vphantom",
        "color",
        "ref",
        "eqref",
        "cite",
        "footnote",
        "hskip",
        "intertext",
        "pagecolor",
    ]
)
"""Commands that are not seen, nor their one argument."""

TRANSPARENT = frozenset(
    [
        "boxed",
        "fbox",
        "mathop",
        "mathrel",
        "mathbin",
        "mathord",
        "mathopen",
        "mathclose",
        "mathinner",
        "smash",
        "cancel",
        "bcancel",
        "xcancel",
        "ensuremath",
        "underline",
        "substack",
        "mathclap",
        "mathllap",
        "mathrlap",
        "framebox",
        "bbox",
    ]
)
"""Commands of which only the argument is seen."""

TRANSPARENT_SECOND = frozenset(["textcolor", "colorbox", "raisebox"])
"""Commands of which only the second argument is seen."""

BRACES = frozenset(["underbrace", "overbrace", "underbracket", "overbracket"])
"""Braces with a note: the argument is seen, the script behind it is not."""

SIZES = {name + side: side for name in ("big", "Big", "bigg", "Bigg") for side in "lrm"}
SIZES |= {"big": "", "Big": "", "bigg": "", "Bigg": "", "left": "l", "right": "r", "middle": "m"}
"""Sizes of brackets -> the side that they stand on, if it is said."""

FRACTIONS = frozenset(["frac", "tfrac", "dfrac", "cfrac", "nicefrac", "sfrac"])
BIG = {"sum": "sum", "prod": "prod", "int": "int", "iint": "int", "oint": "int"}
"""Big operators."""

MATRICES = {
    "pmatrix": "round",
    "bmatrix": "square",
    "vmatrix": "bars",
    "matrix": "",
    "smallmatrix": "",
    "array": "",
    "Bmatrix": "square",
}
"""Environment of a matrix -> its brackets."""

CASES = frozenset({"cases", "dcases", "rcases"})
CELLED = frozenset(MATRICES) | CASES
"""Environments in which ``&`` parts cells; elsewhere it is not seen."""

NATIVE = frozenset(
    [
        "arccos",
        "arcsin",
        "arctan",
        "arg",
        "cos",
        "cosh",
        "det",
        "dim",
        "exp",
        "inf",
        "ker",
        "lim",
        "ln",
        "log",
        "max",
        "min",
        "sin",
        "sinh",
        "sup",
        "tan",
        "tanh",
    ]
)
"""Functions that are commands of LaTeX itself."""
