"""Subscripts, superscripts, strokes, and brackets right behind a symbol."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from derive.config import LIMITS
from derive.notation.brackets import CLOSING, partners
from derive.notation.differentials import applied
from derive.notation.operators import Operators
from derive.notation.tokens import Kind, Token
from derive.notation.tree import (
    Apply,
    Call,
    Derivative,
    Differential,
    Fenced,
    Function,
    Indexed,
    Listed,
    Node,
    Power,
    Product,
    Qualified,
    Shape,
    Symbol,
    Transpose,
)

SHAPES: dict[str, Shape] = {"(": "round", "[": "square", "{": "curly", "⟨": "angle"}
"""Opening brackets."""

_NORMS = ("norm", "abs", "floor", "ceil")
_SUBSCRIPTS = 40
"""Subscripts of one symbol; more are a slip."""
_SINGLE = {"*": "ast", "+": "plus", "×": "times"}


class Scripts(Operators):
    """The part of a parser that knows what may stand behind an operand."""

    deepest = LIMITS.max_written_depth

    def __init__(self, tokens: Sequence[Token], text: str, plain: bool):
        super().__init__(tokens)
        self.text = text
        self.plain = plain
        """Plain text, in which space says something."""
        self.partners = partners(tokens)
        self.orders: dict[int, tuple[Node, Node]] = {}
        """``id(differential)`` -> itself and the exponent of its d."""

    def told(self, token: Token) -> str:
        """As it is written."""
        written = self.text[token.column : token.column + token.width]
        return repr(written).replace("\\\\", "\\") if token.kind is not Kind.END else "the end"

    @abstractmethod
    def inside(self, start: Token, closing: str) -> Node:
        """What stands up to a closing bracket, and that bracket."""

    @abstractmethod
    def atom(self) -> Node:
        """An operand without what stands behind it."""

    def operand(self) -> Node:
        """An atom with its scripts and brackets."""
        start = self.next
        node = self.atom()
        while (longer := self.behind(node)) is not None:
            node = self.placed(longer, start)
        return node

    def behind(self, node: Node) -> Node | None:
        """The node with the next thing behind it, or None where it ends."""
        token = self.next
        if token.kind is Kind.GROUP or token.kind is not Kind.SIGN:
            return None
        if token.text == "_":
            if isinstance(node, Symbol | Indexed) and len(node.sub) > _SUBSCRIPTS:
                self.refuse("too many subscripts")
            return lowered(node, self.below())
        if token.text == "^":
            return self.raised(node)
        if token.text == "'":
            self.at += 1
            return primed(node)
        if token.text == "at":
            self.at += 1
            condition = self.below() if self.sees("_") else ()
            if not condition:
                self.refuse("expected where the value is taken")
            return Qualified(node, "at", condition[0] if len(condition) == 1 else Listed(condition))
        return self.called(node, token)

    # --- scripts ------------------------------------------------------------------------------

    def argument(self) -> Node:
        """What a script or a command holds: a brace, or the next thing."""
        token = self.deeper()
        if token.kind is Kind.GROUP and token.text == "{":
            self.at += 1
            node = self.inside(token, "}")
        elif token.kind is Kind.SIGN and token.text in _SINGLE:
            node = self.placed(Symbol(_SINGLE[self.take().text]), token)
        elif token.kind is Kind.SIGN and token.text == "-":
            node = self.prefix(0)
        else:
            node = self.atom()
        self.depth -= 1
        return node

    def below(self) -> tuple[Node, ...]:
        """``_{ij}``: the symbols of a subscript."""
        self.at += 1
        if self.brace_with_sign():
            return (self.argument_sign(),)
        return run(self.argument())

    def brace_with_sign(self) -> bool:
        """A script that is one sign: ``x^{*}``, ``x^{+}``."""
        texts = [token.text for token in self.tokens[self.at : self.at + 3]]
        return len(texts) == 3 and texts[0] == "{" and texts[2] == "}" and texts[1] in _SINGLE

    def argument_sign(self) -> Node:
        """The sign in a brace, as a symbol."""
        token = self.tokens[self.at + 1]
        self.at += 3
        return self.placed(Symbol(_SINGLE[token.text]), token)

    def raised(self, node: Node) -> Node:
        """A power, a layer, a transpose: what stands there is kept, not what it is."""
        self.at += 1
        if self.brace_with_sign():
            return powered(node, self.argument_sign())
        if self.is_empty():
            self.at += 2
            return node
        braced = self.next.kind is Kind.GROUP and self.next.text == "{"
        if braced and (strokes := self.strokes()):
            self.at += strokes + 2
            for _ in range(strokes):
                node = primed(node)
            return node
        start = self.at + braced
        layers = self.layers(start) if isinstance(node, Symbol) and not node.sup else []
        if layers:
            return self.layered(node, braced, layers)
        if self.plain and not braced and self.sees("("):
            token = self.take()
            return powered(node, self.inside(token, ")"))
        self.deeper()
        exponent = self.argument()
        if self.sees("^") and not braced:
            exponent = self.raised(exponent)
        self.depth -= 1
        return powered(node, exponent)

    def strokes(self) -> int:
        """How many there are in a brace of nothing else."""
        end = self.partners.get(self.at, 0)
        inner = self.tokens[self.at + 1 : min(end, self.at + 8)]
        return len(inner) if inner and all(token.text == "'" for token in inner) else 0

    def is_empty(self) -> bool:
        """Whether an empty brace follows."""
        group = [token.text for token in self.tokens[self.at : self.at + 2]]
        return self.next.kind is Kind.GROUP and group == ["{", "}"]

    def layers(self, start: int) -> list[int]:
        """Where the brackets begin of ``^{[l](i)}``: brackets with at most a stroke behind them."""
        found, at = list[int](), start
        while self.tokens[at].text in ("(", "[", "⟨", "⁽", "<") and self.layer_end(at):
            if self.plain and at == start and self.tokens[at - 1].text != "{":
                return [at] if self.tokens[at].text == "[" else []
            found.append(at)
            at = self.layer_end(at) + 1
            if start == self.at:
                return found
        texts = [token.text for token in self.tokens[at : at + 2]]
        ends = texts[:1] == ["}"] or (texts[1:] == ["}"] and texts[0] in ("T", "top", "'", "prime"))
        return found if ends else []

    def layer_end(self, at: int) -> int:
        """Where the bracket of a layer is closed, 0 where it is not."""
        if self.tokens[at].text != "<":
            return self.partners.get(at, 0)
        ends = [
            k for k in range(at + 1, min(at + 8, len(self.tokens))) if self.tokens[k].text == ">"
        ]
        return ends[0] if ends else 0

    def layered(self, node: Node, braced: bool, layers: list[int]) -> Node:
        """``a^{[l]}``, ``x^{(i)}``, with what stands behind the brackets on top."""
        assert isinstance(node, Symbol)
        self.at += braced
        found, square = list[Node](), False
        for _ in layers:
            token = self.take()
            body = self.inside(token, ">" if token.text == "<" else CLOSING[token.text])
            small = token.text == "⁽" and len(layers) == 1
            square = token.text == "[" and len(layers) == 1
            shape = "angle" if token.text == "<" else SHAPES.get(token.text, "round")
            found += list(run(body)) if square or small else [Fenced(body, shape)]
        node = replace(node, sup=tuple(found), bracket=square)
        if not braced:
            return node
        if not self.brace_closes():
            node = powered(node, self.argument()) if not self.sees("'") else self.stroke(node)
        self.at += 1
        return node

    def brace_closes(self) -> bool:
        """Whether the brace of a script ends here."""
        return self.next.kind is Kind.GROUP and self.next.text == "}"

    def stroke(self, node: Node) -> Node:
        """The node with the stroke that follows."""
        self.at += 1
        return primed(node)

    # --- brackets behind a symbol -------------------------------------------------------------

    def called(self, node: Node, token: Token) -> Node | None:
        """``f(x)``, ``W[l]``: an application, an index or a product."""
        if token.text not in SHAPES or token.text == "⟨":
            return None
        if isinstance(node, Derivative) and token.text in "([":
            return self.derived(node, token)
        if not self.takes_brackets(node, token) or self.tokens[self.at + 1].kind is Kind.WORD:
            return None
        self.at += 1
        body = self.inside(token, CLOSING[token.text])
        items = body.items if isinstance(body, Listed) and body.glyph == "," else (body,)
        return Call(node, items, SHAPES[token.text])

    def takes_brackets(self, node: Node, token: Token) -> bool:
        """Whether brackets behind this node are its own."""
        last = self.tokens[self.at - 1]
        tight = last.column + last.width == token.column
        if token.text == "[" and self.plain and not tight:
            return False
        if isinstance(node, Call):
            return token.text == "[" and node.shape == "square"
        head = node.base if isinstance(node, Power) else node
        if isinstance(head, Symbol):
            return head.glyph not in ("ldots", "cdots", "infty", "partial")
        return isinstance(head, Function)

    def derived(self, node: Derivative, token: Token) -> Node | None:
        """``d/dx (...)``."""
        if applied(node, node) is None:
            return None
        self.at += 1
        return applied(node, self.inside(token, CLOSING[token.text]))


def run(node: Node) -> tuple[Node, ...]:
    """The symbols of a script: ``ij`` and ``i,j`` are two."""
    if isinstance(node, Listed):
        return tuple(part for item in node.items for part in run(item))
    parts = node.factors if isinstance(node, Product) and not node.glyph else (node,)
    return tuple(Symbol(p.name) if isinstance(p, Function) and not p.primes else p for p in parts)


def lowered(node: Node, sub: tuple[Node, ...]) -> Node:
    """The node with a subscript: a symbol has it itself, also below its exponent."""
    if isinstance(node, Power):
        return replace(node, base=lowered(node.base, sub))
    if isinstance(node, Transpose):
        return replace(node, body=lowered(node.body, sub))
    if isinstance(node, Differential):
        return replace(node, body=lowered(node.body, sub))
    if isinstance(node, Symbol):
        return replace(node, sub=node.sub + sub)
    if isinstance(node, Function):
        return Symbol(node.name, sub, primes=node.primes)
    if isinstance(node, Apply) and node.function in _NORMS:
        return replace(node, sub=node.sub + sub)
    return Indexed(node, sub)


def powered(node: Node, exponent: Node) -> Node:
    """The node with a superscript."""
    if exponent == Symbol("top"):
        return Transpose(node)
    strokes = run(exponent)
    if strokes and all(part == Symbol("prime") for part in strokes):
        for _ in strokes:
            node = primed(node)
        return node
    return Power(node, exponent)


def primed(node: Node) -> Node:
    """The node with a stroke."""
    if isinstance(node, Symbol):
        return replace(node, primes=node.primes + 1)
    if isinstance(node, Function):
        return replace(node, primes=node.primes + 1)
    if isinstance(node, Power) and isinstance(node.base, Symbol | Function):
        return replace(node, base=primed(node.base))
    return Power(node, Symbol("prime"))
