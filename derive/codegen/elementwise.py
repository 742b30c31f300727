"""Elementwise functions as text: a SymPy expression in the order in which a person writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import sympy as sp

from derive.codegen.text import Dialect, Level, Piece, added, product, scaled, signed
from derive.errors import ProgramError
from derive.program.functions import Function, parameter
from derive.program.shapes import ONE, Scale

_CALLS = {
    sp.exp: "exp",
    sp.log: "log",
    sp.tanh: "tanh",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.atan: "arctan",
}
"""SymPy's functions that NumPy has, by NumPy's names."""

_NUMBERS = {sp.pi: "pi", sp.E: "e"}
"""Numbers that NumPy has by name."""

_COMPARISONS = {
    sp.StrictGreaterThan: ">",
    sp.StrictLessThan: "<",
    sp.GreaterThan: ">=",
    sp.LessThan: "<=",
}


@dataclass(frozen=True, slots=True)
class Elementwise:
    """Writes expressions in one dialect with pieces in place of the formal arguments."""

    dialect: Dialect
    arguments: Mapping[sp.Symbol, Piece]

    def split(self, expression: sp.Expr) -> tuple[Scale, Piece | None]:
        """The coefficient of an expression, and what it multiplies; None for a constant."""
        scale, above, below = ONE, [], []
        for factor in sorted(sp.Mul.make_args(expression), key=_written_first):
            base, exponent = factor.as_base_exp()
            if factor.is_Add:
                number, factor = _content(factor)
                scale = scale * Scale(number)
                base, exponent = factor, sp.Integer(1)
            if factor.is_Rational:
                scale = scale * Scale(_fraction(factor))
            elif base.is_Symbol and base not in self.arguments and exponent.is_Integer:
                scale = scale * Scale.of_size(base.name, int(exponent))
            elif exponent.could_extract_minus_sign() and not isinstance(factor, sp.exp):
                below.append(self._factor(1 / factor))
            else:
                above.append(self._factor(factor))
        if not above and not below:
            return scale, None
        numerator = product(above or [Piece("1")], self.dialect.times)
        if not below:
            return scale, numerator
        divisor = product(below, self.dialect.times).at(Level.POWER)
        return scale, Piece(f"{numerator.at(Level.PRODUCT)} / {divisor}", Level.PRODUCT)

    def signed(self, expression: sp.Expr) -> tuple[bool, Piece]:
        """Whether an expression starts with a minus, and what follows it."""
        scale, body = self.split(expression)
        return scaled(scale, body, self.dialect)

    def piece(self, expression: sp.Expr) -> Piece:
        """An expression with its sign."""
        return signed(*self.signed(expression))

    def _factor(self, factor: sp.Expr) -> Piece:
        """A factor that is no number."""
        if factor in self.arguments:
            return self.arguments[factor]
        if factor.is_Add:
            terms = sorted(factor.args, key=_written_first)
            return signed(*added(self.signed(term) for term in terms))
        if factor.is_Pow:
            base, exponent = factor.as_base_exp()
            power = self.piece(exponent)
            return Piece(self.dialect.power(self.piece(base), power.at(Level.POWER)), Level.POWER)
        if isinstance(factor, sp.Piecewise):
            return self._choice(factor.args)
        if factor in _NUMBERS:
            return self.dialect.constant(_NUMBERS[factor])
        if factor.func in _CALLS:
            return self.dialect.call(_CALLS[factor.func], self.piece(factor.args[0]).text)
        raise ProgramError(f"there is no NumPy for {factor}")

    def _choice(self, cases: tuple[sp.Expr, ...]) -> Piece:
        """The first case whose condition holds; the last has none."""
        (then, condition), *others = cases
        if not others:
            return self.piece(then)
        if condition.func is sp.StrictGreaterThan and others == [(0, sp.true)]:
            left, right = condition.args
            if right == 0 and then == 1:
                return self.dialect.above(self.piece(left))
            if right == 0 and then == left:
                return self.dialect.positive_part(self.piece(left))
        otherwise = self._choice(tuple(others))
        for part in sorted(sp.Or.make_args(condition), key=sp.default_sort_key, reverse=True):
            otherwise = self.dialect.choice(self._test(part), self.piece(then), otherwise)
        return otherwise

    def _test(self, condition: sp.Expr) -> Piece:
        if condition.func not in _COMPARISONS:
            raise ProgramError(f"there is no NumPy for {condition}")
        left, right = (self.piece(side).text for side in condition.args)
        return Piece(f"{left} {_COMPARISONS[condition.func]} {right}", Level.SUM)


def writer(dialect: Dialect, arguments: Sequence[Piece]) -> Elementwise:
    """A writer of expressions in ``u0``, ``u1``, ..."""
    return Elementwise(dialect, {parameter(k): piece for k, piece in enumerate(arguments)})


def kinks(function: Function) -> bool:
    """Whether a function is given by cases, so that it is not analytic."""
    return bool(function.expression.has(sp.Piecewise))


def _content(addition: sp.Add) -> tuple[Fraction, sp.Expr]:
    """``2 u - 2 v`` is ``2 (u - v)``, and ``-u - v`` is ``-(u + v)``."""
    number, rest = addition.as_content_primitive()
    if all(term.could_extract_minus_sign() for term in sp.Add.make_args(rest)):
        number, rest = -number, -rest
    return _fraction(number), rest


def _fraction(number: sp.Rational) -> Fraction:
    return Fraction(int(number.p), int(number.q))


def _written_first(part: sp.Expr) -> tuple[bool, bool, bool, object]:
    """Numbers, then arguments and their powers in order, then sums, then functions."""
    plain = part.as_base_exp()[0].is_Symbol
    return (not part.is_number, not plain, not part.is_Add, sp.default_sort_key(part))
