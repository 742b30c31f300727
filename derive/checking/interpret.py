"""The judge's own interpreter of written mathematics: values and, in forward mode, slopes.

A tree is evaluated at a point: names that the document defines by their definitions, all others by
the point's numbers. A derivative holds the name below as independent, gives it a small imaginary
step and evaluates the numerator again; the imaginary part is the slope, without any rule of
differentiation. Numbers are ``complex`` or, for an accusation, ``mpmath`` with 50 digits.

Every value is a number, or one number for each sample (:class:`Many`).
"""

from __future__ import annotations

import cmath
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.checking.functions import FUNCTIONS, UNDECIDED, generic
from derive.checking.model import LOSSES, World
from derive.checking.names import sample_power, split, symbols, unfenced
from derive.notation.tree import (
    Apply,
    BigSum,
    Call,
    Derivative,
    Fenced,
    Function,
    Negative,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Sum,
    Symbol,
)

BUDGET = 60_000
"""Nodes that one claim may cost in one reading at one point."""


class NotUnderstood(Exception):
    """Why a tree has no value here."""


class OutOfDomain(Exception):
    """The point is outside of a function's domain; another one may do."""


class Many(tuple[Any, ...]):
    """One number for each sample."""

    __slots__ = ()


def lift(function: Callable[..., Any], *values: Any) -> Any:
    """A function of numbers, for each sample where a value is :class:`Many`."""
    sizes = {len(value) for value in values if isinstance(value, Many)}
    if not sizes:
        return function(*values)
    rows = (
        [value[k] if isinstance(value, Many) else value for value in values]
        for k in range(sizes.pop())
    )
    return Many(function(*row) for row in rows)


@dataclass(frozen=True, slots=True)
class Backend:
    """What calculates."""

    module: Any
    """``cmath`` or ``mpmath``."""
    number: Callable[[str], Any]
    """Digits -> a real number as complex."""
    step: Any

    def derivative(self, value: Any) -> Any:
        """The slope that the step has made."""
        return self.number("0") + value.imag / self.step


FLOATS = Backend(cmath, lambda digits: complex(float(digits)), 1e-30)


def many_digits() -> Backend:
    """50 digits and some to spare."""
    import mpmath  # type: ignore[import-untyped]

    mpmath.mp.dps = 70
    return Backend(mpmath, lambda digits: mpmath.mpc(mpmath.mpf(digits)), mpmath.mpf(10) ** -45)


@dataclass(slots=True)
class Point:
    """Numbers for the names that nothing defines, drawn once for each name."""

    seed: int
    positive: bool = False
    fixed: Mapping[Symbol, str] = field(default_factory=dict)
    drawn: dict[tuple[Symbol, int], str] = field(default_factory=dict)

    def digits(self, name: Symbol, sample: int) -> str:
        """Two decimals between 0.2 and 1.2, of either sign."""
        if name in self.fixed:
            return self.fixed[name]
        key = name, sample
        if key not in self.drawn:
            rng = random.Random(f"{self.seed} {name!r} {sample}")
            sign = "-" if not self.positive and rng.random() < 0.5 else ""
            self.drawn[key] = f"{sign}{rng.randint(20, 120) / 100:.2f}"
        return self.drawn[key]


@dataclass(slots=True)
class Effort:
    """What an evaluation has cost, and its largest intermediate value."""

    nodes: int = 0
    largest: float = 0.0


