"""A user's formula as an elementwise function: a tree of notation to one SymPy expression.

Nothing is evaluated as text: every node becomes SymPy through the tables here, decimals as exact
fractions, and a word that is in none of them is an error. A formula has kinks where it is defined
by cases, and the derivative there is that of the case that holds there: at ``z = 0`` the derivative
of ``if z > 0 then a else b`` is that of ``b``. So it is for the words with kinks: ``abs'(0) = 0``,
and where both arguments of ``max`` or ``min`` are equal, the constant one is taken, else the last.

>>> formula("z / (1 + exp(-1.702 z))").expression
u0/(1 + exp(-851*u0/500))
>>> formula("log(cosh(y_hat - y))", ("y_hat", "y")).expression
log(cosh(u0 - u1))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import sympy as sp

from derive.config import LIMITS
from derive.errors import DerivationError, nearest
from derive.notation.parse import Parsed, parse
from derive.notation.tokens import NotationError
from derive.notation.tree import (
    Apply,
    Cases,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
)
from derive.notation.words import symbol_name
from derive.program.functions import FUNCTIONS, Function, derivative, parameter

ACTIVATION_ARGUMENTS = ("z",)
LOSS_ARGUMENTS = ("y_hat", "y")

CONSTANTS: dict[str, sp.Expr] = {"e": sp.E, "pi": sp.pi}
"""Letters that are numbers."""


def _comparison(sign: str, left: sp.Expr, right: sp.Expr) -> Any:
    """``left sign right``; of several names with whole coefficients and 0 on the right.

    SymPy's own normal form of ``u/10 - v/10 > 0`` has no end.
    """
    difference = left - right
    if len(difference.free_symbols) > 1 or not left.is_Symbol:
        difference = difference.as_content_primitive()[1]
        if difference.could_extract_minus_sign():
            difference, sign = sp.expand(-difference), _MIRRORED[sign]
        left, right = difference, sp.Integer(0)
    return _COMPARISONS[sign](left, right)


_COMPARISONS: dict[str, Any] = {
    ">": sp.StrictGreaterThan,
    "<": sp.StrictLessThan,
    ">=": sp.GreaterThan,
    "<=": sp.LessThan,
}
_MIRRORED = {">": "<", "<": ">", ">=": "<=", "<=": ">="}


def _larger(u: sp.Expr, v: sp.Expr) -> sp.Expr:
    """``max(u, v)``; where they are equal the constant one is taken, else v."""
    u, v = (v, u) if u.is_number and not v.is_number else (u, v)
    return sp.Piecewise((u, _comparison(">", u, v)), (v, True))


def _smaller(u: sp.Expr, v: sp.Expr) -> sp.Expr:
    """``min(u, v)``; where they are equal the constant one is taken, else v."""
    u, v = (v, u) if u.is_number and not v.is_number else (u, v)
    return sp.Piecewise((u, _comparison("<", u, v)), (v, True))


PAIRS: dict[str, Callable[[sp.Expr, sp.Expr], sp.Expr]] = {"max": _larger, "min": _smaller}
"""Functions of two arguments or more, from the left."""

STEPS: dict[str, Callable[[sp.Expr], sp.Expr]] = {"floor": sp.floor, "ceil": sp.ceiling}
"""Known words whose derivative SymPy does not have."""

SYNONYMS = {"ln": "log", "sigma": "sigmoid", "atan": "arctan", "sgn": "sign"}
"""Other words for functions of the program's table."""

_MOST_COMPARED = 120
"""Operations on both sides of a comparison, or in the argument of a function with a kink."""

_NO_WORDS = frozenset({"identity", "reciprocal"})


def words() -> frozenset[str]:
    """Every function that a formula may use."""
    single = {name for name, function in FUNCTIONS.items() if function.arity == 1} - _NO_WORDS
    return frozenset(single | PAIRS.keys() | STEPS.keys() | SYNONYMS.keys())


def formula(text: str, arguments: Sequence[str] = ACTIVATION_ARGUMENTS, name: str = "") -> Function:
    """The function that a text defines.

    Args:
        text: a formula of the arguments.
        arguments: their names; the first must occur.
        name: what derivations call it; else its expression is written out.

    Raises:
        NotationError: with the column of what is not understood.
        DerivationError: a function without a derivative in closed form, by its name.
    """
    parsed = parse(text, words(), {*arguments, *CONSTANTS})
    atoms = {argument: parameter(k) for k, argument in enumerate(arguments)}
    expression = _Meaning(parsed, atoms).of(parsed.tree).expression
    if parameter(0) not in expression.free_symbols:
        raise NotationError(f"the formula does not depend on {arguments[0]}", 0, len(text))
    function = Function(name, len(arguments), _cases_outside(expression))
    _check_derivatives(function, name or text.strip(), arguments)
    return function


