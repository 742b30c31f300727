"""Precedence: from operands and operators to sums, products and quotients.

Every notation has its own operands, and its own mind about ``a / b c``; how tightly the operators
bind is the same for all, and the inverse of :class:`derive.notation.precedence.Level`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping

from derive.notation.cursor import Cursor
from derive.notation.tokens import Kind
from derive.notation.tree import Glyph, Negative, Node, Power, Product, Sum

SUM, PREFIX, DIVISION, HADAMARD, TIMES, CDOT, JUXTAPOSED, POWER = range(1, 9)
"""How tightly operators bind, as in :class:`derive.notation.precedence.Level`."""

PRODUCTS: Mapping[str, tuple[int, Glyph]] = {
    "⊙": (HADAMARD, "hadamard"),
    "×": (TIMES, "times"),
    "·": (CDOT, "cdot"),
    "*": (CDOT, "cdot"),
}
"""Sign of a product -> how tightly it binds, and what the tree calls it."""

INFIX = {"+": SUM, "-": SUM, "/": DIVISION, "⊘": DIVISION, "^": POWER}
INFIX |= {sign: level for sign, (level, _) in PRODUCTS.items()}
"""Sign of an operator between two operands -> how tightly it binds."""


class Operators(Cursor, ABC):
    """The part of a parser that knows the operators."""

    products = PRODUCTS

    @abstractmethod
    def level(self) -> int:
        """How tightly the operator that comes next binds; 0 where none does."""

    @abstractmethod
    def operand(self) -> Node:
        """What stands between operators."""

    @abstractmethod
    def quotient(self, left: Node) -> Node:
        """``left / ...``."""

    @abstractmethod
    def juxtaposed(self, left: Node) -> Node:
        """``left`` and the factors that follow it without a sign."""

    def expression(self, least: int) -> Node:
        """An expression of operators that bind at least so tightly."""
        start = self.deeper()
        node = self.prefix(least)
        while (level := self.level()) >= least:
            node = self.placed(self.infix(node, level), start)
        self.depth -= 1
        return node

    def prefix(self, least: int) -> Node:
        """An operand, or what a minus sign in front applies to."""
        if not self.sees("-"):
            return self.operand()
        start = self.take()
        return self.placed(Negative(self.expression(max(least, PREFIX))), start)

    def infix(self, left: Node, level: int) -> Node:
        """``left`` with the operators of this level that follow it."""
        if level == SUM:
            return self.sum(left)
        if level == DIVISION:
            return self.quotient(left)
        if level == POWER:
            self.at += 1
            return Power(left, self.expression(POWER))
        if level == JUXTAPOSED:
            return self.juxtaposed(left)
        return self.product(left, level)

    def sum(self, left: Node) -> Node:
        """``left + b - c``."""
        terms = [left]
        while self.sees("+", "-"):
            sign = self.take()
            term = self.expression(PREFIX)
            terms.append(term if sign.text == "+" else self.placed(Negative(term), sign))
        return Sum(tuple(terms))

    def product(self, left: Node, level: int) -> Node:
        """``left`` and what one glyph joins to it."""
        glyph, factors = self._glyph(), [left]
        while self.level() == level and self._glyph() == glyph:
            self.at += 1
            factors.append(self.expression(level + 1))
        return Product(tuple(factors), glyph)

    def _glyph(self) -> Glyph:
        return self.products[self.next.text][1] if self.next.kind is Kind.SIGN else ""
