"""From tokens to a tree: a parser by precedence, the inverse of the printer ``text``.

Loosest first, as :mod:`derive.notation.precedence` prints them::

    if c then a else b, { a if c; b otherwise }
    a + b - c
    -a
    a / b                  from the left
    a ⊙ b,  a × b,  a · b  (and a * b, which is a · b)
    2 a (b + c)            juxtaposition
    a^b^c                  from the right
    tanh(z), tanh^2(z), tanh'(z), |z|, (a), [a]

``a / b c`` means ``a / (b c)`` to one reader and ``(a / b) c`` to another, so it is refused.

>>> from derive.notation import text
>>> text(parse("z / (1 + exp(-1.702 z))").tree)
'z/[1 + exp(-1.702z)]'
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NoReturn, cast

from derive.config import LIMITS
from derive.notation import glyphs
from derive.notation.operators import HADAMARD, INFIX, JUXTAPOSED, POWER, SUM, Operators
from derive.notation.tokens import Kind, NotationError, Token, tokens
from derive.notation.tree import (
    Apply,
    Cases,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    Sign,
    Symbol,
)
from derive.notation.words import function_word, symbol, symbol_name

_CLOSING = {"(": ")", "[": "]", "|": "|"}
_COMPARISONS = ("<", ">", "<=", ">=")
_OPERAND = "a number, a name or '('"

FUNCTIONS = frozenset(glyphs.FUNCTIONS) - {"L"} | frozenset(glyphs.ENCLOSING)
FUNCTIONS |= {"sigma", "sigmoid", "sqrt", "sign", "softplus", "log", "sinh"}
"""Names that are functions unless the caller says otherwise."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree, and where in the text each of its nodes begins."""

    tree: Node
    places: dict[int, Token] = field(repr=False, compare=False)
    """``id(node)`` -> its first token."""

    def place(self, node: Node) -> Token:
        """The token at which a node of this tree begins."""
        return self.places[id(node)]


def parse(
    text: str, functions: Collection[str] = FUNCTIONS, symbols: Collection[str] | None = None
) -> Parsed:
    """The tree of a formula in ASCII or Unicode.

    Args:
        text: the formula.
        functions: the names that are functions: before a bracket others are factors.
        symbols: the names that are not, if they are known: then a further name right before a
            bracket, ``foo(z)``, is read as a function.

    Raises:
        NotationError: with the column of what is not understood.
    """
    if len(text) > LIMITS.max_formula:
        limit = LIMITS.max_formula
        raise NotationError(f"the formula has {len(text)} characters; at most {limit} are read")
    return parse_tokens(tokens(text), functions, symbols)


def parse_tokens(
    found: Sequence[Token],
    functions: Collection[str] = FUNCTIONS,
    symbols: Collection[str] | None = None,
) -> Parsed:
    """The tree of the tokens of any tokenizer; the last token is of kind END."""
    parser = _Parser(found, functions, symbols)
    tree = parser.cases()
    if parser.next.kind is not Kind.END:
        parser.refuse_rest()
    return Parsed(tree, parser.places)


