"""What is made of expressions: relations, lists of them, conditions, choices."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, cast

from derive.notation.brackets import CLOSING
from derive.notation.operands import Operands
from derive.notation.operators import CDOT, HADAMARD, INFIX, PRODUCTS, SUM, TIMES
from derive.notation.tokens import Kind, NotationError, Token
from derive.notation.tree import (
    Blank,
    Cases,
    Glyph,
    Listed,
    Node,
    Qualified,
    Quotient,
    Range,
    Relation,
    Sign,
)
from derive.notation.vocabulary import RELATIONS

_PRODUCTS: dict[str, tuple[int, Glyph]] = dict(PRODUCTS) | {
    "*": (CDOT, "ast"),
    "@": (TIMES, "at"),
    "∘": (HADAMARD, "circ"),
    "⊗": (HADAMARD, "otimes"),
}
_INFIXES: Mapping[str, int] = {sign: INFIX[sign] for sign in ("+", "-", "/", "⊘")} | {
    sign: level for sign, (level, _) in _PRODUCTS.items()
}
_SEPARATORS = {",": ",", ";": ";", "quad": ",", "rows": "rows", "implies": "implies"}
_QUALIFIERS = {"if": "if", "for": "for", "where": "where", "at": "at", "given": "given"}
_LEADING = ("where", "and", "implies", "for", "at", "then", "or")
_CLOSED = frozenset(CLOSING.values()) | {"&"}
_STOPS = _CLOSED | {"rows", ";", "."}
_SEEN = 100
"""Tokens and brackets in which the other value of a choice is looked for."""


class Statements(Operands):
    """The part of a parser that knows relations."""

    products = _PRODUCTS
    infixes = _INFIXES

    # --- lists --------------------------------------------------------------------------------

    def whole(self) -> Node:
        """All of the text."""
        node = self.listing()
        if self.next.kind is not Kind.END:
            self.refuse_rest()
        return node

    def refuse_rest(self) -> None:
        """Refuse what stands behind the end."""
        token = self.next
        if token.kind in (Kind.SIGN, Kind.GROUP) and token.text in _CLOSED:
            self.refuse(f"{self.told(token)} closes nothing")
        self.refuse(f"expected an operator or the end, not {self.told(token)}")

    def inside(self, start: Token, closing: str) -> Node:
        """What stands within brackets, and the closing one."""
        self.inner += 1
        is_set = closing == "}" and start.kind is Kind.SIGN
        node = self.curly() if is_set else self.listing()
        if closing == ">" and isinstance(node, Relation):
            self.refuse("expected one thing between '<' and '>'", start)
        if self.over() and start.kind is Kind.GROUP:
            self.at += 1
            node = self.placed(Quotient(node, self.listing()), start)
        if not self.closes(start, closing):
            told = f"expected {closing!r} to close {self.told(start)} of column {start.column + 1}"
            self.refuse(f"{told}, not {self.told(self.next)}")
        self.at += 1
        self.inner -= 1
        return node

    inner = 0
    """How many brackets are open."""

    def over(self) -> bool:
        r"""Whether ``\over`` follows."""
        return self.next.kind is Kind.COMMAND and self.next.text == "over"

    def closes(self, start: Token, closing: str) -> bool:
        """Half-open intervals close with the other bracket; a left brace may stay open."""
        token = self.next
        if start.kind is Kind.GROUP or token.kind is Kind.GROUP:
            return token.kind is start.kind and token.text == closing
        if token.kind is not Kind.SIGN:
            return False
        mixed = start.text + token.text in ("(]", "[)")
        return token.text == closing or token.text == "right." or mixed

    def listing(self) -> Node:
        """Statements with signs between them."""
        start, found, signs = self.next, list[Node](), list[str]()
        while True:
            self.skip_words()
            if self.ends():
                break
            found.append(self.statement())
            sign = self.separator()
            if sign is None:
                break
            signs.append(sign)
        if not found:
            self.refuse(f"expected a formula, not {self.told(self.next)}")
        return found[0] if len(found) == 1 else self.placed(listed(found, signs), start)

    def separator(self) -> str | None:
        """The signs that part two statements; a full stop and a comma may end the last."""
        sign = None
        while self.next.kind in (Kind.SIGN, Kind.WORD):
            text = self.next.text
            if (text in _SEPARATORS and self.next.kind is Kind.SIGN) or text == "implies":
                sign = _stronger(sign, _SEPARATORS[text])
            elif text == "and":
                sign = _stronger(sign, "and")
            elif text == "or":
                sign = _stronger(sign, ";")
            elif text != "." or self.next.kind is not Kind.SIGN:
                break
            self.at += 1
        return sign

    def skip_words(self) -> None:
        """``where z = ...``: what joins it to the sentence is not read."""
        while self.next.text in _LEADING and self.next.kind in (Kind.WORD, Kind.SIGN):
            self.at += 1

    def ends(self) -> bool:
        """Whether a list ends here."""
        token = self.next
        if token.kind is Kind.END or (token.kind is Kind.GROUP and token.text == "}"):
            return True
        if token.kind is Kind.COMMAND:
            return token.text == "over" or token.text.startswith("end")
        return token.kind is Kind.SIGN and token.text in _CLOSED

    # --- statements ---------------------------------------------------------------------------

    def statement(self) -> Node:
        """A chain of relations with what is said of it."""
        start = self.deeper()
        node = self.placed(self.ranged(), start)
        node = self.placed(self.qualified(node), start)
        self.depth -= 1
        return node

    def ranged(self) -> Node:
        """``a:b`` in brackets; a word and a colon in front of a formula are its label."""
        lower = None if self.sees(":") else self.relation()
        if not self.sees(":"):
            assert lower is not None
            return lower
        self.at += 1
        if self.ends() or self.sees(",", ":"):
            return Range(lower, None)
        upper = self.relation()
        return upper if isinstance(upper, Relation) else Range(lower, upper)

    def relation(self) -> Node:
        """``a = b = c``."""
        sides, signs = [self.side()], list[Sign]()
        while self.next.kind is Kind.SIGN and self.next.text in RELATIONS and not self.angle_ends():
            signs.append(RELATIONS[self.take().text])
            stops = self.ends() or self.sees(",", ".", ";", "rows", "quad")
            sides.append(self.placed(Blank(), self.next) if stops else self.value())
        if not signs:
            return sides[0]
        return self.conditional(Relation(tuple(sides), tuple(signs)))

    def angle_ends(self) -> bool:
        """The ``>`` of ``a^{<t>}``."""
        return self.sees(">") and self.tokens[self.at + 1].text == "}"

    def side(self) -> Node:
        """One side; that of a row that goes on may be missing."""
        token = self.next
        if token.kind is Kind.SIGN and token.text in RELATIONS:
            return self.placed(Blank(), token)
        if token.kind is Kind.SIGN and token.text in self.infixes and token.text != "-":
            return self.placed(self.continued(), token)
        return self.value()

    def value(self) -> Node:
        """A side that is there."""
        return self.choice() if self.sees("if") else self.conditional(self.expression(SUM))

    def continued(self) -> Node:
        """A row that goes on with an operator: what stands before it is left out."""
        blank = self.placed(Blank(), self.next)
        if self.sees("+"):
            return self.sum(blank)
        level = self.level()
        node = self.infix(blank, level)
        while (level := self.level()) >= SUM:
            node = self.infix(node, level)
        return node

    def choice(self) -> Node:
        """``if c then a else b``."""
        start = self.deeper()
        self.at += 1
        condition = self.relation()
        self.expect("then", "after the condition")
        value = self.side()
        if self.sees(","):
            self.at += 1
        if not self.sees("else", "otherwise"):
            self.refuse("expected 'else' with the other value")
        self.at += 1
        other = self.side()
        self.depth -= 1
        return self.placed(Cases(((value, condition), *other_rows(other))), start)

    def conditional(self, node: Node) -> Node:
        """``1 if z > 0 else 0``: also behind a relation, of its last side."""
        if not self.sees("if") or not self.has_else():
            return node
        start = self.deeper()
        self.at += 1
        condition = self.relation()
        if self.sees(",", ";"):
            self.at += 1
        self.at += 1
        other = self.side()
        self.depth -= 1
        value = node.sides[-1] if isinstance(node, Relation) else node
        cases = self.placed(Cases(((value, condition), *other_rows(other))), start)
        if isinstance(node, Relation):
            return Relation((*node.sides[:-1], cases), node.signs)
        return cases

    def has_else(self) -> bool:
        """Whether the other value follows, before the row ends."""
        at = self.at + 1
        for _ in range(_SEEN):
            token = self.tokens[at]
            if token.kind is Kind.WORD:
                last = self.tokens[at + 1]
                closed = last.kind is Kind.END or last.text in _STOPS
                return token.text == "else" or (token.text == "otherwise" and not closed)
            if token.kind is Kind.END or token.text in _STOPS:
                return False
            at = self.partners.get(at, at) + 1
        return False

    def qualified(self, node: Node) -> Node:
        """Conditions behind a statement, also in brackets: ``(at v = c)``."""
        while True:
            token = self.next
            bracket = self.sees("(", "[") and self.tokens[self.at + 1].kind is Kind.WORD
            if token.kind is Kind.SIGN and token.text in ("given", "parallel"):
                self.at += 1
                return Qualified(node, cast(Any, token.text), self.listing())
            if bracket and self.tokens[self.at + 1].text in _QUALIFIERS:
                node = self.remark(node)
            elif self.next.kind is Kind.SIGN and token.text == "," and self.qualifies(1):
                self.at += 1
            elif self.qualifies(0):
                node = self.condition(node)
            else:
                return node

    def qualifies(self, ahead: int) -> bool:
        """Whether a word that qualifies stands there."""
        token = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
        return token.kind is Kind.WORD and token.text in _QUALIFIERS

    def remark(self, node: Node) -> Node:
        """A condition in brackets."""
        start = self.take()
        node = self.condition(node)
        self.expect(CLOSING[start.text], "behind a condition")
        return node

    def condition(self, node: Node) -> Node:
        """A condition behind its word."""
        word = _QUALIFIERS[self.take().text]
        while self.next.kind is Kind.WORD and self.next.text in _QUALIFIERS:
            self.at += 1
        if word != "where" or self.inner:
            return Qualified(node, cast(Any, word), self.statement())
        return self.explained(node)

    def explained(self, node: Node) -> Node:
        """A last clause with where: a formula, or words, which are not read."""
        depth = self.depth
        try:
            condition = self.statement()
            if self.next.kind is Kind.END or self.next.text in _SEPARATORS or self.sees("and", "."):
                return Qualified(node, "where", condition)
        except NotationError:
            self.depth, self.inner = depth, 0
        self.skip_row()
        return node

    def skip_row(self) -> None:
        """To the end of a sentence that is no mathematics."""
        while self.next.kind is not Kind.END and self.next.text != "rows":
            self.at += 1

    @abstractmethod
    def curly(self) -> Node:
        """What stands within the braces of a set."""


def other_rows(other: Node) -> tuple[tuple[Node, Node | None], ...]:
    """``else if`` goes on with the rows of the other choice."""
    return other.rows if isinstance(other, Cases) else ((other, None),)


def listed(items: list[Node], signs: list[str]) -> Node:
    """Statements side by side; rows hold lists."""
    signs = signs[: len(items) - 1]
    for outer in ("rows", ";"):
        if outer in signs and set(signs) != {outer}:
            return _in_rows(items, signs, outer)
    glyph = signs[0] if len(set(signs)) == 1 else ","
    return Listed(tuple(items), cast(Any, glyph))


def _in_rows(items: list[Node], signs: list[str], outer: str) -> Node:
    rows, row, between = list[Node](), [items[0]], list[str]()
    for item, sign in zip(items[1:], signs, strict=True):
        if sign == outer:
            rows.append(row[0] if len(row) == 1 else listed(row, between))
            row, between = [item], []
        else:
            row.append(item)
            between.append(sign)
    rows.append(row[0] if len(row) == 1 else listed(row, between))
    return Listed(tuple(rows), cast(Any, outer))


def _stronger(first: str | None, second: str) -> str:
    order = (",", ";", "and", "implies", "rows")
    return max(first or second, second, key=order.index)
