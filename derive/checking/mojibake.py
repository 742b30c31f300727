"""UTF-8 that was read as a code page and saved again, with the bytes that the page lacks lost.

``₁`` is the bytes E2 82 81. Read as Windows-1254 they are ``â``, ``‚`` and a byte that this page
does not define; many programs drop it, and ``â‚`` remains. Complete sequences are restored as they
are; one with a byte missing is filled with every byte that the page lacks, and the candidates are
ranked (:mod:`derive.checking.candidates`).

A text is touched only if what stands in it cannot well be anything else: the characters that the
page has beyond ASCII must form UTF-8 sequences, nearly all of them, and what they form must be
characters that documents use. In a text that is damaged in places only, lines are judged so, and
only complete sequences are restored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, product

from derive.checking.candidates import (
    IMPOSSIBLE,
    SCRIPT,
    TEXT,
    likelihood,
)

CODE_PAGES = (
    "cp1252", "cp1254", "cp1250", "cp1251", "cp1253", "cp1257", "cp1258", "cp1255", "cp1256",
    "iso8859-15", "iso8859-2", "mac_roman", "cp437", "cp850", "koi8-r",
)  # fmt: skip
"""In the order in which they are tried; the first that leaves nothing unexplained holds.

Latin-1 needs no entry: its characters are those of cp1252, or control characters, which stand for
their byte in every page.
"""


"""How many times a text may have been damaged."""

_SISTERS = {"cp1252": ("cp1254",)}
"""Pages that agree in nearly all of their characters."""

_LOST = "�"
"""What some programs put for a byte that they cannot read."""


@dataclass(frozen=True, slots=True)
class Page:
    """One code page as damage sees it."""

    name: str
    byte: dict[str, int]
    """Character beyond ASCII -> its byte."""
    lacking: tuple[int, ...]
    """The continuation bytes that the page does not define."""
    sequence: re.Pattern[str]
    """A leading byte's character and up to three continuations."""


@dataclass(frozen=True, slots=True)
class Sequence:
    """A stretch of the text that was one character's bytes."""

    start: int
    end: int
    chars: str
    """What it can have been: one character if no byte is missing."""
    complete: bool


@cache
def page(name: str) -> Page:
    """A code page by its name."""
    byte: dict[str, int] = {}
    defined = set()
    for number in range(0x80, 0x100):
        try:
            byte[bytes([number]).decode(name)] = number
            defined.add(number)
        except UnicodeDecodeError:
            continue
    for number in range(0x80, 0xA0):
        byte.setdefault(chr(number), number)
    lead = "".join(re.escape(char) for char, number in byte.items() if 0xC2 <= number <= 0xF4)
    rest = "".join(re.escape(char) for char, number in byte.items() if number <= 0xBF) + _LOST
    lacking = tuple(sorted(set(range(0x80, 0xC0)) - defined))
    return Page(name, byte, lacking, re.compile(f"[{lead}][{rest}]{{0,3}}"))


def sequences(text: str, of: Page) -> Iterator[Sequence]:
    """Every stretch that can have been one character beyond ASCII, from left to right."""
    for match in of.sequence.finditer(text):
        found = _sequence(match.group(), match.start(), of)
        if found is not None:
            yield found


def _sequence(run: str, start: int, of: Page) -> Sequence | None:
    lead = of.byte[run[0]]
    length = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
    rest = tuple(None if char == _LOST else of.byte[char] for char in run[1:length])
    chars = _filled(lead, rest, length, of.lacking)
    if not chars:
        return None
    complete = len(rest) == length - 1 and None not in rest
    return Sequence(start, start + 1 + len(rest), chars, complete)


@cache
def _filled(lead: int, rest: tuple[int | None, ...], length: int, lacking: tuple[int, ...]) -> str:
    """The characters of a sequence, its missing bytes put in at every place that they can have."""
    missing = length - 1 - len(rest)
    if missing + rest.count(None) > max(1, length - 2) or (length == 3 and not rest):
        return ""
    found: dict[str, None] = {}
    for slots in combinations(range(length - 1), missing):
        known = iter(rest)
        row = [None if slot in slots else next(known) for slot in range(length - 1)]
        choices = [lacking if byte is None else (byte,) for byte in row]
        for tail in product(*choices):
            char = _character(bytes([lead, *tail]))
            if char is not None:
                found[char] = None
    return "".join(found)


def _character(data: bytes) -> str | None:
    try:
        char = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return char if likelihood(char) != IMPOSSIBLE else None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a code page and against it, in characters of the text."""

    page: Page
    complete: int
    """Of complete sequences that form characters which documents use."""
    strange: int
    """Of the page, in no sequence or in an unlikely one."""

    @property
    def convincing(self) -> bool:
        """Whether a text is damaged throughout."""
        return self.complete >= max(2, 5 * self.strange)


def evidence(text: str, of: Page) -> Evidence:
    """For and against a text's being damaged by this page."""
    complete = covered = 0
    for run, count in Counter(match.group() for match in of.sequence.finditer(text)).items():
        found = _sequence(run, 0, of)
        if found is not None:
            complete += count * _counts_for(found)
            covered += count * (_counts_for(found) or _counts_neither(found))
    beyond = sum(text.count(char) for char in set(text) & of.byte.keys())
    return Evidence(of, complete, beyond - covered)


def _counts_for(found: Sequence) -> int:
    """Two characters are a sequence by chance more easily than three."""
    accepted = TEXT if found.end == 2 else SCRIPT
    return found.end if found.complete and likelihood(found.chars) <= accepted else 0


def _counts_neither(found: Sequence) -> int:
    """A sequence with a byte missing proves nothing if it has two others and can be good text."""
    likely = any(likelihood(char) <= TEXT for char in found.chars)
    return found.end if not found.complete and found.end > 1 and likely else 0


def damaged_by(text: str) -> Evidence | None:
    """The code page that explains a damaged text best, or None if the text is sound."""
    best: Evidence | None = None
    for name in CODE_PAGES if not text.isascii() else ():
        found = evidence(text, page(name))
        if found.complete and (best is None or _worth(found) > _worth(best)):
            best = found
        if found.complete and not found.strange:
            break
    return best and replace(best, page=_with_likes(best.page, set(text)))


def _with_likes(best: Page, chars: set[str]) -> Page:
    """The page, with the bytes that a sister page lacks if the text cannot tell the two apart."""
    lacking = set(best.lacking)
    for sister in map(page, _SISTERS.get(best.name, ())):
        if all(sister.byte.get(char) == best.byte[char] for char in chars & best.byte.keys()):
            lacking |= set(sister.lacking)
    return replace(best, lacking=tuple(sorted(lacking)))


def _worth(found: Evidence) -> int:
    return found.complete - 2 * found.strange


def damaged_lines(text: str, of: Page) -> list[tuple[int, int]]:
    """The lines that a page explains wholly, in a text that is sound elsewhere."""
    spans, start = [], 0
    for line in text.split("\n"):
        end = start + len(line)
        if not line.isascii() and _certain(line, of):
            spans.append((start, end))
        start = end + 1
    return spans


def _certain(line: str, of: Page) -> bool:
    found = evidence(line, of)
    return found.strange == 0 and found.complete > 2