class _Parser(Operators):
    def __init__(
        self,
        tokens: Sequence[Token],
        functions: Collection[str],
        symbols: Collection[str] | None,
    ):
        super().__init__(tokens)
        self.functions, self.symbols = functions, symbols
        self.bars = [False]
        """For each open bracket, whether it is a bar: then the next bar closes it."""

    def refuse_rest(self) -> NoReturn:
        if self.sees(")", "]", "}"):
            self.refuse(f"{self.next.told} closes nothing")
        if self.sees(*_COMPARISONS):
            self.refuse("a comparison stands between 'if' and 'then' only")
        self.refuse(f"expected an operator or the end, not {self.next.told}")

    # --- definitions by cases -----------------------------------------------------------------

    def cases(self) -> Node:
        """``if c then a else b``, else an expression."""
        return self.choice() if self.sees("if") else self.expression(SUM)

    def choice(self) -> Node:
        start, rows = self.deeper(), list[tuple[Node, Node | None]]()
        while self.sees("if"):
            self.at += 1
            condition = self.comparison()
            self.expect("then", "after the condition")
            rows.append((self.cases(), condition))
            self.expect("else", "with the other value")
        rows.append((self.expression(SUM), None))
        self.depth -= 1
        return self.placed(Cases(tuple(rows)), start)

    def rows(self) -> Node:
        """``{ a if c; b otherwise }``, as the printer writes it."""
        start, rows = self.deeper(), list[tuple[Node, Node | None]]()
        self.at += 1
        self.bars.append(False)
        while not rows or rows[-1][1] is not None:
            value = self.cases()
            if self.sees("otherwise"):
                self.at += 1
                rows.append((value, None))
            else:
                self.expect("if", "or 'otherwise' after a value")
                rows.append((value, self.comparison()))
                self.expect(";", "and the next value")
        self.expect("}", "at the end of the cases")
        self.bars.pop()
        self.depth -= 1
        return self.placed(Cases(tuple(rows)), start)

    def comparison(self) -> Node:
        left = self.expression(SUM)
        token = self.next
        if not self.sees(*_COMPARISONS):
            self.refuse(f"expected a comparison, <, <=, > or >=, not {token.told}")
        self.at += 1
        right = self.expression(SUM)
        if self.sees(*_COMPARISONS):
            self.refuse("one comparison at a time; write 'if' within 'if' for two")
        return self.placed(Relation((left, right), (cast(Sign, token.text),)), token)

    # --- operators ----------------------------------------------------------------------------

    def level(self) -> int:
        """How tightly the operator that comes next binds; 0 where none does."""
        token = self.next
        if token.kind is Kind.SIGN and token.text in INFIX:
            return INFIX[token.text]
        if token.kind in (Kind.NUMBER, Kind.NAME) or self.sees("(", "[", "{"):
            return JUXTAPOSED
        return JUXTAPOSED if self.sees("|") and not self.bars[-1] else 0

    def quotient(self, left: Node) -> Node:
        sign = self.take()
        below = self.expression(HADAMARD if sign.text == "⊘" else POWER)
        if self.level() == JUXTAPOSED:
            self.refuse("a / b c has two readings; write a / (b c) or (a / b) c")
        return Quotient(left, below, sign.text == "⊘")

    def juxtaposed(self, left: Node) -> Node:
        factors = [left]
        while self.level() == JUXTAPOSED:
            if self.next.kind is Kind.NUMBER:  # z 2 and 2 3 are slips of the pen
                self.refuse("a number stands before what it multiplies; between two write '*'")
            factors.append(self.expression(POWER))
        return Product(tuple(factors))

    # --- operands -----------------------------------------------------------------------------

    def operand(self) -> Node:
        token = self.next
        if token.kind is Kind.NUMBER:
            return self.placed(Number(self.take().text), token)
        if token.kind is Kind.NAME:
            return self.name()
        if self.sees("(", "[", "|"):
            return self.group()
        if self.sees("{"):
            return self.rows()
        if self.sees("if"):
            self.refuse("a definition by cases inside a formula needs brackets: (if ...)")
        self.refuse(f"expected {_OPERAND}, not {token.told}")

    def group(self) -> Node:
        start = self.take()
        (node,) = self.listed(start)
        if start.text == "|":
            return self.placed(Apply("abs", (node,)), start)
        return node

    def listed(self, start: Token, most: int = 1) -> list[Node]:
        """What stands between brackets, up to the closing one."""
        self.bars.append(start.text == "|")
        nodes = [self.cases()]
        while self.sees(",") and len(nodes) < most:
            self.at += 1
            nodes.append(self.cases())
        closing = _CLOSING[start.text]
        if self.sees(*_COMPARISONS):
            self.refuse_rest()
        self.expect(closing, f"to close {start.text!r} of column {start.column + 1}")
        self.bars.pop()
        return nodes

    def name(self) -> Node:
        token = self.take()
        function, letter = function_word(token.text), symbol(token.text)
        if function in self.functions or self.seems_function(letter, token):
            return self.application(token, function)
        return self.placed(letter, token)

    def seems_function(self, letter: Symbol, token: Token) -> bool:
        """An unknown name with a bracket right behind it."""
        if self.symbols is None or symbol_name(letter) in self.symbols:
            return False
        return self.sees("(") and self.next.column == token.column + token.width

    def application(self, token: Token, function: str) -> Node:
        primes = 0
        while self.sees("'"):
            self.at += 1
            primes += 1
        power = self.function_power() if self.sees("^") else 1
        if not self.sees("(", "["):
            self.refuse(f"{token.text} is a function: write its argument in brackets", token)
        arguments = self.listed(self.take(), LIMITS.max_formula)
        return self.placed(Apply(function, tuple(arguments), primes, power), token)

    def function_power(self) -> int:
        """The 2 of ``tanh^2(z)``: a whole number, else it could be an inverse function."""
        start = self.take()
        exponent = self.exponent()
        if not (isinstance(exponent, Number) and exponent.digits.isdigit()):
            self.refuse("the power of a function is a whole number; else write (f(z))^p", start)
        digits = exponent.digits.lstrip("0")
        if not digits or len(digits) > 2:
            self.refuse("the power of a function is from 1 to 99", start)
        return int(digits)

    def exponent(self) -> Node:
        """Without juxtaposition, for ``tanh^2(z)`` ends at the bracket."""
        token = self.next
        return self.group() if self.sees("(") else self.placed(Number(self.take().text), token)
