"""Exact identities of SymPy expressions, decided by expanding polynomials.

Every value of a function becomes a free symbol: ``tanh(u)`` one, ``exp(-u)`` the inverse of that of
``exp(u)``, and a condition ``u > 0`` a symbol c with ``c^2 = c``. What is left is a rational
function; its numerator is expanded in SymPy's sparse polynomials over the rationals and compared
with zero. Denominators stay factored, so nothing is ever divided, and no heuristic decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import reduce
from typing import Any

import sympy as sp
from sympy.polys.rings import PolyRing

from derive.calculus.proof.digits import agree
from derive.calculus.proof.opaque import Exp, Truth, opaque

Poly = Any
"""A sparse polynomial of ``sympy.polys.rings``."""

Fraction = tuple[Poly, dict[Poly, int]]
"""A numerator, and the factors of the denominator with their powers."""


HIGHEST = 16
"""How high a power of one exponential may become; others stay by themselves."""


WORK = 30_000_000
"""Products and comparisons of terms that one identity may take: seconds rather than hours."""


class Undecided(ArithmeticError):
    """An expression that is no rational function of its symbols and function values, or too large
    a one.
    """


def identical(pairs: Iterable[tuple[sp.Expr, sp.Expr]]) -> bool:
    """Whether both sides of every pair are the same rational function.

    Function values are free, so a pair that is not may still be equal, as cosh^2 and 1 + sinh^2.
    Only what differs at random numbers too is called different.

    Raises:
        Undecided: a side is no rational function or too large, or a pair is equal at fifty digits
            only.
    """
    pairs = [(_opaque(left), _opaque(right)) for left, right in pairs]
    flat = _Flat(side for pair in pairs for side in pair)
    sides = [(flat.flatten(left), flat.flatten(right)) for left, right in pairs]
    used = {symbol for pair in sides for side in pair for symbol in side.free_symbols}
    used |= {symbol for value in flat.solved.values() for symbol in value.free_symbols}
    fractions = _Fractions(flat, sorted(used, key=sp.default_sort_key))
    open_pairs = [
        pair for pair, side in zip(pairs, sides, strict=True) if not fractions.equal(*side)
    ]
    if not all(agree(left, right) for left, right in open_pairs):
        return False
    if open_pairs:
        raise Undecided("equal at fifty digits, but not as rational functions of function values")
    return True


def _opaque(side: sp.Expr) -> sp.Expr:
    """What SymPy's derivative of another function has brought in is made opaque too."""
    side = opaque(side) if side.has(sp.exp, sp.sinh) else side
    return side.replace(Exp, _without_logarithms) if side.has(sp.log) else side


def _without_logarithms(argument: sp.Expr) -> sp.Expr:
    """``exp(a + k log(b))`` is ``exp(a) b^k``."""
    rest, factor = [], sp.Integer(1)
    for term in sp.Add.make_args(argument):
        times, inner = term.as_coeff_Mul()
        if isinstance(inner, sp.log) and times.is_Integer:
            factor *= inner.args[0] ** times
        else:
            rest.append(term)
    return Exp(sp.Add(*rest)) * factor


def _units(sides: Iterable[sp.Expr]) -> dict[sp.Expr, sp.Expr]:
    """For every kind of exponent the number of which all its contents are multiples.

    It is negative where most of them are, so that ``1 + exp(-z)`` is a sum with a plain symbol.
    """
    contents: dict[sp.Expr, list[sp.Expr]] = {}
    for node in {node for side in sides for node in side.atoms(Exp)}:
        content, primitive = _signed(node.args[0])
        contents.setdefault(primitive, []).append(content)
    return {
        primitive: reduce(sp.gcd, found, sp.Integer(0)) * (-1 if sum(found) < 0 else 1)
        for primitive, found in contents.items()
    }


