"""Second order: every tangent equation, every Hessian-vector and every Gauss-Newton product.

The judge differentiates the proved gradient program itself in forward mode (``proof.tangents``),
along random directions in the prime field or at fifty digits; SymPy differentiates the written-out
loss twice where that is small enough. None of this uses the tangents that are judged.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import prod

import numpy as np
import sympy as sp

from derive.calculus.derivation import Derivation
from derive.calculus.proof.digits import REAL
from derive.calculus.proof.directions import ATTEMPTS, Verdict
from derive.calculus.proof.domain import Domain, Singular, Unsupported
from derive.calculus.proof.exact import symbols, work
from derive.calculus.proof.field import FIELD
from derive.calculus.proof.identity import Undecided, identical
from derive.calculus.proof.opaque import OPAQUE
from derive.calculus.proof.rows import BATCH, SAMPLE, Row
from derive.calculus.proof.sizes import backward_shape, generalised, label, numbers
from derive.calculus.proof.tangents import Evaluation, Values
from derive.calculus.tangent_depth import check_recursion
from derive.calculus.tangent_log import G, R, Tangents, TangentStep, tangent_name
from derive.errors import DerivationError, ProgramError, ProofError
from derive.program.evaluate import evaluate
from derive.program.program import Program, Role, live
from derive.program.shapes import concrete

WORK = 1_500
"""Up to this much work, in the units of ``exact.work`` times the parameters' entries, SymPy
differentiates the written-out loss twice."""

DEPTHS = (2, 3, 6)
"""The depths at which a network of any depth is proved besides that of its derivation."""

Test = Callable[["Along"], bool]


def prove_second(derived: Derivation, seed: int = 0, most: int = WORK) -> tuple[Row, ...]:
    """Every tangent of a derivation's gradients, for one sample and for a batch."""
    try:
        rows = [
            row
            for form, found in ((SAMPLE, derived.tangents), (BATCH, derived.batch_tangents))
            for row in prove_tangents(found, form, seed, most)
        ]
        rows += _recursion(derived, seed) if derived.network.generic else ()
    except ProgramError as error:
        return (Row("tangents", "", "well formed", False, str(error)),)
    return tuple(rows)


def _recursion(derived: Derivation, seed: int) -> Iterator[Row]:
    """Of any depth: the hidden layers' tangents are one recursion, and true at other depths."""
    for form, found in ((SAMPLE, derived.tangents), (BATCH, derived.batch_tangents)):
        try:
            check_recursion(found, len(derived.concrete.layers))
            yield Row("recursion of the tangents", form, "equal steps", True)
        except DerivationError as error:
            yield Row("recursion of the tangents", form, "equal steps", False, error.message)
    for depth in DEPTHS:
        network = derived.network.at_depth(depth)
        other = replace(derived, network=network, concrete=network)
        for form, found in ((SAMPLE, other.tangents), (BATCH, other.batch_tangents)):
            rows = list(prove_tangents(found, form, seed, 0))
            failed = [row.subject for row in rows if not row.passed]
            method = ", ".join(dict.fromkeys(row.method for row in rows))
            yield Row(f"tangents at depth {depth}", form, method, not failed, "; ".join(failed))


def check_tangents(found: Tangents, seed: int = 0) -> None:
    """Recheck all products along one random direction; linear in the depth.

    Raises:
        ProofError: a product is not that of the Hessian, or of the Gauss-Newton matrix.
    """
    judge = _Judge(found, seed)
    for name in found.log.forward.named(Role.PARAMETER):
        if not judge.decide(_product_of(name)).holds:
            raise ProofError(f"the derived Hessian-vector product of {name} is false")
    if not found.refusal and not judge.decide(Along.gauss_newton).holds:
        raise ProofError("the derived Gauss-Newton product is false")


