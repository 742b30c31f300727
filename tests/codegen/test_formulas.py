"""Activations and losses that a network defines itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp

from derive.codegen import generate_code, load_module, recheck
from derive.codegen.recheck import draw
from derive.codegen.sharing import MOST, lines
from derive.networks import network
from derive.program.functions import parameter

ROOT = Path(__file__).resolve().parents[2]

NETWORKS = {
    "swish": "x[2] -> dense(3, 'z/(1+exp(-1.702 z))') -> dense(2) ; mse",
    "gelu": "x[2] -> dense(3, 'my_gelu(z) = z/2*(1+tanh(sqrt(2/pi)*(z+0.044715 z^3)))')"
    " -> dense(2) ; mse",
    "leaky": "x[2] -> dense(3, 'max(0.1 z, z)') -> dense(2, 'abs(z)') ; 'abs(y_hat - y)'",
    "clipped": "x[2] -> dense(3, 'min(max(z, -1), 1)') -> dense(2, 'log(1+exp(z))') ; mse",
    "signed": "x[2] -> dense(3, 'sign(z)*z^2') -> dense(2, 'arctan(z)')"
    " ; 'max(abs(y_hat-y)-0.1,0)'",
    "deep": "x[n0] -> dense(n, 'max(0.1 z, z)')*(L-1) -> dense(nL) ; 'sqrt(1+(y_hat-y)^2)'",
    "own bce": "x[2] -> dense(3, tanh) -> dense(1, '1/(1+exp(-z))')"
    " ; '-(y log(y_hat) + (1-y) log(1-y_hat))'",
}


def numbers(name: str) -> tuple[Any, Any, Any, Any]:
    net = network(NETWORKS[name])
    module = load_module(generate_code(net))
    return module, *draw(module, net, np.random.default_rng(1), samples=3)


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients(name: str) -> None:
    net = network(NETWORKS[name])
    recheck(generate_code(net), net)
    module, params, x, y = numbers(name)
    for method in ("auto", "complex_step", "central_differences"):
        module.check_gradients(params, x, y, method=method)


@pytest.mark.parametrize("name", NETWORKS)
def test_float32_stays(name: str) -> None:
    module, params, x, y = numbers(name)
    small = module.like(params, [a.astype(np.float32) for a in module.named(params).values()])
    value, gradients = module.loss_and_gradients(small, x, y)
    assert {value.dtype, *(a.dtype for a in module.named(gradients).values())} == {
        np.dtype(np.float32)
    }


def test_the_linter_passes(tmp_path: Path) -> None:
    for number, spec in enumerate(NETWORKS.values()):
        (tmp_path / f"model_{number}.py").write_text(generate_code(network(spec)))
    config = str(ROOT / "pyproject.toml")
    for command in (["check", "--quiet"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--config", config, "."]
        done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_kinks_anywhere_are_seen() -> None:
    """Each comparison of an activation and of the loss, in the check's list of sides."""
    source = generate_code(network(NETWORKS["leaky"]))
    for side in ("cache.z1 < 0", "cache.z2 > 0", "cache.y_hat - y > 0"):
        assert f"        {side},\n" in source
    assert "[*(z_k < 0 for z_k in cache.z)]" in generate_code(network(NETWORKS["deep"]))


def test_a_definition_that_is_the_tables_own_is_stable() -> None:
    module, params, x, _ = numbers("own bce")
    steep = params._replace(W2=params.W2 * 1e6, b2=params.b2 * 1e6)
    y = np.array([[0.0, 1.0, 1.0]])
    value, gradients = module.loss_and_gradients(steep, x, y)
    assert np.isfinite(value)
    assert all(np.isfinite(g).all() for g in gradients)


def test_what_occurs_twice_is_computed_once() -> None:
    source = generate_code(network(NETWORKS["swish"]))
    assert source.count("sigmoid(1.702 * z1)") == 2  # once forward, once backward


U, V = parameter(0), parameter(1)


@pytest.mark.parametrize(
    "expression",
    [
        sp.exp(U) / (1 + sp.exp(U)),
        (U - V) / sp.sqrt(1 + (U - V) ** 2),
        sp.tanh(sp.exp(U) + sp.sin(V)) * sp.exp(U) + sp.sin(V) ** 3 + sp.tanh(U * V) * sp.cos(V),
        sp.Piecewise((sp.exp(U), U > V), (sp.exp(U) - 1, True)),
        U * (1 - U),
    ],
)
def test_lines_are_the_expression(expression: sp.Expr) -> None:
    parts = lines(expression, 2)
    values = {U: sp.Rational(1, 3), V: sp.Rational(2, 5)}
    for number, part in enumerate(parts):
        assert sp.count_ops(part) <= MOST
        values[parameter(2 + number)] = part.xreplace(values)
    assert sp.N(values[parameter(1 + len(parts))] - expression.xreplace(values)) == pytest.approx(0)
