"""A place in a row of tokens: looking, taking, and refusing with the column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from derive.config import LIMITS
from derive.notation.tokens import Kind, NotationError, Token
from derive.notation.tree import Node


class Cursor:
    """What a parser of one formula remembers while it reads.

    Args:
        tokens: the formula; the last token is of kind END.
    """

    deepest = LIMITS.max_formula_depth

    def __init__(self, tokens: Sequence[Token]):
        self.tokens, self.at, self.depth = tokens, 0, 0
        self.places: dict[int, Token] = {}
        """``id(node)`` -> the token at which the node begins."""
        self.ends_of: dict[int, tuple[Node, Token]] = {}
        """``id(node)`` -> the node, lest another gets its id, and its last token."""

    @property
    def next(self) -> Token:
        """The token that is read next; the last one is of kind END."""
        return self.tokens[self.at]

    def take(self) -> Token:
        """The next token, which is then behind the cursor."""
        token = self.next
        self.at += token.kind is not Kind.END
        return token

    def sees(self, *texts: str) -> bool:
        """Whether one of these signs or words comes next."""
        return self.next.kind in (Kind.SIGN, Kind.WORD) and self.next.text in texts

    def expect(self, text: str, why: str) -> None:
        """Pass a sign or word that has to come next."""
        if not self.sees(text):
            self.refuse(f"expected {text!r} {why}, not {self.told(self.next)}")
        self.at += 1

    def refuse(self, message: str, token: Token | None = None) -> NoReturn:
        """Refuse the formula at a token, by default the next one."""
        token = token or self.next
        raise NotationError(message, token.column, token.width)

    def told(self, token: Token) -> str:
        """A token as a message names it."""
        return token.told

    def placed(self, node: Node, token: Token) -> Node:
        """The node, noted as beginning at a token."""
        self.places[id(node)] = token
        self.ends_of[id(node)] = node, self.tokens[max(self.at - 1, 0)]
        return node

    def deeper(self) -> Token:
        """The next token, one level down; who comes back up lowers ``depth``."""
        self.depth += 1
        if self.depth > self.deepest:
            self.refuse(f"the formula is nested deeper than {self.deepest} levels")
        return self.next
