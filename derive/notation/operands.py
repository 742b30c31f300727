"""What stands between operators in written mathematics: symbols, functions, brackets, big signs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from derive.notation.brackets import CLOSING
from derive.notation.differentials import bare, derivative
from derive.notation.letters import BARE, function
from derive.notation.operators import DIVISION, JUXTAPOSED, POWER
from derive.notation.scripts import SHAPES, Scripts, powered, run
from derive.notation.styles import accented, styled
from derive.notation.tokens import Kind, Token
from derive.notation.tree import (
    Accent,
    Apply,
    BigSum,
    Blank,
    Call,
    Derivative,
    Differential,
    Fenced,
    Function,
    Listed,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Style,
    Symbol,
    Transpose,
)
from derive.notation.vocabulary import BIG, BRACES

_ENCLOSING = {"|<": "abs", "‖<": "norm", "⌊": "floor", "⌈": "ceil"}
_BIG = frozenset(BIG.values())
_WANTED = "a number, a name or a bracket"


class Operands(Scripts):
    """The part of a parser that knows the operands."""

    infixes: Mapping[str, int]
    """Sign of an operator -> how tightly it binds."""

    def level(self) -> int:
        """How tightly what comes next binds; 0 where nothing does."""
        token = self.next
        if token.kind is Kind.SIGN:
            if token.text in CLOSING:
                return JUXTAPOSED
            return self.infixes.get(token.text, 0)
        if token.kind is Kind.COMMAND:
            return 0 if token.text == "over" or token.text.startswith("end") else JUXTAPOSED
        if token.kind is Kind.GROUP:
            return JUXTAPOSED if token.text == "{" else 0
        return JUXTAPOSED if token.kind in (Kind.NUMBER, Kind.NAME, Kind.UPRIGHT) else 0

    def prefix(self, least: int) -> Node:
        """A plus in front of an operand says nothing."""
        if self.sees("+"):
            self.at += 1
        return super().prefix(least)

    def quotient(self, left: Node) -> Node:
        """``left / ...``; with two differentials it is a derivative."""
        sign = self.take()
        if sign.text == "⊘":
            return Quotient(left, self.expression(DIVISION + 1), True)
        below = self.divisor()
        return derivative(left, below, self.orders) or Quotient(left, below)

    def divisor(self) -> Node:
        """``1/2m`` is 1/(2m): what stands tightly behind a number or a letter belongs to it."""
        start = self.next
        node = self.prefix(POWER)
        factors = [node]
        while self.is_tight() and isinstance(factors[-1], Number | Symbol | Power):
            factors.append(self.operand())
        return self.placed(Product(tuple(factors)), start) if len(factors) > 1 else node

    def is_tight(self) -> bool:
        """Whether a name follows without a space."""
        last, token = self.tokens[self.at - 1], self.next
        return token.kind is Kind.NAME and last.column + last.width == token.column

    def juxtaposed(self, left: Node) -> Node:
        """``left`` and the factors behind it."""
        factors = [left]
        while self.level() == JUXTAPOSED:
            if self.next.kind is Kind.NUMBER and isinstance(factors[-1], Number):
                self.refuse("two numbers side by side: an operator is missing")
            factors.append(self.expression(POWER))
        return Product(tuple(factors))

    # --- atoms --------------------------------------------------------------------------------

    def atom(self) -> Node:
        """An operand without what stands behind it."""
        token = self.next
        if token.kind is Kind.NUMBER:
            return self.placed(Number(self.take().text), token)
        if token.kind is Kind.NAME:
            return self.placed(Symbol(self.take().text), token)
        if token.kind is Kind.UPRIGHT:
            return self.word()
        if token.kind is Kind.COMMAND:
            return self.command()
        if token.kind is Kind.GROUP and token.text == "{":
            return self.argument()
        if token.kind is Kind.SIGN and token.text in CLOSING:
            return self.group()
        self.refuse(f"expected {_WANTED}, not {self.told(token)}")

    def group(self) -> Node:
        """Brackets: a person's, a norm, a set."""
        start = self.deeper()
        self.at += 1
        node = self.inside(start, CLOSING[start.text])
        self.depth -= 1
        if start.text in _ENCLOSING:
            items = node.items if isinstance(node, Listed) and node.glyph == "," else (node,)
            return self.placed(Apply(_ENCLOSING[start.text], items), start)
        if start.text in ("left.", "⁽"):
            return node
        return self.placed(self.fenced(node, start), start)

    def fenced(self, node: Node, start: Token) -> Node:
        """What stood in brackets, in them."""
        return Fenced(node, SHAPES[start.text])

    def command(self) -> Node:
        """A command with its arguments."""
        token = self.take()
        name, _, detail = token.text.partition(" ")
        if name in ("partial", "d"):
            return self.differential(token)
        if name in _BIG:
            return self.big(token)
        if name == "accent":
            return self.placed(accented(self.argument(), cast(Accent, detail)), token)
        if name == "style":
            return self.placed(styled(self.argument(), cast(Style, detail)), token)
        if name in BRACES:
            return self.braced()
        if name == "begin":
            return self.placed(self.environment(token, detail), token)
        return self.placed(self.built(token, name), token)

    def built(self, token: Token, name: str) -> Node:
        """Fractions and roots."""
        if name == "sqrt":
            return Apply("sqrt", (self.radicand(),))
        if name in ("frac", "root", "binom"):
            first, second = self.argument(), self.argument()
            if name == "frac":
                return derivative(first, second, self.orders) or Quotient(first, second)
            order = (second, first) if name == "root" else (first, second)
            return Apply("sqrt" if name == "root" else name, order)
        self.refuse(f"{self.told(token)} stands alone", token)

    def radicand(self) -> Node:
        """In text the root's brackets are its argument."""
        node = self.argument()
        return node.body if self.plain and isinstance(node, Fenced) else node

    def environment(self, token: Token, kind: str) -> Node:
        """What stands between ``begin`` and ``end``."""
        raise NotImplementedError

    def braced(self) -> Node:
        """``\\underbrace{x}_{note}``: the note is not read."""
        node = self.argument()
        while self.sees("_", "^"):
            self.at += 1
            end = self.partners.get(self.at, self.at)
            self.at = min(end + 1, len(self.tokens) - 1)
        return node

    # --- differentials ------------------------------------------------------------------------

    def differential(self, token: Token) -> Node:
        """``dL``, ``dL/dW``, ``d/dx``, and the operator that a lowered curly d is."""
        total = token.text == "d"
        if self.sees("_"):
            sub = self.below()
            return self.placed(Symbol("d" if total else "partial", sub), token)
        order = self.order()
        node = self.placed(self.differentiated(total), token)
        first = bare(node)
        if order is not None:
            self.orders[id(first)] = first, order
        if self.sees("/") and self.begins_differential(self.at + 1):
            return self.inline(node, token)
        return node

    def order(self) -> Node | None:
        """The exponent of a d."""
        if not self.sees("^"):
            return None
        self.at += 1
        return self.argument()

    def begins_differential(self, at: int) -> bool:
        """Whether a d stands there."""
        token = self.tokens[at]
        return token.kind is Kind.COMMAND and token.text in ("partial", "d")

    def differentiated(self, total: bool) -> Node:
        """An exponent belongs to the d and what it stands before: ``dW^T`` is the whole's."""
        if self.level() != JUXTAPOSED:
            return Differential(Blank(), total)
        start = self.deeper()
        body = self.operand()
        self.depth -= 1
        if isinstance(body, Power):
            return Power(self.placed(Differential(body.base, total), start), body.exponent)
        if isinstance(body, Transpose):
            return Transpose(self.placed(Differential(body.body, total), start))
        return Differential(body, total)

    def inline(self, above: Node, token: Token) -> Node:
        """``dL/dW`` binds like a symbol."""
        sign = self.take()
        steps = [self.operand()]
        while self.begins_differential(self.at) and id(bare(above)) in self.orders:
            steps.append(self.operand())
        below = Product(tuple(steps)) if len(steps) > 1 else steps[0]
        node = derivative(above, below, self.orders)
        if node is None:
            return self.placed(Quotient(above, below), token)
        if isinstance(node, Derivative) and self.next.column < sign.column:
            self.refuse("a derivative without its variable", sign)
        return self.placed(node, token)

    # --- functions ----------------------------------------------------------------------------

    def word(self) -> Node:
        """An upright name: a function if its arguments follow or it can be nothing else."""
        token = self.take()
        name = function(token.text) or token.text
        if len(name) == 1:
            return self.placed(Symbol(name, style="roman"), token)
        if name == "sum" and self.sees("_", "^"):
            return self.big(token)
        start = self.at
        sub, primes, above = self.function_scripts()
        called = self.sees("(") or (function(name) is not None and self.sees("[", "{"))
        if called and self.tokens[self.at + 1].kind is not Kind.WORD:
            arguments = self.arguments()
        elif self.takes_bare(name):
            arguments = (self.bare_argument(),)
        else:
            self.at = start
            known = function(name) is not None
            return self.placed(Function(name) if known else Symbol(name), token)
        power = _whole(above)
        if power is None:
            head = Symbol(name, sub, primes=primes) if sub else Function(name, primes)
            assert above is not None
            return self.placed(Call(powered(head, above), arguments), token)
        return self.placed(Apply(name, arguments, primes, power, sub), token)

    def takes_bare(self, name: str) -> bool:
        """``log x``, and a matrix, which has its own brackets."""
        if self.next.kind is Kind.COMMAND and self.next.text.startswith("begin matrix"):
            return function(name) is not None
        return name in BARE and self.level() == JUXTAPOSED and not self.sees("(")

    def function_scripts(self) -> tuple[tuple[Node, ...], int, Node | None]:
        """Subscript, strokes and exponent between a function and its argument."""
        sub, primes, above = tuple[Node, ...](), 0, None
        while self.sees("_", "^", "'"):
            if self.sees("_"):
                sub += self.below()
            elif self.sees("'"):
                self.at += 1
                primes += 1
            elif above is None:
                self.at += 1
                above = self.argument()
                strokes = run(above)
                if strokes and all(part == Symbol("prime") for part in strokes):
                    primes, above = primes + len(strokes), None
            else:
                self.refuse("two exponents")
        return sub, primes, above

    def arguments(self) -> tuple[Node, ...]:
        """What stands in the brackets of a function."""
        token = self.deeper()
        self.at += 1
        node = self.inside(token, CLOSING[token.text])
        self.depth -= 1
        if token.text == "[" and isinstance(node, Listed) and node.glyph == ";":
            return (self.fenced(node, token),)
        return node.items if isinstance(node, Listed) and node.glyph == "," else (node,)

    def bare_argument(self) -> Node:
        """``log 2 x``: the factors up to a bracket, a function or a big sign."""
        start = self.deeper()
        if start.kind is Kind.GROUP:
            node = self.argument()
        else:
            factors = [self.operand()]
            while self.is_simple() and isinstance(factors[-1], Number | Symbol | Power):
                factors.append(self.operand())
            node = Product(tuple(factors)) if len(factors) > 1 else factors[0]
        self.depth -= 1
        return self.placed(node, start)

    def is_simple(self) -> bool:
        """Whether a letter follows, which the argument takes in."""
        token = self.next
        if token.kind is Kind.COMMAND:
            return token.text.startswith(("accent", "style"))
        return token.kind is Kind.NAME

    # --- big signs ----------------------------------------------------------------------------

    def big(self, token: Token) -> Node:
        """``sum_{i=1}^n a_i b_i``: the body takes in products, not sums."""
        below, above = list[Node](), None
        while self.sees("_", "^"):
            if self.take().text == "_":
                below.append(self.argument())
            else:
                above = self.argument()
        index = below[0] if below else None
        lower = None
        if isinstance(index, Relation) and index.signs == ("=",):
            index, lower = index.sides
        if self.level() != JUXTAPOSED and not self.sees("-"):
            self.refuse(f"expected what {self.told(token)} is over, not {self.told(self.next)}")
        body = self.expression(DIVISION)
        glyph = cast(Any, token.text)
        return self.placed(BigSum(body, index, lower, above, glyph), token)


def _whole(above: Node | None) -> int | None:
    """The exponent of ``tanh^2``; anything else may be an inverse."""
    if above is None:
        return 1
    if isinstance(above, Number) and above.digits.isdigit() and 1 < len(above.digits) + 1 < 4:
        return int(above.digits) if int(above.digits) > 1 else None
    return None
