"""From notation back to numbers: the value of a written formula at given inputs.

This is the witness against the writer. It reads the tree that is printed, not the program that it
came from: names are looked up by how they are spelled, matrix products are taken as they stand, and
every derivative quotient is computed from the *forward* program by complex step. So a wrong
transpose, a lost factor or a wrong sign in what is printed is seen, whichever room made it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product as cartesian
from typing import Any

import numpy as np

from derive.meaning.arrays import (
    UnreadableError,
    approximates,
    close,
    matmul,
    ones_kind,
    ones_times,
    times_ones,
)
from derive.meaning.matrix import ONE
from derive.meaning.write import FUNCTION_WORDS, Writer
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
    children,
)
from derive.program.evaluate import NUMERIC, Array, evaluate
from derive.program.functions import FUNCTIONS, Function, derivative
from derive.program.program import Equation, Map, Program, Role
from derive.program.shapes import concrete

STEP = 1e-30
"""The complex step: its square is lost in rounding, so the derivative is exact to rounding."""

TOLERANCE = 1e-9
"""Relative to the largest side."""


Bindings = Mapping[Symbol, int]


@dataclass(frozen=True, slots=True)
class Place:
    """A name and the letters with which it is written."""

    name: str
    letters: tuple[Symbol, ...]


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
        self.whole: dict[Node, str] = {}
        self.parts: dict[Node, str] = {}
        for name, var in program.variables.items():
            if var.target or var.role is Role.PART:
                continue
            self.whole.setdefault(self.writer.variable(name), name)
            self.parts.setdefault(self.writer.variable(name, ""), name)
            self._aliases(name)
        self.size_values = {self.writer.size(n): float(v) for n, v in self.sizes.items()}
        self._derivatives: dict[tuple[str, str], Array] = {}
        self._places: dict[Symbol, Place | None] = {}
        self._defined: dict[Node, Node] = {}

    def _aliases(self, name: str) -> None:
        """The prediction is the last activation, the input the one of layer 0."""
        var = self.writer.program.variables[name]
        layer = 0 if var.role is Role.INPUT else var.layer
        if var.role not in (Role.INPUT, Role.PREDICTION) or layer is None:
            return
        spelled = self.writer.activation(layer)
        self.parts.setdefault(spelled, name)
        batch = self.writer.program.batch in var.shape and len(var.shape) == 2
        whole = replace(spelled, glyph=spelled.glyph.upper()) if batch else spelled
        self.whole.setdefault(whole, name)

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
        for bindings in self._assignments(sides):
            values = [self.value(side, bindings) for side in sides]
            exact = values[signs.index("approx")] if "approx" in signs else values[0]
            for k, sign in enumerate(signs):
                left = exact if sign == "approx" else values[k]
                if not self._holds(left, values[k + 1], sign, sides[k + 1]):
                    found = _short(left), _short(values[k + 1])
                    return f"side {start + k + 1} is {found[0]}, side {start + k + 2} is {found[1]}"
        return None

    def _holds(self, left: Array, right: Array, sign: str, written: Node) -> bool:
        if sign == "=":
            return close(left, right, TOLERANCE)
        if sign == "approx":
            return approximates(left, right, written)
        tests: dict[str, Callable[[Any, Any], Any]] = {
            "<": np.less,
            ">": np.greater,
            "<=": np.less_equal,
            ">=": np.greater_equal,
            "in": _within,
        }
        if sign not in tests:
            raise UnreadableError(f"no test for the sign {sign!r}")
        return bool(np.all(tests[sign](left, right)))

    def _assignments(self, sides: tuple[Node, ...]) -> Iterator[dict[Symbol, int]]:
        """All values of the indices that are free in any side."""
        ranges: dict[Symbol, int] = {}
        for side in sides:
            for letter, length in self._free(side, frozenset()).items():
                ranges[letter] = length
        for choice in cartesian(*(range(length) for length in ranges.values())):
            yield dict(zip(ranges, choice, strict=True))

    def _free(self, node: Node, bound: frozenset[Symbol]) -> dict[Symbol, int]:
        """The free indices below a node, with their ranges."""
        if isinstance(node, Symbol):
            return {k: n for k, n in self._indices(node).items() if k not in bound}
        if isinstance(node, BigSum):
            assert isinstance(node.index, Symbol)
            bound = bound | {node.index}
        found: dict[Symbol, int] = {}
        for child in children(node):
            found.update(self._free(child, bound))
        return found

    def _indices(self, symbol: Symbol) -> dict[Symbol, int]:
        if symbol in self.whole or symbol in self.extra:
            return {}
        place = self._place(symbol)
        if place is None:
            return {}
        shape = concrete(self.writer.program.variables[place.name].shape, self.sizes)
        return dict(zip(place.letters, shape, strict=True))

    def _place(self, symbol: Symbol) -> Place | None:
        """Which variable's component a symbol is: its last subscripts are letters."""
        if symbol not in self._places:
            self._places[symbol] = self._find(symbol)
        return self._places[symbol]

    def _find(self, symbol: Symbol) -> Place | None:
        for count in range(len(symbol.sub) + 1):
            cut = len(symbol.sub) - count
            base = replace(symbol, sub=symbol.sub[:cut])
            letters = symbol.sub[cut:]
            name = self.parts.get(base)
            if name is None or not all(isinstance(k, Symbol) for k in letters):
                continue
            if len(self.writer.program.variables[name].shape) == count:
                return Place(name, tuple(k for k in letters if isinstance(k, Symbol)))
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
        if node in self.whole and not (set(node.sub) & set(bindings)):
            name = self.whole[node]
            return self._oriented(self.known[name], name)
        place = self._place(node)
        if place is not None:
            return np.asarray(self.known[place.name][self._at(place, bindings)])
        if node in self.size_values:
            return np.asarray(self.size_values[node])
        if node in self._defined:
            return self.value(self._defined[node], bindings)
        raise UnreadableError(f"unknown symbol {node}")

    def _at(self, place: Place, bindings: Bindings) -> tuple[int, ...]:
        try:
            return tuple(bindings[k] for k in place.letters)
        except KeyError as missing:
            raise UnreadableError(f"unbound index in {place.name}") from missing

    def _oriented(self, array: Array, name: str) -> Array:
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
            return self._hadamard([self.value(f, bindings) for f in node.factors])
        result: Array = np.asarray(1.0)
        ones = ""
        for factor in node.factors:
            kind = ones_kind(factor)
            if kind:
                result, ones = times_ones(result, kind, ones)
                continue
            value = self.value(factor, bindings)
            if ones:
                value, ones = ones_times(ones, value), ""
            result = matmul(result, value)
        return result

    def _hadamard(self, values: list[Array]) -> Array:
        shapes = {value.shape for value in values if value.ndim}
        if len(shapes) > 1:
            raise UnreadableError(f"Hadamard product of shapes {sorted(shapes)}")
        result: Array = np.asarray(1.0)
        for value in values:
            result = result * value
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
        argument = self.value(node.arguments[0], bindings)
        if node.function == "softmax":
            axis = 0 if self.writer.style.samples == "column" else 1
            grown = np.exp(argument - argument.max(axis=axis, keepdims=True))
            return np.asarray(grown / grown.sum(axis=axis, keepdims=True))
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
        length = self._free(node.body, frozenset()).get(node.index)
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
            holds = _COMPARED[condition.signs[0]](left, right)
            result = np.where(holds, self.value(value, bindings), result)
        return result

    # --- derivatives ------------------------------------------------------------------------

    def _derivative(self, node: Derivative, bindings: Bindings) -> Array:
        top, below = self._target(node.numerator), self._target(node.denominator)
        array = self._jacobian(top.name, below.name)
        if top.letters or below.letters or array.ndim == 0:
            return np.asarray(array[(*self._at(top, bindings), *self._at(below, bindings))])
        if self.known[top.name].ndim:
            raise UnreadableError("a Jacobian without indices")
        return self._oriented(array, below.name)

    def _target(self, node: Node) -> Place:
        if not isinstance(node, Symbol):
            raise UnreadableError("a derivative of an expression")
        if node in self.whole:
            return Place(self.whole[node], ())
        place = self._place(node)
        if place is None:
            raise UnreadableError(f"a derivative of the unknown {node}")
        return place

    def _jacobian(self, top: str, below: str) -> Array:
        """``d top / d below`` by complex step through the forward program; where below is an
        intermediate value it counts as free."""
        if (top, below) not in self._derivatives:
            self._derivatives[top, below] = self._complex_step(top, below)
        return self._derivatives[top, below]

    def _complex_step(self, top: str, below: str) -> Array:
        base = self.known[below]
        result = np.zeros((*self.known[top].shape, *base.shape))
        equations = _between(self.writer.program, self.forward, below, top)
        for index in np.ndindex(base.shape):
            moved = base.astype(complex)
            moved[index] += 1j * STEP
            known = {**self.known, below: moved}
            values = evaluate(self.writer.program, known, self.sizes, NUMERIC, equations)
            result[(..., *index)] = np.imag(values[top]) / STEP
        return result


def _between(program: Program, equations: list[Equation], start: str, end: str) -> list[Equation]:
    """The equations through which ``end`` depends on ``start``."""
    moved, chosen = {start}, []
    for equation in equations:
        if equation.out != start and moved.intersection(equation.arguments):
            moved.add(equation.out)
            chosen.append(equation)
        if equation.out == end:
            break
    return chosen


@cache
def _function(name: str, primes: int, own: Function | None = None) -> Function:
    words = {written: own for own, written in FUNCTION_WORDS.items()}
    function = FUNCTIONS.get(words.get(name, name), own)
    if function is None:
        raise UnreadableError(f"unknown function {name}")
    for _ in range(primes):
        function = derivative(function, 0)
    return function


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


_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
}


def _within(value: Array, bounds: Array) -> bool:
    return bool(np.all((bounds[0] < value) & (value < bounds[1])))


def _short(value: Array) -> str:
    return np.array2string(np.asarray(value), precision=6, threshold=8)
