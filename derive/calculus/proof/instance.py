"""The proof of one derivation: every step, every gradient, every named rule as it was used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from derive.calculus.log import Log, Step
from derive.calculus.proof.directions import Directions, Judge, Verdict
from derive.calculus.proof.exact import exact, work
from derive.calculus.proof.identity import Undecided
from derive.calculus.proof.reference import Reference
from derive.calculus.proof.rows import Row
from derive.calculus.proof.sizes import generalised, label, numbers
from derive.calculus.proof.steps import Steps
from derive.errors import ProgramError
from derive.networks.model import Network
from derive.program.program import Program, Role

EACH = 40_000
"""Up to this many (variables x equations) every variable has a direction of its own."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work is done to expand whole gradients, in the units of ``exact.work``.

    What does not fit is proved by composition: every step exactly, the whole in the prime field.
    The numbers, not a clock, decide, so a proof says the same on every machine.
    """

    each: int = 3_500
    total: int = 12_000


def prove_log(log: Log, network: Network, form: str, seed: int, effort: Effort) -> tuple[Row, ...]:
    """All rows about one form of a network that has a fixed depth."""
    try:
        program = generalised(log)
    except ProgramError as error:
        return (Row("shapes", form, "symbolic sizes", False, str(error)),)
    return tuple(_Instance(log, program, network, form, seed, effort).rows())


class _Instance:
    def __init__(
        self, log: Log, program: Program, network: Network, form: str, seed: int, effort: Effort
    ):
        self.log, self.program, self.network, self.form = log, program, network, form
        self.sizes = numbers(program)
        self.judge = Judge(log, program, self.sizes, seed)
        self.steps = Steps(log, program)
        self.effort = effort
        self.left = effort.total
        self.broken: str | None = None
        """The first step that failed: what rests on it is not proved by composition."""
        self.each = len(self.named) * len(program.equations) <= EACH

    @property
    def named(self) -> list[Step]:
        """The steps of named variables; parts are written inside them."""
        variables = self.program.variables
        return [step for step in self.log.steps if variables[step.of].role is not Role.PART]

    def rows(self) -> Iterator[Row]:
        yield Row("shapes", self.form, "symbolic sizes", True)
        yield self._loss()
        yield from self._facts()
        if not self.each:
            yield self._together()
        for step in self.named:
            yield from self._rewrites(step)
            yield self._step(step)

    def _loss(self) -> Row:
        """The program's loss is that of the definition."""
        batch = self.program.batch is not None

        def same(directions: Directions) -> bool:
            reference = Reference(self.network, directions.evaluation.domain)
            loss = reference.batch_loss if batch else reference.loss
            found = directions.values[self.log.target]
            try:
                return directions.evaluation.domain.equal(found, loss(directions.values))
            except ValueError:  # a value has another length than the definition gives it
                return False

        verdict = self.judge.decide(same)
        detail = "" if verdict.holds else "the program's loss is not that of the definition"
        return Row(self.log.target, self.form, self._in(verdict), verdict.holds, detail)

    def _facts(self) -> Iterator[Row]:
        """What is said to follow from the hypotheses."""
        given = self.program.hypotheses
        for fact in (fact for fact in self.program.facts if fact not in given):
            verdict = self.judge.decide(partial(Directions.obeys, fact=fact))
            detail = "" if verdict.holds else f"its sum is not {fact.value}"
            yield Row(f"sum of {fact.name}", self.form, self._in(verdict), verdict.holds, detail)

    def _together(self) -> Row:
        """All parameters along one direction, where one for each would take too long."""
        verdict = self.judge.decide(Directions.parameters)
        detail = "" if verdict.holds else "they are not the derivative along a direction"
        return Row("all gradients", self.form, self._in(verdict), verdict.holds, detail)

    def _in(self, verdict: Verdict) -> str:
        return self._with_sizes(verdict.domain)

    def _with_sizes(self, method: str) -> str:
        text = label(self.program, self.sizes)
        return f"{method} at {text}" if text else method

    def _rewrites(self, step: Step) -> Iterator[Row]:
        if step.rewrites:
            for rewrite, holds in zip(step.rewrites, self.steps.rewrites(step), strict=True):
                method = "50 digits" if holds is None else "SymPy exact"
                detail = f"{rewrite.before} is not {rewrite.after}" if holds is False else ""
                subject = f"{step.cotangent}: {rewrite.rule}"
                yield Row(subject, self.form, method, holds is not False, detail)

    def _step(self, step: Step) -> Row:
        local, whole = self.steps.exact(step), self._whole(step.of)
        failures = []
        if local is False or not self.judge.decide(lambda d: d.step(step.of)).holds:
            failures.append("the step is false")
        if not whole.holds:
            failures.append("it is not the derivative along a direction")
        if not self.judge.decide(lambda d: d.contributions(step)).holds:
            failures.append("the contributions do not add up to it")
        expanded = self._exact(step.of)
        if expanded is False:
            failures.append("it is not sympy.diff of the loss")
        if expanded is None and self.broken:
            failures.append(f"it rests on {self.broken}")
        if failures and self.program.variables[step.of].role not in (Role.PARAMETER, Role.INPUT):
            self.broken = self.broken or step.cotangent
        method = self._method(expanded, local, whole)
        return Row(step.cotangent, self.form, method, not failures, "; ".join(failures))

    def _method(self, expanded: bool | None, local: bool | None, whole: Verdict) -> str:
        if expanded is not None:
            return self._with_sizes("SymPy exact")
        return self._in(whole) if local is None else f"composition + {self._in(whole)}"

    def _whole(self, of: str) -> Verdict:
        """The gradient along a direction of its own; in a deep network that of its step."""
        return self.judge.decide(lambda d: d.whole([of]) if self.each else d.step(of))

    def _exact(self, of: str) -> bool | None:
        """Against SymPy as a whole; None where that is too much work, or undecided."""
        if not self._affordable(of):
            return None
        try:
            return exact(self.log, self.program, self.sizes, of)
        except Undecided:
            return None

    def _affordable(self, of: str) -> bool:
        if not self.each:
            return False
        cost = work(self.log, self.program, self.sizes, of)
        if cost > min(self.effort.each, self.left):
            return False
        self.left -= cost
        return True
