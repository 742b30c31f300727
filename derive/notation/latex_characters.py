"""Characters of LaTeX mathematics: letters, digits, signs and braces."""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterator

from derive.config import LIMITS
from derive.notation import vocabulary as known
from derive.notation.macros import Macro
from derive.notation.sources import Source
from derive.notation.tokens import Kind, NotationError, Token
from derive.notation.unicode_tokens import SIGNS, foreign, letters

_NUMBER = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LETTERS = re.compile(r"[A-Za-z]+")
_TRANSPOSED = re.compile(r"\.T(?![A-Za-z0-9])")
_PRODUCT = re.compile(r"\.(?=[A-Za-z(\\])")


class LatexCharacters(ABC):
    """Reads one formula from its beginning to its end."""

    def __init__(self, text: str, macros: dict[str, Macro], offset: int = 0):
        self.source, self.macros = Source(text, offset), macros
        self.make = self.source.token
        self.single = 0
        """Arguments to come that are one character if they have no braces."""
        self.scripts = [False]
        """For each open brace, whether it is within a script."""
        self.environments = list[str]()
        self.last: Token | None = None
        self.count = 0

    def scan(self) -> Iterator[Token]:
        """All tokens."""
        while self.source.more():
            for token in self.next():
                self.last = token
                self.count += 1
                if self.count > LIMITS.max_written:
                    raise NotationError("the formula is too long", token.column, token.width)
                yield token

    def next(self) -> Iterator[Token]:
        """What begins here, and a step further."""
        frame = self.source.frame
        sign = frame.text[frame.at]
        if sign.isspace() or sign == "~":
            frame.at += 1
        elif sign == "%":
            end = frame.text.find("\n", frame.at)
            frame.at = len(frame.text) if end < 0 else end
        elif sign == "\\":
            yield from self.command()
        elif sign in "{}":
            yield self.brace(sign)
        elif sign.isascii() and sign.isalpha():
            yield from self.letters()
        elif sign.isascii() and (sign.isdigit() or sign == "."):
            yield from self.number()
        else:
            yield from self.sign(sign)

    # --- characters ---------------------------------------------------------------------------

    def brace(self, sign: str) -> Token:
        """A brace; it may open a script."""
        frame, self.single = self.source.frame, 0
        frame.at += 1
        if sign == "{":
            below = self.last is not None and self.last.text in ("_", "^")
            self.scripts.append(self.scripts[-1] or below)
        elif len(self.scripts) > 1:
            self.scripts.pop()
        return self.make(Kind.GROUP, sign, frame.at - 1, 1)

    def letters(self) -> Iterator[Token]:
        """A run of letters, or one where an argument has no braces."""
        frame = self.source.frame
        found = _LETTERS.match(frame.text, frame.at)
        assert found
        start, run = frame.at, found[0]
        script = self.scripts[-1] or self.after_script()
        if self.single:
            self.single, run = self.single - 1, run[0]
            frame.at += 1
            yield self.make(Kind.NAME, run, start, 1)
            return
        frame.at = found.end()
        if frame.at < len(frame.text) and unicodedata.combining(frame.text[frame.at]):
            yield from letters(run[:-1], start, self.make, script) if run[:-1] else ()
            tokens, end = foreign(frame.text, frame.at - 1, self.make)
            if not tokens:
                raise self.source.refuse("this accent has no meaning in a formula", frame.at)
            frame.at = end
            yield from tokens
            return
        yield from letters(run, start, self.make, script)
        if not script:
            yield from self.digits()

    def after_script(self) -> bool:
        """Whether a script has just begun."""
        return self.last is not None and self.last.kind is Kind.SIGN and self.last.text in "_^"

    def digits(self) -> Iterator[Token]:
        """``W1`` is W with an index."""
        frame = self.source.frame
        start = frame.at
        while frame.at < len(frame.text) and "0" <= frame.text[frame.at] <= "9":
            frame.at += 1
        if frame.at > start:
            yield self.make(Kind.SIGN, "_", start, 1)
            yield self.make(Kind.NUMBER, frame.text[start : frame.at], start, frame.at - start)

    def number(self) -> Iterator[Token]:
        """A number, a transpose ``.T``, a product dot, dots, or a full stop."""
        frame = self.source.frame
        start = frame.at
        found = _NUMBER.match(frame.text, start)
        if not found and (transposed := _TRANSPOSED.match(frame.text, start)):
            frame.at = transposed.end()
            yield self.make(Kind.SIGN, "^", start, 2)
            yield self.make(Kind.NAME, "top", start, 2)
            return
        if not found and _PRODUCT.match(frame.text, start) and self.is_behind():
            frame.at += 1
            yield self.make(Kind.SIGN, "·", start, 1)
            return
        if not found:
            while frame.at < len(frame.text) and frame.text[frame.at] == ".":
                frame.at += 1
            wide = frame.at - start
            kind, text = (Kind.NAME, "ldots") if wide > 1 else (Kind.SIGN, ".")
            yield self.make(kind, text, start, wide)
            return
        digits = found[0]
        if self.single and digits[0] != ".":
            self.single, digits = self.single - 1, digits[0]
        frame.at = start + len(digits)
        plain = f"0{digits}" if digits.startswith(".") else digits
        yield self.make(Kind.NUMBER, plain.lower(), start, len(digits))

    def is_behind(self) -> bool:
        """Whether an operand ends right here."""
        last, frame = self.last, self.source.frame
        closing = last is not None and (last.kind is not Kind.SIGN or last.text in ")]}")
        return closing and not frame.text[frame.at - 1].isspace()

    def sign(self, sign: str) -> Iterator[Token]:
        """Whatever is neither letter, digit nor command."""
        frame = self.source.frame
        start = frame.at
        if sign == "&":
            frame.at += 1
            if self.environments and self.environments[-1] in known.CELLED:
                yield self.make(Kind.SIGN, "&", start, 1)
            return
        for width in (3, 2, 1):
            written = frame.text[start : start + width]
            found = self.ascii(written) if len(written) == width and written.isascii() else None
            if found:
                frame.at += width
                self.single = 1 if found in "_^" else max(self.single - 1, 0)
                yield self.make(Kind.SIGN, found, start, width)
                return
        tokens, end = foreign(frame.text, start, self.make)
        if not tokens:
            raise self.source.refuse(f"{sign!r} has no meaning in a formula", start)
        frame.at = end
        yield from tokens

    def ascii(self, written: str) -> str | None:
        """The sign that ASCII characters are."""
        if written == "||":
            return "‖"
        return known.RELATION_SIGNS.get(written) or SIGNS.get(written)

    @abstractmethod
    def command(self) -> Iterator[Token]:
        """What begins with a backslash."""
