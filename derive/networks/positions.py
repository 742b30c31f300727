"""The line of every key and entry of a TOML text.

``tomllib`` gives values without places. The text is known to be valid TOML when it comes here, so
a tokenizer and a walk over keys, tables and arrays suffice.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from derive.networks.faults import Place

_TOKEN = re.compile(
    r'''(?P<string>"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')'''
    r"""|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<mark>[\[\]{}=,])|(?P<word>[^\s\[\]{}=,\#"']+)""",
    re.DOTALL,
)


def lines(text: str) -> dict[Place, int]:
    """Place -> line, counted from 1, of every key and every entry of an array.

    >>> lines('loss = "mse"\\n[input]\\nsize = 3')
    {('loss',): 1, ('input',): 2, ('input', 'size'): 3}
    """
    walk = _Walk(list(_tokens(text)))
    with contextlib.suppress(IndexError, RecursionError):  # no TOML: what was found so far
        walk.document()
    return walk.found


def line_of(place: Place, found: dict[Place, int]) -> int | None:
    """The line of a place, else of the nearest table or array around it."""
    for end in range(len(place), 0, -1):
        if place[:end] in found:
            return found[place[:end]]
    return None


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """(kind, text, line); comments are left out."""
    line = 1
    for match in _TOKEN.finditer(text):
        kind, word = str(match.lastgroup), match.group()
        if kind != "comment":
            yield kind, word, line
        line += word.count("\n")


@dataclass(slots=True)
class _Walk:
    tokens: list[tuple[str, str, int]]
    at: int = 0
    found: dict[Place, int] = field(default_factory=dict)
    counts: dict[Place, int] = field(default_factory=dict)
    """Arrays of tables: how many ``[[...]]`` there were."""

    def peek(self) -> str:
        """The next mark or word; empty at the end."""
        return self.tokens[self.at][1] if self.at < len(self.tokens) else ""

    def skip_newlines(self) -> None:
        while self.at < len(self.tokens) and self.tokens[self.at][0] == "newline":
            self.at += 1

    def document(self) -> None:
        table: Place = ()
        self.skip_newlines()
        while self.at < len(self.tokens):
            if self.peek() == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip_newlines()

    def header(self) -> Place:
        """``[a.b]`` or ``[[a.b]]``; the place of the table that it opens."""
        self.at += 1
        many = self.peek() == "["
        self.at += many
        line = self.tokens[self.at][2]
        place: Place = ()
        *parents, last = self.key("]")
        for part in parents:
            place = self.latest((*place, part))
        place = (*place, last)
        self.at += 1 + many
        if many:
            self.found.setdefault(place, line)
            count = self.counts[place] = self.counts.get(place, 0) + 1
            place = (*place, count - 1)
        self.found[place] = line
        return place

    def latest(self, place: Place) -> Place:
        """The last table of an array of tables, for any other place itself."""
        return (*place, self.counts[place] - 1) if place in self.counts else place

    def key(self, end: str) -> list[str]:
        """The parts of a key up to ``=`` or ``]``: ``a."b".c``."""
        parts: list[str] = []
        while self.peek() != end:
            kind, word, _ = self.tokens[self.at]
            parts += [word[1:-1]] if kind == "string" else [p for p in word.split(".") if p]
            self.at += 1
        return parts

    def pair(self, table: Place) -> None:
        line = self.tokens[self.at][2]
        place = table
        for part in self.key("="):
            place = (*place, part)
            self.found.setdefault(place, line)
        self.at += 1
        self.value(place)

    def value(self, place: Place) -> None:
        opening = self.tokens[self.at][1] if self.tokens[self.at][0] == "mark" else ""
        self.at += 1
        if opening == "[":
            self.array(place)
        elif opening == "{":
            self.inline_table(place)
        else:
            while self.at < len(self.tokens) and self.tokens[self.at][0] == "word":
                self.at += 1  # a date and its time are two words

    def array(self, place: Place) -> None:
        position = 0
        self.skip_newlines()
        while self.peek() != "]":
            self.found[(*place, position)] = self.tokens[self.at][2]
            self.value((*place, position))
            position += 1
            self.skip_newlines()
            if self.peek() == ",":
                self.at += 1
                self.skip_newlines()
        self.at += 1

    def inline_table(self, place: Place) -> None:
        self.skip_newlines()
        while self.peek() != "}":
            self.pair(place)
            self.skip_newlines()
            if self.peek() == ",":
                self.at += 1
                self.skip_newlines()
        self.at += 1
