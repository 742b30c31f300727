"""The signs that cut a line of mathematics into statements, found without parsing it.

A :class:`Mark` is a sign outside of all brackets: a relation, an operator, a separator. What lies
between is mathematics that only the parser understands; here it is ``OTHER``. Two lexers make
marks, of LaTeX (:mod:`derive.checking.latex_marks`) and of plain text
(:mod:`derive.checking.plain_marks`); the rest of the room knows marks only.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from derive.checking.segments import Note


class Sign(Enum):
    """What a mark does."""

    RELATION = "relation"
    MEMBER = "member"
    """``\\\\in``: a relation that declares."""
    OPERATOR = "operator"
    COMMA = "comma"
    COLUMN = "column"
    """``&``"""
    GAP = "gap"
    """A separator that no formula has inside: ``;``, ``\\\\quad``, many blanks, ``and``."""
    CONDITION = "condition"
    """``if``, ``since``: what follows says when or why the formula holds."""
    WORDS = "words"
    """Words that are no part of the formula where it ends."""
    DOTS = "dots"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Mark:
    """One sign, by offsets in the document."""

    sign: Sign
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """The marks of one row, and how it hangs together with the row before."""

    marks: tuple[Mark, ...]
    unclosed: bool = False
    """Whether a bracket is open at its end."""
    label: str = ""
    notes: tuple[Note, ...] = ()
    value: bool = False
    """Whether it is a label with a number or interval, a statement without a relation."""


def words_of(*lines: str) -> frozenset[str]:
    """The words of these lines.

    >>> sorted(words_of("if for", "at"))
    ['at', 'for', 'if']
    """
    return frozenset(" ".join(lines).split())


RELATING = (Sign.RELATION, Sign.MEMBER)
BINDING = (Sign.RELATION, Sign.MEMBER, Sign.OPERATOR)
"""Signs with mathematics on both sides."""

RELATIONS = words_of(
    "= < > ≈ ← ≤ ≥ ≠ ≡ ∝ ∼ ≃ ≅ ≔ ≜ ≝ ≐ ⩽ ⩾ ≪ ≫ := == <= >= != ~= <-",
    r"\approx \simeq \sim \equiv \le \leq \ge \geq \ne \neq \propto \leftarrow \gets \coloneqq",
    r"\triangleq \doteq \cong \lt \gt \leqslant \geqslant \ll \gg \coloneq \Leftarrow",
    r"\longleftarrow \approxeq \eqqcolon",
)
MEMBERS = words_of(r"∈ \in")
OPERATORS = words_of(
    "+ - − * / × · ⊙ @ ∘ ⊗ ∗ ⋅ ± ÷ ⊕ **",
    r"\cdot \times \odot \circ \otimes \ast \div \pm \mp \bullet \star \oplus",
)
BOUNDS = words_of(r"< > ≤ ≥ <= >= ≠ != \lt \gt \le \ge \leq \geq \ne \neq ≪ ≫ \ll \gg")
"""Relations that restrict."""
IMPLIES = words_of(
    r"⇒ ⟹ ⇔ ⟺ ∴ => \Rightarrow \implies \Longrightarrow \iff \Leftrightarrow",
    r"\Longleftrightarrow \therefore \rightarrow \longrightarrow",
)
DOTS = words_of(r"... … ⋯ \dots \ldots \cdots \dotsc")

JOINING = words_of(
    "and or so then thus hence therefore where with which gives while i.e. ie finally also let"
)
"""Words between two statements."""

CONDITIONS = words_of(
    "if for when at otherwise given unless whenever assuming provided elif else case ∀ forall",
)
"""Words that begin a condition."""

REASONS = words_of("since because as using by from via over per on applying")
"""Words that begin a reason."""


def sign_of(text: str) -> Sign:
    """What one sign does.

    >>> sign_of("≈").name, sign_of("x").name
    ('RELATION', 'OTHER')
    """
    if text in RELATIONS:
        return Sign.RELATION
    if text in OPERATORS:
        return Sign.OPERATOR
    if text in MEMBERS:
        return Sign.MEMBER
    if text in IMPLIES or text == ";":
        return Sign.GAP
    if text in {"\\forall", "∀"}:
        return Sign.CONDITION
    if text in DOTS:
        return Sign.DOTS
    return Sign.COMMA if text in {",", "，"} else Sign.OTHER


def words_sign(words: str) -> Sign:
    """What a stretch of words between formulas does, by its first word.

    >>> words_sign(" and "), words_sign("if ")
    (<Sign.GAP: 'gap'>, <Sign.CONDITION: 'condition'>)
    """
    parts = first_words(words)
    if not parts:
        return Sign.WORDS
    if parts[0] in CONDITIONS or parts[0] in REASONS:
        return Sign.CONDITION
    return Sign.GAP if parts[0] in JOINING and len(parts) <= 3 else Sign.WORDS


def first_words(words: str) -> list[str]:
    """The words of a stretch of text, in small letters, without signs around them."""
    return words[:200].strip(" ,.;:()[]~\n\t").lower().split()