def _signed(argument: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """An exponent as a number times something that is the same for its opposite."""
    content, primitive = argument.as_content_primitive()
    if primitive.could_extract_minus_sign():
        return -content, -primitive
    return content, primitive


class _Flat:
    """Replaces function values by symbols; arguments are never expanded."""

    def __init__(self, sides: Iterable[sp.Expr]) -> None:
        self.atoms: dict[Any, sp.Symbol] = {}
        self.truths: list[sp.Symbol] = []
        self.solved: dict[sp.Symbol, sp.Expr] = {}
        """Function values that are written in other coordinates."""
        self._units = _units(sides)
        self._sums: set[sp.Expr] = set()
        self._tied: set[sp.Symbol] = set()
        self._seen: dict[sp.Expr, sp.Expr] = {}

    def flatten(self, expression: sp.Expr) -> sp.Expr:
        """The expression with every function value replaced, outermost first."""
        if expression not in self._seen:
            self._seen[expression] = self._flatten(expression)
        return self._seen[expression]

    def _flatten(self, node: sp.Expr) -> sp.Expr:
        if node.is_Symbol or node.is_Rational:
            return node
        if isinstance(node, Exp):
            return self._exponential(node.args[0])
        if isinstance(node, Truth):
            return self._truth(node)
        if isinstance(node, sp.Function):
            return self._atom(node)
        if isinstance(node, sp.Add | sp.Mul):
            return node.func(*(self.flatten(part) for part in node.args), evaluate=False)
        if isinstance(node, sp.Pow) and node.exp.is_Integer:
            return self._power(self.flatten(node.base), node.exp)
        if isinstance(node, sp.Pow) and node.exp.is_Rational:
            root = self._atom(sp.Pow(node.base, sp.Rational(1, node.exp.q)))
            return sp.Pow(root, node.exp.p, evaluate=False)
        if isinstance(node, sp.NumberSymbol):
            return self._atom(node)
        raise Undecided(f"{node} is not rational")

    def _power(self, base: sp.Expr, exponent: sp.Integer) -> sp.Expr:
        if exponent < 0 and isinstance(base, sp.Add):
            self._solve(base)
        return sp.Pow(base, exponent, evaluate=False)

    def _solve(self, total: sp.Expr) -> None:
        """Given ``1/(e + rest)``, write the function value e as ``1/r - rest`` with a new symbol r.

        It is only another coordinate, in which sums over sigmoid or softmax need no common
        denominator.
        """
        values = set(self.atoms.values())
        if total in self._sums or not self._tied.isdisjoint(total.free_symbols):
            return
        self._sums.add(total)
        chosen = next((part for part in total.args if part in values), None)
        rest = sp.Add(*(part for part in total.args if part != chosen))
        if chosen is None or chosen in rest.free_symbols:
            return
        self._tied |= total.free_symbols & values
        self.solved[chosen] = sp.Add(1 / sp.Dummy("r"), -rest)

    def _atom(self, key: Any) -> sp.Symbol:
        if key not in self.atoms:
            self.atoms[key] = sp.Dummy("f")
        return self.atoms[key]

    def _exponential(self, argument: sp.Expr) -> sp.Expr:
        """``exp(k a)`` as the power k of ``exp(a)``."""
        content, primitive = _signed(argument)
        unit = self._units[primitive]
        times = content / unit
        if abs(times) > HIGHEST:
            unit, times = abs(content), sp.sign(content)
        symbol = self._atom(Exp(unit * primitive))
        return sp.Pow(symbol, times, evaluate=False) if times != 1 else symbol

    def _truth(self, node: Truth) -> sp.Symbol:
        symbol = self._atom(node)
        if symbol not in self.truths:
            self.truths.append(symbol)
        return symbol


class _Fractions:
    """Arithmetic with polynomials over factored denominators."""

    def __init__(self, flat: _Flat, symbols: list[sp.Symbol]):
        self.ring: Any = PolyRing(symbols or [sp.Dummy("unit")], sp.QQ)
        self.generators = dict(zip(symbols, self.ring.gens, strict=False))
        self.truths = [symbols.index(truth) for truth in flat.truths if truth in self.generators]
        self.solved = flat.solved
        self._seen: dict[sp.Expr, Fraction] = {}
        self._work = 0

    def _spend(self, work: int) -> None:
        """Count work.

        Raises:
            Undecided: it is more than is spent on one identity.
        """
        self._work += work
        if self._work > WORK:
            raise Undecided("its polynomials have too many terms")

    def _times(self, left: Poly, right: Poly) -> Poly:
        self._spend(len(left) * len(right))
        return left * right

    def equal(self, left: sp.Expr, right: sp.Expr) -> bool:
        """Whether two flat expressions are one rational function."""
        above, below = self.of(right)
        numerator, _ = self.add(self.of(left), (-above, below))
        return not self._idempotent(numerator)

    def _idempotent(self, poly: Poly) -> Poly:
        """``c^2 = c`` for truth values."""
        if not self.truths:
            return poly
        total: Counter[tuple[int, ...]] = Counter()
        for monomial, coefficient in poly.terms():
            exponents = list(monomial)
            for place in self.truths:
                exponents[place] = min(exponents[place], 1)
            total[tuple(exponents)] += coefficient
        return {monomial: value for monomial, value in total.items() if value}

    def of(self, node: sp.Expr) -> Fraction:
        """A flat expression as a fraction."""
        if node not in self._seen:
            self._seen[node] = self._of(node)
        return self._seen[node]

    def _of(self, node: sp.Expr) -> Fraction:
        if node in self.solved:
            return self.of(self.solved[node])
        if node.is_Symbol:
            return self.generators[node], {}
        if node.is_Rational:
            return self.ring(sp.QQ(node.p, node.q)), {}
        if isinstance(node, sp.Add):
            return reduce(self.add, map(self.of, node.args))
        if isinstance(node, sp.Mul):
            return reduce(self.multiply, map(self.of, node.args))
        return self.power(self.of(node.base), int(node.exp))

    def add(self, left: Fraction, right: Fraction) -> Fraction:
        """Over the least common multiple of the factored denominators."""
        common = {f: max(left[1].get(f, 0), right[1].get(f, 0)) for f in {**left[1], **right[1]}}
        one, other = self._grown(left, common), self._grown(right, common)
        self._spend(len(one) + len(other))
        return one + other, common

    def _grown(self, value: Fraction, common: dict[Poly, int]) -> Poly:
        numerator, below = value
        for factor, power in common.items():
            for _ in range(power - below.get(factor, 0)):
                numerator = self._times(numerator, factor)
        return numerator

    def multiply(self, left: Fraction, right: Fraction) -> Fraction:
        below = dict(left[1])
        for factor, power in right[1].items():
            below[factor] = below.get(factor, 0) + power
        return self._cancelled(self._times(left[0], right[0]), below)

    def _cancelled(self, numerator: Poly, below: dict[Poly, int]) -> Fraction:
        """Divide out what is divisible, so that numbers of terms stay small."""
        for factor in list(below):
            while numerator and below.get(factor):
                self._spend(len(numerator) * (len(numerator) + len(factor)))
                quotient, rest = numerator.div(factor)
                if rest:
                    break
                numerator = quotient
                below[factor] -= 1
        return numerator, {factor: power for factor, power in below.items() if power}

    def power(self, value: Fraction, exponent: int) -> Fraction:
        if exponent < 0:
            return self.power(self._inverse(value), -exponent)
        result: Fraction = (self.ring(1), {})
        for _ in range(exponent):
            result = self.multiply(result, value)
        return result

    def _inverse(self, value: Fraction) -> Fraction:
        numerator, below = value
        if not numerator:
            raise ZeroDivisionError("a denominator is zero everywhere")
        above = self._grown((self.ring(1), {}), below)
        lead, monic = numerator.LC, numerator.monic()
        scaled = above * (1 / lead)
        return self._cancelled(scaled, {monic: 1}) if not monic.is_ground else (scaled, {})
