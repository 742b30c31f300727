"""``derive prove --second-order``: what it adds, and that it can fail."""

from __future__ import annotations

from typing import Any

import pytest

from derive.calculus import derivation
from derive.cli import main
from derive.networks import network
from derive.proving import prove, second
from derive.proving.second import measure_products

Patch = pytest.MonkeyPatch

BREAKS = [
    ("R_h1 = dh1_dz1 * R_z1", "R_h1 = R_z1", "hessian_product"),
    ("G_d_W1 = G_d_z1 @ x", "G_d_W1 = 2 * G_d_z1 @ x", "gauss_newton_product"),
    ("return np.stack(columns, axis=1)", "return np.triu(np.stack(columns))", "hessian"),
]


def test_rows_are_added() -> None:
    net = network("two-layer-tanh")
    plain, more = prove(net), prove(net, second=True)
    assert plain.passed
    assert more.passed
    added = {row.subject for row in more.rows} - {row.subject for row in plain.rows}
    expected = {"R(dL/dW1)", "G(dL/dW1)", "the Hessian is symmetric", "hessian_product", "hessian"}
    assert expected | {"gauss_newton_product", "second order, batch"} <= added


def test_products_are_exact_where_they_are_small() -> None:
    rows = prove(network("two-layer-tanh"), second=True).rows
    methods = {row.method for row in rows if row.subject == "R(dL/dW2)"}
    assert methods == {"SymPy exact", "SymPy exact at m = 2"}


@pytest.mark.parametrize(("line", "wrong", "subject"), BREAKS)
def test_a_wrong_module_fails(line: str, wrong: str, subject: str, monkeypatch: Patch) -> None:
    derived = derivation(network("two-layer-tanh"))
    assert all(row.passed for row in measure_products(derived))
    plain = second.generate_code

    def broken(*arguments: Any, **more: Any) -> str:
        source = plain(*arguments, **more)
        assert line in source
        return source.replace(line, wrong)

    monkeypatch.setattr(second, "generate_code", broken)
    assert subject in {row.subject for row in measure_products(derived) if not row.passed}


def test_a_module_that_stops_fails(monkeypatch: Patch) -> None:
    monkeypatch.setattr(second, "generate_code", lambda *_, **__: "raise RuntimeError('no')")
    (row,) = measure_products(derivation(network("two-layer-tanh")))
    assert not row.passed


def test_any_depth(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["prove", "relu-sigmoid-bce", "--second-order"]) == 0
    out = capsys.readouterr().out
    assert "recursion of the tangents" in out
    assert "tangents at depth 6" in out
