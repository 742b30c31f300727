"""A SymPy expression as a person writes it.

SymPy reorders and distributes at every touch (``2 (a - b)`` becomes ``2 a - 2 b``), so the written
form is decided here: common factors outside, positive terms first, ``1 - a`` rather than
``-(a - 1)``, numbers before letters before sums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import sympy as sp

from derive.errors import DerivationError
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
    negate,
)
from derive.program import parts

Atoms = Mapping[sp.Expr, Node]
"""What stands for each formal argument, component or size."""

ONES = Symbol("1", style="bold")
"""The array of ones: what a 1 is inside an elementwise expression."""

_NAMES: dict[type[sp.Expr], str] = {
    sp.tanh: "tanh",
    sp.exp: "exp",
    sp.log: "log",
    sp.cosh: "cosh",
    sp.sinh: "sinh",
    sp.sin: "sin",
    sp.cos: "cos",
    sp.atan: "arctan",
    sp.Abs: "abs",
    sp.erf: "erf",
    parts.Sigmoid: "sigma",
}

_HALF = sp.Rational(1, 2)

_SHORT = 10
"""Denominators up to this are written as such: 1/2, 3/10."""

_NUMBERS: dict[sp.Expr, str] = {sp.pi: "pi", sp.E: "e"}


def write_expression(
    expression: sp.Expr,
    atoms: Atoms,
    *,
    arrays: bool = False,
    compound: Callable[[sp.Expr], Node | None] = lambda expression: None,
) -> Node:
    """The expression as notation.

    Args:
        expression: of the keys of ``atoms``.
        atoms: the nodes that stand for its symbols.
        arrays: whether those are arrays, so that products, powers and quotients are elementwise
            and 1 is an array of ones.
        compound: writes the parts that this module does not know, or answers None.

    Raises:
        DerivationError: a part that has no notation.
    """
    return _Expression(atoms, arrays, compound).write(expression)


class _Expression:
    def __init__(self, atoms: Atoms, arrays: bool, compound: Callable[[sp.Expr], Node | None]):
        self.atoms, self.arrays, self.compound = atoms, arrays, compound
        self.order = {symbol: k for k, symbol in enumerate(atoms)}

    def write(self, e: sp.Expr) -> Node:
        if e in self.atoms:
            return self.atoms[e]
        special = self.compound(e)
        return special if special is not None else self._plain(e)

    def _plain(self, e: sp.Expr) -> Node:
        if e.is_Rational:
            return self._rational(e)
        if e.is_Add:
            return self._add(e)
        if e.is_Mul:
            return self._mul(e)
        if e.is_Pow:
            return self._pow(e)
        if isinstance(e, sp.Piecewise):
            return self._cases(e)
        if type(e) in _NAMES:
            return Apply(_NAMES[type(e)], (self.write(e.args[0]),))
        if type(e) in parts.DEFINITIONS:
            return self.write(parts.DEFINITIONS[type(e)](e.args[0]))
        if e in _NUMBERS:
            return Symbol(_NUMBERS[e])
        if e.is_Symbol:
            return Symbol(str(e))
        raise DerivationError(f"no notation for {e}")

    def _rational(self, e: sp.Rational) -> Node:
        value = Number(_decimal(abs(e)) or str(abs(e.p)))
        fraction = e.q != 1 and not _decimal(abs(e))
        node: Node = Quotient(value, Number(str(e.q))) if fraction else value
        return Negative(node) if e < 0 else node

    def _add(self, e: sp.Expr) -> Node:
        factored = _factored(e)
        if not factored.is_Add:
            return self.write(factored)
        terms = sorted(factored.args, key=self._term_order)
        return Sum(tuple(self._term(term) for term in terms))

    def _term(self, term: sp.Expr) -> Node:
        """Inside an array expression a number added to arrays is that multiple of ones."""
        node = self.write(term)
        if not (self.arrays and term.is_number):
            return node
        if isinstance(node, Negative):
            return Negative(_times_ones(node.body))
        return _times_ones(node)

    def _term_order(self, term: sp.Expr) -> tuple[bool, bool, int, int, str]:
        """Positive ones first, then numbers, then what is shorter, then the order of arguments."""
        negative = bool(term.as_coeff_Mul()[0] < 0)
        length = int(sp.count_ops(term))
        return (negative, not term.is_number, length, self._place(term), sp.srepr(term))

    def _place(self, e: sp.Expr) -> int:
        return min((k for a, k in self.order.items() if e.has(a)), default=len(self.order))

    def _mul(self, e: sp.Expr) -> Node:
        coefficient, factors = _factored(e).as_coeff_mul()
        sign, factors = _normalise_signs(coefficient, factors)
        coefficient, factors = _one_root(coefficient, factors)
        above, below = [], []
        for factor in sorted(factors, key=self._factor_order):
            base, exponent = factor.as_base_exp()
            if exponent.is_Rational and exponent < 0 and not isinstance(factor, sp.exp):
                below.append(base**-exponent)
            else:
                above.append(factor)
        plain_above = self._split(above, numbers=True)
        plain_below = self._split(below, numbers=self.arrays or e.is_number)
        node = self._product(abs(coefficient), plain_above, plain_below)
        return negate(node) if sign < 0 else node

    def _split(self, factors: list[sp.Expr], numbers: bool) -> tuple[list[Node], list[Node]]:
        """Sizes, and where they scale numbers such as a root; the rest."""
        sizes = [self.write(f) for f in factors if self._is_size(f, numbers)]
        return sizes, [self.write(f) for f in factors if not self._is_size(f, numbers)]

    def _is_size(self, factor: sp.Expr, numbers: bool) -> bool:
        symbols = factor.free_symbols
        if numbers and factor.is_number and (self.arrays or not isinstance(factor, sp.Function)):
            return True
        if not symbols or factor.has(sp.core.function.AppliedUndef):
            return False
        return all(symbol.is_integer for symbol in symbols)

    def _product(
        self,
        number: sp.Rational,
        above: tuple[list[Node], list[Node]],
        below: tuple[list[Node], list[Node]],
    ) -> Node:
        decimal = _decimal(number)
        over, under = (decimal, "1") if decimal else (str(number.p), str(number.q))
        head_above = ([Number(over)] if over != "1" else []) + above[0]
        head_below = ([Number(under)] if under != "1" else []) + below[0]
        rest = self._join(above[1]) if above[1] else None
        if below[1]:
            top = rest or (ONES if self.arrays else Number("1"))
            rest = Quotient(top, self._join(below[1]), elementwise=self.arrays)
        if not head_above and not head_below:
            return rest or Number("1")
        head = _juxtapose(head_above or [Number("1")])
        if head_below:
            head = Quotient(head, _juxtapose(head_below))
        if rest is None:
            return head
        return Product((head, *_flat(rest)))

    def _join(self, nodes: list[Node]) -> Node:
        if len(nodes) == 1:
            return nodes[0]
        return Product(tuple(nodes), "hadamard" if self.arrays else "")

    def _factor_order(self, factor: sp.Expr) -> tuple[int, int, str]:
        base = factor.as_base_exp()[0]
        last = 2 if self.compound(base) is None else 3  # a sum over an index reaches to the end
        kind = 0 if base in self.atoms else 1 if base.is_Add else last
        return (kind, self._place(factor), sp.srepr(factor))

    def _pow(self, e: sp.Expr) -> Node:
        base, exponent = e.as_base_exp()
        if isinstance(e, sp.exp):
            return Apply("exp", (self.write(e.args[0]),))
        if exponent.is_Rational and exponent < 0:
            above = ONES if self.arrays else Number("1")
            return Quotient(above, self.write(base**-exponent), elementwise=self.arrays)
        body = self.write(base)
        if exponent == _HALF:
            return Apply("sqrt", (body,))
        if isinstance(body, Apply) and exponent.is_Integer and body.power == 1:
            return Apply(body.function, body.arguments, body.primes, int(exponent))
        if self.arrays and exponent.is_Integer:
            return Product((body,) * int(exponent), "hadamard")
        return Power(body, self.write(exponent))

    def _cases(self, e: sp.Piecewise) -> Node:
        rows: list[tuple[Node, Node | None]] = []
        for value, condition in e.args:
            node = self.write(value)
            if condition == True:  # noqa: E712
                rows.append((node, None))
            for part in sorted(sp.Or.make_args(condition), key=sp.default_sort_key):
                if part != True:  # noqa: E712
                    rows.append((node, self._test(part)))
        return Cases(tuple(rows))

    def _test(self, condition: sp.Expr) -> Node:
        signs = {sp.StrictGreaterThan: ">", sp.StrictLessThan: "<"}
        signs |= {sp.GreaterThan: ">=", sp.LessThan: "<="}
        sign = signs[type(condition)]
        return Relation((self.write(condition.lhs), self.write(condition.rhs)), (sign,))  # type: ignore[arg-type]


def _factored(e: sp.Expr) -> sp.Expr:
    """Common factors outside; a decimal is no fraction, so ``1 + 0.25 z`` keeps its one."""
    numbers = {number for number in e.atoms(sp.Rational) if _decimal(abs(number))}
    if not numbers:
        return sp.factor_terms(e)
    signed = {n: sp.Dummy(positive=True) * sp.sign(n) for n in sorted(numbers)}
    back = {symbol.free_symbols.pop(): abs(n) for n, symbol in signed.items()}
    return sp.factor_terms(e.xreplace(signed)).xreplace(back)


def _one_root(
    coefficient: sp.Rational, factors: Sequence[sp.Expr]
) -> tuple[sp.Rational, list[sp.Expr]]:
    """The roots of numbers as one: ``sqrt(2) / (2 sqrt(pi))`` is ``1 / sqrt(2 pi)``."""
    roots = [f for f in factors if f.is_number and f.is_Pow and abs(f.exp) == _HALF]
    if not roots:
        return coefficient, list(factors)
    square = sp.Mul(*(root**2 for root in roots))
    above = square.as_coeff_Mul()[0].p
    if above > 1 and coefficient.q % above == 0:
        coefficient, square = coefficient * above, square / above**2
    below = square.as_numer_denom()[0] == 1
    one = sp.Pow(1 / square if below else square, _HALF * (-1 if below else 1), evaluate=False)
    return coefficient, [one, *(f for f in factors if f not in roots)]


def _times_ones(number: Node) -> Node:
    return ONES if number == Number("1") else Product((*_flat(number), ONES))


def _normalise_signs(
    coefficient: sp.Rational, factors: tuple[sp.Expr, ...]
) -> tuple[int, list[sp.Expr]]:
    """``(b - a) / (a - 1)`` as ``(a - b) / (1 - a)``: no sum begins with a negative number, and a
    sign outside goes into a difference where there is one."""
    sign = -1 if coefficient < 0 else 1
    out = []
    for factor in factors:
        base, exponent = factor.as_base_exp()
        if base.is_Add and base.as_coeff_Add()[0] < 0 and exponent.is_Integer:
            sign *= -1 if exponent % 2 else 1
            factor = (-base) ** exponent
        out.append(factor)
    if sign < 0:
        for k, factor in enumerate(out):
            base, exponent = factor.as_base_exp()
            if base.is_Add and exponent.is_odd and base.as_coeff_Add()[0] == 0 and _mixed(base):
                out[k] = sp.Pow(sp.expand(-base), exponent)
                return 1, out
    return sign, out


def _decimal(number: sp.Rational) -> str:
    """``1.702`` for 851/500; empty where the fraction is short or has no last decimal."""
    rest = int(number.q)
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1 or number.q <= _SHORT:
        return ""
    places = next(k for k in range(1, int(number.q)) if 10**k % number.q == 0)
    digits = str(number.p * 10**places // number.q).zfill(places + 1)
    return f"{digits[:-places]}.{digits[-places:]}"


def _mixed(total: sp.Expr) -> bool:
    signs = {bool(term.as_coeff_Mul()[0] < 0) for term in total.args}
    return len(signs) == 2


def _juxtapose(nodes: list[Node]) -> Node:
    return nodes[0] if len(nodes) == 1 else Product(tuple(nodes))


def _flat(node: Node) -> tuple[Node, ...]:
    return node.factors if isinstance(node, Product) and node.glyph == "" else (node,)
