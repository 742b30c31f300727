"""The right sides of a program's equations, in matrix form or component by component.

Matrix form goes through the closed table of ``matrix``, one equation at a time; where the table
has no line there is none, and the index form is the one to write.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import sympy as sp

from derive.meaning.expression import write_expression
from derive.meaning.matrix import FORMS, canonical, product
from derive.meaning.names import Form
from derive.meaning.products import (
    Products,
    constants_first,
    factors_of,
    juxtaposed,
    reglyphed,
    sum_last,
    weighted,
)
from derive.notation.substitute import substitute
from derive.notation.tree import (
    Apply,
    BigSum,
    Negative,
    Node,
    Number,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    equals,
)
from derive.program.functions import ACTIVATIONS, FUNCTIONS, Function, parameter, size_symbol
from derive.program.letters import rename
from derive.program.parts import fold
from derive.program.program import Contraction, Equation, Map, Role, Term

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


@dataclass
class Equations(Products):
    """Writes the equations of one program."""

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
        body = reglyphed(form(*arrays), glyph)
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
            return self.scaled(term.scale, self.product(sum_last(factors), glyph))
        heads, rest = constants_first(list(factors_of(self.product(factors, glyph), glyph)))
        body = self.product(rest, glyph)
        scale = term.scale
        if isinstance(body, Negative):
            body, scale = body.body, -scale
        for letter in reversed(summed):
            body = BigSum(body, self.letter(letter))
        heads = weighted(heads, fixed)
        if heads:
            body = Product((*heads, *(() if body == Number("1") else juxtaposed(body))))
        return self.scaled(scale, body)

    def _inverse(self, name: str) -> str | None:
        """What a nameless reciprocal is the reciprocal of."""
        equation = self.program.equation(name) if self._hidden(name) else None
        if isinstance(equation, Map) and equation.function.name == "reciprocal":
            return equation.arguments[0]
        return None

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
