"""A network on one line: ``x[3] -> dense(4, tanh) -> dense(2) ; mse``.

::

    network := name [ "[" size "]" ] ( arrow layer )+ ";" losses { "," option }
    layer   := kind "(" size { "," argument } ")" [ "*" "(" "L" "-" "1" ")" ]
    argument:= activation | "activation" "=" activation | option
    losses  := loss | weight loss { "+" weight loss }
    option  := word "=" ( "true" | "false" | word | number | "[" number { "," number } "]" )
    activation, loss := word | quote formula quote
    arrow   := "->" | "→"

The options are the keys of a file: of a layer ``bias=false``, ``adds=[1, 2]``; of the network
``l2=0.01``, ``target=index``.

An input without brackets is a number, and the network scalar. The inverse is
:func:`derive.networks.line_form.line_form`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from derive.config import LIMITS
from derive.errors import NetworkError, nearest
from derive.networks.definition import DEFAULT_NAME, LAYER_KEYS, OBJECTIVE_KEYS, from_table
from derive.networks.faults import Fault, Place, shown
from derive.networks.formulas import FormulaFault
from derive.networks.model import Network
from derive.program.shapes import Dim

_TOKEN = re.compile(
    r"""\s*(?P<text>"[^"]*"|'[^']*'|->|→|[^\W\d]\w*|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\S|$)"""
)
_ARROWS = ("->", "→")
TRUTHS = ("bias", "transposed")
"""Options that are true or false."""

LINE_KEYS = tuple(key for key in LAYER_KEYS if key not in ("kind", "units", "repeat"))
"""What may stand among the arguments of a layer."""

_DIGITS = 20
"""Digits of a size that is read as a number, to be told if it is too large."""
_WIDTH = 100
"""Characters of the line that a message repeats."""


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    """Empty at the end of the line."""
    column: int
    """Counted from 0."""

    @property
    def told(self) -> str:
        return shown(self.text) if self.text else "the end of the line"


class _Unexpected(NetworkError):
    """Another token than the grammar has at this place."""

    def __init__(self, message: str, token: _Token):
        super().__init__(message)
        self.token = token


def read_line(text: str, name: str = DEFAULT_NAME) -> Network:
    """The network that the line says.

    Raises:
        NetworkError: with the column, and the line with a mark under it.
    """
    if len(text) > LIMITS.max_definition:
        limit = LIMITS.max_definition
        raise NetworkError(f"the definition has {len(text)} characters; at most {limit} are read")
    reader = _Reader(_tokens(text))
    try:
        return from_table(reader.network(), name)
    except _Unexpected as error:
        raise NetworkError(_marked(error.message, text, error.token)) from None
    except Fault as fault:
        raise NetworkError(_told(fault, text, reader.place(fault.place))) from None


def _told(fault: Fault, text: str, token: _Token) -> str:
    if isinstance(fault, FormulaFault):  # its own place is inside the token, behind the quote
        start = token.column + 1 + fault.column
        return _marked(fault.plain, text, _Token(text[start : start + fault.width], start))
    return _marked(fault.message, text, token)


def _tokens(text: str) -> list[_Token]:
    return [_Token(match["text"], match.start("text")) for match in _TOKEN.finditer(text)]


