"""From a program to notation: how each variable, equation and derivative is written.

A :class:`Writer` holds one program and the choices that spell it. It is told how layers are called,
so that a layer 2 can be written ``l`` where it stands for all of them. Index form is the general
one; matrix form goes through the closed table of ``matrix``, one equation at a time, and falls back
to index form where the table has no line.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import sympy as sp

from derive.meaning.expression import write_expression
from derive.meaning.matrix import FORMS, canonical, is_constant, product
from derive.meaning.names import Form, Names
from derive.notation.substitute import substitute
from derive.notation.tree import (
    Apply,
    BigSum,
    Delta,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    equals,
    negate,
)
from derive.program.functions import ACTIVATIONS, FUNCTIONS, Function, parameter, size_symbol
from derive.program.letters import SPARE, rename
from derive.program.parts import fold
from derive.program.program import Contraction, Equation, Map, Role, Term
from derive.program.shapes import Scale

Inline = Callable[[str], bool]

FUNCTION_WORDS = {
    **{name: name for name in ("exp", "log", "sinh", "cosh", "sin", "cos", "arctan", "sqrt")},
    **{name: name for name in ("abs", "sign", "erf")},
    **{name: name for name in ACTIVATIONS if name != "identity"},
    "sigmoid": "sigma",
}
"""Functions that are written by name; any other is written as its expression."""


def written_word(function: str) -> str | None:
    """The name by which formulas call a function, if they do: the table's, or a network's own."""
    own = function if function not in FUNCTIONS else None
    return FUNCTION_WORDS.get(function, own or None)


def nothing(name: str) -> bool:
    """Inline no name."""
    return False


@dataclass(frozen=True, slots=True)
class Chain:
    """One use of the chain rule."""

    sought: Node
    product: Node
    """Incoming times local derivative, summed over the components between."""
    local: Node
    """The local derivative as a quotient."""
    value: Node
    """What the local derivative is."""


@dataclass
class Writer(Names):
    """Writes the equations of one program in one style."""

    def equation(self, name: str, inline: Inline = nothing, form: Form | None = None) -> Relation:
        """``name = right side`` in the writer's form, or in the one given.

        Matrix form gives way to index form where the table has no line, and for the loss, which is
        a sum that everybody writes as one.
        """
        tree = None
        if self._in_matrices(name, form or self.form):
            equation = self._equation(name)
            tree = self._block(name) or self.right_side(equation, inline)
            tree = tree or (None if inline is nothing else self.right_side(equation))
        if tree is not None:
            return equals(self.variable(name), tree)
        letters = self.letters[name]
        return equals(self.variable(name, letters or None), self.component(name, letters, inline))

    def _in_matrices(self, name: str, form: Form) -> bool:
        """Numbers are no matrices, and a batch of them is written with its index."""
        numbers = self.scalar and self.program.batch is not None
        own = self.program.variables[name]
        own = self.program.variables[own.of] if own.role is Role.TANGENT and own.target else own
        loss = own.role is Role.LOSS
        return form == "matrix" and not numbers and not loss

    def _block(self, name: str) -> Node | None:
        """A named block written folded: ``softmax(z)``."""
        for block in self.program.blocks:
            if block.out == name:
                return Apply(block.function, (self.variable(block.argument),))
        return None

    def _equation(self, name: str) -> Equation:
        equation = self.program.equation(name)
        assert equation is not None, name
        return equation

    def right_side(self, equation: Equation, inline: Inline = nothing) -> Node | None:
        """The right side in matrix form; None where the table has no line for it."""
        if isinstance(equation, Map):
            return self._map_matrix(equation, inline)
        terms = [self._term_matrix(equation, term, inline) for term in equation.terms]
        if any(term is None for term in terms):
            return None
        return _sum([term for term in terms if term is not None])

    def _operand_matrix(self, name: str, inline: Inline) -> Node | None:
        if self._hidden(name) or inline(name):
            equation = self._equation(name)
            if self._hidden(name) and isinstance(equation, Contraction) and equation.arguments:
                return None  # a nameless sum reads better with its index
            return self.right_side(equation, inline)
        return self.variable(name)

    def _hidden(self, name: str) -> bool:
        return self.program.variables[name].role in (Role.PART, Role.LOCAL)

    def _map_matrix(self, equation: Map, inline: Inline) -> Node | None:
        arguments = [self._operand_matrix(name, inline) for name in equation.arguments]
        if any(argument is None for argument in arguments):
            return None
        nodes = [argument for argument in arguments if argument is not None]
        arrays = self.program.variables[equation.out].shape != ()
        return self.apply(equation.function, nodes, arrays=arrays)

    def _term_matrix(self, equation: Contraction, term: Term, inline: Inline) -> Node | None:
        nodes = [self._operand_matrix(name, inline) for name in term.operands]
        if any(node is None for node in nodes):
            return None
        if not term.operands:
            form = FORMS[self.style.samples].get(canonical(("",), equation.letters))
            return None if form is None else self.scaled(term.scale, form(Number("1")))
        numbers, arrays, letters = _apart(nodes, term.letters)
        form = FORMS[self.style.samples].get(canonical(letters, equation.letters))
        if form is None:
            return None
        glyph = self._glyph(equation.out) if set(term.letters) == {""} else ""
        body = _reglyph(form(*arrays), glyph)
        return self.scaled(term.scale, product(*numbers, body) if numbers else body)

    def term(self, name: str, number: int, letters: str, taken: str = "") -> Node:
        """One term of a contraction at the component with these letters; no summed index is one of
        those that are taken.
        """
        equation = self._equation(name)
        assert isinstance(equation, Contraction)
        renamed = rename(equation, letters, taken)
        return self._term(renamed, renamed.terms[number], nothing, taken)

    def component(self, name: str, letters: str, inline: Inline = nothing, taken: str = "") -> Node:
        """The right side of a name's equation at the component with these letters."""
        equation = self._equation(name)
        if isinstance(equation, Map):
            nodes = [self._operand(n, letters, inline, taken) for n in equation.arguments]
            return self.apply(equation.function, nodes, arrays=False)
        renamed = rename(equation, letters, taken)
        return _sum([self._term(renamed, term, inline, taken) for term in renamed.terms])

    def _operand(self, name: str, letters: str, inline: Inline, taken: str) -> Node:
        if self._hidden(name) or inline(name):
            return self.component(name, letters, inline, taken)
        return self.variable(name, letters or None)

    def _term(self, equation: Contraction, term: Term, inline: Inline, taken: str) -> Node:
        here = taken + equation.letters + "".join(term.letters)
        used_letters = dict.fromkeys("".join(term.letters))
        summed = [letter for letter in used_letters if letter not in equation.letters]
        factors, below, fixed = [], [], []
        for name, used in zip(term.operands, term.letters, strict=True):
            inverse = self._inverse(name)
            if not used and self.program.variables[name].role is Role.CONSTANT:
                fixed.append(self.variable(name))
            elif inverse:
                below.append(self._operand(inverse, used, inline, here))
            else:
                factors.append(self._operand(name, used, inline, here))
        if below:
            above = self.product(factors, "")
            factors = [Quotient(above, self.product(below, ""))]
        glyph = self._glyph(equation.out)
        if not summed and not fixed:
            return self.scaled(term.scale, self.product(_sum_last(factors), glyph))
        heads, rest = _constants(list(_factors(self.product(factors, glyph), glyph)))
        body = self.product(rest, glyph)
        scale = term.scale
        if isinstance(body, Negative):
            body, scale = body.body, -scale
        for letter in reversed(summed):
            body = BigSum(body, self.letter(letter))
        heads = _weighted(heads, fixed)
        if heads:
            body = Product((*heads, *(() if body == Number("1") else _juxtaposed(body))))
        return self.scaled(scale, body)

    def _inverse(self, name: str) -> str | None:
        """What a nameless reciprocal is the reciprocal of."""
        equation = self.program.equation(name) if self._hidden(name) else None
        if isinstance(equation, Map) and equation.function.name == "reciprocal":
            return equation.arguments[0]
        return None

    def _glyph(self, out: str) -> str:
        """Between numbers: a dot in a forward equation, a cross in a chain of derivatives."""
        if not self.scalar:
            return ""
        own = self.program.variables[out]
        own = self.program.variables[own.of] if own.role is Role.TANGENT and own.target else own
        return "times" if own.role is Role.COTANGENT else "cdot"

    def product(self, factors: list[Node], glyph: str) -> Node:
        """A product with nested ones of the same glyph flattened."""
        flat = [inner for factor in factors for inner in _factors(factor, glyph)]
        if not flat:
            return Number("1")
        return flat[0] if len(flat) == 1 else Product(tuple(flat), glyph)  # type: ignore[arg-type]

    def scaled(self, scale: Scale, body: Node) -> Node:
        """A coefficient times a node; a factor of 1 is left out."""
        if scale.number == 1 and not scale.sizes:
            return body
        if scale.number == -1 and not scale.sizes:
            return negate(body)
        head = _magnitude(scale, self)
        if body != Number("1"):
            times = isinstance(body, Product) and body.glyph == "times"
            head = (
                Product((head, *_factors(body, "times")), "times")
                if times
                else Product((head, *_juxtaposed(body)))
            )
        return negate(head) if scale.number < 0 else head

    def apply(self, function: Function, nodes: list[Node], *, arrays: bool) -> Node:
        """A function of arguments: by its name where it has one, else as its expression."""
        name = function.name.rstrip("'")
        primes = len(function.name) - len(name)
        word = written_word(name)
        if word and function.arity == 1:
            return Apply(word, tuple(nodes), primes)
        sizes = self.size_atoms(function.expression)
        if not sizes and all(isinstance(node, Symbol) for node in nodes):
            return _filled(function, tuple(nodes), arrays)
        atoms: dict[sp.Expr, Node] = {parameter(k): node for k, node in enumerate(nodes)}
        return write_expression(fold(function.expression), {**atoms, **sizes}, arrays=arrays)

    def size_atoms(self, expression: sp.Expr) -> dict[sp.Expr, Node]:
        """The named sizes in an expression."""
        found = sorted(symbol.name for symbol in expression.free_symbols if symbol.is_positive)
        return {size_symbol(name): self.size(name) for name in found}

    # --- derivatives ------------------------------------------------------------------------

    def local(self, through: str, position: int) -> Relation:
        """The local derivative of one equation by one of its arguments, component by component.

        ``dz_i/dW_jk = delta_ij a_k``; in scalar form ``dz/dW = a``.
        """
        equation = self._equation(through)
        out_letters = self.letters[through]
        name = equation.arguments[position]
        fresh = self.fresh_letters(name, out_letters)
        left = self.quotient(through, name, out_letters, fresh)
        return equals(left, self.jacobian(through, position, out_letters, fresh))

    def chain(self, target: str, through: str, position: int, letters: str) -> Chain:
        """The chain rule for one use of a variable, component by component.

        ``dL/dW_ij = sum_k dL/dz_k dz_k/dW_ij`` and the local derivative in it.
        """
        equation = self._equation(through)
        name = equation.arguments[position]
        out_letters = self.fresh_letters(through, letters)
        if isinstance(equation, Map):
            out_letters = letters
        local = self.quotient(through, name, out_letters, letters)
        incoming = self.quotient(target, through, "", out_letters)
        body = self.product([incoming, local], "times" if self.scalar else "")
        for letter in reversed(out_letters if not isinstance(equation, Map) else ""):
            body = BigSum(body, self.letter(letter))
        value = self.jacobian(through, position, out_letters, letters)
        return Chain(self.quotient(target, name, "", letters), body, local, value)

    def fresh_letters(self, name: str, taken: str) -> str:
        """Letters for a variable's axes that do not meet those of the surroundings."""
        spare = (k for k in SPARE + "n" if k not in taken)
        own = self.letters[name]
        return "".join(k if k not in taken else next(s for s in spare if s not in own) for k in own)

    def jacobian(self, through: str, position: int, out_letters: str, fresh: str) -> Node:
        """The component ``d out[out_letters] / d argument[fresh]``."""
        equation = self._equation(through)
        if isinstance(equation, Map):
            return self._map_jacobian(equation, position, out_letters, fresh)
        renamed = rename(equation, out_letters, fresh)
        term, k = _occurrence(renamed, position)
        pairs = dict(zip(term.letters[k], fresh, strict=True))
        deltas = [
            Delta(self.letter(own), self.letter(new))
            for own, new in pairs.items()
            if own in out_letters and own != new
        ]
        moved = {own: new for own, new in pairs.items() if own not in out_letters}
        others = [
            self.variable(name, "".join(moved.get(x, x) for x in used) or None)
            for j, (name, used) in enumerate(zip(term.operands, term.letters, strict=True))
            if j != k
        ]
        body = self.product([*deltas, *others], "")
        return self.scaled(term.scale, body)

    def _map_jacobian(self, equation: Map, position: int, out_letters: str, fresh: str) -> Node:
        name = self._local_name(equation, position)
        local = self.component(name, out_letters) if name else Number("1")
        deltas = [
            Delta(self.letter(a), self.letter(b))
            for a, b in zip(out_letters, fresh, strict=True)
            if a != b
        ]
        if deltas and local == Number("1"):
            return self.product([*deltas], "")
        return self.product([*deltas, local], "")

    def _local_name(self, equation: Map, position: int) -> str | None:
        of = equation.arguments[position]
        again = f".{position}" if equation.arguments.count(of) > 1 else ""
        name = f"local({equation.out}, {of}){again}"
        return name if name in self.program.variables else None


