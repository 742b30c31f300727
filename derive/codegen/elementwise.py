"""Elementwise functions as text: a SymPy expression in the order in which a person writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import sympy as sp

from derive.codegen.heads import PARTS
from derive.codegen.safe import Guard
from derive.codegen.text import Dialect, Level, Piece, added, product, scaled, signed
from derive.errors import ProgramError
from derive.program import parts
from derive.program.functions import Function, parameter
from derive.program.shapes import ONE, Scale

_CALLS = {
    sp.exp: "exp",
    sp.log: "log",
    sp.tanh: "tanh",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.tan: "tan",
    sp.sinh: "sinh",
    sp.cosh: "cosh",
    sp.atan: "arctan",
    parts.Expm1: "expm1",
}
"""SymPy's functions, each by NumPy's name."""

_CONSTANTS = {sp.pi: "pi", sp.E: "e"}

_SIGNS = {
    sp.StrictGreaterThan: ">",
    sp.StrictLessThan: "<",
    sp.GreaterThan: ">=",
    sp.LessThan: "<=",
}

_HALF = sp.Rational(1, 2)

_SHORT = 10
"""A common factor with a larger denominator is that of decimals, which stay as they are."""


@dataclass(frozen=True, slots=True)
class Elementwise:
    """Writes expressions in one dialect with pieces in place of the formal arguments."""

    dialect: Dialect
    arguments: Mapping[sp.Symbol, Piece]

    def factor(self, expression: sp.Expr) -> tuple[Scale, Piece | None]:
        """As :meth:`split`; a factor of an array may be a mask in place of 1 or 0."""
        if _is_mask(expression):
            return ONE, self.dialect.mask(self.relation(expression.args[0][1]))
        return self.split(expression)

    def piece(self, expression: sp.Expr) -> Piece:
        """An expression with its sign."""
        return signed(*self._signed(expression))

    def relation(self, condition: sp.Basic) -> Piece:
        """A condition, as ``z1 > 0``."""
        if isinstance(condition, sp.And | sp.Or):
            sign = " & " if isinstance(condition, sp.And) else " | "
            parts = sorted(condition.args, key=sp.default_sort_key)
            return Piece(sign.join(f"({self.relation(part).text})" for part in parts), Level.SUM)
        if type(condition) not in _SIGNS:
            raise ProgramError(f"there is no NumPy for {condition}")
        left, right = (self.piece(side).text for side in condition.args)
        return Piece(f"{left} {_SIGNS[type(condition)]} {right}", Level.SUM)

    def _signed(self, expression: sp.Expr) -> tuple[bool, Piece]:
        return scaled(*self.split(expression), self.dialect)

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

    def _factor(self, factor: sp.Expr) -> Piece:
        """A factor that is no rational number."""
        if factor in self.arguments:
            return self.arguments[factor]
        if factor in _CONSTANTS:
            return self.dialect.constant(_CONSTANTS[factor])
        if factor.is_Add:
            terms = sorted(factor.args, key=_written_first)
            return signed(*added(self._signed(term) for term in terms))
        if factor.is_Pow:
            return self._power(*factor.as_base_exp())
        if isinstance(factor, sp.Piecewise):
            return self._cases(factor)
        if isinstance(factor, Guard):
            condition, number, value = factor.args
            return self.dialect.guard(self.relation(condition), number, self.piece(value))
        if factor.func in PARTS:
            return Piece(f"{PARTS[factor.func].__name__}({self.piece(factor.args[0]).text})")
        if factor.func in _CALLS:
            return self._call(_CALLS[factor.func], factor.args[0])
        raise ProgramError(f"there is no NumPy for {factor}")

    def _power(self, base: sp.Expr, exponent: sp.Expr) -> Piece:
        if exponent == _HALF:
            root = self.dialect.number_root if base.is_number else self.dialect.root
            return root(self.piece(base))
        power = self.piece(exponent).at(Level.POWER)
        return Piece(self.dialect.power(self.piece(base), power), Level.POWER)

    def _call(self, name: str, argument: sp.Expr) -> Piece:
        piece = self.dialect.call(name, self.piece(argument).text)
        return self.dialect.number(piece) if argument.is_number else piece

    def _cases(self, expression: sp.Piecewise) -> Piece:
        """A choice between cases, in which constants alone get the type of the arguments."""
        *cases, (otherwise, _) = expression.args
        (then, condition) = cases[0]
        if (otherwise, len(cases)) == (0, 1) and condition == sp.StrictGreaterThan(
            then, 0, evaluate=False
        ):
            return self.dialect.positive_part(self.piece(then))
        result = self.piece(otherwise)
        constant = bool(otherwise.is_number)
        for value, condition in reversed(cases):
            constant = constant and bool(value.is_number)
            result = self.dialect.choice(self.relation(condition), self.piece(value), result)
        if not constant:
            return result
        typed = next(piece for name, piece in self.arguments.items() if expression.has(name))
        return self.dialect.typed(result, typed)


def writer(dialect: Dialect, arguments: Sequence[Piece]) -> Elementwise:
    """A writer of expressions in ``u0``, ``u1``, ..."""
    return Elementwise(dialect, {parameter(k): piece for k, piece in enumerate(arguments)})


@cache
def conditions(function: Function) -> tuple[sp.Basic, ...]:
    """The comparisons of a function given by cases; it is not smooth where one changes."""
    found = {
        atom
        for cases in function.expression.atoms(sp.Piecewise)
        for _, condition in cases.args
        for atom in condition.atoms(*_SIGNS)
    }
    return tuple(sorted(found, key=sp.default_sort_key))


def _is_mask(expression: sp.Expr) -> bool:
    """Whether it is 1 where a condition holds, else 0: as a factor of an array it needs no case."""
    if not isinstance(expression, sp.Piecewise) or len(expression.args) != 2:
        return False
    return [value for value, _ in expression.args] == [1, 0]


def _content(addition: sp.Add) -> tuple[Fraction, sp.Expr]:
    """``2 u - 2 v`` is ``2 (u - v)``, and ``-u - v`` is ``-(u + v)``."""
    number, rest = addition.as_content_primitive()
    if not number.is_Rational or number.q > _SHORT:
        number, rest = sp.Integer(1), addition
    if all(term.could_extract_minus_sign() for term in sp.Add.make_args(rest)):
        number, rest = -number, -rest
    return _fraction(number), rest


def _fraction(number: sp.Rational) -> Fraction:
    return Fraction(int(number.p), int(number.q))


def _written_first(part: sp.Expr) -> tuple[bool, bool, bool, object]:
    """Numbers, then arguments and their powers in order, then sums, then functions."""
    plain = part.as_base_exp()[0].is_Symbol
    return (not part.is_number, not plain, not part.is_Add, sp.default_sort_key(part))
