"""An emitted module measured: against the program that it was made of, and against quotients.

Its loss and its gradients must be those of the evaluated program, so an error of emission is seen
even where forward and backward err alike. Its gradients must also be the complex step and the
central difference quotient of its own loss; both are taken here, not by the module.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from derive.calculus import Derivation
from derive.calculus.proof import Row
from derive.codegen import generate_code, load_module
from derive.errors import DeriveError
from derive.proving.point import Array, Arrays, Point
from derive.proving.small import shrunk

CODE = "code"
"""The form of all rows of a module."""

LARGE = 1_000
"""A module with a layer wider than this is measured with small layers in its place: its lines do
not depend on its sizes, and a difference quotient of a sum of so many terms says little."""

DEPTHS = (2, 3, 5)
"""The depths at which a module of any depth is measured."""

COMPLEX_STEP, CENTRAL_STEP = 1e-30, 1e-5
COMPLEX_LIMIT, CENTRAL_LIMIT, PROGRAM_LIMIT = 1e-10, 1e-6, 1e-10
"""Relative errors that pass."""

ROUNDING = 1e-15
"""Of a loss in double precision; over the step it is the least that a quotient resolves."""

ENTRIES = 24
"""Up to this many entries of a parameter are moved one by one; of larger ones random directions."""

DIRECTIONS = 6

APART = 60
"""Up to this many parameters are moved apart; more are moved all together."""

CHECKED = 3_000
"""Up to this many entries of parameters the module's own check is run too."""


def measure_module(derived: Derivation, seed: int = 0) -> Iterator[Row]:
    """All rows about the module of a derivation; of any depth, at several depths."""
    derived = shrunk(derived, LARGE)
    try:
        module = load_module(generate_code(derived))
    except DeriveError as error:
        yield Row("module", CODE, "emission", False, error.message)
        return
    if not derived.network.generic:
        yield from _rows(Point(module, derived.network, derived.batch, seed))
        return
    for depth in DEPTHS:
        network = derived.network.at_depth(depth)
        log = replace(derived, network=network, concrete=network).batch
        yield _summary(depth, _rows(Point(module, network, log, seed)))


def _summary(depth: int, rows: Iterable[Row]) -> Row:
    """All rows at one depth as one."""
    found = list(rows)
    failed = [f"{row.subject}: {row.detail}" for row in found if not row.passed]
    method = ", ".join(dict.fromkeys(row.method for row in found))
    worst = "; ".join(failed) or worst_errors(row.detail for row in found)
    return Row(f"module at depth {depth}", CODE, method, not failed, worst)


def worst_errors(details: Iterable[str]) -> str:
    """The largest error of each kind in details such as ``program 1e-16, complex step 2e-16``."""
    largest: dict[str, float] = {}
    for part in (part for detail in details for part in detail.split(", ")):
        kind, _, error = part.rpartition(" ")
        largest[kind] = max(largest.get(kind, 0.0), float(error))
    return ", ".join(f"{kind} {error:.1e}" for kind, error in largest.items())


def _rows(point: Point) -> Iterator[Row]:
    try:
        yield from _measured(point)
    except Exception as error:  # a module that stops is one that fails
        yield Row("module", CODE, "run", False, f"{type(error).__name__}: {error}")


def _measured(point: Point) -> Iterator[Row]:
    expected, found = point.program(), point.gradients()
    yield _forward(point, expected)
    errors = Errors(point, found)
    for name in found:
        yield _gradient(name, found[name], expected[point.log.cotangents[name]], errors)
    if errors.together:
        yield _quotients("all gradients", errors.along_all())
    if sum(array.size for array in found.values()) <= CHECKED:
        yield _own_check(point)
    if point.network.objective.index:
        yield _classes(point)


def _forward(point: Point, expected: Arrays) -> Row:
    prediction, loss = point.forward({})
    error = max(relative(prediction, expected["y_hat"]), relative(np.asarray(loss), expected["L"]))
    passed = bool(error <= PROGRAM_LIMIT)
    return Row("y_hat, L", CODE, "evaluated program", passed, f"program {error:.1e}")


def _gradient(name: str, found: Array, expected: Array, errors: Errors) -> Row:
    if np.shape(found) != np.shape(expected):
        detail = f"shape {np.shape(found)}, not {np.shape(expected)}"
        return Row(f"d_{name}", CODE, "evaluated program", False, detail)
    error = relative(found, expected)
    if errors.together:
        passed = bool(error <= PROGRAM_LIMIT)
        return Row(f"d_{name}", CODE, "evaluated program", passed, f"program {error:.1e}")
    row = _quotients(f"d_{name}", errors.of(name))
    passed = row.passed and bool(error <= PROGRAM_LIMIT)
    return Row(row.subject, CODE, row.method, passed, f"{row.detail}, program {error:.1e}")


@dataclass(frozen=True, slots=True)
class Quotients:
    """The largest relative errors of the two quotients."""

    complex: float
    central: float
    """Negative if every direction crosses a kink."""


