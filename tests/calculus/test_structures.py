"""Derivations of networks that are no plain chains: proved, and the proofs can fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from derive.calculus import derivation
from derive.calculus.derivation import Derivation
from derive.calculus.proof.formulas import prove_formulas
from derive.calculus.proof.reference import Reference
from derive.networks import build as build_module
from derive.networks import network
from derive.networks.model import Layer
from derive.program.evaluate import NUMERIC, evaluate
from derive.program.program import Contraction, Program, Term
from tests.structures import STRUCTURES

LAYOUTS = ("column/out_in", "row/in_out")


def _derived(name: str, layout: str = LAYOUTS[0]) -> Derivation:
    return derivation(network(STRUCTURES[name]).in_layout(layout))


@pytest.mark.parametrize("name", STRUCTURES)
def test_every_structure_is_proved(name: str) -> None:
    layout = LAYOUTS[list(STRUCTURES).index(name) % 2]
    rows = prove_formulas(_derived(name, layout))
    assert len(rows) > 15
    assert not [row for row in rows if not row.passed]


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_gradients_are_complex_step_derivatives(name: str, layout: str) -> None:
    program = _derived(name, layout).batch.program
    sizes = {"m": 5}
    values = _random(program, sizes)
    found = evaluate(program, values, sizes, NUMERIC)
    for gradient in program.outputs[1:]:
        of = program.variables[gradient].of
        step = 1e-30 * np.random.default_rng(3).standard_normal(values[of].shape)
        moved = {**values, of: values[of] + 1j * step}
        loss = evaluate(program, moved, sizes, NUMERIC)["L"]
        expected = np.sum(found[gradient] * step)
        assert np.imag(loss) == pytest.approx(expected, rel=1e-12)


def _random(program: Program, sizes: dict[str, int]) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    values = {}
    for name in program.inputs:
        shape = tuple(sizes.get(str(dim), dim) for dim in program.variables[name].shape)
        values[name] = rng.uniform(0.1, 0.9, shape)
    for fact in program.hypotheses:
        values[fact.name] = values[fact.name] / values[fact.name].sum(fact.axis, keepdims=True)
    return values


def test_uses_add_up_in_forward_order() -> None:
    step = _derived("residual").sample.step("h1")
    assert [use.through for use in step.contributions] == ["z2", "h2"]
    tied = _derived("transposed").sample.step("W1")
    assert [use.through for use in tied.contributions] == ["z1", "z2"]
    assert len({use.letters for use in tied.contributions}) == 1


# What a wrong program or a wrong step would be


def _broken(monkeypatch: pytest.MonkeyPatch, method: str, change: Any) -> None:
    plain = getattr(build_module.Draft, method)
    monkeypatch.setattr(build_module.Draft, method, change(plain))


def test_a_lost_residual_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(plain: Any) -> Any:
        def without(draft: Any, layer: Layer, *rest: Any) -> Any:
            return plain(draft, replace(layer, adds=()), *rest)

        return without

    _broken(monkeypatch, "added", change)
    assert [row.subject for row in _failures("residual")][:1] == ["L"]


def test_a_transpose_too_few_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    _broken(monkeypatch, "_matrix_letters", lambda plain: lambda draft, _: plain(draft, False))
    assert "L" in [row.subject for row in _failures("tied", transposed=True)]


def test_a_mask_that_is_not_used_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def change(plain: Any) -> Any:
        def unmasked(draft: Any, layer: Layer, number: int, value: str) -> str:
            name: str = plain(draft, layer, number, value)
            equation = draft.equations.pop()
            term = Term((value,), equation.terms[0].letters[1:])
            draft.equations.append(replace(equation, terms=(term,)))
            return name

        return unmasked

    _broken(monkeypatch, "masked", change)
    assert "L" in [row.subject for row in _failures("dropout")]


def test_a_contribution_that_is_lost_fails() -> None:
    derived = _derived("residual")
    log = derived.sample
    step = log.step("h1")
    assert isinstance(step.equation, Contraction)
    short = replace(step.equation, terms=step.equation.terms[:1])
    program = replace(
        log.program,
        equations=tuple(short if eq == step.equation else eq for eq in log.program.equations),
    )
    steps = tuple(replace(s, equation=short) if s is step else s for s in log.steps)
    broken = _derived("residual")
    broken.__dict__["sample"] = replace(log, program=program, steps=steps)
    assert "dL/dh1" in [row.subject for row in prove_formulas(broken) if not row.passed]


@pytest.mark.parametrize("name", ["smoothing", "l2", "two losses", "class weights", "spread"])
def test_another_objective_fails(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is of the network, the reference of one with the plain loss."""
    plain = Reference._losses

    def doubled(self: Reference, *rest: Any) -> Any:
        found = plain(self, *rest)
        return [*found, found[0]]

    monkeypatch.setattr(Reference, "_losses", doubled)
    assert "L" in [row.subject for row in _failures(name)]


def _failures(name: str, transposed: bool = False) -> list[Any]:
    line = STRUCTURES[name].replace("weights=1", "weights=1, transposed=true")
    net = network(line if transposed else STRUCTURES[name])
    return [row for row in prove_formulas(derivation(net)) if not row.passed]
