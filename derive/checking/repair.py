"""A damaged text restored, with the way back to the file and every guess that was made."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from derive.checking.candidates import Names, Neighbours, names, ranked
from derive.checking.mojibake import Evidence, Page, damaged_by, damaged_lines, sequences
from derive.checking.mojibake import Sequence as Damage

_ROUNDS = 3
"""How many times a text may have been damaged, one time after another."""

_TOLD = 10_000
"""Guesses that are recorded; a text with more is repaired all the same."""

_NEAR = 16
"""Characters to each side in which neighbours are looked for."""

_SAMPLE = 1_000_000
"""Characters from which the document's names are taken."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A missing byte that was guessed."""

    offset: int
    """Of the restored character in the repaired text."""
    chosen: str
    candidates: tuple[str, ...]
    """All that the byte allows, the likeliest first."""


@dataclass(frozen=True, slots=True)
class Repaired:
    """A text after repair."""

    text: str
    codecs: tuple[str, ...] = ()
    """The code pages that the text had been read as, the last damage first; empty if sound."""
    guesses: tuple[Restored, ...] = ()
    at: Sequence[int] = field(default=(), repr=False)
    """Offsets in the repaired text from which the given text is ahead, ascending."""
    ahead: Sequence[int] = field(default=(), repr=False)
    """By how many characters in all, from there on."""
    count: int = 0
    """Characters that were restored."""

    def given(self, offset: int) -> int:
        """The offset in the given text."""
        before = bisect_right(self.at, offset) - 1
        return offset + (self.ahead[before] if before >= 0 else 0)

    def moved(self, offset: int) -> int:
        """The offset in the repaired text of one in the given text."""
        return bisect_left(range(len(self.text)), offset, key=self.given)


def repair(text: str) -> Repaired:
    """The text as it was written. A sound text comes back as it is."""
    result = Repaired(text)
    for _ in range(_ROUNDS):
        found = damaged_by(result.text)
        if found is None:
            break
        again = _round(result.text, found)
        if not again.count:
            break
        result = _after(result, again)
    return result


def _round(text: str, found: Evidence) -> Repaired:
    """One damage undone: throughout, or the complete sequences of single lines."""
    whole = found.convincing
    spans = [(0, len(text))] if whole else damaged_lines(text, found.page)
    known = names(_intact(text[:_SAMPLE], found.page)) if whole else names("")
    mender = _Mender(text, known)
    for item in _inside(sequences(text, found.page), spans, whole):
        mender.mend(item)
    return mender.result(found.page.name)


def _inside(found: Iterator[Damage], spans: list[tuple[int, int]], holes: bool) -> Iterator[Damage]:
    """The sequences of these spans; those with a byte missing only if `holes`."""
    at = 0
    for item in found:
        while at < len(spans) and spans[at][1] < item.end:
            at += 1
        if at == len(spans):
            return
        if spans[at][0] <= item.start and (item.complete or holes):
            yield item


def _intact(text: str, page: Page) -> str:
    """The text with the complete sequences restored."""
    pieces, done = [], 0
    for item in sequences(text, page):
        if item.complete:
            pieces += [text[done : item.start], item.chars]
            done = item.end
    return "".join([*pieces, text[done:]])


class _Mender:
    """Builds a repaired text from left to right."""

    def __init__(self, text: str, known: Names) -> None:
        self.text = text
        self.known = known
        self.pieces: list[str] = []
        self.guesses: list[Restored] = []
        self.at, self.ahead = array("q"), array("q")
        self.done = self.length = self.shift = self.count = 0
        self.left = ""
        """The end of what is restored, on its line."""
        self.orders: dict[tuple[str, Neighbours], str] = {}

    def mend(self, item: Damage) -> None:
        """Put one character in the place of a damaged stretch."""
        self._add(self.text[self.done : item.start])
        char = item.chars if item.complete else self._guess(item)
        self._add(char)
        self.done = item.end
        self.count += 1
        if item.end - item.start > 1:
            self.shift += item.end - item.start - 1
            self.at.append(self.length)
            self.ahead.append(self.shift)

    def result(self, codec: str) -> Repaired:
        """The text with what follows the last damage."""
        self._add(self.text[self.done :])
        text = "".join(self.pieces)
        return Repaired(text, (codec,), tuple(self.guesses), self.at, self.ahead, self.count)

    def _add(self, piece: str) -> None:
        self.pieces.append(piece)
        self.length += len(piece)
        self.left = (self.left + piece[-_NEAR:])[-_NEAR:].rpartition("\n")[2]

    def _guess(self, item: Damage) -> str:
        right = self.text[item.end : item.end + _NEAR].partition("\n")[0]
        around = Neighbours(self.left[-1:], right[:1], self.left.rstrip()[-1:], right.lstrip()[:1])
        key = item.chars, around
        if key not in self.orders:
            self.orders[key] = "".join(ranked(item.chars, around, self.known))
        order = self.orders[key]
        if len(self.guesses) < _TOLD:
            self.guesses.append(Restored(self.length, order[0], tuple(order)))
        return order[0]


def _after(first: Repaired, second: Repaired) -> Repaired:
    """Two rounds as one."""
    moved = [Restored(second.moved(g.offset), g.chosen, g.candidates) for g in first.guesses]
    points = sorted({*second.at, *(second.moved(offset) for offset in first.at)})
    ahead = array("q", (first.given(second.given(point)) - point for point in points))
    guesses = sorted([*moved, *second.guesses], key=lambda guess: guess.offset)
    return Repaired(
        second.text,
        (*first.codecs, *second.codecs),
        tuple(guesses[:_TOLD]),
        array("q", points),
        ahead,
        second.count + first.count,
    )
