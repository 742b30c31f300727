"""Local derivatives of elementwise functions, in the simplest form that is found.

``tanh'(u) = 1 - tanh(u)^2`` becomes ``1 - h^2`` where ``h`` is the function's own value: the value
is at hand in the backward pass, and the formula is the one that people write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import sympy as sp
from sympy.core.function import AppliedUndef

from derive.program.functions import FUNCTIONS, Function, derivative, parameter
from derive.program.parts import fold

_LARGE, _MANY = 150, 5
"""Operations and function values of an expression beyond which no shorter form is sought."""

_ROUND = 10
"""Fractions with a larger denominator are decimals that somebody wrote."""

_LONG = 10
"""Operations beyond which a slope is written by its name: gelu'(z)."""

_FEW = 8
"""How high a power of one exponential may be written as such."""


@dataclass(frozen=True, slots=True)
class Local:
    """``d f / d u_position`` as a function of some of the arguments and, last, of the value."""

    function: Function
    """Formal arguments are numbered anew, in the order of ``uses``."""
    uses: tuple[int, ...]
    """Positions of the arguments that it needs; ``arity of f`` stands for f's own value."""
    raw: Function
    """The same derivative in terms of the arguments, as SymPy gives it."""
    own_output: bool
    """Whether the rule "derivative in terms of the own output" was used."""


@cache
def local_derivative(function: Function, position: int) -> Local:
    """The local derivative by one argument.

    Raises:
        DerivationError: SymPy has no closed form for it.
    """
    raw = derivative(function, position)
    plain = tidy(raw.expression)
    best, own = plain, False
    for candidate in _in_terms_of_output(function, plain):
        if cost(candidate) <= cost(best) and candidate != best:
            best, own = candidate, True
    keep_name = not own and (best.has(sp.Piecewise) or cost(best) > _LONG)
    known = (f.name for f in FUNCTIONS.values() if f.arity == 1 and f.expression == best)
    uses = tuple(k for k in range(function.arity + 1) if parameter(k) in best.free_symbols)
    renumber = {parameter(old): parameter(new) for new, old in enumerate(uses)}
    name = next(known, raw.name) if keep_name else ""
    return Local(Function(name, len(uses), best.xreplace(renumber)), uses, raw, own)


def cost(expression: sp.Expr) -> int:
    """The number of operations, the measure of "simpler" everywhere in the calculus.

    A part with a name, such as sigmoid of u, is one operation.
    """
    return int(sp.count_ops(fold(expression)))


def tidy(expression: sp.Expr) -> sp.Expr:
    """The cheapest of a few equal forms; the first wins a tie. Cases are tidied one by one."""
    if isinstance(expression, sp.Piecewise):
        return sp.Piecewise(*((tidy(value), condition) for value, condition in expression.args))
    if expression.has(sp.Piecewise) or _large(expression):
        return expression
    forms = [*_forms(expression), expression, *_in_terms_of_parts(expression)]
    return min(forms, key=cost)


def _forms(expression: sp.Expr) -> Iterator[sp.Expr]:
    """SymPy's normal forms of a rational function."""
    plain, back = _without_fractions(expression)
    cancelled = sp.cancel(plain)
    for form in (sp.factor_terms(cancelled), sp.factor(cancelled), cancelled):
        yield form.xreplace(back)


def _in_terms_of_parts(expression: sp.Expr) -> Iterator[sp.Expr]:
    """Forms with ``tanh`` for ``sinh / cosh``, and with sigmoid for a fraction of exponentials."""
    if expression.has(sp.sinh):
        yield from _forms(expression.replace(sp.sinh, lambda x: sp.tanh(x) * sp.cosh(x)))
    outside = {node: sp.Dummy("f", real=True) for node in _outermost(expression)}
    inside = {symbol: node for node, symbol in outside.items()}
    bare = expression.xreplace(outside)
    powers = sorted(bare.atoms(sp.exp), key=sp.default_sort_key)
    sums = [e for e in powers if bare.has(1 + e) and e.args[0].free_symbols]
    for argument in dict.fromkeys(x for e in sums for x in (e.args[0], -e.args[0])):
        share = sp.Dummy("s", real=True)
        times = {e: e.args[0] / argument for e in powers}
        pairs = {e: (share / (1 - share)) ** k for e, k in times.items() if k.is_Integer}
        for form in _forms(bare.xreplace(pairs)):
            yield form.xreplace({share: 1 / (1 + sp.exp(-argument))}).xreplace(inside)