def _check_derivatives(function: Function, shown: str, arguments: Sequence[str]) -> None:
    """Refuse what cannot be differentiated, and what lets no gradient through."""
    for position, argument in enumerate(arguments):
        slope = _slope(function, position, shown, argument)
        if not _real(slope):
            raise DerivationError(f"the derivative of {shown} by {argument} is {slope}")
        if position == 0 and slope == 0:
            raise DerivationError(
                f"the derivative of {shown} by {argument} is 0 wherever there is one; "
                "no gradient passes through it"
            )


def _slope(function: Function, position: int, shown: str, argument: str) -> sp.Expr:
    try:
        return derivative(function, position).expression
    except DerivationError:
        message = f"the derivative of {shown} by {argument} has no closed form"
        raise DerivationError(message) from None


def _real(expression: sp.Expr) -> bool:
    return not expression.has(sp.I, sp.zoo, sp.nan, sp.oo, -sp.oo)


@dataclass(frozen=True, slots=True)
class _Value:
    expression: sp.Expr
    degree: int
    """A bound of the degree as a polynomial in what it is made of."""


class _Meaning:
    """SymPy expressions of the nodes of one tree."""

    def __init__(self, parsed: Parsed, atoms: dict[str, sp.Symbol]):
        self.parsed, self.atoms = parsed, atoms
        self.known = words()

    def of(self, node: Node) -> _Value:
        value = _METHODS[type(node)](self, node)
        if not _real(value.expression):
            self.refuse("this is not a real number", node)
        if value.degree > LIMITS.max_exponent:
            limit = LIMITS.max_exponent
            self.refuse(f"the powers multiply to more than {limit}, the limit", node)
        return value

    def refuse(self, message: str, node: Node) -> NoReturn:
        token = self.parsed.place(node)
        raise NotationError(message, token.column, token.width)

    def number(self, node: Number) -> _Value:
        mantissa, _, exponent = node.digits.partition("e")
        if len(mantissa) > LIMITS.max_name or len(exponent) > 3 or abs(int(exponent or 0)) > 30:
            self.refuse("a number has at most 40 digits and an exponent up to 30", node)
        return _Value(sp.Rational(mantissa) * sp.Integer(10) ** int(exponent or 0), 1)

    def symbol(self, node: Symbol) -> _Value:
        name = symbol_name(node)
        found = self.atoms.get(name, CONSTANTS.get(name))
        if found is None:
            valid = [*self.atoms, *CONSTANTS]
            words = [*valid, *self.known] if len(name) > 2 else valid
            hint = nearest(name, words).split(" (known")[0]
            self.refuse(f"unknown name {name[:60]!r}{hint} (known: {', '.join(valid)})", node)
        return _Value(found, 1)

    def sum(self, node: Sum) -> _Value:
        terms = [self.of(term) for term in node.terms]
        return _Value(sp.Add(*(t.expression for t in terms)), max(t.degree for t in terms))

    def negative(self, node: Negative) -> _Value:
        body = self.of(node.body)
        return _Value(-body.expression, body.degree)

    def product(self, node: Product) -> _Value:
        factors = [self.of(factor) for factor in node.factors]
        return _Value(sp.Mul(*(f.expression for f in factors)), sum(f.degree for f in factors))

    def quotient(self, node: Quotient) -> _Value:
        above, below = self.of(node.numerator), self.of(node.denominator)
        if below.expression == 0:
            self.refuse("a division by zero", node.denominator)
        return _Value(above.expression / below.expression, above.degree + below.degree)

    def power(self, node: Power) -> _Value:
        base, exponent = self.of(node.base), self.of(node.exponent)
        return self._power(base, exponent.expression, node)

    def _power(self, base: _Value, exponent: sp.Expr, node: Node) -> _Value:
        if not exponent.is_Rational:
            return _Value(base.expression**exponent, base.degree)
        limit = LIMITS.max_exponent
        if abs(exponent) > limit or exponent.q > 1000 * limit:
            self.refuse(f"the exponent is beyond the limit {limit}", node)
        if base.expression == 0 and exponent < 0:
            self.refuse("a division by zero", node)
        degree = base.degree * max(1, abs(int(sp.ceiling(abs(exponent)))))
        if degree > limit:
            self.refuse(f"the powers multiply to more than {limit}, the limit", node)
        return _Value(base.expression**exponent, degree)

    def apply(self, node: Apply) -> _Value:
        name = SYNONYMS.get(node.function, node.function)
        if name not in self.known:
            self.refuse(f"unknown function {name[:60]!r}{nearest(name[:60], self.known)}", node)
        if node.primes:
            self.refuse(f"write the derivative of {name} out as a formula", node)
        arguments = [self.of(argument) for argument in node.arguments]
        value = self._called(name, [a.expression for a in arguments], node)
        degree = max(a.degree for a in arguments) if value.has(sp.Piecewise) else 1
        result = _Value(value, degree)
        return result if node.power == 1 else self._power(result, sp.Integer(node.power), node)

    def _called(self, name: str, arguments: list[sp.Expr], node: Apply) -> sp.Expr:
        if name in PAIRS:
            if len(arguments) < 2:
                self.refuse(f"{name} takes two arguments or more", node)
            return self._folded(PAIRS[name], arguments, node)
        if len(arguments) != 1:
            self.refuse(f"{name} takes one argument, not {len(arguments)}", node)
        if name in STEPS:
            return STEPS[name](arguments[0])
        function = FUNCTIONS[name]
        if not function.expression.has(sp.Piecewise):
            return function(arguments[0])
        return self._compared(function, arguments, node)

    def _folded(
        self, pair: Callable[[sp.Expr, sp.Expr], sp.Expr], arguments: list[sp.Expr], node: Node
    ) -> sp.Expr:
        value, *others = arguments
        for other in others:
            value = self._compared(pair, [value, other], node)
        return value

    def cases(self, node: Cases) -> _Value:
        values = [self.of(value) for value, _ in node.rows]
        tests = [condition for _, condition in node.rows if isinstance(condition, Relation)]
        sides = [self.of(side).expression for test in tests for side in test.sides]

        def choose(*sides: sp.Expr) -> sp.Expr:
            pairs = zip(sides[::2], sides[1::2], strict=True)
            found = [_comparison(t.signs[0], *pair) for t, pair in zip(tests, pairs, strict=True)]
            expressions = (value.expression for value in values)
            return sp.Piecewise(*zip(expressions, [*found, sp.true], strict=True))

        return _Value(self._compared(choose, sides, node), max(v.degree for v in values))

    def _compared(self, make: Callable[..., sp.Expr], sides: list[sp.Expr], node: Node) -> sp.Expr:
        """``make(*sides)``, which compares its arguments; one that is given by cases is compared
        case by case, so that conditions stay plain comparisons.
        """
        try:
            value = _case_by_case(make, sides)
        except TypeError:  # SymPy compares real numbers only
            self.refuse("this compares what is not a real number", node)
        except (_TooLarge, RecursionError):
            self.refuse("the formula is too large when its cases are written out", node)
        return value


