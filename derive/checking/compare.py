"""Two sides of a formula at random points, in one reading of the document.

A ladder: the same tree; several points in ordinary precision, relative to the largest value on the
way; and before anything is called different, other points with 50 digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from derive.checking.interpret import (
    FLOATS,
    Backend,
    Effort,
    Interpreter,
    Many,
    NotUnderstood,
    OutOfDomain,
    Point,
    many_digits,
)
from derive.checking.model import World
from derive.checking.names import symbols
from derive.notation import text
from derive.notation.tree import Node, Symbol

_CLOSE = 1e-9
_EXACT = 1e-40
_POINTS = (11, 12, 13)
_OTHERS = (21, 22)
_TRIES = 12
SMALL = frozenset({"epsilon", "h", "delta", "Delta", "eta"})
"""Letters for a step that goes to 0."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What numbers say of two sides."""

    equal: bool
    reason: str = ""
    """Why nothing is known; then `equal` says nothing."""
    witness: tuple[tuple[str, str], ...] = ()


def compare(left: Node, right: Node, world: World, sure: bool = True) -> Outcome:
    """Whether the sides are equal in this reading.

    Args:
        left: one side.
        right: the other.
        world: the reading.
        sure: look again with 50 digits before they are called different.
    """
    try:
        for seed in _POINTS:
            witness = _differ(left, right, world, seed, FLOATS, _CLOSE)
            if witness:
                break
        else:
            return Outcome(True)
        if not sure:
            return Outcome(False, witness=witness)
        backend = many_digits()
        found = [_differ(left, right, world, seed, backend, _EXACT) for seed in _OTHERS]
    except NotUnderstood as reason:
        return Outcome(False, str(reason) or "not understood")
    if not all(found):
        return Outcome(False, "numbers with more digits disagree with fewer")
    return Outcome(False, witness=found[0])


class Tester:
    """One side at several points, to be compared with many others."""

    def __init__(self, left: Node, world: World):
        """A side that has no value at a point is equal to nothing."""
        self.held: list[tuple[Interpreter, Any]] = []
        for seed in _POINTS:
            for attempt in range(_TRIES):
                point = Point(seed + 100 * attempt, attempt > _TRIES // 2)
                interpreter = Interpreter(world, point.digits)
                try:
                    self.held.append((interpreter, interpreter.value(left)))
                except OutOfDomain:
                    continue
                except NotUnderstood:
                    return
                break

    def fits(self, right: Node) -> bool:
        """Whether a formula is equal to the side."""
        return bool(self.held) and all(_fits(*item, right) for item in self.held)


def _fits(interpreter: Interpreter, value: Any, right: Node) -> bool:
    effort = interpreter.effort
    effort.nodes = 0
    try:
        found = interpreter.value(right)
    except (NotUnderstood, OutOfDomain):
        return False
    return _near(value, found, _CLOSE * max(effort.largest, 1e-3))


def _differ(
    left: Node, right: Node, world: World, seed: int, backend: Backend, close: float
) -> tuple[tuple[str, str], ...]:
    """The values at which the sides differ; empty if they do not."""
    for attempt in range(_TRIES):
        point, effort = Point(seed + 100 * attempt, attempt > _TRIES // 2), Effort()
        interpreter = Interpreter(world, point.digits, backend, effort=effort)
        try:
            first, second = interpreter.value(left), interpreter.value(right)
        except OutOfDomain:
            continue
        if _near(first, second, close * max(effort.largest, 1e-3)):
            return ()
        return _witness(point, left, right, first, second)
    raise NotUnderstood("no point was found at which both sides have a value")


def _near(first: Any, second: Any, margin: float) -> bool:
    """Whether two values are equal; one for all samples equals itself for each."""
    if isinstance(first, Many) or isinstance(second, Many):
        size = len(first) if isinstance(first, Many) else len(second)
        pairs = zip(_rows(first, size), _rows(second, size), strict=True)
        return all(abs(a - b) <= margin for a, b in pairs)
    return bool(abs(first - second) <= margin)


def _rows(value: Any, size: int) -> Sequence[Any]:
    return value if isinstance(value, Many) else [value] * size


def _witness(
    point: Point, left: Node, right: Node, first: Any, second: Any
) -> tuple[tuple[str, str], ...]:
    drawn: dict[Symbol, list[str]] = {}
    for (name, _), digits in sorted(point.drawn.items(), key=lambda item: repr(item[0])):
        drawn.setdefault(name, []).append(digits)
    told = [(text(name), ", ".join(digits)) for name, digits in drawn.items()]
    return (*told, (text(left), _shown(first)), (text(right), _shown(second)))


def _shown(value: Any) -> str:
    parts = value if isinstance(value, Many) else (value,)
    return ", ".join(f"{float(part.real):.5g}" for part in parts)


def first_order(left: Node, right: Node, world: World) -> Outcome:
    """Whether the sides agree the better, the smaller the step that stands in them is."""
    names = {name for name in symbols(left, right) if name.glyph in SMALL}
    small = sorted((name for name in names if not world.model.knows(name)), key=repr)
    if len(small) != 1:
        return Outcome(False, "which step is small is not known")
    backend = many_digits()
    try:
        for seed in _POINTS:
            gaps = [_gap(left, right, world, seed, small[0], size, backend) for size in _STEPS]
            if gaps[0] > _EXACT and gaps[1] > gaps[0] * 0.01:
                shown = tuple(
                    (f"{text(small[0])} = {size}", f"the sides differ by {float(gap):.3g}")
                    for size, gap in zip(_STEPS, gaps, strict=True)
                )
                return Outcome(False, witness=shown)
    except NotUnderstood as reason:
        return Outcome(False, str(reason))
    except OutOfDomain:
        return Outcome(False, "no point was found at which both sides have a value")
    return Outcome(True)


_STEPS = ("1e-4", "1e-7")


def _gap(
    left: Node, right: Node, world: World, seed: int, small: Symbol, size: str, backend: Backend
) -> Any:
    point = Point(seed, fixed={small: size})
    interpreter = Interpreter(world, point.digits, backend)
    first, second = interpreter.value(left), interpreter.value(right)
    if isinstance(first, Many) or isinstance(second, Many):
        raise NotUnderstood("an approximation of several values")
    return abs(first - second)
