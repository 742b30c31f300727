"""Second order as it is printed, and as an emitted module computes it.

The module's products must be those of the evaluated program of tangents, and of numbers that share
nothing with it: the complex step and the central difference of the module's own gradient along the
direction, and J^T H J with the Jacobian of the forward program by complex steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from derive.calculus import Derivation
from derive.calculus.proof import Row
from derive.calculus.tangent_log import G, R, Tangents
from derive.codegen import generate_code, load_module
from derive.codegen.second_check import flat, gradient_rate
from derive.errors import DeriveError
from derive.program.evaluate import NUMERIC, evaluate
from derive.proving.module import (
    CENTRAL_LIMIT,
    CENTRAL_STEP,
    CODE,
    COMPLEX_LIMIT,
    COMPLEX_STEP,
    LARGE,
    PROGRAM_LIMIT,
    relative,
)
from derive.proving.point import Array, Arrays, Point
from derive.proving.printed import VIEWS, check_views
from derive.proving.small import shrunk

DIRECTIONS = 4
"""Along so many random directions the Gauss-Newton product is compared."""

ENTRIES = 200
"""Up to this many parameters' entries the whole Hessian is computed."""


def check_second_printed(derived: Derivation, seed: int = 0) -> Iterator[Row]:
    """A row for each view of the second order."""
    views = {f"second order, {k}": replace(view, second=True) for k, view in VIEWS.items()}
    yield from check_views(derived, views, seed)


def measure_products(derived: Derivation, seed: int = 0) -> Iterator[Row]:
    """All rows about a module's second order; none where the depth is any."""
    if derived.network.generic:
        return
    derived = shrunk(derived, LARGE)
    try:
        module = load_module(generate_code(derived, second=True))
        yield from _Measured(Point(module, derived.network, derived.batch, seed), derived).rows()
    except DeriveError as error:
        yield Row("second order", CODE, "emission", False, error.message)
    except Exception as error:  # a module that stops is one that fails
        yield Row("second order", CODE, "run", False, f"{type(error).__name__}: {error}")


