"""Emitted modules of random networks: gradients, dtypes, shapes, errors, untouched arguments."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derive.codegen import generate_code, load_module
from derive.errors import NetworkError
from derive.meaning.style import LAYOUTS
from derive.networks import Network, network
from tests.codegen.nets import case, in_layout, networks


@settings(max_examples=60)
@given(networks(kinked=False), st.integers(1, 4), st.integers(0, 9))
def test_smooth_networks_against_the_complex_step(net: Network, samples: int, seed: int) -> None:
    it = case(net, samples, seed)
    found = it.module.check_gradients(it.params, it.x, it.y)
    assert found.method == "complex_step"
    assert found.largest <= 1e-10
    assert found.skipped == 0


@settings(max_examples=60)
@given(networks(), st.integers(1, 4), st.integers(0, 9))
def test_all_networks_against_central_differences(net: Network, samples: int, seed: int) -> None:
    it = case(net, samples, seed)
    it.module.check_gradients(it.params, it.x, it.y, method="central_differences")
    it.module.check_gradients(it.params, it.x, it.y)


@settings(max_examples=60)
@given(networks(), st.integers(1, 4), st.integers(0, 9))
def test_every_value_is_the_programs(net: Network, samples: int, seed: int) -> None:
    """Prediction, loss and gradients from the einsum and SymPy definitions."""
    it = case(net, samples, seed)
    expected = it.reference()
    log = it.derivation.batch
    value, gradients = it.module.loss_and_gradients(it.params, it.x, it.y)
    prediction, _ = it.module.forward(it.params, it.x)
    np.testing.assert_allclose(prediction, expected["y_hat"], rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(value, expected["L"], rtol=1e-10, atol=1e-13)
    for name, gradient in it.module.named(gradients).items():
        assert np.shape(gradient) == it.params._asdict()[name].shape
        wanted = expected[log.cotangents[name]]
        np.testing.assert_allclose(gradient, wanted, rtol=1e-9, atol=1e-12, err_msg=name)


@settings(max_examples=25)
@given(networks(), st.integers(1, 3))
def test_float32_stays(net: Network, samples: int) -> None:
    it = case(net, samples)
    params = it.module.like(it.params, [a.astype(np.float32) for a in it.params])
    x, y = it.x.astype(np.float32), it.y.astype(np.float32)
    prediction, cache = it.module.forward(params, x)
    value, gradients = it.module.loss_and_gradients(params, x, y)
    assert {a.dtype for a in (prediction, *cache, value, *gradients)} == {np.dtype(np.float32)}
    stepped = it.module.update(params, gradients, np.float64(0.1))
    assert {a.dtype for a in stepped} == {np.dtype(np.float32)}
    assert {a.dtype for a in it.module.init(np.random.default_rng(0), dtype=np.float32)} == {
        np.dtype(np.float32)
    }


@settings(max_examples=25)
@given(networks(), st.integers(1, 3))
def test_arguments_are_not_modified(net: Network, samples: int) -> None:
    it = case(net, samples)
    arguments = (*it.params, it.x, it.y)
    before = [np.array(a) for a in arguments]
    for array in arguments:
        array.flags.writeable = False
    _, gradients = it.module.loss_and_gradients(it.params, it.x, it.y)
    it.module.update(it.params, gradients, 0.1)
    it.module.check_gradients(it.params, it.x, it.y)
    for was, now in zip(before, arguments, strict=True):
        np.testing.assert_array_equal(was, now)


def test_the_mean_of_samples_is_the_batch() -> None:
    for layout in LAYOUTS:
        net = in_layout(network("x[2] -> dense(3, tanh) -> dense(2) ; mse"), layout)
        it = case(net, 4)
        axis = 1 if net.style.samples == "column" else 0
        whole = it.gradients()
        parts = [
            it.module.loss_and_gradients(
                it.params, np.take(it.x, [k], axis), np.take(it.y, [k], axis)
            )[1]
            for k in range(4)
        ]
        for name in whole:
            mean = np.mean([getattr(part, name) for part in parts], axis=0)
            np.testing.assert_allclose(whole[name], mean, rtol=1e-13, atol=1e-15)


def relu() -> Any:
    return case(network("x[2] -> dense(3, relu) -> dense(1, sigmoid) ; bce"), 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": np.zeros((2, 0))}, r"x: expected no axis of size 0, got shape \(2, 0\)"),
        ({"x": np.zeros((3, 4))}, r"x: expected shape \(2, m\), got \(3, 4\)"),
        ({"x": np.zeros(2)}, r"x: expected shape \(2, m\), got \(2,\)"),
        ({"x": [["a", "b"]]}, r"x: expected numbers, got <U1"),
        ({"y": np.zeros(4)}, r"y: expected shape \(1, 4\), got \(4,\)"),
        ({"y": np.zeros((4, 1))}, r"y: expected shape \(1, 4\), got \(4, 1\)"),
        ({"W1": np.zeros((2, 3))}, r"params\.W1: expected shape \(3, 2\), got \(2, 3\)"),
        ({"b2": np.zeros(())}, r"params\.b2: expected shape \(1,\), got \(\)"),
        ({"b2": None}, r"params\.b2: expected numbers, got object"),
    ],
)
def test_errors_name_the_argument(change: dict[str, Any], message: str) -> None:
    it = relu()
    x, y = change.pop("x", it.x), change.pop("y", it.y)
    with pytest.raises(ValueError, match=message):
        it.module.loss_and_gradients(it.params._replace(**change), x, y)
    with pytest.raises(ValueError, match=message):
        it.module.check_gradients(it.params._replace(**change), x, y)


def test_named_sizes_must_agree() -> None:
    module = load_module(
        generate_code(network("x[size] -> dense(width, tanh) -> dense(width) ; mean_mse"))
    )
    params = module.init(np.random.default_rng(0), size=2, width=3)
    assert [a.shape for a in params] == [(3, 2), (3,), (3, 3), (3,)]
    x, y = np.ones((2, 5)), np.ones((3, 5))
    assert module.check_gradients(params, x, y).largest < 1e-12
    with pytest.raises(ValueError, match=r"params\.b1: expected shape \(3,\), got \(4,\)"):
        module.forward(params._replace(b1=np.zeros(4)), x)
    with pytest.raises(ValueError, match=r"x: expected shape \(2, m\), got \(3, 5\)"):
        module.forward(params, np.ones((3, 5)))


def test_whole_numbers_become_floats() -> None:
    it = case(network("x[2] -> dense(3, tanh) -> dense(1) ; mse"))
    x, y = np.array([[1, 2], [3, 4]]), np.array([[1, 0]])
    for dtype in (np.float32, np.float64):
        params = it.module.like(it.params, [a.astype(dtype) for a in it.params])
        value, gradients = it.module.loss_and_gradients(params, x, y)
        assert {value.dtype, *(g.dtype for g in gradients)} == {np.dtype(dtype)}
    whole = it.module.like(it.params, [np.ones(a.shape, int) for a in it.params])
    assert it.module.forward(whole, x)[0].dtype == np.float64


def test_targets_must_sum_to_one_where_the_gradient_relies_on_it() -> None:
    it = case(network("softmax-classifier"))
    with pytest.raises(ValueError, match="y: expected every sample to sum to 1"):
        it.module.loss_and_gradients(it.params, it.x, it.y * 1.01)


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("y", [0.0, 1.0, 0.5])
def test_sigmoid_at_logits_of_ten_thousand(sign: float, y: float) -> None:
    module = load_module(generate_code(network("x[1] -> dense(1, sigmoid) ; bce")))
    params = module.Parameters(np.array([[sign * 1e4]]), np.zeros(1))
    value, gradients = module.loss_and_gradients(params, [[1.0]], [[y]])
    with mpmath.workdps(50):
        p = 1 / (1 + mpmath.exp(-sign * 10000))
        wrong = 1 - y if sign > 0 else y
        assert value == pytest.approx(float(10000 * wrong), rel=1e-15)
        assert float(gradients.b1[0]) == pytest.approx(float(p - y), rel=1e-15)
    module.check_gradients(params, [[1.0]], [[y]])


def test_softmax_at_logits_of_ten_thousand() -> None:
    module = load_module(generate_code(network("x[1] -> dense(3, softmax) ; cross_entropy")))
    params = module.Parameters(np.array([[1e4], [-1e4], [0.0]]), np.zeros(3))
    for target, expected in (([1, 0, 0], 0.0), ([0, 1, 0], 2e4), ([0, 0, 1], 1e4)):
        y = np.array([target]).T
        value, gradients = module.loss_and_gradients(params, [[1.0]], y)
        assert value == expected
        np.testing.assert_array_equal(gradients.b1, np.array([1, 0, 0]) - y[:, 0])
        module.check_gradients(params, [[1.0]], y)


def test_entries_at_a_kink_are_skipped_and_counted() -> None:
    module = load_module(generate_code(network("x[1] -> dense(2, relu) -> dense(1) ; mse")))
    params = module.Parameters(
        np.array([[0.0], [1.0]]), np.zeros(2), np.array([[1.0, -2.0]]), np.zeros(1)
    )
    x, y = [[1.0, 2.0]], [[0.5, 0.5]]
    for method in ("auto", "central_differences", "complex_step"):
        found = module.check_gradients(params, x, y, method=method)
        assert found.skipped == 2
    _, gradients = module.loss_and_gradients(params, x, y)
    assert gradients.W1[0, 0] == 0.0


def test_the_documents_own_epsilon_passes() -> None:
    it = case(network("two-layer-tanh"), 5)
    found = it.module.check_gradients(
        it.params, it.x, it.y, method="central_differences", epsilon=1e-7
    )
    assert 0 < found.largest < 1e-5


def broken(source: str, old: str, new: str) -> Any:
    assert source.count(old) == 1
    return load_module(source.replace(old, new))


SABOTAGE = [
    ("d_z1 = d_h1 * (1 - h1**2)", "d_z1 = d_h1 * (1 + h1**2)"),
    ("d_h1 = W2.T @ d_z2", "d_h1 = -W2.T @ d_z2"),
    ("d_b1 = np.sum(d_z1, axis=1)", "d_b1 = np.mean(d_z1, axis=1)"),
    ("d_W2 = d_z2 @ h1.T", "d_W2 = d_z2 @ h1.T / 2"),
    ("d_z2 = 2 / m * (y_hat - y)", "d_z2 = 2 * (y_hat - y)"),
    ("d_z2 = 2 / m * (y_hat - y)", "d_z2 = np.nan * (y_hat - y)"),
]


@pytest.mark.parametrize(("old", "new"), SABOTAGE)
@pytest.mark.parametrize("method", ["complex_step", "central_differences"])
def test_a_broken_line_is_seen(old: str, new: str, method: str) -> None:
    source = generate_code(network("x[2] -> dense(3, tanh) -> dense(3) ; mse"))
    module = broken(source, old, new)
    params = module.init(np.random.default_rng(0))
    x, y = np.random.default_rng(1).standard_normal((2, 3, 4))[:, :, :]
    with pytest.raises(AssertionError, match="gradient of .* by " + method):
        module.check_gradients(params, x[:2], y, method=method)


def test_the_check_asserts_under_optimisation_too(tmp_path: Path) -> None:
    source = generate_code(network("x[2] -> dense(3, tanh) -> dense(3) ; mse"))
    (tmp_path / "model.py").write_text(source.replace("d_h1 = W2.T", "d_h1 = -W2.T"))
    code = (
        "import numpy as np, model\n"
        "params = model.init(np.random.default_rng(0))\n"
        "model.check_gradients(params, np.ones((2, 3)), np.ones((3, 3)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-O", "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "AssertionError: gradient of W1" in done.stderr


def test_an_unknown_method_is_refused() -> None:
    it = relu()
    with pytest.raises(ValueError, match="method: expected auto or one of complex_step, central"):
        it.module.check_gradients(it.params, it.x, it.y, method="forward")


@pytest.mark.parametrize("name", ["loss", "params", "cache", "np", "Parameters"])
def test_a_name_of_the_module_is_refused(name: str) -> None:
    net = Network("taken", name, 2, network("x[2] -> dense(1) ; mse").layers, "mse")
    with pytest.raises(NetworkError, match=f"'{name}' is a name of the module"):
        generate_code(net)


def test_another_layout_can_be_asked_for() -> None:
    net = network("x[2] -> dense(3, tanh) -> dense(1) ; mse")
    assert generate_code(net, "row/in_out") == generate_code(in_layout(net, "row/in_out"))
    assert generate_code(case(net).derivation) == generate_code(net)
    with pytest.raises(NetworkError, match="unknown layout"):
        generate_code(net, "row")


def test_layouts_are_one_network() -> None:
    """The same numbers, transposed as the layout says, give the same loss and gradients."""
    net = network("x[2] -> dense(3, tanh) -> dense(4, sigmoid, bias=false) -> dense(2) ; mse")
    base = case(in_layout(net, "column/out_in"), 5)
    value, gradients = base.module.loss_and_gradients(base.params, base.x, base.y)
    for layout in LAYOUTS[1:]:
        module = load_module(generate_code(net, layout))
        turn = layout.endswith("in_out")
        params = module.Parameters(*(a.T if turn else a for a in base.params))
        flat = layout.startswith("row")
        x, y = (base.x.T, base.y.T) if flat else (base.x, base.y)
        other_value, others = module.loss_and_gradients(params, x, y)
        assert other_value == pytest.approx(float(value), rel=1e-14)
        for name in gradients._fields:
            got = getattr(others, name)
            np.testing.assert_allclose(got.T if turn else got, getattr(gradients, name), rtol=1e-12)


def test_training_lowers_the_loss() -> None:
    it = case(network("x[2] -> dense(8, tanh) -> dense(1) ; mse"), 16)
    params, losses = it.params, []
    for _ in range(50):
        value, gradients = it.module.loss_and_gradients(params, it.x, it.y)
        losses.append(float(value))
        params = it.module.update(params, gradients, 0.05)
    assert all(later < earlier for earlier, later in pairwise(losses))


def test_the_initial_weights_have_the_variance_of_their_rule() -> None:
    net = replace(network("x[400] -> dense(300, relu) -> dense(200, tanh) -> dense(1) ; mse"))
    params = load_module(generate_code(net)).init(np.random.default_rng(0))
    assert np.var(params.W1) == pytest.approx(2 / 400, rel=0.03)
    assert np.var(params.W2) == pytest.approx(2 / (300 + 200), rel=0.03)
    assert not params.b1.any()