def _quotients(subject: str, errors: Quotients) -> Row:
    passed = errors.complex <= COMPLEX_LIMIT and 0 <= errors.central <= CENTRAL_LIMIT
    detail = f"complex step {errors.complex:.1e}, central differences {errors.central:.1e}"
    return Row(subject, CODE, "complex step, central differences", bool(passed), detail)


class Errors:
    """Quotients of the module's loss against its gradients."""

    def __init__(self, point: Point, gradients: Arrays):
        self.point, self.gradients = point, gradients
        self.together = len(gradients) > APART
        """Whether all parameters move at once."""

    def of(self, name: str) -> Quotients:
        """The errors of one gradient."""
        array = self.point.inputs[name]
        return self._compare([{name: t} for t in self._directions(array)])

    def along_all(self) -> Quotients:
        """The errors along directions in which every parameter moves."""
        draw = self.point.rng.standard_normal
        inputs = self.point.inputs
        return self._compare(
            [{n: draw(inputs[n].shape) for n in self.gradients} for _ in range(DIRECTIONS)]
        )

    def _directions(self, array: Array) -> Iterator[Array]:
        if array.size > ENTRIES:
            for _ in range(DIRECTIONS):
                yield np.asarray(self.point.rng.standard_normal(array.shape))
            return
        for place in np.ndindex(array.shape):
            direction = np.zeros(array.shape)
            direction[place] = 1.0
            yield direction

    def _compare(self, directions: list[Arrays]) -> Quotients:
        slopes = np.array(
            [sum(np.sum(self.gradients[n] * t) for n, t in way.items()) for way in directions]
        )
        by_complex = np.array([self._complex(way) for way in directions])
        smooth = np.array([self._smooth(way) for way in directions])
        if not smooth.any():
            return Quotients(relative(slopes, by_complex), -1.0)
        by_difference = np.array([self._central(way) for way in directions])
        floor = ROUNDING * abs(float(self.point.forward({})[1])) / CENTRAL_STEP / CENTRAL_LIMIT
        return Quotients(
            relative(slopes, by_complex), relative(slopes[smooth], by_difference[smooth], floor)
        )

    def _moved(self, direction: Arrays, step: complex) -> Arrays:
        return {name: self.point.inputs[name] + step * t for name, t in direction.items()}

    def _complex(self, direction: Arrays) -> float:
        _, loss = self.point.forward(self._moved(direction, 1j * COMPLEX_STEP))
        return float(np.imag(loss)) / COMPLEX_STEP

    def _central(self, direction: Arrays) -> float:
        _, above = self.point.forward(self._moved(direction, CENTRAL_STEP))
        _, below = self.point.forward(self._moved(direction, -CENTRAL_STEP))
        return float(above - below) / (2 * CENTRAL_STEP)

    def _smooth(self, direction: Arrays) -> bool:
        """Whether no kink lies between the two points of the central difference."""
        above = self.point.sides(self._moved(direction, CENTRAL_STEP))
        below = self.point.sides(self._moved(direction, -CENTRAL_STEP))
        return all(map(np.array_equal, above, below))


def relative(found: Array, expected: Array, floor: float = 0.0) -> float:
    """The largest difference over the largest entry, nan if there is a nan."""
    if np.shape(found) != np.shape(expected):
        return float("inf")
    difference = np.max(np.abs(found - expected), initial=0.0)
    size = np.max(np.abs([found, expected]), initial=max(floor, np.finfo(float).tiny))
    return float(difference / size)


def _own_check(point: Point) -> Row:
    inputs = point.inputs
    params, x, y = point.container(inputs), inputs[point.network.input], inputs["y"]
    try:
        found = point.module.check_gradients(params, x, y, *point.masks)
    except AssertionError as error:
        return Row("check_gradients", CODE, "the module's own", False, str(error))
    detail = f"own {found.method.replace('_', ' ')} {found.largest:.1e}"
    return Row("check_gradients", CODE, "the module's own", True, detail)


def _classes(point: Point) -> Row:
    """The module must take a class for the distribution that is 1 there."""
    inputs, axis = point.inputs, int(point.network.style.samples == "row")
    params, x, y = point.container(inputs), inputs[point.network.input], inputs["y"]
    classes = np.argmax(y, axis)
    whole = np.moveaxis(np.eye(y.shape[axis])[classes], -1, axis)
    cache = point.module.forward(params, x, *point.masks)[1]
    (one, first), (other, second) = (
        (point.module.loss(cache, target), point.module.backward(params, cache, target))
        for target in (classes, whole)
    )
    arrays = (point.module.named(gradient).values() for gradient in (first, second))
    errors = [relative(np.asarray(one), np.asarray(other)), *map(relative, *arrays)]
    return Row("y", CODE, "classes as numbers", max(errors) == 0, f"one-hot {max(errors):.1e}")