class _TooLarge(ArithmeticError):
    """Cases write their argument several times, so nested ones grow fast."""


def _case_by_case(make: Callable[..., sp.Expr], sides: list[sp.Expr]) -> sp.Expr:
    if sum(sp.count_ops(side) for side in sides) > _MOST_COMPARED:
        raise _TooLarge
    inner = next((p for side in sides for p in _outermost(side)), None)
    if inner is None:
        return make(*sides)
    rows = []
    for value, condition in inner.args:
        rows.append((_case_by_case(make, [s.xreplace({inner: value}) for s in sides]), condition))
    return sp.Piecewise(*rows)


def _cases_outside(expression: sp.Expr) -> sp.Expr:
    """``z / (1 + |z|)`` case by case, where that is not too long: each case is then simple."""
    if isinstance(expression, sp.Piecewise) or not expression.has(sp.Piecewise):
        return expression
    try:
        return _case_by_case(lambda whole: whole, [expression])
    except (_TooLarge, RecursionError):
        return expression


def _outermost(expression: sp.Expr) -> Iterator[sp.Piecewise]:
    """The first definition by cases in an expression, from outside."""
    for node in sp.preorder_traversal(expression):
        if isinstance(node, sp.Piecewise):
            yield node
            return


_METHODS: dict[type[Node], Callable[[_Meaning, Any], _Value]] = {
    Number: _Meaning.number,
    Symbol: _Meaning.symbol,
    Sum: _Meaning.sum,
    Negative: _Meaning.negative,
    Product: _Meaning.product,
    Quotient: _Meaning.quotient,
    Power: _Meaning.power,
    Apply: _Meaning.apply,
    Cases: _Meaning.cases,
}
"""How each kind of node is understood."""