class _Measured:
    """The products of one module at one point along one direction."""

    def __init__(self, point: Point, derived: Derivation):
        self.point, self.module = point, point.module
        self.found: Tangents = derived.batch_tangents
        self.directions = self._draw()
        self.values = self._values()
        self.params = point.container(point.inputs)
        x, y = point.inputs[point.network.input], point.inputs["y"]
        self.data = (x, y, *point.masks)

    def _draw(self) -> Arrays:
        draw = self.point.rng.standard_normal
        return {name: np.asarray(draw(self.point.inputs[name].shape)) for name in self._names}

    @property
    def _names(self) -> tuple[str, ...]:
        return self.point.parameters

    def _values(self) -> Arrays:
        """Every value of the program of tangents."""
        moved = {self.found.directions[name]: self.directions[name] for name in self._names}
        inputs = {**self.point.inputs, **moved}
        return evaluate(self.found.program, inputs, self.point.sizes, NUMERIC)

    def rows(self) -> Iterator[Row]:
        """One row a function."""
        yield self._hessian_product()
        if not self.found.refusal:
            yield self._gauss_newton()
        if sum(self.point.inputs[name].size for name in self._names) <= ENTRIES:
            yield self._hessian()

    def _called(self, function: str) -> Array:
        x, y, *masks = self.data
        direction = self.point.container(self.directions)
        return flat(
            self.module, getattr(self.module, function)(self.params, x, y, direction, *masks)
        )

    def _expected(self, operator: str) -> Array:
        """The product by the evaluated program."""
        names = {name: self.found.product(name, operator) for name in self._names}
        zeros = {name: np.zeros(self.point.inputs[name].shape) for name in self._names}
        arrays = [self.values[own] if own else zeros[name] for name, own in names.items()]
        return np.concatenate([np.ravel(array) for array in arrays])

    def _hessian_product(self) -> Row:
        found = self._called("hessian_product")
        direction = self.point.container(self.directions)
        program = relative(found, self._expected(R))
        rate = gradient_rate(self.module, self.params, self.data, direction)
        by_complex, central = relative(found, rate), self._central(found)
        passed = program <= PROGRAM_LIMIT and by_complex <= COMPLEX_LIMIT
        detail = f"complex step {by_complex:.1e}, central differences {central:.1e}, "
        return Row(
            "hessian_product",
            CODE,
            "complex step, central differences",
            bool(passed and central <= CENTRAL_LIMIT),
            f"{detail}program {program:.1e}",
        )

    def _central(self, found: Array) -> float:
        """The error by the difference of two gradients; 0 where a kink lies between them."""
        above, below = (self._moved(step) for step in (CENTRAL_STEP, -CENTRAL_STEP))
        if not all(map(np.array_equal, self.point.sides(above), self.point.sides(below))):
            return 0.0
        gradients = [self._gradient(arrays) for arrays in (above, below)]
        floor = float(np.abs(gradients[0]).max(initial=0)) * 1e-15 / CENTRAL_STEP / CENTRAL_LIMIT
        return relative(found, (gradients[0] - gradients[1]) / (2 * CENTRAL_STEP), floor)

    def _moved(self, step: complex) -> dict[str, Any]:
        return {n: self.point.inputs[n] + step * t for n, t in self.directions.items()}

    def _gradient(self, moved: Mapping[str, Array]) -> Array:
        x, y, *masks = self.data
        params = self.point.container({**self.point.inputs, **moved})
        return flat(self.module, self.module.loss_and_gradients(params, x, y, *masks)[1])

    def _gauss_newton(self) -> Row:
        found = self._called("gauss_newton_product")
        program = relative(found, self._expected(G))
        curved = self._curved()
        errors = []
        for _ in range(DIRECTIONS):
            way = self._draw()
            moved = self._output(way)
            along = np.concatenate([np.ravel(way[name]) for name in self._names])
            size = np.sum(np.abs(curved * moved)) or 1.0
            errors.append(float(abs(np.sum(curved * moved) - found @ along) / size))
        passed = program <= PROGRAM_LIMIT and max(errors) <= COMPLEX_LIMIT
        detail = f"complex step {max(errors):.1e}, program {program:.1e}"
        return Row("gauss_newton_product", CODE, "J^T H J by complex step", bool(passed), detail)

    def _output(self, way: Arrays) -> Array:
        """J t: the rate of the last pre-activation along a direction."""
        moved = {n: self.point.inputs[n] + 1j * COMPLEX_STEP * t for n, t in way.items()}
        inputs = {**self.point.inputs, **moved}
        forward = self.point.log.forward
        values = evaluate(forward, inputs, self.point.sizes, NUMERIC)
        return np.asarray(np.imag(values[self.found.output]) / COMPLEX_STEP)

    def _curved(self) -> Array:
        """H_L J V: the rate of the gradient by the last pre-activation when that alone moves."""
        program, output = self.point.log.program, self.found.output
        known = evaluate(program, self.point.inputs, self.point.sizes, NUMERIC)
        moved = known[output] + 1j * COMPLEX_STEP * self._output(self.directions)
        start = {**{name: known[name] for name in known}, output: moved}
        place = next(k for k, eq in enumerate(program.equations) if eq.out == output)
        after = program.equations[place + 1 :]
        values = evaluate(program, start, self.point.sizes, NUMERIC, after)
        return np.asarray(np.imag(values[self.point.log.cotangents[output]]) / COMPLEX_STEP)

    def _hessian(self) -> Row:
        x, y, *masks = self.data
        matrix = self.module.hessian(self.params, x, y, *masks)
        symmetric = relative(matrix, matrix.T)
        flat_direction = np.concatenate([np.ravel(t) for t in self.directions.values()])
        product = relative(matrix @ flat_direction, self._expected(R))
        passed = max(symmetric, product) <= COMPLEX_LIMIT
        detail = f"symmetric to {symmetric:.1e}, program {product:.1e}"
        return Row("hessian", CODE, "symmetric, evaluated program", bool(passed), detail)