def prove_tangents(found: Tangents, form: str, seed: int, most: int = WORK) -> Iterator[Row]:
    """All rows about the tangents of one form."""
    judge = _Judge(found, seed)
    for step in found.steps:
        if step.tangent.startswith(R):
            yield judge.tangent(step, form, most)
    for name in found.log.forward.named(Role.PARAMETER):
        if found.product(name) is None:
            subject = tangent_name(found.log.cotangents[name])
            yield judge.row(subject, form, _product_of(name))
    yield judge.row("the Hessian is symmetric", form, Along.symmetric)
    if not found.refusal:
        for name in found.log.forward.named(Role.PARAMETER):
            subject = tangent_name(found.log.cotangents[name], G)
            yield judge.row(subject, form, _gauss_newton_of(name))


def _product_of(name: str) -> Test:
    return lambda along: along.product(name)


def _gauss_newton_of(name: str) -> Test:
    return lambda along: along.gauss_newton_of(name)


class _Judge:
    """Decides in the prime field; what fails there is decided at fifty digits."""

    def __init__(self, found: Tangents, seed: int):
        self.found, self.seed = found, seed
        self.program = general(found)
        self.sizes = numbers(self.program)
        self._made: dict[str, Along] = {}

    def decide(self, test: Test) -> Verdict:
        """Only a failure at fifty digits too is a failure."""
        try:
            if test(self._along(FIELD)):
                return Verdict(True, FIELD.name)
        except Unsupported:
            pass
        return Verdict(test(self._along(REAL)), REAL.name)

    def _along(self, domain: Domain) -> Along:
        if domain.name not in self._made:
            self._made[domain.name] = Along(self.found, self.program, self.sizes, self.seed, domain)
        return self._made[domain.name]

    def row(self, subject: str, form: str, test: Test) -> Row:
        """One fact that is decided by numbers."""
        verdict = self.decide(test)
        detail = "" if verdict.holds else "it is not the derivative along a direction"
        return Row(subject, form, self._at(verdict.domain), verdict.holds, detail)

    def tangent(self, step: TangentStep, form: str, most: int) -> Row:
        """One tangent equation; a product also against SymPy, where it is small."""
        row = self.row(step.tangent, form, lambda along: along.tangent(step))
        parameter = self.found.log.program.variables[step.of].of
        if parameter not in self.found.directions or not self._affordable(parameter, most):
            return row
        try:
            same = exact(self.found, self.program, self.sizes, parameter)
        except Undecided:
            return row
        detail = row.detail if same else "it is not the Hessian by sympy.diff times the direction"
        return replace(
            row, method=self._at("SymPy exact"), passed=row.passed and same, detail=detail
        )

    def _affordable(self, of: str, most: int) -> bool:
        variables = self.program.variables
        shapes = [concrete(variables[n].shape, self.sizes) for n in self.found.directions]
        entries = sum(prod(shape) for shape in shapes)
        return entries * work(self.found.log, self.program, self.sizes, of) <= most

    def _at(self, method: str) -> str:
        text = label(self.program, self.sizes)
        return f"{method} at {text}" if text else method


def general(found: Tangents) -> Program:
    """The program of tangents with the most general shapes of its forward equations.

    Raises:
        ProgramError: an equation does not fit them: it confuses two axes.
    """
    variables = dict(generalised(found.log).variables)
    shapes = {name: variable.shape for name, variable in variables.items()}
    shapes |= {moved: shapes[name] for name, moved in found.directions.items()}
    for equation in found.program.equations[len(found.log.program.equations) :]:
        own = found.program.variables[equation.out]
        shapes[equation.out] = backward_shape(equation, own, shapes)
    every = found.program.variables.items()
    variables = {name: replace(own, shape=shapes[name]) for name, own in every}
    return replace(found.program, variables=variables)


