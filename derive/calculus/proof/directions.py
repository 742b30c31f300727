"""Gradients against directional derivatives: ``dL[t] = <dL/dv, t>``.

Two tests, both by random numbers in a domain. *Whole*: a direction at one or more independent
variables is pushed through the entire forward program. *Step*: a direction at one variable is
pushed only to the next named values, and paired with their cotangents; by induction from the loss,
all steps together prove every gradient, at a cost that is linear in the depth.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from derive.calculus.log import Log, Step
from derive.calculus.proof.digits import REAL
from derive.calculus.proof.domain import Domain, Singular, Unsupported
from derive.calculus.proof.field import FIELD
from derive.calculus.proof.steps import Steps
from derive.calculus.proof.tangents import Evaluation, Values
from derive.errors import ProofError
from derive.program.program import Contraction, Fact, Program, Role

ATTEMPTS = 8
"""How often other random numbers are drawn where a division by zero occurred."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an identity holds, and in which domain that was decided."""

    holds: bool
    domain: str


class Directions:
    """All values of one derivation at random inputs, ready for any number of directions."""

    def __init__(
        self, log: Log, program: Program, sizes: dict[str, int], seed: int, domain: Domain
    ):
        self.log, self.program = log, program
        self.source = random.Random(f"{seed} {domain.name}")
        self.evaluation = Evaluation(program, sizes, domain)
        self.values = self._values()
        self.steps = Steps(log, program)

    def _values(self) -> Values:
        for _ in range(ATTEMPTS):
            try:
                return self.evaluation.run(self.evaluation.inputs(self.source))
            except Singular:
                continue
        raise ProofError("every random value meets a division by zero")

    def whole(self, names: Iterable[str]) -> bool:
        """``dL[t] = sum of <dL/dv, t_v>`` with every name an independent variable."""
        tangents = {name: self.evaluation.draw(name, self.source) for name in names}
        expected = self._paired(tangents)
        pushed = self.evaluation.push(tangents, self.values, self.log.forward.equations)
        found = pushed.get(self.log.target, self._zero)
        return self.evaluation.domain.equal(found, expected)

    def parameters(self) -> bool:
        """``whole`` for all parameters, and the input where its gradient is sought: along one
        direction in a field, where nothing is small.

        Among real numbers a wrong gradient can vanish beside a large one, so each has its own.
        """
        inputs = self.program.named(Role.INPUT)
        names = [*self.program.named(Role.PARAMETER)]
        names += [name for name in inputs if name in self.log.cotangents]
        if self.evaluation.domain is FIELD:
            return self.whole(names)
        return all(self.whole([name]) for name in names)

    def step(self, name: str) -> bool:
        """``<dL/dv, t> = sum over the next named values w of <dL/dw, dw[t]>``."""
        start = {name: self.evaluation.draw(name, self.source)}
        expected = self._paired(start)
        tangents = dict(start)
        ends: Values = {}
        for equation in self.steps.next(name):
            self.evaluation.push(tangents, self.values, [equation])
            if equation.out in tangents and not self._hidden(equation.out):
                ends[equation.out] = tangents.pop(equation.out)  # held fixed in what follows
        return self.evaluation.domain.equal(self._paired(ends), expected)

    def contributions(self, step: Step) -> bool:
        """Whether the contributions of a step add up to the cotangent.

        True where a contribution passes through a part that the result no longer mentions.
        """
        terms = tuple(contribution.term for contribution in step.contributions)
        if not all(name in self.values for term in terms for name in term.operands):
            return True
        total = Contraction(step.cotangent, step.contributions[0].letters, terms)
        found = self.evaluation.value(total, self.values)
        same = np.vectorize(self.evaluation.domain.equal, otypes=[bool])
        return bool(np.all(same(found, self.values[step.cotangent])))

    def obeys(self, fact: Fact) -> bool:
        """Whether a value sums to what is said of it."""
        domain = self.evaluation.domain
        sums = np.atleast_1d(np.asarray(self.values[fact.name]).sum(axis=fact.axis)).ravel()
        return all(domain.equal(total, domain.fraction(Fraction(fact.value))) for total in sums)

    @property
    def _zero(self) -> object:
        return self.evaluation.pair(0, 0)

    def _paired(self, tangents: Values) -> object:
        total = self._zero
        for name, tangent in tangents.items():
            gradient = self.values[self.log.cotangents[name]]
            total = self.evaluation.domain.reduce(total + self.evaluation.pair(gradient, tangent))
        return total

    def _hidden(self, name: str) -> bool:
        return self.program.variables[name].role is Role.PART


class Judge:
    """Decides in the prime field; what fails there is decided at fifty digits."""

    def __init__(self, log: Log, program: Program, sizes: dict[str, int], seed: int):
        self._what = log, program, sizes, seed
        self._made: dict[str, Directions] = {}

    def decide(self, test: Callable[[Directions], bool]) -> Verdict:
        """Run a test in the field; only a failure at fifty digits too is a failure."""
        try:
            if test(self._directions(FIELD)):
                return Verdict(True, FIELD.name)
        except Unsupported:
            pass
        return Verdict(test(self._directions(REAL)), REAL.name)

    def _directions(self, domain: Domain) -> Directions:
        if domain.name not in self._made:
            self._made[domain.name] = Directions(*self._what, domain)
        return self._made[domain.name]
