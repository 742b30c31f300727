"""A line of plain-text mathematics into marks, and whether it is mathematics at all.

Plain text mixes formulas and words. A line is a formula if it has a relation outside of brackets
and no run of words; words in brackets at its end, a comment after ``#`` and a frame of box-drawing
characters around it are no part of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise, takewhile

from derive.checking.blanks import Span, blank
from derive.checking.marks import (
    CONDITIONS,
    JOINING,
    REASONS,
    RELATING,
    Line,
    Mark,
    Sign,
    sign_of,
    words_of,
    words_sign,
)
from derive.checking.segments import Aside, Note
from derive.checking.statements import aside

FUNCTIONS = words_of(
    "tanh sinh cosh sin cos tan exp log ln log2 log10 sqrt max min abs sign relu sigmoid softmax",
    "softplus gelu silu elu selu argmax argmin sum mean var std diag tr trace vec det norm dot",
    "prod lim Relu ReLU LeakyReLU Softmax Sigmoid Tanh Var Cov step clip where erf swish inf",
    "transpose outer inner concat row_sum col_sum dim lambda alpha beta gamma delta eps epsilon",
    "theta sigma eta mu nu rho phi psi omega pi tau zeta xi kappa chi loss cost grad",
    "if else elif otherwise",
)
"""Words that are mathematics."""

_TELLING = words_of("the is are was be we to of this that it its our each an has have should can")
"""Words that no formula has."""

_LEXER = re.compile(
    r"[ \t]{3,}|\t|[ ]+|:=|<->|<=|>=|==|!=|=>|->|<-|~=|\*\*|\.\.\.|"
    r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[^\W\d_](?:\w|['’](?=\w))*|."
)
_FRAME = "".join(map(chr, range(0x2500, 0x25A0)))
_EDGE = re.compile(rf"^[ \t]*[{_FRAME}][{_FRAME} \t]*|[ \t]*[{_FRAME}][{_FRAME} \t]*$")
_RULE = re.compile(rf"[{_FRAME}]{{2,}}|(?<= )[{_FRAME}](?= )")
_ASCII_RULE = re.compile(r"^\s*(?:[-=~*_#]{3,}|\+[-=+]+\+)\s*$")
_COMMENT = re.compile(
    r"(?:(?<=\s)|^)(?:#|//|<--|--(?=\s)|%%?(?=\s)|←(?=\s*[^\W\d_]{3,}\s+[^\W\d_]{2,}))"
)
_BULLET = re.compile(
    r"[ \t]*(?:[-*•‣▪◦✓✔→➔►▸]|\(?\d{1,2}[.)]|\(?[a-z]\)|[ivx]{1,4}[.)])"
    r"[ \t]+(?:\[[ xX]\][ \t]+)?(?=\S)"
)
_PREMISE = re.compile(
    r"[ \t]*(?P<words>(?:if|for|when|case|otherwise|else|given)\b[^:：]{0,60}):[ \t]+(?=\S)",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[ \t]*(?P<label>[^=≈←<>≤≥∈:：\n]{2,60}?)\s*[:：](?!=)\s*(?=\S)")
_LETTERS = re.compile(r"[A-Za-zÀ-ÖØ-öø-ſ]{2,}")
_BEYOND = re.compile(r"[\u0400-\u052f\u0590-\u07ff\u0900-\u0dff\u3040-\u9fff\uac00-\ud7a3]")
_VALUE = re.compile(r"[-+±−\d.,()\[\]{}∞π/ e^]*\d[-+±−\d.,()\[\]{}∞π/ e^]*|[(\[]\s*-?∞.*∞\s*[)\]]")


@dataclass(frozen=True, slots=True)
class Plain:
    """One line of plain text, taken apart; all spans are offsets in the document."""

    line: Line
    blanks: tuple[Span, ...]
    bullet: bool
    wordy: bool
    """Whether it is words rather than mathematics."""

    @property
    def formula(self) -> bool:
        """Whether it is a statement by itself."""
        return not self.wordy and (self.relates or self.line.value)

    @property
    def relates(self) -> bool:
        """Whether it has a relation, not counting what stands in a condition."""
        asides = {Sign.CONDITION, Sign.WORDS}
        before = takewhile(lambda mark: mark.sign not in asides, self.line.marks)
        return any(mark.sign in RELATING for mark in before)


def plain(line: str, start: int = 0, bullets: bool = True) -> Plain:
    """The marks of a line that begins at an offset of the document.

    >>> plain("the loss = small").formula, plain("- L = y^2  # loss").formula
    (False, True)
    """
    body, blanks = _unframed(line)
    bullet = _BULLET.match(body) if bullets else None
    at = bullet.end() if bullet else 0
    body, notes = _uncommented(body, start)
    if premise := _PREMISE.match(body, at):
        notes.append(
            Note(Aside.CONDITION, premise["words"].strip(), start + premise.start("words"))
        )
        at = premise.end()
    label, at = _label(body, at)
    marks, asides, spans = _bracketed(_marks(body, at), body, start)
    blanks += [(0, at), *spans]
    taken = Line(
        tuple(Mark(mark.sign, mark.start + start, mark.end + start) for mark in marks),
        _depth(body[at:]) > 0,
        label,
        (*notes, *asides),
        bool(label) and _is_value(body, marks),
    )
    moved = tuple((a + start, b + start) for a, b in blanks if a < b)
    return Plain(taken, moved, bullet is not None, _wordy(body, marks))


def _is_value(body: str, marks: list[Mark]) -> bool:
    piece = body[marks[0].start : marks[-1].end].strip() if marks else ""
    return _VALUE.fullmatch(piece) is not None


def _wordy(body: str, marks: list[Mark]) -> bool:
    """Whether it begins with words, or two words stand side by side before any condition."""
    if not marks or marks[0].sign in {Sign.CONDITION, Sign.WORDS}:
        return True
    row: list[bool] = []
    for mark in marks:
        if mark.sign in {Sign.CONDITION, Sign.WORDS}:
            break
        piece = body[mark.start : mark.end]
        if _BEYOND.search(piece):
            return True
        words = piece.split() if mark.sign is Sign.OTHER else ["="]
        if not _TELLING.isdisjoint(words):
            return True
        row += map(_is_word, words)
    return any(first and second for first, second in pairwise(row))


def _is_word(word: str) -> bool:
    core = word.strip("()[]{}.,:;!?*'\"’|")
    return bool(_LETTERS.fullmatch(core)) and core not in FUNCTIONS and not core.isupper()


def _unframed(body: str) -> tuple[str, list[Span]]:
    """The line without a frame of box-drawing characters."""
    if _ASCII_RULE.match(body):
        return " " * len(body), [(0, len(body))]
    spans = [match.span() for pattern in (_EDGE, _RULE) for match in pattern.finditer(body)]
    spans.sort()
    return blank(body, spans), spans


def _uncommented(body: str, start: int) -> tuple[str, list[Note]]:
    """The line without the comment at its end."""
    for match in _COMMENT.finditer(body):
        if not body[: match.start()].strip():
            continue
        words = body[match.end() :].strip()
        at = len(body) - len(body[match.end() :].lstrip())
        kind = aside(words)
        kind = Aside.COMMENT if kind is Aside.WORDS else kind
        note = Note(kind, words, start + at)
        return body[: match.start()] + " " * (len(body) - match.start()), [note]
    return body, []


def _label(body: str, at: int) -> tuple[str, int]:
    """``Linear: z = W x``: the words and where what follows begins."""
    match = _LABEL.match(body, at)
    if match is None:
        return "", at
    label = match["label"].strip().strip("*_` ")
    worded = bool(_LETTERS.search(label) or _BEYOND.search(label))
    return (label, match.end()) if worded and _depth(label) == 0 else ("", at)


def _depth(text: str) -> int:
    return sum(map(text.count, "([{")) - sum(map(text.count, ")]}"))


def _marks(body: str, at: int) -> list[Mark]:
    """The signs of a line; whole brackets are one mark with what they touch."""
    found: list[Mark] = []
    depth = 0
    for match in _LEXER.finditer(body, at):
        word, (start, end) = match.group(), match.span()
        inside = depth > 0
        depth = max(0, depth + (word in "([{") - (word in ")]}"))
        sign = Sign.OTHER if inside else _sign(word)
        if word.isspace() and sign is Sign.OTHER:
            continue
        last = found[-1] if found and found[-1].sign is Sign.OTHER else None
        if sign is Sign.OTHER and last and (inside or last.end == start):
            found[-1] = Mark(sign, last.start, end)
        else:
            found.append(Mark(sign, start, end))
    return _ends(_whole_cases(found, body))


def _whole_cases(marks: list[Mark], body: str) -> list[Mark]:
    """``1 if z > 0 else 0`` is one expression."""
    words = [body[mark.start : mark.end] for mark in marks]
    if "if" not in words or not {"else", "otherwise"} & set(words[words.index("if") :]):
        return marks
    first = words.index("if")
    return marks[:first] + [Mark(Sign.OTHER, mark.start, mark.end) for mark in marks[first:]]


def _sign(word: str) -> Sign:
    if word.isspace():
        return Sign.GAP if len(word) > 2 or "\t" in word else Sign.OTHER
    lowered = word.lower()
    if lowered in CONDITIONS or lowered in JOINING or lowered in REASONS:
        return words_sign(lowered)
    return sign_of(word)


def _ends(marks: list[Mark]) -> list[Mark]:
    """Without separators at either end."""
    lone = {Sign.GAP, Sign.COMMA}
    while marks and marks[-1].sign in lone:
        marks.pop()
    first = next((i for i, mark in enumerate(marks) if mark.sign not in lone), len(marks))
    return marks[first:]


def _bracketed(
    marks: list[Mark], body: str, start: int
) -> tuple[list[Mark], list[Note], list[Span]]:
    """The marks without the bracketed words at their end, and those as notes."""
    notes: list[Note] = []
    spans: list[Span] = []
    while len(marks) > 1 and _is_aside(marks, body):
        last = marks.pop()
        words = body[last.start : last.end].strip(" .,;")
        kind = aside(words)
        inner = words if kind is Aside.SHAPE else words[1:-1].strip()
        notes.append(Note(kind, inner, start + last.start))
        spans.append((last.start, last.end))
        marks = _ends(marks)
    return marks, notes[::-1], spans[::-1]


def _is_aside(marks: list[Mark], body: str) -> bool:
    last, before = marks[-1], marks[-2]
    piece = body[last.start : last.end].rstrip(" .,;")
    if last.sign is not Sign.OTHER or piece[:1] not in {"(", "["} or piece[-1:] not in {")", "]"}:
        return False
    if before.sign is Sign.GAP:
        return True
    if before.sign is not Sign.OTHER:
        return False
    inner = piece[1:-1].strip()
    words = inner.split()
    if words_sign(inner) is Sign.CONDITION and len(words) > 1:
        return True
    signs = {sign_of(char) for char in inner} - {Sign.OTHER, Sign.COMMA, Sign.GAP}
    hyphen = "-" in inner and signs == {Sign.OPERATOR} and " - " not in inner
    return (not signs or hyphen) and any(map(_is_word, inner.replace("-", " ").split()))