def _outermost(expression: sp.Expr) -> Iterator[sp.Expr]:
    """The function values in an expression that are no exponentials and inside of no other."""
    if isinstance(expression, sp.Function) and not isinstance(expression, sp.exp):
        yield expression
    elif not isinstance(expression, sp.exp):
        for part in expression.args:
            yield from _outermost(part)


def _large(expression: sp.Expr) -> bool:
    """Whether a shorter form might take minutes to find."""
    known = [e for e in expression.atoms(sp.Function) if not isinstance(e, AppliedUndef)]
    return len(known) > _MANY or cost(expression) > _LARGE


def _without_fractions(expression: sp.Expr) -> tuple[sp.Expr, dict[sp.Expr, sp.Expr]]:
    """The expression with symbols for exponentials and powers of fractional exponents, and the way
    back. SymPy would take ``exp(1.702 u)`` for a polynomial of degree 851 in ``exp(u/500)``.
    """
    there: dict[sp.Expr, sp.Expr] = {}
    back: dict[sp.Expr, sp.Expr] = {}
    units: dict[sp.Expr, tuple[sp.Expr, sp.Symbol]] = {}
    found = [e for e in expression.atoms(sp.exp, sp.Pow) if _fractional(e)]
    for power in sorted(found, key=lambda e: (cost(e), sp.default_sort_key(e))):
        number, rest = _exponent(power)
        unit, symbol = units.setdefault(rest, (number, sp.Dummy("p", real=True)))
        times = number / unit
        if not (times.is_Integer and abs(times) <= _FEW):
            times, symbol = sp.Integer(1), sp.Dummy("p", real=True)
            unit = number
        there[power] = symbol**times
        back[symbol] = power if times == 1 else back[symbol]
    plain = expression.xreplace(there)
    for number in sorted(plain.atoms(sp.Rational), key=sp.default_sort_key):
        if number.q > _ROUND:  # 1.702 rather than 851 here and 500 there
            back[sp.Dummy("c", real=True)] = number
    numbers = {number: symbol for symbol, number in back.items() if number.is_Rational}
    return plain.xreplace(numbers), back


def _fractional(power: sp.Expr) -> bool:
    if power.has(sp.Piecewise):
        return False
    number = _exponent(power)[0]
    return bool(number.is_Rational and number.q > (1 if isinstance(power, sp.exp) else 2))


def _exponent(power: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """The number in an exponent, and what the powers of this kind share."""
    if isinstance(power, sp.exp):
        number, rest = power.args[0].as_coeff_Mul()
        return number, sp.exp(rest)
    base, exponent = power.as_base_exp()
    return exponent, base


def _in_terms_of_output(function: Function, raw: sp.Expr) -> Iterator[sp.Expr]:
    """Forms of ``raw`` in which the function's value replaces its argument; cases one by one."""
    cases = function.expression, raw
    if function.arity == 1 and all(isinstance(e, sp.Piecewise) for e in cases):
        yield from _cases_in_terms_of_output(*cases)
    if function.arity != 1 or raw.has(sp.Piecewise) or _large(raw):
        return
    u, value = parameter(0), parameter(1)
    atoms = sorted(function.expression.atoms(sp.Function), key=sp.default_sort_key)
    for inner in atoms or [u]:
        stand_in = sp.Dummy("t", real=True)
        pairs = {inner: stand_in}
        if isinstance(inner, sp.exp):
            pairs[sp.exp(-inner.args[0])] = 1 / stand_in
        for solution in _solve(function.expression.xreplace(pairs) - value, stand_in):
            form = tidy(raw.xreplace(pairs).xreplace({stand_in: solution}))
            if u not in form.free_symbols:
                yield form


def _cases_in_terms_of_output(expression: sp.Piecewise, raw: sp.Piecewise) -> Iterator[sp.Expr]:
    """The same for a function and a slope that have the same cases."""
    if [condition for _, condition in expression.args] != [test for _, test in raw.args]:
        return
    rows = []
    for (value, condition), (slope, _) in zip(expression.args, raw.args, strict=True):
        forms = [*_in_terms_of_output(Function("", 1, value), slope), slope]
        rows.append((min(forms, key=cost), condition))
    yield sp.Piecewise(*rows)


def _solve(equation: sp.Expr, unknown: sp.Symbol) -> list[sp.Expr]:
    """The solution of a linear fractional equation; others have none that is unique."""
    numerator = sp.together(equation).as_numer_denom()[0]
    if not numerator.is_polynomial(unknown):
        return []
    polynomial = sp.Poly(numerator, unknown)
    if polynomial.degree() != 1:
        return []
    slope, offset = polynomial.all_coeffs()
    return [sp.cancel(-offset / slope)]