@cache
def _pattern(function: Function, arrays: bool) -> Node:
    """A function's expression with a letter in each place of an argument."""
    slots = {parameter(k): _slot(k) for k in range(function.arity)}
    return write_expression(fold(function.expression), slots, arrays=arrays)


def _slot(position: int) -> Symbol:
    return Symbol("slot", sub=(Number(str(position)),))


def _filled(function: Function, nodes: tuple[Node, ...], arrays: bool) -> Node:
    """The expression of plain symbols: SymPy is asked once for each function."""
    known: dict[Node, Node] = {_slot(k): node for k, node in enumerate(nodes)}
    return substitute(_pattern(function, arrays), known)


def _occurrence(equation: Contraction, position: int) -> tuple[Term, int]:
    """The term and the place in it of the position-th argument."""
    count = 0
    for term in equation.terms:
        if position < count + len(term.operands):
            return term, position - count
        count += len(term.operands)
    raise IndexError(position)


def _magnitude(scale: Scale, writer: Writer) -> Node:
    """The size of a coefficient, without its sign."""
    above = _powers(abs(scale.number).numerator, scale, writer, 1)
    below = _powers(abs(scale.number).denominator, scale, writer, -1)
    top = above or [Number("1")]
    node = top[0] if len(top) == 1 else Product(tuple(top))
    if not below:
        return node
    return Quotient(node, below[0] if len(below) == 1 else Product(tuple(below)))