class Along:
    """All values of one program of tangents at random inputs, and what they should be."""

    def __init__(
        self, found: Tangents, program: Program, sizes: dict[str, int], seed: int, domain: Domain
    ):
        self.found, self.domain = found, domain
        self.gradient = found.log.program.equations
        self.source = random.Random(f"second {seed} {domain.name}")
        self.evaluation = Evaluation(program, sizes, domain)
        self.values = self._values()
        directions = {name: self.values[v] for name, v in found.directions.items()}
        self.pushed = self._push(directions)

    def _values(self) -> Values:
        for _ in range(ATTEMPTS):
            try:
                return self.evaluation.run(self.evaluation.inputs(self.source))
            except Singular:
                continue
        raise ProofError("every random value meets a division by zero")

    def _push(self, start: Values) -> Values:
        """Forward-mode tangents of the whole gradient program."""
        return self.evaluation.push(dict(start), self.values, self.gradient)

    def _same(self, left: object, right: object) -> bool:
        same = np.vectorize(self.domain.equal, otypes=[bool])
        return bool(np.all(same(left, right)))

    def _or_zero(self, values: Mapping[str, object], name: str | None, like: str) -> object:
        if name is not None and name in values:
            return values[name]
        return self.values[like] * 0

    def tangent(self, step: TangentStep) -> bool:
        """``R(v)`` is the derivative of v along the directions."""
        return self._same(self.values[step.tangent], self._or_zero(self.pushed, step.of, step.of))

    def product(self, name: str) -> bool:
        """The same of a gradient, 0 where there is no tangent."""
        of = self.found.log.cotangents[name]
        found = self._or_zero(self.values, self.found.product(name), of)
        return self._same(found, self._or_zero(self.pushed, of, of))

    def symmetric(self) -> bool:
        """``<U, H V> = <V, H U>`` for another direction U."""
        names = list(self.found.directions)
        other = {name: self.evaluation.draw(name, self.source) for name in names}
        pushed = self._push(other)
        left = self._paired(other, {n: self.found.product(n) for n in names}, self.values)
        own = {name: self.values[v] for name, v in self.found.directions.items()}
        right = self._paired(own, self.found.log.cotangents, pushed)
        return self.domain.equal(left, right)

    def _paired(
        self, one: Values, names: Mapping[str, str | None], values: Mapping[str, object]
    ) -> object:
        total = self.evaluation.pair(0, 0)
        for name, array in one.items():
            other = self._or_zero(values, names[name], name)
            total = self.domain.reduce(total + self.evaluation.pair(array, other))
        return total

    def gauss_newton(self) -> bool:
        """The Gauss-Newton product of every parameter."""
        return all(self.gauss_newton_of(name) for name in self.found.directions)

    def gauss_newton_of(self, name: str) -> bool:
        """``<J^T H_L J V, t> = <H_L J V, J t>`` for a direction t of one parameter."""
        output = self.found.output
        gradient = self.found.log.cotangents[output]
        loss_only = self._push({output: self.pushed[output]})
        curvature = self._or_zero(loss_only, gradient, output)
        start = {name: self.evaluation.draw(name, self.source)}
        moved = self._or_zero(self._push(start), output, output)
        expected = self.evaluation.pair(curvature, moved)
        found = self._or_zero(self.values, self.found.product(name, G), name)
        return self.domain.equal(self.evaluation.pair(found, start[name]), expected)


def exact(found: Tangents, program: Program, sizes: Mapping[str, int], of: str) -> bool:
    """Whether a Hessian-vector product is SymPy's second derivative of the loss, as an identity.

    Raises:
        Undecided: it may be, but not as a rational function of function values.
    """
    log, name = found.log, found.product(of)
    assert name is not None
    equations = live(program.equations, [name, log.target])
    known = symbols(program, sizes, program.inputs)
    values = evaluate(program, known, sizes, OPAQUE, equations)
    loss, product = values[log.target].item(), values[name]
    slope = sp.Add(
        *(
            sp.diff(loss, known[parameter][at]) * known[direction][at]
            for parameter, direction in found.directions.items()
            for at in np.ndindex(known[parameter].shape)
        )
    )
    return identical(
        (sp.diff(slope, known[of][at]), product[at]) for at in np.ndindex(known[of].shape)
    )