def _marked(message: str, text: str, token: _Token) -> str:
    """The message with the column, the part of the line around it, and a mark below."""
    start = max(0, token.column - _WIDTH // 2)
    part = "".join(c if c.isprintable() else " " for c in text[start : start + _WIDTH])
    marks = "^" * max(1, min(len(token.text), _WIDTH // 2))
    column = token.column + 1
    return f"column {column}: {message}\n  {part}\n  {' ' * (token.column - start)}{marks}"


@dataclass(slots=True)
class _Reader:
    """Reads tokens into the table that a TOML file would give."""

    tokens: list[_Token]
    at: int = 0
    places: dict[Place, _Token] = field(default_factory=dict)

    def place(self, place: Place) -> _Token:
        """The token of a place, else of what is around it."""
        for end in range(len(place), -1, -1):
            if place[:end] in self.places:
                return self.places[place[:end]]
        return self.tokens[0]

    @property
    def next(self) -> _Token:
        return self.tokens[self.at]

    def take(self, *places: Place) -> str:
        token = self.next
        for place in places:
            self.places[place] = token
        self.at += 1 if token.text else 0
        return token.text

    def expect(self, what: str, *texts: str) -> None:
        if self.next.text not in texts:
            raise _Unexpected(f"expected {what}, not {self.next.told}", self.next)
        self.at += 1

    def word(self, what: str, *places: Place) -> str:
        if not self.next.text.isidentifier():
            raise _Unexpected(f"expected {what}, not {self.next.told}", self.next)
        return self.take(*places)

    def function(self, what: str, *places: Place) -> str:
        """A word, or a formula in quotes."""
        text = self.next.text
        if len(text) > 1 and text[0] in "\"'":
            return self.take(*places)[1:-1]
        return self.word(what, *places)

    def size(self, *places: Place) -> Dim:
        token = self.next
        if token.text.isascii() and token.text.isdigit():
            digits = token.text.lstrip("0")
            if len(digits) > _DIGITS:
                limit = f"more than the limit {LIMITS.max_width}"
                raise _Unexpected(f"a size of {len(digits)} digits is {limit}", token)
            self.take(*places)
            return int(digits or "0")
        return self.word("a size: a positive whole number or a name", *places)

    def network(self) -> dict[str, Any]:
        entry: dict[str, Any] = {"name": self.word("the input's name", ("input", "name"))}
        self.places["input",] = self.tokens[0]
        if self.next.text == "[":
            self.at += 1
            entry["size"] = self.size(("input", "size"))
            self.expect("']' after the input's size", "]")
        else:
            entry["scalar"] = True
        layers: list[dict[str, Any]] = []
        self.expect("'->' and a layer", *_ARROWS)
        layers.append(self.layer(("layers", 0)))
        while self.next.text in _ARROWS:
            self.at += 1
            layers.append(self.layer(("layers", len(layers))))
        self.expect("'->' and a layer, or ';' and the loss", ";")
        table: dict[str, Any] = {"input": entry, "layers": layers, "loss": self.losses()}
        while self.next.text == ",":
            self.at += 1
            self.option(table, (), OBJECTIVE_KEYS)
        self.expect("the end of the line", "")
        return table

    def losses(self) -> Any:
        """A loss, or a table of losses and their weights."""
        if not self.next.text[:1].isdigit():
            return self.function("a loss", ("loss",))
        found: dict[str, Any] = {}
        while True:
            token = self.next
            weight = self.number(("loss",))
            word = self.function("a loss", ("loss",), ("loss", ""))
            if word in found:
                raise _Unexpected(f"{word} is named twice", token)
            found[word] = weight
            self.places["loss", word] = token
            if self.next.text != "+":
                return found
            self.at += 1

    def number(self, *places: Place) -> int | float:
        """A number without a sign."""
        if not self.next.text[:1].isdigit():
            raise _Unexpected(f"expected a number, not {self.next.told}", self.next)
        text = self.take(*places)
        return float(text) if len(text) > 18 or not text.isdigit() else int(text)

    def option(self, entry: dict[str, Any], place: Place, keys: tuple[str, ...]) -> None:
        """``key=value``."""
        token = self.next
        key = self.word("an option such as l2=0.01", place or ("loss",))
        self.known(key, keys, token)
        self.expect(f"'=' after {key}", "=")
        again = self.next
        value = self.value(key, (*place, key))
        if key in entry:
            raise _Unexpected(f"{key} is given twice", again)
        entry[key] = value

    def known(self, key: str, keys: tuple[str, ...], token: _Token) -> None:
        """The key of an option is one of these."""
        if key not in keys:
            raise _Unexpected(f"unknown argument {shown(key)}{nearest(key, keys)}", token)

    def value(self, key: str, place: Place) -> Any:
        """What stands behind the ``=`` of an option."""
        token = self.next
        if token.text == "[":
            return self.listed(place)
        if key in TRUTHS:
            return self.truth(self.take(place), token)
        return self.word("a number", place) if key == "target" else self.number(place)

    def listed(self, place: Place) -> list[int | float]:
        """``[1, 2]``."""
        self.take(place)
        found = [self.number((*place, 0))]
        while self.next.text == ",":
            self.at += 1
            found.append(self.number((*place, len(found))))
        self.expect("',' or ']'", "]")
        return found

    def layer(self, place: Place) -> dict[str, Any]:
        entry: dict[str, Any] = {"kind": self.word("a layer", place, (*place, "kind"))}
        self.expect("'(' and the number of units", "(")
        entry["units"] = self.size((*place, "units"))
        while self.next.text == ",":
            self.at += 1
            self.argument(entry, place)
        self.expect("',' or ')'", ")")
        if self.next.text == "*":
            self.take((*place, "repeat"))
            for part in "(L-1)":
                self.expect("(L-1), the number of repeated layers", part)
            entry["repeat"] = "L-1"
        return entry

    def argument(self, entry: dict[str, Any], place: Place) -> None:
        """An activation, or an option by its key."""
        token, after = self.next, self.tokens[min(self.at + 1, len(self.tokens) - 1)]
        if after.text == "=" and token.text != "activation":
            self.option(entry, place, LINE_KEYS)
            return
        if after.text == "=":
            self.at += 2
        word = self.function("an activation or bias=false", (*place, "activation"))
        if "activation" in entry:
            raise _Unexpected("activation is given twice", token)
        entry["activation"] = word

    def truth(self, word: str, token: _Token) -> bool:
        if word not in ("true", "false"):
            raise _Unexpected(f"expected true or false, not {shown(word)}", token)
        return word == "true"