def _powers(number: int, scale: Scale, writer: Writer, sign: int) -> list[Node]:
    nodes: list[Node] = [Number(str(number))] if number != 1 else []
    for name, power in scale.sizes:
        if power * sign > 0:
            base = writer.size(name)
            nodes.append(base if abs(power) == 1 else Power(base, Number(str(abs(power)))))
    return nodes


def _factors(node: Node, glyph: str) -> tuple[Node, ...]:
    same = isinstance(node, Product) and node.glyph == glyph
    return node.factors if same and isinstance(node, Product) else (node,)


def _constants(factors: list[Node]) -> tuple[list[Node], list[Node]]:
    """Numbers and sizes at the head of the first factor, which stand before a sum; the rest."""
    if factors and is_constant(factors[0]) and len(factors) > 1:
        return [factors[0]], factors[1:]
    if not factors or not isinstance(factors[0], Product) or factors[0].glyph:
        return [], factors
    inner = list(factors[0].factors)
    heads = []
    while len(inner) > 1 and is_constant(inner[0]):
        heads.append(inner.pop(0))
    first = inner[0] if len(inner) == 1 else Product(tuple(inner))
    return heads, [first, *factors[1:]]


def _sum_last(factors: list[Node]) -> list[Node]:
    """``2 a sum b`` rather than ``a 2 sum b``."""
    *others, last = factors or [Number("1")]
    if others and isinstance(last, Product) and isinstance(last.factors[-1], BigSum):
        heads, rest = _constants([last])
        return [*heads, *others, *rest]
    return factors


