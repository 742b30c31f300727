"""Index expressions: one component of a value, as SymPy sees it.

``p(i)`` is a component, ``Total(y(j), j)`` a sum over an index. The named rules of ``simplify``
rewrite such expressions; ``lower`` turns one back into equations.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

import sympy as sp

from derive.program.functions import FUNCTIONS, Function, anonymous, parameter, size_symbol
from derive.program.letters import rename
from derive.program.program import Contraction, Equation, Map, Term
from derive.program.shapes import ONE, Scale

MOST_FACTORS = 2
"""An elementwise product of more factors is one map."""


class Total(sp.Function):  # type: ignore[misc]
    """``Total(body, i)``: the sum of body over the index i, never expanded by SymPy."""

    nargs = 2


@cache
def index(letter: str) -> sp.Symbol:
    """An index; its name cannot meet a size's or a parameter's."""
    return sp.Symbol(letter, integer=True)


@cache
def component(name: str, letters: str) -> sp.Expr:
    """``name[letters]``."""
    return sp.Function(name, real=True)(*(index(letter) for letter in letters))


def component_name(node: sp.Expr) -> str:
    """The name of a component."""
    return str(node.func.__name__)


def components(expression: sp.Expr) -> list[sp.Expr]:
    """The components in an expression, sorted by name and letters."""
    found = expression.atoms(sp.core.function.AppliedUndef)
    return sorted(found, key=lambda node: (component_name(node), str(node.args)))


def scale_expression(scale: Scale) -> sp.Expr:
    """A coefficient in SymPy."""
    result: sp.Expr = sp.Rational(scale.number)
    for name, power in scale.sizes:
        result *= size_symbol(name) ** power
    return result


def expression_of(equation: Equation, letters: str) -> sp.Expr:
    """The right side of an equation at the component with these letters."""
    if isinstance(equation, Map):
        return equation.function(*(component(name, letters) for name in equation.arguments))
    renamed = rename(equation, letters)
    total: sp.Expr = sp.Integer(0)
    for term in renamed.terms:
        body = scale_expression(term.scale)
        for name, used in zip(term.operands, term.letters, strict=True):
            body *= component(name, used)
        for letter in sorted(set("".join(term.letters)) - set(letters)):
            body = Total(body, index(letter))
        total += body
    return total


def inline(
    expression: sp.Expr, equations: Mapping[str, Equation], hidden: Callable[[str], bool]
) -> sp.Expr:
    """Replace every component of a hidden name by the right side of its equation, repeatedly.

    A sum's own index is renamed where it would capture an index of the surroundings.
    """
    while True:
        taken = {str(symbol) for symbol in expression.free_symbols}
        found = [c for c in components(expression) if hidden(component_name(c))]
        if not found:
            return expression
        pairs = {}
        for node in found:
            letters = "".join(str(argument) for argument in node.args)
            body = expression_of(equations[component_name(node)], letters)
            pairs[node] = _fresh_indices(body, taken | set(letters))
        expression = expression.xreplace(pairs)


def _fresh_indices(body: sp.Expr, taken: set[str]) -> sp.Expr:
    pairs = {}
    for total in body.atoms(Total):
        name = str(total.args[1])
        if name in taken:
            free = next(k for k in "jklpqrstuvw" if k not in taken)
            pairs[total] = total.xreplace({index(name): index(free)})
    return body.xreplace(pairs)


class Lowering:
    """Turns an index expression back into equations, with parts for what has no name."""

    def __init__(self, letters: str, fresh: Callable[[str], str], reached: str = ""):
        self.letters = letters
        self.reached = reached or letters
        """The letters and those that are summed."""
        self.fresh = fresh
        """Declares a part with these letters and returns its name."""
        self.parts: list[Equation] = []

    def equation(self, out: str, expression: sp.Expr) -> Equation:
        """``out = expression``."""
        if not expression.atoms(Total) and self._even(expression):
            return self._map(out, expression)
        return Contraction(out, self.letters, self._terms(expression))

    def _terms(self, expression: sp.Expr) -> tuple[Term, ...]:
        """The terms of a sum, positive ones first."""
        terms = [self._term(part) for part in sp.Add.make_args(expression)]
        return tuple(sorted(terms, key=lambda term: term.scale.number < 0))

    def _even(self, expression: sp.Expr) -> bool:
        """Whether every component runs over all letters, so that a map can carry it."""
        found = components(expression)
        return bool(found) and all(
            tuple(c.args) == tuple(index(k) for k in self.letters) for c in found
        )

    def _map(self, out: str, expression: sp.Expr) -> Map:
        found = components(expression)
        formal: dict[Any, Any] = {c: parameter(k) for k, c in enumerate(found)}
        function = recognise(anonymous(expression.xreplace(formal), len(found)))
        return Map(out, function, tuple(component_name(c) for c in found))

    def _term(self, product: sp.Expr) -> Term:
        coefficient, factors = product.as_coeff_mul()
        operands: list[str] = []
        letters: list[str] = []
        scale = Scale(as_fraction(coefficient))
        for factor in sorted(self._joined(factors), key=_factor_order):
            if not components(factor):
                scale = scale * _size_power(factor)
                continue
            name, used = self._operand(factor)
            operands.append(name)
            letters.append(used)
        return Term(tuple(operands), tuple(letters), scale)

    def _joined(self, factors: tuple[sp.Expr, ...]) -> list[sp.Expr]:
        """The factors, more than two that a map can carry as one."""
        even = [f for f in factors if components(f) and not f.atoms(Total) and self._even(f)]
        if len(even) <= MOST_FACTORS:
            return list(factors)
        return [*(f for f in factors if f not in even), sp.Mul(*even)]

    def _operand(self, factor: sp.Expr) -> tuple[str, str]:
        if isinstance(factor, sp.core.function.AppliedUndef) and not isinstance(factor, Total):
            return component_name(factor), "".join(str(a) for a in factor.args)
        used = "".join(k for k in self.reached if index(k) in factor.free_symbols)
        name = self.fresh(used)
        inner = Lowering(used, self.fresh, _reached(factor) if isinstance(factor, Total) else "")
        if isinstance(factor, Total):
            equation: Equation = Contraction(name, used, inner._terms(factor.args[0]))
        else:
            equation = inner.equation(name, factor)
        self.parts += [*inner.parts, equation]
        return name, used


def _reached(total: sp.Expr) -> str:
    """The letters of the largest component that is summed."""
    largest = max(components(total), key=lambda node: len(node.args))
    return "".join(str(letter) for letter in largest.args)


def _factor_order(factor: sp.Expr) -> tuple[bool, bool, str]:
    """Components first, sums last."""
    known = isinstance(factor, sp.core.function.AppliedUndef)
    return (not known, isinstance(factor, Total), sp.srepr(factor))


def as_fraction(number: sp.Expr) -> Fraction:
    """A SymPy rational as a Fraction."""
    return Fraction(int(number.p), int(number.q))


def _size_power(factor: sp.Expr) -> Scale:
    base, exponent = factor.as_base_exp()
    return Scale.of_size(str(base), int(exponent)) if base != 1 else ONE


def recognise(function: Function) -> Function:
    """The table's function of the same expression, if there is one."""
    for known in FUNCTIONS.values():
        if known.arity == function.arity and known.expression == function.expression:
            return known
    return function
