"""Characters to read, of a text and of the macros in it, with the place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.config import LIMITS
from derive.notation.tokens import Kind, NotationError, Token

_COMMAND = re.compile(r"\\([A-Za-z]+\*?|.|\Z)", re.DOTALL)


@dataclass(slots=True)
class Frame:
    """A text and how far it is read."""

    text: str
    at: int = 0
    place: tuple[int, int] | None = None
    """Column and width of the macro that this text comes from."""
    offset: int = 0
    """Column of the text's first character."""


class Source:
    """The characters that are still to be read; a macro's body stands in front of the rest."""

    def __init__(self, text: str, offset: int = 0):
        self.frames = [Frame(text, offset=offset)]
        self.expansions = self.expanded = 0

    @property
    def frame(self) -> Frame:
        """Where is read now."""
        return self.frames[-1]

    def more(self) -> bool:
        """Whether anything is left; leaves the bodies of macros that are finished."""
        while self.frame.at >= len(self.frame.text) and len(self.frames) > 1:
            self.frames.pop()
        return self.frame.at < len(self.frame.text)

    def push(self, text: str, at: int, width: int) -> None:
        """Read ``text`` next, as standing at this place."""
        token = self.token(Kind.SIGN, "", at, width)
        self.expansions += 1
        self.expanded += len(text)
        if self.expansions > LIMITS.max_expansions or self.expanded > LIMITS.max_written:
            limit = LIMITS.max_expansions
            told = f"macros expand to more than {limit} macros or {LIMITS.max_written} characters"
            raise NotationError(told, token.column, token.width)
        while self.frame.at >= len(self.frame.text) and len(self.frames) > 1:
            self.frames.pop()
        self.frames.append(Frame(text, place=(token.column, token.width)))

    def token(self, kind: Kind, text: str, at: int, width: int) -> Token:
        """A token that stands at ``at`` in the text that is read now."""
        column, wide = self.frame.place or (self.frame.offset + at, width)
        return Token(kind, text, column, wide)

    def refuse(self, message: str, at: int, width: int = 1) -> NotationError:
        """The error that names a place."""
        place = self.token(Kind.SIGN, "", at, width)
        return NotationError(message, place.column, place.width)

    def skip_space(self) -> None:
        """To the next character that is seen."""
        frame = self.frame
        while frame.at < len(frame.text) and frame.text[frame.at].isspace():
            frame.at += 1

    def sees(self, sign: str) -> bool:
        """Whether this text goes on so, after space."""
        self.skip_space()
        return self.frame.text.startswith(sign, self.frame.at)

    def argument(self) -> tuple[str, int]:
        """The next argument as it is written, without its braces, and where it begins."""
        self.skip_space()
        frame = self.frame
        start = frame.at
        if start >= len(frame.text):
            raise self.refuse("an argument is missing", max(start - 1, 0))
        if frame.text[start] == "{":
            frame.at = self.closing(start, "{", "}") + 1
            return frame.text[start + 1 : frame.at - 1], start + 1
        command = _COMMAND.match(frame.text, start)
        frame.at = command.end() if command else start + 1
        return frame.text[start : frame.at], start

    def option(self) -> str | None:
        """An argument in square brackets, if there is one."""
        if not self.sees("["):
            return None
        start = self.frame.at
        self.frame.at = self.closing(start, "[", "]") + 1
        return self.frame.text[start + 1 : self.frame.at - 1]

    def closing(self, start: int, left: str, right: str) -> int:
        """Where the bracket that opens at ``start`` is closed."""
        text, depth, at = self.frame.text, 0, start
        while at < len(text):
            sign = text[at]
            if sign == "\\":
                at += 1
            elif sign == left:
                depth += 1
            elif sign == right:
                depth -= 1
                if not depth:
                    return at
            at += 1
        raise self.refuse(f"{left!r} is never closed", start)
