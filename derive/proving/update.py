"""The update of an emitted module, proved against the table of optimisers.

Its equations for one array are run with SymPy's symbols, hyperparameters included, and must be the
table's exactly. Then some steps of all arrays, with clipping and schedule, are compared in float64
with the same equations, and what a document prints of them is read back.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import numpy as np
import sympy as sp

from derive.calculus import Derivation
from derive.calculus.proof import Row
from derive.codegen import generate_code, load_module
from derive.codegen.retrace import step_error
from derive.document.optimiser import letters, relation
from derive.errors import DeriveError
from derive.meaning.read import Reader
from derive.meaning.style import Style
from derive.meaning.write import Writer
from derive.networks.optimiser import Optimiser, optimiser_of
from derive.notation.tree import Node
from derive.program.evaluate import NUMERIC, SYMBOLIC
from derive.program.optimisers import Assignment, quantity
from derive.program.program import Program
from derive.program.stepping import assigned
from derive.proving.module import CODE, LARGE
from derive.proving.point import Point
from derive.proving.small import shrunk

LIMIT = 1e-10
"""Relative error that passes."""

DEPTH = 3
"""At which a module of any depth is run."""

PRINTED = "printed"


class Exact:
    """A SymPy expression that NumPy takes as a number: it has the methods that NumPy calls."""

    def __init__(self, expression: Any):
        self.expression = sp.S(expression)

    def sqrt(self) -> Exact:
        """What ``np.sqrt`` calls."""
        return Exact(sp.sqrt(self.expression))

    def __add__(self, other: Any) -> Exact:
        return Exact(self.expression + _bare(other))

    def __sub__(self, other: Any) -> Exact:
        return Exact(self.expression - _bare(other))

    def __mul__(self, other: Any) -> Exact:
        return Exact(self.expression * _bare(other))

    def __truediv__(self, other: Any) -> Exact:
        return Exact(self.expression / _bare(other))

    def __pow__(self, other: Any) -> Exact:
        return Exact(self.expression ** _bare(other))

    def __radd__(self, other: Any) -> Exact:
        return Exact(_bare(other) + self.expression)

    def __rsub__(self, other: Any) -> Exact:
        return Exact(_bare(other) - self.expression)

    def __rmul__(self, other: Any) -> Exact:
        return Exact(_bare(other) * self.expression)

    def __rtruediv__(self, other: Any) -> Exact:
        return Exact(_bare(other) / self.expression)


def _bare(value: Any) -> Any:
    return value.expression if isinstance(value, Exact) else value


def prove_update(derived: Derivation, seed: int = 0) -> Iterator[Row]:
    """All rows about the update of a network's module."""
    derived = shrunk(derived, LARGE)
    try:
        chosen = optimiser_of(derived.network)
        module = load_module(generate_code(derived))
    except DeriveError as error:
        yield Row("update", CODE, "emission", False, error.message)
        return
    try:
        yield from _rows(derived, chosen, module, seed)
    except Exception as error:  # a module that stops is one that fails
        yield Row("update", CODE, "run", False, f"{type(error).__name__}: {error}")


def _rows(derived: Derivation, chosen: Optimiser, module: ModuleType, seed: int) -> Iterator[Row]:
    if not chosen.plain:
        yield _exact(module, chosen)
        yield _printed(chosen)
    network = derived.network
    log = derived.batch
    if network.generic:
        network = network.at_depth(DEPTH)
        log = Derivation(network, network).batch
    point = Point(module, network, log, seed)
    params, gradients = point.container(point.inputs), point.container(point.gradients())
    error = step_error(module, chosen, params, gradients)
    method = "equations at float64"
    yield Row("update", CODE, method, bool(error <= LIMIT), f"{_told(chosen)} {error:.1e}")


def _told(chosen: Optimiser) -> str:
    clipped = ", clipped" if chosen.limits else ""
    schedule = f", {chosen.schedule} rate" if chosen.scheduled else ""
    return f"{chosen.rule.title}{clipped}{schedule}"


def _exact(module: ModuleType, chosen: Optimiser) -> Row:
    """The module's equations for one array, run with symbols."""
    names = list(inspect.signature(module._step).parameters)
    own = ["alpha" if name == "rate" else name for name in names]
    found = module._step(*(Exact(quantity(name)) for name in own))
    found = found if isinstance(found, tuple) else (found,)
    known = {name: _object(quantity(name)) for name in chosen.rule.reads}
    expected = assigned(chosen.rule.equations, known, SYMBOLIC)
    wanted = [expected[name][()] for name in ("theta", *chosen.rule.state)]
    differences = [_bare(a) - b for a, b in zip(found, wanted, strict=True)]
    passed = all(sp.expand(difference) == 0 for difference in differences)
    subject = ", ".join(("theta", *chosen.rule.state))
    return Row(f"update: {subject}", CODE, "SymPy exact", passed, chosen.rule.title)


def _object(value: sp.Expr) -> Any:
    array = np.empty((), dtype=object)
    array[()] = value
    return array


def _printed(chosen: Optimiser) -> Row:
    """The equations as they are printed, read back at numbers."""
    known = letters(Style().rate)
    rng = np.random.default_rng(0)
    wrong = []
    for equation in chosen.rule.equations:
        values = {name: float(rng.uniform(0.1, 0.9)) for name in known}
        expected = assigned((equation,), values, NUMERIC)[equation.name]
        error = abs(float(_read(equation, known, values)) - float(expected))
        if not error <= LIMIT * abs(float(expected)):
            wrong.append(equation.name)
    detail = f"wrong: {', '.join(wrong)}" if wrong else ""
    return Row("update", PRINTED, "read back", not wrong, detail)


def _read(equation: Assignment, known: dict[str, Node], values: dict[str, float]) -> Any:
    extra = {known[name]: value for name, value in values.items()}
    writer = Writer(Program({}, (), ()), Style())
    return Reader(writer, {}, {}, extra).value(relation(equation, known).sides[1], {})
