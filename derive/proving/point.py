"""One emitted module at one point: random values, and the module's answers at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from derive.calculus.log import Log
from derive.networks.model import Network
from derive.program.evaluate import NUMERIC, evaluate
from derive.program.program import Map, Role
from derive.program.samples import distinct_sizes, obeying
from derive.program.shapes import concrete

Array = NDArray[Any]
Arrays = dict[str, Array]

PERIOD = 7
"""From so many named sizes on their numbers repeat."""


class Point:
    """A module, the log of its batch form, and random values for everything that it is given."""

    def __init__(self, module: ModuleType, network: Network, log: Log, seed: int):
        self.module, self.network, self.log = module, network, log
        self.sizes = distinct_sizes(log.program, PERIOD)
        self.rng = np.random.default_rng(seed)
        drawn = {name: self._draw(name) for name in log.forward.inputs}
        self.inputs = obeying(log.forward, drawn)

    def _draw(self, name: str) -> Array:
        variable = self.log.forward.variables[name]
        shape = concrete(variable.shape, self.sizes)
        if variable.role is Role.CONSTANT:
            return np.asarray(self.network.constants[name])
        if variable.role is Role.GIVEN:
            share = float(self.network.layers[(variable.layer or 1) - 1].dropout)
            return np.asarray((self.rng.random(shape) >= share) / (1 - share))
        if variable.role is Role.TARGET:
            return np.asarray(self.rng.uniform(0.1, 0.9, shape))
        spread = 1 / np.sqrt(max(shape)) if len(shape) == 2 and self.is_parameter(name) else 1.0
        return np.asarray(self.rng.normal(0, spread, shape))

    def is_parameter(self, name: str) -> bool:
        """Whether the gradient by it is sought."""
        return self.log.forward.variables[name].role is Role.PARAMETER

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters, first layer first."""
        return self.log.forward.named(Role.PARAMETER)

    @property
    def masks(self) -> tuple[Any, ...]:
        """The masks as the module takes them; nothing where it has none."""
        names = self.log.forward.named(Role.GIVEN)
        return (self.module.Masks(*(self.inputs[name] for name in names)),) if names else ()

    def program(self, moved: Mapping[str, Array] | None = None) -> Arrays:
        """Every value of the derivation's program, forward and backward."""
        inputs = {**self.inputs, **(moved or {})}
        return evaluate(self.log.program, inputs, self.sizes, NUMERIC)

    def forward(self, moved: Mapping[str, Array]) -> tuple[Array, Any]:
        """Prediction and loss of the module, at other parameters."""
        arrays = {**self.inputs, **moved}
        params, x = self.container(arrays), arrays[self.network.input]
        prediction, cache = self.module.forward(params, x, *self.masks)
        return prediction, self.module.loss(cache, arrays["y"])

    def gradients(self) -> Arrays:
        """What the module says of the gradients."""
        inputs = self.inputs
        params, x, y = self.container(inputs), inputs[self.network.input], inputs["y"]
        gradients = self.module.loss_and_gradients(params, x, y, *self.masks)[1]
        found = dict(self._entries(gradients))
        if self.network.input in self.log.cotangents:
            cache = self.module.forward(params, x, *self.masks)[1]
            found[self.network.input] = self.module.input_gradient(params, cache, y)
        return found

    def container(self, arrays: Mapping[str, Array]) -> Any:
        """The module's own container of parameters."""
        fields = [
            tuple(arrays[name] for name in names) if family else arrays[names[0]]
            for names, family in self._fields()
        ]
        return self.module.Parameters(*fields)

    def _entries(self, container: Any) -> Iterator[tuple[str, Array]]:
        for value, (names, family) in zip(container, self._fields(), strict=True):
            yield from zip(names, value if family else (value,), strict=True)

    def _fields(self) -> Iterator[tuple[tuple[str, ...], bool]]:
        """The parameters of each field: one, or a family in a module of any depth."""
        variables = self.log.forward.variables
        for field in self.module.Parameters._fields:
            if field in variables:
                yield (field,), False
            else:
                yield tuple(n for n in self.parameters if variables[n].base == field), True

    def sides(self, moved: Mapping[str, Array]) -> list[Array]:
        """On which side of its kink every value with one lies."""
        arrays = {**self.inputs, **moved}
        values = evaluate(self.log.forward, arrays, self.sizes, NUMERIC)
        return [
            values[equation.arguments[0]] > 0
            for equation in self.log.forward.equations
            if isinstance(equation, Map) and equation.function.expression.has(sp.Piecewise)
        ]
