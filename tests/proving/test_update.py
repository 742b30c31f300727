"""``derive prove`` on updates: the rows, and that a broken table, writer or module fails them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sympy as sp

from derive.calculus import derivation
from derive.cli import main
from derive.codegen import optimiser as emission
from derive.document import optimiser as writing
from derive.networks import Network, network
from derive.networks.optimiser import checked_optimiser
from derive.program.optimisers import OPTIMISERS, quantity
from derive.proving.update import Exact, prove_update

KINDS = list(OPTIMISERS)


def chosen(source: str, **table: Any) -> Network:
    return replace(network(source), optimiser=checked_optimiser(table))


def rows(net: Network) -> list[Any]:
    return list(prove_update(derivation(net)))


@pytest.mark.parametrize("kind", KINDS)
def test_every_update_is_proved(kind: str) -> None:
    found = rows(chosen("two-layer-tanh", kind=kind, clip=0.5, schedule="step", every=2))
    assert [row.method for row in found] == ["SymPy exact", "read back", "equations at float64"]
    assert all(row.passed for row in found), found


@pytest.mark.parametrize(
    "source",
    [
        "x[n0] -> dense(n, relu)*(L-1) -> dense(3, softmax) ; cross_entropy",
        "x[2] -> dense(3, tanh, bias=false) -> dense(1) ; mse",
        "x[5000] -> dense(1) ; mse",
    ],
)
def test_any_network(source: str) -> None:
    for table in ({}, {"kind": "adam"}):
        found = rows(chosen(source, **table))
        assert found
        assert all(row.passed for row in found), found


def test_plain_gradient_descent_is_one_row() -> None:
    (row,) = rows(network("tanh-regression"))
    assert row.passed
    assert row.detail.startswith("gradient descent ")


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "two-layer-tanh", "--optimiser", "adamw", "--clip", "1"]) == 0
    out = capsys.readouterr().out
    assert "update: theta, v, s" in out
    assert "SymPy exact" in out
    assert main(["prove", "two-layer-tanh", "--schedule", "cosine"]) == 2
    assert "steps is missing" in capsys.readouterr().err


# --- sabotage -------------------------------------------------------------------------------


def failed(net: Network) -> set[str]:
    return {row.method for row in rows(net) if not row.passed}


WRONG = {
    "a sign": lambda e: e.xreplace({quantity("alpha"): -quantity("alpha")}),
    "another beta": lambda e: e.xreplace({quantity("beta1"): quantity("beta2")}),
    "a square lost": lambda e: e.replace(
        lambda part: part == quantity("g") ** 2, lambda part: quantity("g")
    ),
    "epsilon doubled": lambda e: e.xreplace({quantity("epsilon"): 2 * quantity("epsilon")}),
    "epsilon in the root": lambda e: e.replace(
        lambda part: part == sp.sqrt(quantity("s_hat")),
        lambda part: sp.sqrt(quantity("s_hat") + quantity("epsilon")),
    ),
    "no correction": lambda e: e.xreplace({quantity("t"): quantity("epsilon") * 0 + 10**6}),
}


@pytest.mark.parametrize("fault", WRONG)
def test_the_exact_proof_sees_a_wrong_emission(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = emission.code
    monkeypatch.setattr(emission, "code", lambda e: honest(WRONG[fault](e)))
    assert "SymPy exact" in failed(chosen("two-layer-tanh", kind="adam"))


@pytest.mark.parametrize(
    "fault", ["a sign", "another beta", "a square lost", "epsilon in the root"]
)
def test_reading_back_sees_a_wrong_writer(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = writing.written
    monkeypatch.setattr(writing, "written", lambda e, known: honest(WRONG[fault](e), known))
    assert failed(chosen("two-layer-tanh", kind="adam")) == {"read back"}


def test_the_steps_see_a_wrong_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = emission.code
    done = quantity("k")
    monkeypatch.setattr(emission, "code", lambda e: honest(e.xreplace({done: done + 1})))
    net = chosen("two-layer-tanh", kind="adam", schedule="cosine", steps=3)
    assert failed(net) == {"equations at float64"}


def test_a_module_that_stops_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emission, "code", lambda e: "1 / 0")
    found = rows(chosen("two-layer-tanh", kind="adam"))
    assert [row.method for row in found if not row.passed] == ["run"]


def test_exact_numbers_calculate() -> None:
    x, y = (Exact(sp.Symbol(name)) for name in "xy")
    result = (2 - x) * 3 / (1 + y) ** 2 + 1 / x - y / 2
    a, b = sp.symbols("x y")
    assert sp.expand(result.expression - ((2 - a) * 3 / (1 + b) ** 2 + 1 / a - b / 2)) == 0
    assert (4 * x).sqrt().expression == sp.sqrt(4 * a)