def _weighted(heads: list[Node], fixed: list[Node]) -> list[Node]:
    """Numbers and named constants before a sum: ``lambda/2`` where the number is a half."""
    half = heads[0] if len(heads) == 1 else None
    if fixed and isinstance(half, Quotient) and half.numerator == Number("1"):
        above = fixed[0] if len(fixed) == 1 else Product(tuple(fixed))
        return [Quotient(above, half.denominator)]
    return [*heads, *fixed]


def _juxtaposed(node: Node) -> tuple[Node, ...]:
    return _factors(node, "")


def _reglyph(node: Node, glyph: str) -> Node:
    """Between numbers the table's juxtaposition is written with a glyph."""
    if glyph and isinstance(node, Product) and node.glyph == "":
        flat = [inner for factor in node.factors for inner in _factors(factor, glyph)]
        return Product(tuple(flat), glyph)  # type: ignore[arg-type]
    return node


def _apart(
    nodes: list[Node | None], letters: tuple[str, ...]
) -> tuple[list[Node], list[Node], tuple[str, ...]]:
    """The numbers that multiply a product of more than two operands, and the rest of it."""
    pairs = [(n, k) for n, k in zip(nodes, letters, strict=True) if n is not None]
    if len(pairs) <= 2:
        return [], [n for n, _ in pairs], letters
    arrays = [pair for pair in pairs if pair[1]]
    return [n for n, k in pairs if not k], [n for n, _ in arrays], tuple(k for _, k in arrays)


def _sum(terms: list[Node]) -> Node:
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


__all__ = ["Chain", "Form", "Writer"]
