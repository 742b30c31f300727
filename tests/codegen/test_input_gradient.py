"""``input_gradient`` of a module: right in every layout, checked by the module, and asked for."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import sympy as sp

from derive.calculus import derivation
from derive.cli import main
from derive.codegen import generate_code, load_module, recheck
from derive.codegen.recheck import draw
from derive.errors import ProofError
from derive.meaning.style import LAYOUTS
from derive.networks import Network, network, presets
from derive.program.evaluate import NUMERIC, evaluate
from derive.proving import prove

DEEP = "x[n0] -> dense(n, tanh) * (L-1) -> dense(2) ; mse"
SOURCES = (
    *presets(),
    DEEP,
    "x[n0] -> dense(n) * (L-1) -> dense(1, sigmoid) ; bce",
    "x[3] -> dense(2) ; mean_mse",
    "x[3] -> dense(4, softmax) -> dense(2, gelu, bias=false) ; huber",
    "x -> dense(1, sigmoid) ; bce",
)


def bare(source: str, layout: str = LAYOUTS[0]) -> Network:
    found = network(source)
    return replace(found, style=found.style.with_layout(layout), values={})


def module(found: Network) -> ModuleType:
    return load_module(generate_code(found, by_input=True))


def gradient(own: ModuleType, params: Any, x: Any, y: Any) -> Any:
    return own.input_gradient(params, own.forward(params, x)[1], y)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("source", SOURCES)
def test_it_is_the_complex_step_of_the_loss(source: str, layout: str) -> None:
    found = bare(source, layout)
    own = module(found)
    params, x, y = draw(own, found, np.random.default_rng(1))
    ours = gradient(own, params, x, y)
    assert ours.shape == x.shape
    for place in np.ndindex(x.shape):
        moved = x.astype(complex)
        moved[place] += 1e-30j
        slope = own.loss(own.forward(params, moved)[1], y).imag / 1e-30
        assert ours[place] == pytest.approx(slope, rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("name", presets())
def test_it_is_what_the_derivation_computes(name: str) -> None:
    found = bare(name)
    if found.generic:
        found = replace(found.at_depth(3), values={})
    own, log = module(found), derivation(found, by_input=True).batch
    params, x, y = draw(own, found, np.random.default_rng(2))
    values = {**params._asdict(), found.input: x, "y": y}
    sizes = _sizes(log.forward, values)
    expected = evaluate(log.program, values, sizes, NUMERIC)[log.cotangents[found.input]]
    np.testing.assert_allclose(gradient(own, params, x, y), expected, rtol=1e-12, atol=1e-15)


def _sizes(program: Any, values: dict[str, Any]) -> dict[str, int]:
    return {
        dim: size
        for name, value in values.items()
        for dim, size in zip(program.variables[name].shape, np.shape(value), strict=True)
        if isinstance(dim, str)
    }


@pytest.mark.parametrize("source", SOURCES)
def test_its_own_check_covers_it(source: str) -> None:
    found = bare(source)
    own = module(found)
    params, x, y = draw(own, found, np.random.default_rng(3))
    assert found.input in own.check_gradients(params, x, y).errors
    central = own.check_gradients(params, x, y, method="central_differences")
    assert central.errors[found.input] < 1e-5


@pytest.mark.parametrize("source", [DEEP, "x[3] -> dense(4, tanh) -> dense(2) ; mse"])
def test_a_wrong_one_is_seen_by_the_check_and_the_recheck(source: str) -> None:
    found = bare(source)
    right = generate_code(found, by_input=True)
    recheck(right, found)
    layer = "d_z" if found.generic else "d_z1"
    for old, new, message in (
        (f".T @ {layer}  # dL/dx", f".T @ -{layer}  # dL/dx", "the module's gradient gives"),
        ("    d_x = ", "    d_x = 3 * ", "the module's gradient gives"),
        ("    return d_x\n", "    return d_x.T\n", "the gradient of x in the module has shape"),
    ):
        assert old in right
        broken = right.replace(old, new)
        with pytest.raises(ProofError, match=message):
            recheck(broken, found)
        if "shape" not in message:
            own = load_module(broken)
            with pytest.raises(AssertionError, match="gradient of x"):
                own.check_gradients(*draw(own, found, np.random.default_rng(0)))


def test_a_sample_has_its_share_of_the_mean() -> None:
    found = bare("x[3] -> dense(4, tanh) -> dense(2) ; mse")
    own = module(found)
    params, x, y = draw(own, found, np.random.default_rng(4), samples=5)
    together = gradient(own, params, x, y)
    for n in range(5):
        alone = gradient(own, params, x[:, n : n + 1], y[:, n : n + 1])
        np.testing.assert_allclose(5 * together[:, n : n + 1], alone, rtol=1e-12)


def test_single_precision_stays() -> None:
    found = bare("relu-sigmoid-bce")
    own = module(found)
    params, x, y = draw(own, found, np.random.default_rng(5))
    single = own.like(params, [a.astype(np.float32) for a in own.named(params).values()])
    assert gradient(own, single, x, y).dtype == np.float32


@pytest.mark.parametrize("source", SOURCES)
def test_it_is_added_and_nothing_else_changes(source: str) -> None:
    found = bare(source)
    plain, more = generate_code(found), generate_code(found, by_input=True)
    assert "input_gradient" not in plain
    start, end = plain.index("def backward("), plain.index("def loss_and_gradients(")
    assert plain[start:end] in more
    assert generate_code(derivation(found)) == plain
    assert generate_code(derivation(found, by_input=True)) == more


def test_an_input_of_that_name_is_refused() -> None:
    assert main(["code", "input_gradient[2] -> dense(1) ; mse"]) == 2


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["code", DEEP, "--input-gradient"]) == 0
    assert capsys.readouterr().out == generate_code(network(DEEP), by_input=True)


@pytest.mark.parametrize("source", ["x[3] -> dense(4, tanh) -> dense(2) ; mse", DEEP])
def test_it_is_proved(source: str) -> None:
    proof = prove(network(source), by_input=True)
    assert proof.passed
    rows = [row for row in proof.rows if row.subject == "dL/dx"]
    assert {row.form for row in rows} == {"sample", "batch"}
    if source != DEEP:
        assert rows[0].method.startswith("SymPy exact")
        assert any(row.subject == "d_x" for row in proof.rows)
    assert "dL/dx" not in {row.subject for row in prove(network(source)).rows}


def test_sympy_agrees() -> None:
    found = network("x -> dense(1, tanh) -> dense(1) ; squared_error")
    ours = derivation(found).gradient("x").to_sympy()
    assert sp.simplify(ours - sp.diff(found.loss_expression(), sp.Symbol("x"))) == 0