class Interpreter:
    """Values of trees in one world at one point."""

    def __init__(
        self,
        world: World,
        point: Callable[[Symbol, int], str],
        backend: Backend = FLOATS,
        held: Mapping[Symbol, Any] | None = None,
        known: Mapping[Node, Any] | None = None,
        bumped: Node | None = None,
        effort: Effort | None = None,
    ):
        self.world, self.point, self.backend = world, point, backend
        self.held = held or {}
        self.known = known or {}
        """Trees whose value is given: a document's printed numbers."""
        self.bumped = bumped
        """A literal, or a key of `known`, that carries the step."""
        self.effort = effort or Effort()
        self.stepping = bumped is not None
        self.memo: dict[Symbol, Any] = {}
        self.active: set[Symbol] = set()

    def value(self, node: Node) -> Any:
        """The value of a tree.

        Raises:
            NotUnderstood: the tree has no meaning here.
            OutOfDomain: a logarithm of a negative number and the like.
        """
        self.effort.nodes += 1
        if self.effort.nodes > BUDGET:
            raise NotUnderstood("budget")
        if self.known and node in self.known:
            return self._given(node)
        rule = _RULES.get(type(node))
        if rule is None:
            raise NotUnderstood(f"{type(node).__name__.lower()} has no value as numbers")
        try:
            found = rule(self, node)
        except (OverflowError, ZeroDivisionError, ValueError):
            raise OutOfDomain from None
        self._measure(found)
        return found

    def _measure(self, value: Any) -> None:
        for part in value if isinstance(value, Many) else (value,):
            size = abs(float(part.real))
            if not size < 1e100:
                raise OutOfDomain
            self.effort.largest = max(self.effort.largest, size)

    def _given(self, node: Node) -> Any:
        value = self.known[node]
        if self.bumped is not None and self.bumped == node:
            return value + self.backend.step * 1j
        return value

    def _number(self, node: Number) -> Any:
        value = self.backend.number(node.digits)
        return value + self.backend.step * 1j if self.bumped is node else value

    def _symbol(self, node: Symbol) -> Any:
        name, _ = split(node, self.world.model.indices)
        if name in self.held:
            return self.held[name]
        if name in self.memo:
            return self.memo[name]
        if self.known and name in self.known:
            return self._given(name)
        if name in self.active:
            raise NotUnderstood(f"'{name.glyph}' is defined by itself")
        self.active.add(name)
        self.memo[name] = self._fresh(name)
        self.active.discard(name)
        return self.memo[name]

    def _fresh(self, name: Symbol) -> Any:
        """The value of a name: a count, by its definition, any function, or the point's."""
        world = self.world
        if name in world.generic:
            return self._any_function(name, world.generic[name])
        if name in world.model.counts:
            return self.backend.number(str(world.samples))
        definition = world.definition(name)
        if definition is not None:
            return self._reduced(name, self.value(definition.body))
        if name.primes or name.sup:
            raise NotUnderstood(f"what the marks at '{name.glyph}' mean is not known")
        if name not in world.model.indexed or world.samples == 1:
            return self.backend.number(self.point(name, 0))
        return Many(self.backend.number(self.point(name, k)) for k in range(world.samples))

    def _reduced(self, name: Symbol, value: Any) -> Any:
        """A loss of every sample as one loss, in the readings that say how."""
        how = self.world.reduction
        if not (how and isinstance(value, Many) and name.glyph in LOSSES):
            return value
        total = sum(value[1:], start=value[0])
        return total / len(value) if how == "mean" else total

    def _any_function(self, name: Symbol, arguments: tuple[Symbol, ...]) -> Any:
        """A name that depends on others in any smooth way: here one way, mixed terms included."""
        inner = [self._symbol(part) for part in arguments]
        mixed = inner[0]
        for number, part in enumerate(inner[1:], 2):
            mixed = lift(lambda a, b, k=number: a * b + k * a - b / k, mixed, part)
        return self._through(generic(name.glyph, 0), mixed)

    def _through(self, function: Callable[[Any, Any], Any], argument: Any) -> Any:
        return lift(lambda z: function(self.backend.module, z), argument)

    def _sum(self, node: Sum) -> Any:
        total = self.value(node.terms[0])
        for term in node.terms[1:]:
            total = lift(lambda a, b: a + b, total, self.value(term))
        return total

    def _product(self, node: Product) -> Any:
        if node.glyph in ("at", "otimes", "hadamard", "circ"):
            raise NotUnderstood("a product of matrices")
        total = self.value(node.factors[0])
        for factor in node.factors[1:]:
            total = lift(lambda a, b: a * b, total, self.value(factor))
        return total

    def _quotient(self, node: Quotient) -> Any:
        return lift(lambda a, b: a / b, self.value(node.numerator), self.value(node.denominator))

    def _power(self, node: Power) -> Any:
        sample = sample_power(node, self.world.model.indices)
        if sample is not None:
            return self._symbol(sample)
        base, exponent = unfenced(node.base), unfenced(node.exponent)
        if base == Symbol("e") and not self.world.model.knows(Symbol("e")):
            return self._through(FUNCTIONS["exp"][0], self.value(exponent))
        if isinstance(node.exponent, Fenced):
            raise NotUnderstood("a bracketed superscript")
        if isinstance(exponent, Symbol) and exponent.glyph in ("T", "top", "l", "L", "prime"):
            raise NotUnderstood("a layer or a transpose in a superscript")
        if isinstance(exponent, Number) and exponent.digits.isdigit():
            if int(exponent.digits) > 32:
                raise NotUnderstood("a power beyond 32")
            return lift(lambda a: a ** int(exponent.digits), self.value(base))
        return lift(self._raised, self.value(base), self.value(exponent))

    def _raised(self, base: Any, exponent: Any) -> Any:
        if base.real <= 0:
            if exponent == -1 and base != 0:
                return 1 / base
            raise OutOfDomain
        return self.backend.module.exp(exponent * self.backend.module.log(base))

    def _apply(self, node: Apply) -> Any:
        if node.sub or len(node.arguments) != 1:
            raise NotUnderstood(f"'{node.function}' with indices or several arguments")
        found = self._called(node.function, node.primes, node.arguments[0])
        return lift(lambda a: a**node.power, found)

    def _called(self, name: str, primes: int, argument: Node) -> Any:
        """A function by its definition in the document, by its usual meaning, or any."""
        definition = self.world.model.functions.get(name)
        usual = self.world.activation if name in UNDECIDED else name
        value = self.value(argument)
        if definition is not None:
            return self._defined(definition.parameters, definition.body, primes, value)
        if usual in FUNCTIONS:
            if primes >= len(FUNCTIONS[usual]):
                raise NotUnderstood(f"the derivative of order {primes} of {name}")
            return self._through(self._guarded(usual, primes), value)
        if len(name) > 2 and name not in UNDECIDED:
            raise NotUnderstood(f"the function '{name}' is not known for numbers")
        return self._through(generic(name, primes), value)

    def _guarded(self, name: str, primes: int) -> Callable[[Any, Any], Any]:
        function = FUNCTIONS[name][primes]
        if name not in ("log", "ln", "sqrt"):
            return function

        def inside(module: Any, z: Any) -> Any:
            if z.real <= 0:
                raise OutOfDomain
            return function(module, z)

        return inside

    def _defined(self, parameters: tuple[Symbol, ...], body: Node, primes: int, value: Any) -> Any:
        if len(parameters) != 1:
            raise NotUnderstood("a function of several arguments")
        name = parameters[0]
        if not primes:
            return self._holding({name: value}).value(body)
        if primes > 1 or self.stepping:
            raise NotUnderstood("a derivative of a derivative")
        child = self._holding({name: lift(self._stepped, value)}, stepping=True)
        return lift(self.backend.derivative, child.value(body))

    def _stepped(self, value: Any) -> Any:
        return value + self.backend.step * 1j

    def _holding(self, held: Mapping[Symbol, Any], stepping: bool = False) -> Interpreter:
        """The same with some names held at values; all that depends on them is new."""
        child = Interpreter(
            self.world,
            self.point,
            self.backend,
            {**self.held, **held},
            self.known,
            self.bumped,
            self.effort,
        )
        child.stepping = self.stepping or stepping
        child.active = set(self.active)
        return child

    def _call(self, node: Call) -> Any:
        """Brackets behind a symbol: a function's argument, or a factor."""
        head = node.head
        if isinstance(head, Function) and len(node.arguments) == 1:
            return self._called(head.name, head.primes, node.arguments[0])
        if not isinstance(head, Symbol) or node.shape == "square" or not node.arguments:
            raise NotUnderstood("brackets as an index")
        name, _ = split(head, self.world.model.indices)
        bare = Symbol(name.glyph)
        if name in self.world.generic or self._is_loss(name):
            return self._of_parameters(name, node.arguments)
        if len(node.arguments) == 1 and self.world.model.knows(name):
            return lift(lambda a, b: a * b, self._symbol(name), self.value(node.arguments[0]))
        if len(node.arguments) == 1 and Symbol(name.glyph, primes=name.primes) == name:
            return self._called(bare.glyph, name.primes, node.arguments[0])
        raise NotUnderstood(f"what the brackets behind '{name.glyph}' mean")

    def _is_loss(self, name: Symbol) -> bool:
        """Whether the name is a value that other names lead to, never a factor."""
        model = self.world.model
        return name in model.definitions and name.glyph in LOSSES | {"f"}

    def _of_parameters(self, name: Symbol, arguments: tuple[Node, ...]) -> Any:
        """``L(W + h)``: the value with one name moved; ``L(y_hat, y)`` is the value itself."""
        inner = [unfenced(part) for part in arguments]
        if all(isinstance(part, Symbol) for part in inner):
            return self._symbol(name)
        inputs = self.world.generic.get(name)
        if len(inner) != 1:
            raise NotUnderstood("a function of several arguments")
        found = [split(part, self.world.model.indices)[0] for part in symbols(inner[0])]
        if inputs is None:
            inputs = tuple(part for part in found if self.world.model.knows(part))
        moved = [part for part in inputs if part in found]
        if len(set(moved)) != 1:
            raise NotUnderstood("which argument is meant")
        return self._holding({moved[0]: self.value(inner[0])})._symbol(name)

    def _derivative(self, node: Derivative) -> Any:
        """The slope of the numerator by a name that is held as independent."""
        below = unfenced(node.denominator)
        if not isinstance(below, Symbol):
            raise NotUnderstood("a derivative by what is no name")
        if self.stepping:
            raise NotUnderstood("a derivative of a derivative")
        name, _ = split(below, self.world.model.indices)
        if not (self.world.model.knows(name) or self._reachable(name)):
            raise NotUnderstood(f"'{name.glyph}' is not part of the model")
        at, above = self._symbol(below), unfenced(node.numerator)
        base = self.value(above)
        if not isinstance(at, Many):
            return self._slope(above, {name: self._stepped(at)})
        rows = [self._slope(above, {name: self._one(at, k)}) for k in range(len(at))]
        if not isinstance(base, Many):
            return Many(rows)
        mixes = any(abs(row[j]) > 0 for k, row in enumerate(rows) for j in range(len(at)) if j != k)
        if mixes:
            raise NotUnderstood("samples that depend on each other")
        return Many(row[k] for k, row in enumerate(rows))

    def _reachable(self, name: Symbol) -> bool:
        return any(name == part for found in self.world.generic.values() for part in found)

    def _one(self, value: Many, sample: int) -> Many:
        return Many(self._stepped(v) if k == sample else v for k, v in enumerate(value))

    def _slope(self, above: Node, held: Mapping[Symbol, Any]) -> Any:
        found = self._holding(held, stepping=True).value(above)
        return lift(self.backend.derivative, found)

    def _big_sum(self, node: BigSum) -> Any:
        if node.glyph != "sum" or isinstance(node.upper, Number):
            raise NotUnderstood("a product or a sum of a fixed length")
        found = self.value(node.body)
        if isinstance(found, Many):
            total = found[0]
            for part in found[1:]:
                total = total + part
            return total
        return found * self.world.samples


_RULES: dict[type[Node], Callable[[Interpreter, Any], Any]] = {
    Number: Interpreter._number,
    Symbol: Interpreter._symbol,
    Sum: Interpreter._sum,
    Negative: lambda self, node: lift(lambda a: -a, self.value(node.body)),
    Product: Interpreter._product,
    Quotient: Interpreter._quotient,
    Power: Interpreter._power,
    Apply: Interpreter._apply,
    Call: Interpreter._call,
    Fenced: lambda self, node: self.value(node.body),
    Derivative: Interpreter._derivative,
    BigSum: Interpreter._big_sum,
}
"""What the value of each kind of node is."""
