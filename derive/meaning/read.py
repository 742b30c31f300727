"""From notation back to numbers: the value of a written formula at given inputs.

This is the witness against the writer. It reads the tree that is printed, not the program that it
came from: names are looked up by how they are spelled, matrix products are taken as they stand, and
every derivative quotient is computed from the *forward* program by complex step. So a wrong
transpose, a lost factor or a wrong sign in what is printed is seen, whichever room made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np

from derive.meaning.arrays import (
    UnreadableError,
    hadamard,
    matmul,
    ones_kind,
    ones_times,
    open_axes,
    times_ones,
)
from derive.meaning.compare import COMPARED, TOLERANCE, holds, short
from derive.meaning.matrix import ONE
from derive.meaning.moving import rate, second
from derive.meaning.places import Bindings, Place, Places, at
from derive.meaning.rates import Rates
from derive.meaning.slopes import STEP, Slopes
from derive.meaning.write import FUNCTION_WORDS, Writer
from derive.notation.glyphs import OPERATORS
from derive.notation.tree import (
    Apply,
    BigSum,
    Cases,
    Delta,
    Derivative,
    Fenced,
    Interval,
    Matrix,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Relation,
    Sum,
    Symbol,
    Transpose,
)
from derive.program.evaluate import NUMERIC, Array, evaluate
from derive.program.functions import FUNCTIONS, Function, derivative
from derive.program.program import Equation, Map

_WRITTEN = Sum | Product | BigSum | Negative | Quotient | Power | Apply | Fenced
"""What may stand above in a derivative quotient besides a name: an expression, written out."""

__all__ = ["STEP", "TOLERANCE", "Bindings", "Place", "Reader"]


@dataclass
class Reader:
    """Values of formulas written by one writer.

    Args:
        writer: who wrote them; its program may hold backward equations, which are not used.
        values: an array for every input of the program.
        sizes: a number for every named size.
        extra: further symbols with their values, such as a learning rate.
        functions: further functions of one argument.
    """

    writer: Writer
    values: Mapping[str, Array]
    sizes: Mapping[str, int]
    extra: Mapping[Node, float] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)

    def __post_init__(self) -> None:
        program = self.writer.program
        self.forward: list[Equation] = [
            eq for eq in program.equations if not program.variables[eq.out].target
        ]
        self.known = evaluate(program, self.values, self.sizes, NUMERIC, self.forward)
        self.places = Places(self.writer, self.sizes, self.extra)
        self.slopes = Slopes(program, self.forward, self.known, self.sizes)
        self.size_values = {self.writer.size(n): float(v) for n, v in self.sizes.items()}
        self._defined: dict[Node, Node] = {}

    @cached_property
    def rates(self) -> Rates:
        """How values and gradients change along the directions of the program."""
        program = self.writer.program
        return Rates(program, self.forward, self.known, self.sizes, self.slopes)

    # --- relations --------------------------------------------------------------------------

    def problem(self, relation: Relation, where: Iterable[Relation] = ()) -> str | None:
        """What is wrong with a relation, or None: every side must have the same value, for every
        value of the free indices. After ``<-`` only the following sides are compared.

        Args:
            relation: what is claimed.
            where: definitions of further symbols in it, ``s = sum_j exp(z_j)``.

        Raises:
            UnreadableError: a side has no value here.
        """
        self._defined = {definition.sides[0]: definition.sides[1] for definition in where}
        start = relation.signs.index("gets") + 1 if "gets" in relation.signs else 0
        sides, signs = relation.sides[start:], relation.signs[start:]
        for bindings in self.places.assignments(sides):
            values = [self.value(side, bindings) for side in sides]
            exact = values[signs.index("approx")] if "approx" in signs else values[0]
            for k, sign in enumerate(signs):
                left = exact if sign == "approx" else values[k]
                if not holds(left, values[k + 1], sign, sides[k + 1]):
                    found = short(left), short(values[k + 1])
                    return f"side {start + k + 1} is {found[0]}, side {start + k + 2} is {found[1]}"
        return None

    # --- values -----------------------------------------------------------------------------

    def value(self, node: Node, bindings: Bindings) -> Array:
        """The value of a tree: a number, or a matrix (a vector is a column or a row)."""
        method = _METHODS.get(type(node))
        if method is None:
            raise UnreadableError(f"no value for {type(node).__name__}")
        return np.asarray(method(self, node, bindings))

    def _number(self, node: Number, bindings: Bindings) -> Array:
        return np.asarray(float(node.digits))

    def _symbol(self, node: Symbol, bindings: Bindings) -> Array:
        if node in self.extra:
            return np.asarray(self.extra[node])
        if node == ONE:
            return np.asarray(1.0)
        if node in self.places.whole and not (set(node.sub) & set(bindings)):
            name = self.places.whole[node]
            return self.oriented(self.known[name], name)
        place = self.places.place(node)
        if place is not None:
            return np.asarray(self.known[place.name][at(place, bindings)])
        if node in self.size_values:
            return np.asarray(self.size_values[node])
        if node in self._defined:
            return self.value(self._defined[node], bindings)
        raise UnreadableError(f"unknown symbol {node}")

    def oriented(self, array: Array, name: str) -> Array:
        """A vector as the matrix that it is written as; a bias is one in a batch too."""
        if array.ndim != 1:
            return array
        samples = array.shape == (self._batch_size(),) and self.writer.scalar
        if samples:
            raise UnreadableError(f"{name} has a value for every sample")
        return array[:, None] if self.writer.style.samples == "column" else array[None, :]

    def _batch_size(self) -> int | None:
        batch = self.writer.program.batch
        return self.sizes[batch] if isinstance(batch, str) else batch

    def _sum(self, node: Sum, bindings: Bindings) -> Array:
        total: Array = np.asarray(0.0)
        for term in node.terms:
            total = total + self.value(term, bindings)
        return total

    def _negative(self, node: Negative, bindings: Bindings) -> Array:
        return np.asarray(-self.value(node.body, bindings))

    def _product(self, node: Product, bindings: Bindings) -> Array:
        if node.glyph == "hadamard":
            values = [self.value(factor, bindings) for factor in node.factors]
            return hadamard(values, [open_axes(factor) for factor in node.factors])
        result: Array = np.asarray(1.0)
        ones = ""
        for factor in node.factors:
            kind = ones_kind(factor)
            if kind:
                result, ones = times_ones(result, kind, ones)
                continue
            value = self.value(factor, bindings)
            if ones and value.ndim:
                value, ones = ones_times(ones, value), ""
            result = matmul(result, value)
        return result

    def _quotient(self, node: Quotient, bindings: Bindings) -> Array:
        below = self.value(node.denominator, bindings)
        if below.ndim and not node.elementwise:
            raise UnreadableError("a quotient of matrices")
        return np.asarray(self.value(node.numerator, bindings) / below)

    def _power(self, node: Power, bindings: Bindings) -> Array:
        base = self.value(node.base, bindings)
        exponent = self.value(node.exponent, bindings)
        if base.ndim and not exponent.ndim and float(exponent).is_integer():
            raise UnreadableError("a power of a matrix")
        return np.asarray(base**exponent)

    def _transpose(self, node: Transpose, bindings: Bindings) -> Array:
        return self.value(node.body, bindings).T

    def _apply(self, node: Apply, bindings: Bindings) -> Array:
        if len(node.arguments) != 1:
            raise UnreadableError(f"{node.function} of {len(node.arguments)} arguments")
        if node.function in OPERATORS and node.function not in self.functions:
            return rate(self, node.function, node.arguments[0], bindings)
        argument = self.value(node.arguments[0], bindings)
        if node.function in BLOCKS:
            return BLOCKS[node.function](
                argument, 0 if self.writer.style.samples == "column" else 1
            )
        value = self._called(node.function, node.primes, argument)
        return np.asarray(value**node.power)

    def _called(self, name: str, primes: int, argument: Array) -> Array:
        """A function of the table, or one that the program itself has by this name."""
        return NUMERIC.apply(_function(name, primes, self._own(name)), (argument,), {})

    def _own(self, name: str) -> Function | None:
        if name in self.functions:
            return self.functions[name]
        maps = (eq.function for eq in self.forward if isinstance(eq, Map))
        return next((f for f in maps if f.name == name and f.arity == 1), None)

    def _bigsum(self, node: BigSum, bindings: Bindings) -> Array:
        if node.lower is not None or not isinstance(node.index, Symbol):
            raise UnreadableError("a sum with bounds")
        length = self.places.free(node.body).get(node.index) or self.places.length(node.index)
        if length is None:
            raise UnreadableError("a sum over an index that does not occur")
        total: Array = np.asarray(0.0)
        for k in range(length):
            total = total + self.value(node.body, {**bindings, node.index: k})
        return total

    def _delta(self, node: Delta, bindings: Bindings) -> Array:
        assert isinstance(node.first, Symbol)
        assert isinstance(node.second, Symbol)
        return np.asarray(float(bindings[node.first] == bindings[node.second]))

    def _fenced(self, node: Fenced, bindings: Bindings) -> Array:
        return self.value(node.body, bindings)

    def _matrix(self, node: Matrix, bindings: Bindings) -> Array:
        return np.asarray([[self.value(entry, bindings) for entry in row] for row in node.rows])

    def _interval(self, node: Interval, bindings: Bindings) -> Array:
        return np.asarray([self.value(node.lower, bindings), self.value(node.upper, bindings)])

    def _cases(self, node: Cases, bindings: Bindings) -> Array:
        *rows, (last, otherwise) = node.rows
        if otherwise is not None:
            raise UnreadableError("cases without a last one")
        result = self.value(last, bindings)
        for value, condition in reversed(rows):
            assert isinstance(condition, Relation)
            left, right = (self.value(side, bindings) for side in condition.sides)
            holds = COMPARED[condition.signs[0]](left, right)
            result = np.where(holds, self.value(value, bindings), result)
        return result

    def _derivative(self, node: Derivative, bindings: Bindings) -> Array:
        if isinstance(node.numerator, Derivative):
            return second(self, node.numerator, node.denominator, bindings)
        if isinstance(node.numerator, _WRITTEN):
            return self._slope(node.numerator, self.places.target(node.denominator), bindings)
        top = self.places.target(node.numerator)
        below = self.places.target(node.denominator)
        array = self.slopes.jacobian(top.name, below.name)
        if top.letters or below.letters or array.ndim == 0:
            return np.asarray(array[(*at(top, bindings), *at(below, bindings))])
        if self.known[top.name].ndim:
            raise UnreadableError("a Jacobian without indices")
        return self.oriented(array, below.name)

    def _slope(self, expression: Node, below: Place, bindings: Bindings) -> Array:
        """The derivative of what is written: of all names in it only this one moves, and nothing
        that is computed from it.
        """
        base = self.known[below.name]
        if len(below.letters) != base.ndim:
            raise UnreadableError("a derivative of an expression by an array without indices")
        moved = base.astype(complex)
        moved[at(below, bindings)] += 1j * STEP
        reader = copy(self)
        reader.known = {**self.known, below.name: moved}
        return np.asarray(np.imag(reader.value(expression, bindings)) / STEP)


@cache
def _function(name: str, primes: int, own: Function | None = None) -> Function:
    words = {written: own for own, written in FUNCTION_WORDS.items()}
    function = FUNCTIONS.get(words.get(name, name), own)
    if function is None:
        raise UnreadableError(f"unknown function {name}")
    for _ in range(primes):
        function = derivative(function, 0)
    return function


def _softmax(z: Array, axis: int) -> Array:
    return np.asarray(np.exp(_log_softmax(z, axis)))


def _log_softmax(z: Array, axis: int) -> Array:
    moved = z - z.max(axis=axis, keepdims=True)
    return np.asarray(moved - np.log(np.exp(moved).sum(axis=axis, keepdims=True)))


BLOCKS: dict[str, Callable[[Array, int], Array]] = {
    "softmax": _softmax,
    "log_softmax": _log_softmax,
}
"""Named program -> its value along an axis."""

_METHODS: dict[type[Node], Callable[[Reader, Any, Bindings], Array]] = {
    Number: Reader._number,
    Symbol: Reader._symbol,
    Sum: Reader._sum,
    Negative: Reader._negative,
    Product: Reader._product,
    Quotient: Reader._quotient,
    Power: Reader._power,
    Transpose: Reader._transpose,
    Apply: Reader._apply,
    BigSum: Reader._bigsum,
    Delta: Reader._delta,
    Fenced: Reader._fenced,
    Cases: Reader._cases,
    Matrix: Reader._matrix,
    Interval: Reader._interval,
    Derivative: Reader._derivative,
}
