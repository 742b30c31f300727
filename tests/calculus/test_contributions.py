"""Gradients with several contributions, and that by the input: proved, and seen where broken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive.calculus import derivation
from derive.calculus.log import Log
from derive.calculus.proof import Effort, prove_formulas
from derive.calculus.proof.formulas import check_log
from derive.calculus.proof.instance import prove_log
from derive.errors import ProofError
from derive.networks import network
from derive.program.program import Contraction, Program, Term
from tests.document.structures import NETS

EFFORT = Effort(each=3_000, total=6_000)

SHORT = ("residual-from-input", "shared", "l2", "shared-and-decayed", "two-losses", "spread")


@pytest.mark.parametrize("name", SHORT)
def test_every_gradient_is_proved(name: str) -> None:
    derived = derivation(NETS[name], by_input=True)
    for form, log in (("sample", derived.sample), ("batch", derived.batch)):
        rows = prove_log(log, NETS[name], form, 0, EFFORT)
        assert [row for row in rows if not row.passed] == []
        assert "dL/dx" in {row.subject for row in rows}


def changed(log: Log, of: str, terms: tuple[Term, ...]) -> Log:
    """The log with other terms in one gradient."""
    step = log.step(of)
    assert isinstance(step.equation, Contraction)
    wrong = replace(step.equation, terms=terms)
    program = log.program
    equations = tuple(wrong if eq.out == wrong.out else eq for eq in program.equations)
    broken = Program(
        program.variables,
        equations,
        program.outputs,
        program.facts,
        program.blocks,
        program.batch,
    )
    steps = tuple(replace(s, equation=wrong) if s is step else s for s in log.steps)
    return replace(log, program=broken, steps=steps)


def terms(log: Log, of: str) -> tuple[Term, ...]:
    equation = log.step(of).equation
    assert isinstance(equation, Contraction)
    return equation.terms


CASES = (
    ("residual", "h1"),
    ("shared", "W1"),
    ("l2", "W1"),
    ("two-losses", "y_hat"),
    ("spread", "h1"),
    ("concatenation", "x"),
)


@pytest.mark.parametrize(("name", "of"), CASES)
def test_a_lost_contribution_is_seen(name: str, of: str) -> None:
    log = derivation(NETS[name], by_input=True).sample
    check_log(log)
    for lost in range(len(terms(log, of))):
        kept = tuple(term for k, term in enumerate(terms(log, of)) if k != lost)
        broken = changed(log, of, kept)
        with pytest.raises(ProofError):
            check_log(broken)
        rows = prove_log(broken, NETS[name], "sample", 0, EFFORT)
        failed = {row.subject for row in rows if not row.passed}
        assert log.cotangents[of] in failed


@pytest.mark.parametrize("source", ["x[3] -> dense(4, tanh) -> dense(2) ; mse", "tanh-regression"])
def test_a_wrong_gradient_by_the_input_is_seen(source: str) -> None:
    log = derivation(network(source), by_input=True).batch
    check_log(log)
    flipped = tuple(replace(term, scale=-term.scale) for term in terms(log, "x"))
    with pytest.raises(ProofError):
        check_log(changed(log, "x", flipped))


def test_the_recursion_ends_at_the_input() -> None:
    derived = derivation(
        network("x[n0] -> dense(n, tanh) * (L-1) -> dense(1) ; mse"), by_input=True
    )
    rows = prove_formulas(derived)
    assert [row for row in rows if not row.passed] == []
    assert {row.form for row in rows if row.subject == "dL/dx"} == {"sample", "batch"}


def test_contributions_stand_in_forward_order() -> None:
    log = derivation(NETS["l1-and-l2"]).sample
    through = [use.through for use in log.step("W1").contributions]
    assert through == ["z1", "l1_W1", "l2_W1"]
    log = derivation(NETS["autoencoder"]).sample
    assert [use.through for use in log.step("W1").contributions] == ["z1", "z4"]
