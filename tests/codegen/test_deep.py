"""Networks of any depth: one loop, equal to the module written out at every depth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from derive.calculus import derivation
from derive.codegen import generate_code, load_module
from derive.errors import DerivationError
from derive.meaning.style import LAYOUTS
from derive.networks import Network, network
from derive.networks.catalogue import LOSSES

NETWORKS = [
    "relu-sigmoid-bce",
    "x[n0] -> dense(n, tanh)*(L-1) -> dense(nL) ; mse",
    "x[n0] -> dense(n, sigmoid)*(L-1) -> dense(nL, relu) ; mean_mse",
    "x[3] -> dense(n, relu, bias=false)*(L-1) -> dense(nL, softmax) ; cross_entropy",
    "x[n0] -> dense(n, tanh)*(L-1) -> dense(2, bias=false) ; half_squared_error",
    "x[n0] -> dense(n, tanh, bias=false)*(L-1) -> dense(nL, bias=false) ; squared_error",
]
SIZES = (3, 5, 2, 4, 6, 7, 1)
"""Pairwise different widths; the last is that of the output."""


def widths_of(net: Network, depth: int) -> list[int]:
    last = net.layers[-1].units
    return [*SIZES[:depth], last if isinstance(last, int) else 8]


def concrete(net: Network, widths: list[int]) -> Network:
    fixed = replace(net, values={}).at_depth(len(widths) - 1)
    named = [fixed.input_size, *(layer.units for layer in fixed.layers)]
    table = {name: n for name, n in zip(named, widths, strict=True) if isinstance(name, str)}
    return fixed.with_sizes(table)


def data(net: Network, widths: list[int], samples: int = 3) -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((samples, widths[0])), rng.random((samples, widths[-1]))
    if LOSSES[net.loss].one_hot:
        y /= np.sum(y, axis=1, keepdims=True)
    return (x, y) if net.style.samples == "row" else (x.T, y.T)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("spec", NETWORKS)
def test_the_loop_is_the_module_written_out(spec: str, layout: str) -> None:
    net = network(spec)
    net = replace(net, style=net.style.with_layout(layout))
    module = load_module(generate_code(net))
    for depth in range(2, 7):
        widths = widths_of(net, depth)
        flat = load_module(generate_code(concrete(net, widths)))
        params = module.init(np.random.default_rng(depth), widths)
        same = flat.init(np.random.default_rng(depth))
        x, y = data(net, widths)
        prediction, _ = module.forward(params, x)
        np.testing.assert_array_equal(prediction, flat.forward(same, x)[0])
        value, gradients = module.loss_and_gradients(params, x, y)
        expected_value, expected = flat.loss_and_gradients(same, x, y)
        np.testing.assert_allclose(value, expected_value, rtol=1e-14)
        for family, arrays in gradients._asdict().items():
            names = [name for name in expected._fields if name.startswith(family)]
            for name, array in zip(names, arrays, strict=True):
                wanted = getattr(expected, name)
                np.testing.assert_allclose(array, wanted, rtol=1e-11, atol=1e-16, err_msg=name)


@pytest.mark.parametrize("spec", NETWORKS)
def test_gradients_at_depth_five(spec: str) -> None:
    net = network(spec)
    module = load_module(generate_code(net))
    widths = widths_of(net, 5)
    rng = np.random.default_rng(1)
    start = module.init(rng, widths)
    moved = [a + 0.1 * rng.standard_normal(a.shape) for a in module.named(start).values()]
    x, y = data(net, widths)
    for method in ("auto", "complex_step", "central_differences"):
        module.check_gradients(module.like(start, moved), x, y, method=method)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_loop_each_way(layout: str) -> None:
    source = generate_code(network("relu-sigmoid-bce"), layout)
    assert source.count("for k in range(1, len(W)):") == 1
    assert source.count("for k in range(len(W) - 1, 0, -1):") == 1
    assert "# dL/dW_k = " in source
    assert "# dL/da_k = " in source


def deep() -> Any:
    return load_module(generate_code(network("relu-sigmoid-bce")))


def test_sizes_are_checked() -> None:
    module, rng = deep(), np.random.default_rng(0)
    with pytest.raises(ValueError, match="sizes: expected n_L = 1, got 2"):
        module.init(rng, (3, 4, 2))
    with pytest.raises(
        ValueError, match=r"sizes: expected at least n_0, n_1 and n_2, got \(3, 1\)"
    ):
        module.init(rng, (3, 1))


def test_families_are_checked() -> None:
    module = deep()
    params = module.init(np.random.default_rng(0), (3, 4, 2, 1))
    x, y = np.ones((3, 2)), np.ones((1, 2))
    assert module.loss_and_gradients(module.Parameters(list(params.W), list(params.b)), x, y)
    with pytest.raises(ValueError, match=r"params\.b: expected one for each layer, got 2"):
        module.forward(params._replace(b=params.b[:2]), x)
    with pytest.raises(ValueError, match=r"params\.W: expected at least 2 layers, got 1"):
        module.forward(params._replace(W=params.W[:1]), x)
    wrong = (*params.W[:1], np.zeros((2, 3)), params.W[2])
    with pytest.raises(ValueError, match=r"params\.W\[1\]: expected shape \(2, 4\), got \(2, 3\)"):
        module.forward(params._replace(W=wrong), x)
    with pytest.raises(ValueError, match=r"x: expected shape \(3, m\), got \(4, 2\)"):
        module.forward(params, np.ones((4, 2)))


def test_float32_and_update() -> None:
    module = deep()
    params = module.init(np.random.default_rng(0), (3, 4, 2, 1), np.float32)
    x, y = np.ones((3, 2), np.float32), np.ones((1, 2), np.float32)
    value, gradients = module.loss_and_gradients(params, x, y)
    stepped = module.update(params, gradients, 0.1)
    arrays = [*module.named(gradients).values(), *module.named(stepped).values()]
    assert {value.dtype, *(a.dtype for a in arrays)} == {np.dtype(np.float32)}
    assert [a.shape for a in stepped.W] == [a.shape for a in params.W]


def test_a_fixed_depth_has_no_loop() -> None:
    from derive.codegen.deep import deep_module

    with pytest.raises(DerivationError, match="has a fixed depth"):
        deep_module(derivation(network("two-layer-tanh")))
