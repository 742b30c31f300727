"""Next named values that are functions of each other, and gradients that divide by a prediction."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

from derive.calculus import derivation
from derive.calculus.index import components
from derive.calculus.log import Log
from derive.calculus.proof import prove_formulas
from derive.calculus.proof.steps import Steps
from derive.networks import network
from derive.program.program import Contraction, Program, Role

CROSSING = "x[2] -> dense(2, tanh) -> dense(2, adds=[1]) -> dense(2, adds=[1, 2]) ; mse"
"""h1 reaches y_hat beside h2, which is a function of z2 and of h1 as well."""


@pytest.fixture(scope="module")
def log() -> Log:
    return derivation(network(CROSSING)).sample


def _without(log: Log, name: str, place: int) -> Program:
    """The program with a term of a gradient left out."""
    equations = []
    for equation in log.program.equations:
        if equation.out == log.cotangents[name]:
            assert isinstance(equation, Contraction)
            kept = (*equation.terms[:place], *equation.terms[place + 1 :])
            equation = replace(equation, terms=kept)
        equations.append(equation)
    return replace(log.program, equations=tuple(equations))


def test_every_use_is_held_fixed_in_the_others(log: Log) -> None:
    steps = Steps(log, log.program)
    assert steps.local("h1").fixed
    assert all(steps.exact(step) for step in log.steps if step.of in ("h1", "h2", "z1", "W1"))
    assert all(row.passed for row in prove_formulas(derivation(network(CROSSING))))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_lost_use_is_seen(log: Log, place: int) -> None:
    broken = Steps(log, _without(log, "h1", place))
    assert broken.exact(log.step("h1")) is False


@pytest.mark.parametrize(
    "line",
    [
        "x[2] -> dense(3, softmax) ; cross_entropy, output_weights=[1, 2, 3]",
        "x[2] -> dense(3, softmax) ; 0.5 cross_entropy + 2 mse",
        "x[2] -> dense(3, sigmoid) ; 0.5 bce + 2 mse",
        "x[2] -> dense(3, sigmoid) ; bce, output_weights=[1, 2, 3]",
    ],
)
def test_no_error_signal_divides_by_a_prediction(line: str) -> None:
    found = derivation(network(line))
    for log in (found.sample, found.batch):
        (step,) = (step for step in log.steps if step.of == "z1")
        after = step.rewrites[-1].after
        powers = after.atoms(sp.Pow)
        assert not any(p.exp.is_negative and components(p.base) for p in powers)
        used = {name for eq in log.program.equations for name in eq.arguments}
        assert log.cotangents["y_hat"] not in used
    assert all(row.passed for row in prove_formulas(found))


def test_a_stable_gradient_is_left_as_it_is() -> None:
    log = derivation(network("x[2] -> dense(3, softmax) ; mse")).sample
    parts = [n for n, v in log.program.variables.items() if v.role is Role.PART]
    assert log.cotangents["y_hat"] in {
        name
        for eq in log.program.equations
        if eq.out in (*parts, "dL/dz1")
        for name in eq.arguments
    }
