"""Sets, cases, matrices and rows: what has brackets and rows of its own."""

from __future__ import annotations

from typing import Any, cast

from derive.notation.brackets import CLOSING
from derive.notation.statements import Statements, listed
from derive.notation.tokens import Kind, Token
from derive.notation.tree import Cases, Listed, Matrix, Node, Qualified


class Grammar(Statements):
    """The whole grammar."""

    def curly(self) -> Node:
        """A set, or cases as text writes them."""
        start, rows = self.next, list[tuple[Node, Node | None]]()
        if self.is_system():
            return self.listing()
        while not self.ends():
            rows.append(self.row())
            if self.separator() is None:
                break
        if any(condition is not None for _, condition in rows) or self.otherwise:
            self.otherwise = False
            return self.placed(Cases(tuple(rows)), start)
        if not rows:
            self.refuse(f"expected a formula, not {self.told(self.next)}")
        items = [value for value, _ in rows]
        return items[0] if len(items) == 1 else self.placed(Listed(tuple(items)), start)

    def is_system(self) -> bool:
        """Whether the brace holds an environment."""
        return self.next.kind is Kind.COMMAND and self.next.text.startswith("begin")

    otherwise = False
    """Whether the rows that are read now had an ``otherwise``."""

    def row(self) -> tuple[Node, Node | None]:
        """A value and its condition, None for the last."""
        if self.sees("otherwise", "else"):
            self.refuse("expected a value before 'otherwise'")
        value = self.ranged()
        if self.sees("given", "parallel"):
            sign = self.take()
            value = Qualified(value, cast(Any, sign.text), self.statement())
        while self.sees(",", "&", "quad", ".") and self.row_goes_on():
            self.at += 1
        if self.sees("otherwise", "else"):
            self.at += 1
            self.otherwise = True
            return value, None
        if self.sees("if", "for", "where", "at"):
            while self.sees("if", "for", "where", "at", "otherwise"):
                self.at += 1
            return value, self.conditions()
        if self.tokens[self.at - 1].text == "&" and not self.ends():
            return value, self.conditions()
        return value, None

    def row_goes_on(self) -> bool:
        """Whether the condition of a row follows."""
        following = self.tokens[self.at + 1]
        joins = following.kind is Kind.WORD and following.text not in ("and", "or", "implies")
        return self.sees("&") or joins or following.text == "&"

    def conditions(self) -> Node:
        """Conditions joined by commas and words, up to the end of the row."""
        found, signs = [self.statement()], list[str]()
        while self.sees("and", "or"):
            signs.append("and" if self.take().text == "and" else ";")
            found.append(self.statement())
        return found[0] if len(found) == 1 else listed(found, signs)

    def environment(self, token: Token, kind: str) -> Node:
        """Cases, a matrix, or rows."""
        start = self.deeper()
        if kind == "cases":
            node: Node = Cases(tuple(self.rows(start)))
        elif kind == "rows":
            node = self.listing()
        else:
            node = self.matrix(kind.partition(" ")[2])
        if not (self.next.kind is Kind.COMMAND and self.next.text.startswith("end")):
            self.refuse(f"expected the end of the environment, not {self.told(self.next)}")
        self.at += 1
        self.depth -= 1
        return node

    def rows(self, start: Token) -> list[tuple[Node, Node | None]]:
        """The rows of cases."""
        found = list[tuple[Node, Node | None]]()
        while not self.ends() or self.sees("&"):
            found.append(self.row())
            self.otherwise = False
            if self.separator() is None:
                break
        if not found:
            self.refuse("cases without a row", start)
        return found

    def matrix(self, shape: str) -> Node:
        """Rows of cells; an empty cell is not there."""
        rows: list[tuple[Node, ...]] = []
        while not self.at_end():
            cells = list[Node]()
            while not self.at_end() and not self.sees("rows"):
                if self.sees("&", ",", "."):
                    self.at += 1
                else:
                    cells.append(self.cell())
            if self.sees("rows"):
                self.at += 1
            if cells:
                rows.append(tuple(cells))
        if not rows:
            self.refuse("a matrix without an entry")
        return Matrix(tuple(rows), cast(Any, shape))

    def at_end(self) -> bool:
        """Whether the environment ends here."""
        token = self.next
        return token.kind is Kind.END or (
            token.kind is Kind.COMMAND and token.text.startswith("end")
        )

    def cell(self) -> Node:
        """One entry of a matrix."""
        self.skip_words()
        node = self.statement()
        if not (self.sees("&", "rows", ",", ".") or self.at_end()):
            self.refuse(f"expected '&' or the end of the row, not {self.told(self.next)}")
        return node

    def fenced(self, node: Node, start: Token) -> Node:
        """Brackets around cases are not seen, a system has its brace."""
        last = self.tokens[self.at - 1]
        if start.text == "{" and isinstance(node, Cases):
            return node
        if start.text == "{" and last.text == "right." and isinstance(node, Matrix):
            rows = [row for row in node.rows if len(row) == 2]
            if len(rows) == len(node.rows):
                return Cases(tuple((value, bare_condition(when)) for value, when in rows))
        if start.text == "[" and isinstance(node, Listed) and node.glyph == ";":
            return Matrix(tuple(_cells(row) for row in node.items), "square")
        if start.text + last.text in ("(]", "[)") and not isinstance(node, Listed):
            self.refuse(f"expected {CLOSING[start.text]!r}", last)
        return super().fenced(node, start)


def _cells(row: Node) -> tuple[Node, ...]:
    return row.items if isinstance(row, Listed) and row.glyph == "," else (row,)


def bare_condition(node: Node) -> Node:
    """A condition without the word in front of it."""
    return node.condition if isinstance(node, Qualified) else node
